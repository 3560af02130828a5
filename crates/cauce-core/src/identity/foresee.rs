//! What would happen if an event named two names together: told beforehand, nothing is changed.

use super::{Namespaces, protected, unique_aliases};
use crate::prelude::*;
use crate::profile::{Alias, Head, Rank};
use core::fmt;

/// What naming one more name of a profile would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreseen {
    /// It is a name of this profile already.
    Known,
    /// Nobody has it: it would become a name of this profile.
    Linked,
    /// Several people may use it: both would know it, and stay two.
    Shared,
    /// The profile has as many of its kind as it may.
    Limited {
        /// How many.
        limit: u16,
    },
    /// Two values of a unique kind never belong to one person.
    Protected {
        /// Those of the two profiles that differ.
        pairs: Vec<(Alias, Alias)>,
    },
    /// The two would become one.
    Merged {
        /// Who remains.
        remains: Rank,
        /// Who becomes a part of it.
        absorbed: Rank,
    },
}

/// Pairs of values of one unique kind that two profiles have and that differ.
pub fn conflicts(namespaces: &Namespaces, head: &Head, other: &Head) -> Vec<(Alias, Alias)> {
    let unique = unique_aliases(namespaces, other);
    let of = |own: &Alias| {
        let theirs = unique
            .iter()
            .find(|theirs| theirs.namespace == own.namespace && theirs.value != own.value)?;
        Some((own.clone(), theirs.clone()))
    };
    head.aliases.iter().filter_map(of).collect()
}

/// What would happen; `holder` is the profile that has the name, if anybody has.
pub fn foresee(
    namespaces: &Namespaces,
    head: &Head,
    alias: &Alias,
    holder: Option<&Head>,
) -> Foreseen {
    if head.aliases.contains(alias) || holder.is_some_and(|holder| holder.rank == head.rank) {
        return Foreseen::Known;
    }
    let namespace = namespaces.get(&alias.namespace);
    let known = head.aliases.iter().filter(|known| known.namespace == alias.namespace).count();
    if let Some(limit) = namespace.limit.filter(|limit| known >= usize::from(*limit)) {
        return Foreseen::Limited { limit };
    }
    if namespace.shared {
        return Foreseen::Shared;
    }
    let Some(holder) = holder else { return Foreseen::Linked };
    if protected(holder, &unique_aliases(namespaces, head)) {
        return Foreseen::Protected { pairs: conflicts(namespaces, head, holder) };
    }
    let (remains, absorbed) = (head.rank.min(holder.rank), head.rank.max(holder.rank));
    Foreseen::Merged { remains, absorbed }
}

impl fmt::Display for Foreseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Foreseen::Known => f.write_str("nothing: it is a name of this profile already"),
            Foreseen::Linked => f.write_str("nobody has it: it becomes a name of this profile"),
            Foreseen::Shared => {
                f.write_str("both know it and stay two: several people use names of this kind")
            }
            Foreseen::Limited { limit } => {
                write!(f, "it is left out: a profile has at most {limit} names of this kind")
            }
            Foreseen::Protected { pairs } => {
                f.write_str("they stay two, and the one who has the name keeps it")?;
                for (own, theirs) in pairs {
                    write!(f, "; {own} and {theirs} never belong to one person")?;
                }
                Ok(())
            }
            Foreseen::Merged { remains, absorbed } => {
                let why = if remains.priority == absorbed.priority {
                    "both were created by names of one strength, and it came first"
                } else {
                    "it was created by the stronger name"
                };
                write!(f, "they become one: {} absorbs {}, since {why}", remains.id, absorbed.id)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Namespace;
    use crate::ids::ProfileId;
    use crate::time::Timestamp;

    fn head(priority: u8, id: u128, names: &str) -> Head {
        let rank = Rank { priority, id: ProfileId(id) };
        let mut head = Head::new(rank, Timestamp(0));
        let named = names.split(' ').map(alias);
        head.aliases.extend(named);
        head
    }

    fn alias(text: &str) -> Alias {
        let (namespace, value) = text.split_once(':').unwrap();
        Alias { namespace: namespace.into(), value: value.into() }
    }

    fn check(own: &str, name: &str, holder: Option<(u8, &str)>, expected: &str) {
        let mut namespaces = Namespaces::default();
        namespaces.declare("tv", Namespace { shared: true, ..Namespace::default() });
        namespaces.declare("card", Namespace { limit: Some(1), ..Namespace::default() });
        let holder = holder.map(|(priority, names)| head(priority, 9, names));
        let told = foresee(&namespaces, &head(2, 5, own), &alias(name), holder.as_ref());
        let told = told.to_string();
        assert!(told.starts_with(expected), "{told}");
    }

    #[test]
    fn everything_that_may_happen_is_told_beforehand() {
        check("email:a@b", "email:a@b", None, "nothing");
        check("email:a@b", "user_id:7", None, "nobody has it");
        check("email:a@b", "tv:1", Some((5, "tv:1")), "both know it");
        check("email:a@b card:1", "card:2", None, "it is left out: a profile has at most 1");
        let apart = "they stay two, and the one who has the name keeps it; user_id:7 and user_id:8";
        check("user_id:7", "email:c@d", Some((0, "user_id:8 email:c@d")), apart);
        let mine = "they become one: pro_00000000000000000000000005 absorbs";
        check("email:a@b", "phone:123", Some((3, "phone:123")), mine);
        let theirs = "they become one: pro_00000000000000000000000009 absorbs";
        check("email:a@b", "user_id:7", Some((0, "user_id:7")), theirs);
    }
}
