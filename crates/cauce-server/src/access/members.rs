//! Members as the control log adds them up. A change is an entry; what stands against one is asked
//! under the lock under which it is written.

use super::passwords::Hash;
use super::{Role, hash};
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long an invitation lasts.
pub const INVITATION_LASTS: Duration = Duration(7 * Duration::DAY.0);
/// Limit: members of an installation; one more is refused.
const MEMBERS_MAX: usize = 1_000;
/// Limit: characters of a name.
const NAME_CHARACTERS_MAX: usize = 100;

/// A link that lets somebody choose a password, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// SHA-256 of its token.
    pub hash: String,
    /// Worth nothing from then on.
    pub expires: Timestamp,
}

impl Invitation {
    /// A new one: its token, and what is stored of it.
    pub fn make(now: Timestamp) -> (String, Invitation) {
        let token = super::token();
        let stored = Invitation { hash: hash(&token), expires: now.plus(INVITATION_LASTS) };
        (token, stored)
    }
}

/// One change of who may sign in, as the control log has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// Somebody may sign in from now on.
    Added {
        /// The address, in small letters.
        email: String,
        /// The name.
        name: String,
        /// What they may do.
        role: Role,
        /// When.
        at: Timestamp,
        /// How they choose their password; none for who signs in by a link of this machine.
        invitation: Option<Invitation>,
    },
    /// A new invitation; the password of before is worth nothing any more.
    Invited {
        /// Whose.
        email: String,
        /// The invitation.
        invitation: Invitation,
    },
    /// A password was chosen; an invitation is used up.
    PasswordSet {
        /// Whose.
        email: String,
        /// Its hash.
        password: Hash,
    },
    /// Name, role, or whether they may sign in.
    Changed {
        /// Whose.
        email: String,
        /// The name from now on.
        name: Option<String>,
        /// The role from now on.
        role: Option<Role>,
        /// Whether they may not sign in from now on.
        disabled: Option<bool>,
    },
    /// Is no member any more.
    Removed {
        /// Who.
        email: String,
    },
}

impl Change {
    /// Whom it is about.
    pub fn email(&self) -> &str {
        match self {
            Change::Added { email, .. }
            | Change::Invited { email, .. }
            | Change::PasswordSet { email, .. }
            | Change::Changed { email, .. }
            | Change::Removed { email } => email,
        }
    }
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The address, in small letters.
    pub email: String,
    /// The name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when they are a member.
    pub at: Timestamp,
    /// The password's hash, once it was chosen.
    pub password: Option<Hash>,
    /// The open invitation.
    pub invitation: Option<Invitation>,
    /// May not sign in.
    pub disabled: bool,
    /// The entry that last ended all sessions: a session of an older one is over. So a session ends
    /// in the same instant in which a password, a role or a member does, and a crash between the
    /// two is impossible.
    pub epoch: u64,
}

impl Member {
    fn is_owner(&self) -> bool {
        self.role == Role::Owner && !self.disabled
    }
}

/// All members by address.
#[derive(Clone, Debug, Default)]
pub struct Members {
    all: BTreeMap<String, Member>,
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// There is no such member.
    Missing(String),
    /// It cannot be done in this state.
    Conflict(String),
}

impl Members {
    /// One of them.
    pub fn get(&self, email: &str) -> Option<&Member> {
        self.all.get(email)
    }

    /// All, by address.
    pub fn list(&self) -> impl Iterator<Item = &Member> {
        self.all.values()
    }

    /// Whether nobody was ever invited.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whose invitation a token is, while it lasts.
    pub fn invited(&self, token: &str, now: Timestamp) -> Option<&Member> {
        let wanted = hash(token);
        self.all.values().find(|member| {
            member.invitation.as_ref().is_some_and(|invitation| {
                let same =
                    subtle::ConstantTimeEq::ct_eq(invitation.hash.as_bytes(), wanted.as_bytes());
                bool::from(same) && now < invitation.expires && !member.disabled
            })
        })
    }

    /// What stands against a change.
    pub fn check(&self, change: &Change) -> Result<(), No> {
        let email = change.email();
        match change {
            Change::Added { .. } if self.all.contains_key(email) => {
                return Err(No::Conflict(format!("`{email}` is a member already")));
            }
            Change::Added { .. } if self.all.len() >= MEMBERS_MAX => {
                let text = format!("there are {MEMBERS_MAX} members, and there cannot be more");
                return Err(No::Conflict(text));
            }
            Change::Added { .. } => return Ok(()),
            Change::Invited { .. } | Change::PasswordSet { .. } => {}
            Change::Changed { .. } | Change::Removed { .. } => {
                self.check_owners(change)?;
            }
        }
        match self.all.contains_key(email) {
            true => Ok(()),
            false => Err(No::Missing(format!("there is no member `{email}`"))),
        }
    }

    /// Somebody has to be left who can invite others.
    fn check_owners(&self, change: &Change) -> Result<(), No> {
        let owners = |members: &Members| {
            let owners = members.all.values().filter(|member| member.is_owner());
            let all = owners.clone().count();
            (all, owners.filter(|member| member.password.is_some()).count())
        };
        let mut after = self.clone();
        after.apply(0, change);
        let ((all, able), (all_after, able_after)) = (owners(self), owners(&after));
        if (all > 0 && all_after == 0) || (able > 0 && able_after == 0) {
            let text = format!(
                "`{}` is the last owner who can sign in; make somebody else an owner first, and \
                 wait until they have joined",
                change.email()
            );
            return Err(No::Conflict(text));
        }
        Ok(())
    }

    /// Takes in a change at an offset of the control log.
    pub fn apply(&mut self, offset: u64, change: &Change) {
        if let Change::Added { email, name, role, at, invitation } = change {
            let member = Member {
                email: email.clone(),
                name: name.clone(),
                role: *role,
                at: *at,
                password: None,
                invitation: invitation.clone(),
                disabled: false,
                epoch: offset,
            };
            self.all.insert(email.clone(), member);
            return;
        }
        if let Change::Removed { email } = change {
            self.all.remove(email);
            return;
        }
        let Some(member) = self.all.get_mut(change.email()) else { return };
        match change {
            Change::Added { .. } | Change::Removed { .. } => {}
            Change::Invited { invitation, .. } => {
                member.invitation = Some(invitation.clone());
                member.password = None;
                member.epoch = offset;
            }
            Change::PasswordSet { password, .. } => {
                member.password = Some(password.clone());
                member.invitation = None;
                member.epoch = offset;
            }
            Change::Changed { name, role, disabled, .. } => {
                if let Some(name) = name {
                    member.name.clone_from(name);
                }
                let before = (member.role, member.disabled);
                member.role = role.unwrap_or(member.role);
                member.disabled = disabled.unwrap_or(member.disabled);
                if before != (member.role, member.disabled) {
                    member.epoch = offset;
                }
            }
        }
    }
}

/// A member's name as it is stored, or what is wrong with it.
pub fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a name has at least one character");
    }
    if text.chars().count() > NAME_CHARACTERS_MAX {
        return Err("a name has at most 100 characters");
    }
    // What turns the direction of text would let a name pretend to be something else in a list.
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err("a name has no control characters");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(email: &str, role: Role) -> Change {
        let email = email.to_owned();
        Change::Added { name: email.clone(), email, role, at: Timestamp(0), invitation: None }
    }

    fn changed(email: &str, role: Option<Role>, disabled: Option<bool>) -> Change {
        Change::Changed { email: email.to_owned(), name: None, role, disabled }
    }

    fn members(changes: &[Change]) -> Members {
        let mut members = Members::default();
        for (offset, change) in changes.iter().enumerate() {
            members.apply(offset as u64, change);
        }
        members
    }

    fn set(email: &str) -> Change {
        Change::PasswordSet { email: email.to_owned(), password: Hash::fake() }
    }

    #[test]
    fn somebody_is_left_who_can_sign_in_as_owner() {
        let base = [added("a", Role::Owner), set("a"), added("b", Role::Owner)];
        let alone = members(&base);
        for change in [
            Change::Removed { email: "a".into() },
            changed("a", Some(Role::Editor), None),
            changed("a", None, Some(true)),
        ] {
            // `b` has not joined: that is nobody yet.
            assert!(matches!(alone.check(&change), Err(No::Conflict(_))), "{change:?}");
            let both = members(&[&base[..], &[set("b")]].concat());
            assert_eq!(both.check(&change), Ok(()), "{change:?}");
        }
        assert_eq!(alone.check(&changed("a", Some(Role::Owner), None)), Ok(()));
        assert!(matches!(alone.check(&changed("c", None, None)), Err(No::Missing(_))));
        assert!(matches!(alone.check(&added("a", Role::Viewer)), Err(No::Conflict(_))));
    }

    #[test]
    fn sessions_end_with_password_role_and_member() {
        let check = |change: Change, ends: bool| {
            let mut members = members(&[added("a", Role::Owner), set("a")]);
            let before = members.get("a").map(|member| member.epoch);
            members.apply(9, &change);
            let after = members.get("a").map(|member| member.epoch);
            assert_eq!(before != after, ends, "{change:?}");
        };
        check(set("a"), true);
        check(changed("a", Some(Role::Viewer), None), true);
        check(changed("a", None, Some(true)), true);
        check(Change::Removed { email: "a".into() }, true);
        check(
            Change::Invited { email: "a".into(), invitation: Invitation::make(Timestamp(0)).1 },
            true,
        );
        check(changed("a", Some(Role::Owner), Some(false)), false);
        let name = Some("Ana".to_owned());
        check(Change::Changed { email: "a".into(), name, role: None, disabled: None }, false);
    }

    #[test]
    fn an_invitation_is_for_a_while_and_for_once() {
        let (token, invitation) = Invitation::make(Timestamp(0));
        let email = "a".to_owned();
        let mut all = members(&[added("a", Role::Owner)]);
        all.apply(1, &Change::Invited { email, invitation });
        assert!(all.invited(&token, Timestamp(0)).is_some());
        assert!(all.invited(&super::super::token(), Timestamp(0)).is_none());
        assert!(all.invited(&token, Timestamp(INVITATION_LASTS.0)).is_none(), "over");
        all.apply(2, &set("a"));
        assert!(all.invited(&token, Timestamp(0)).is_none(), "used");
    }

    #[test]
    fn names_are_one_line_that_says_what_it_shows() {
        let check = |text: &str, good: bool| assert_eq!(name(text).is_ok(), good, "{text:?}");
        check(" Ana <script>alert(1)</script> ", true);
        check("María José ñ 🦀", true);
        check(" ", false);
        check("a\nb", false);
        check("a\u{202e}b", false);
        check(&"é".repeat(100), true);
        check(&"é".repeat(101), false);
    }
}
