//! Kinds of names: how strong they are, what they look like, what they may tie together. Published
//! as definitions; the four that every installation has are the defaults.

use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::phone::Plan;
use crate::prelude::*;
use crate::profile::Alias;
use serde::{Deserialize, Serialize};

/// The priority of a namespace that nobody declared.
pub const CUSTOM_PRIORITY: u8 = 5;

/// The form in which the values of a namespace are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// As they were given.
    #[default]
    Keep,
    /// In small letters.
    Lower,
    /// As addresses of e-mail: a name, an @, a domain, in small letters.
    Email,
    /// As telephone numbers: digits, with a plus where the country is known.
    Phone,
}

/// What is known of a kind of name, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Namespace {
    /// Lower is stronger: decides which alias of an event routes it, and who absorbs whom. A
    /// profile keeps the priority that its namespace had when it was created.
    pub priority: u8,
    /// The form in which values are compared.
    pub case: Case,
    /// Two values never belong to one person: profiles with different ones never merge.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub unique: bool,
    /// Values that one profile may have; what comes beyond is refused with a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// Several people use one value (a family's phone): it is known and can be written to, and
    /// never makes two profiles one.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub shared: bool,
}

impl Default for Namespace {
    fn default() -> Namespace {
        let (priority, case) = (CUSTOM_PRIORITY, Case::Keep);
        Namespace { priority, case, unique: false, limit: None, shared: false }
    }
}

/// Every namespace that was declared, and those that every installation has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespaces {
    known: BTreeMap<String, Namespace>,
    /// How numbers without a country are written, if the workspace says where its people are.
    at_home: Option<Plan>,
}

impl Default for Namespaces {
    fn default() -> Namespaces {
        let named = |name: &str, priority, case, unique| {
            let namespace = Namespace { priority, case, unique, ..Namespace::default() };
            (name.to_owned(), namespace)
        };
        let known = BTreeMap::from([
            named("user_id", 0, Case::Keep, true),
            named("email", 2, Case::Email, false),
            named("phone", 3, Case::Phone, false),
            named("anonymous_id", 9, Case::Keep, false),
        ]);
        Namespaces { known, at_home: None }
    }
}

impl Namespaces {
    /// Lays a definition over what is known.
    pub fn declare(&mut self, name: &str, namespace: Namespace) {
        self.known.insert(name.to_owned(), namespace);
    }

    /// Telephone numbers without a country are of this region (ISO 3166-1).
    pub fn set_region(&mut self, region: Option<&str>) {
        self.at_home = region.and_then(Plan::of);
    }

    /// How telephone numbers are written in that region.
    pub fn home_plan(&self) -> Option<&Plan> {
        self.at_home.as_ref()
    }

    /// Every namespace that is known by name.
    pub fn list(&self) -> impl Iterator<Item = (&str, &Namespace)> {
        self.known.iter().map(|(name, namespace)| (name.as_str(), namespace))
    }

    /// What is known of a namespace; of one that nobody declared, the default.
    pub fn get(&self, name: &str) -> Namespace {
        self.known.get(name).cloned().unwrap_or_default()
    }

    /// A namespace's priority.
    pub fn priority(&self, name: &str) -> u8 {
        self.known.get(name).map_or(CUSTOM_PRIORITY, |namespace| namespace.priority)
    }

    /// Whether two values of a namespace never belong to one person.
    pub fn is_unique(&self, name: &str) -> bool {
        self.known.get(name).is_some_and(|namespace| namespace.unique)
    }

    /// Whether several people use one value.
    pub fn is_shared(&self, name: &str) -> bool {
        self.known.get(name).is_some_and(|namespace| namespace.shared)
    }

    /// An alias in its namespace's canonical form, or why it is none.
    pub fn canonical(&self, name: &str, value: &str) -> Result<Alias, &'static str> {
        let value = value.trim();
        if value.is_empty() {
            return Err("an alias must not be empty");
        }
        if value.len() > limits::ALIAS_BYTES_MAX {
            return Err("an alias has at most 320 bytes");
        }
        if value.chars().any(char::is_control) {
            return Err("an alias must not have control characters");
        }
        let case = self.known.get(name).map_or(Case::Keep, |namespace| namespace.case);
        let value = match case {
            Case::Keep => value.to_owned(),
            Case::Lower => value.to_lowercase(),
            Case::Email => email(value)?,
            Case::Phone => self.at_home(phone(value)?),
        };
        Ok(Alias { namespace: name.to_owned(), value })
    }

    fn at_home(&self, number: String) -> String {
        match &self.at_home {
            Some(plan) if !number.starts_with('+') => plan.international(&number),
            Some(_) | None => number,
        }
    }

    /// Puts aliases in the order of their strength and drops repetitions. What several people use
    /// comes last, however strong: it must not decide whose event it is while anything else can.
    pub fn sort(&self, aliases: &mut Vec<Alias>) {
        let strength =
            |alias: &Alias| (self.is_shared(&alias.namespace), self.priority(&alias.namespace));
        aliases.sort_by(|a, b| (strength(a), a).cmp(&(strength(b), b)));
        aliases.dedup();
    }
}

fn email(value: &str) -> Result<String, &'static str> {
    let (local, domain) = value.rsplit_once('@').ok_or("an address has an @")?;
    if local.is_empty() || domain.is_empty() || value.contains(char::is_whitespace) {
        return Err("an address has a name, an @ and a domain");
    }
    Ok(value.to_lowercase())
}

/// A number in the form of E.164 as far as it says its country (`+` or `00`); a national one stays
/// national unless the workspace says in which country its people are.
fn phone(value: &str) -> Result<String, &'static str> {
    let written = |c: &char| !" -./()\u{a0}".contains(*c);
    let mut digits: String = value.chars().filter(written).collect();
    if let Some(rest) = digits.strip_prefix("00") {
        digits = format!("+{rest}");
    }
    let plain = digits.strip_prefix('+').unwrap_or(&digits);
    if !plain.chars().all(|c| c.is_ascii_digit()) {
        return Err("a telephone number has digits, and a + before the country");
    }
    // Limit: E.164 has at most 15 digits; short codes begin at three.
    if !(3..=15).contains(&plain.len()) {
        return Err("a telephone number has 3 to 15 digits");
    }
    Ok(digits)
}

/// What stands against a definition, by itself.
pub(crate) fn check(name: &str, namespace: &Namespace) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if namespace.unique && namespace.shared {
        let message = "what several people use cannot belong to one of them alone";
        let fault = Diagnostic::error("shared", "namespace-unclear", message);
        found.push(fault.hint("say `unique` or `shared`"));
    }
    if namespace.limit == Some(0) {
        let fault = Diagnostic::error("limit", "zero-limit", "nobody could have any value");
        found.push(fault.hint("leave it out for no limit"));
    }
    let form = match name {
        "email" if namespace.case != Case::Email => Some("`email`"),
        "phone" if !matches!(namespace.case, Case::Phone | Case::Keep) => Some("`phone` or `keep`"),
        _ => None,
    };
    if let Some(form) = form {
        let message = format!("messages are sent to `{name}`, so its values are compared as such");
        found.push(Diagnostic::error("case", "bad-case", message).hint(format!("say {form}")));
    }
    if name == "user_id" && namespace.shared {
        let message = "a `user_id` is one person's";
        found.push(Diagnostic::error("shared", "bad-shared", message));
    }
    if name == "user_id" && !namespace.unique && !namespace.shared {
        let message = "two accounts may become one person, and nobody can part them again";
        let fault = Diagnostic::warning("unique", "accounts-may-merge", message);
        found.push(fault.hint("say `unique: true`"));
    }
    if name == "anonymous_id" && namespace.unique {
        let message = "a person with two devices stays two people";
        found.push(Diagnostic::warning("unique", "devices-never-merge", message));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(declared: &[(&str, Namespace)], namespace: &str, value: &str, expected: &str) {
        let mut known = Namespaces::default();
        for (name, namespace) in declared {
            known.declare(name, namespace.clone());
        }
        let shown = match known.canonical(namespace, value) {
            Ok(alias) => alias.to_string(),
            Err(why) => why.to_owned(),
        };
        assert_eq!(shown, expected, "{namespace} {value}");
    }

    #[test]
    fn values_have_one_form() {
        check(&[], "email", " Ana@Example.COM ", "email:ana@example.com");
        check(&[], "user_id", "Ana", "user_id:Ana");
        check(&[], "phone", "0034 600-11.22 33", "phone:+34600112233");
        check(&[], "phone", "+34 (600) 112 233", "phone:+34600112233");
        check(&[], "phone", "600 112 233", "phone:600112233");
        let mut spain = Namespaces::default();
        spain.set_region(Some("ES"));
        for written in ["600 112 233", "+34 600 112 233", "0034600112233", "34600112233"] {
            assert_eq!(spain.canonical("phone", written).unwrap().value, "+34600112233");
        }
        assert_eq!(spain.canonical("phone", "21777").unwrap().value, "21777");
        check(&[], "phone", "none", "a telephone number has digits, and a + before the country");
        check(&[], "phone", "+1", "a telephone number has 3 to 15 digits");
        check(&[], "loyalty", "Ab 7", "loyalty:Ab 7");
        let lower = Namespace { case: Case::Lower, ..Namespace::default() };
        check(&[("loyalty", lower)], "loyalty", "Ab 7", "loyalty:ab 7");
    }

    #[test]
    fn what_is_shared_comes_last() {
        let mut known = Namespaces::default();
        let shared = Namespace { priority: 1, shared: true, ..Namespace::default() };
        known.declare("household", shared);
        let mut aliases: Vec<Alias> =
            [("household", "h"), ("anonymous_id", "a"), ("email", "a@b"), ("email", "A@b")]
                .map(|(name, value)| known.canonical(name, value).unwrap())
                .into();
        known.sort(&mut aliases);
        let names: Vec<_> = aliases.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["email:a@b", "anonymous_id:a", "household:h"]);
    }

    #[test]
    fn definitions_that_cannot_be_meant_are_refused() {
        let codes = |name: &str, text: &str| {
            let found = super::check(name, &serde_json::from_str(text).unwrap());
            found.iter().map(|fault| fault.code.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(codes("device", r#"{"shared":true,"priority":8}"#), "");
        assert_eq!(codes("device", r#"{"shared":true,"unique":true}"#), "namespace-unclear");
        assert_eq!(codes("device", r#"{"limit":0}"#), "zero-limit");
        assert_eq!(codes("email", r#"{"priority":1}"#), "bad-case");
        assert_eq!(codes("user_id", r#"{"priority":0}"#), "accounts-may-merge");
        assert_eq!(codes("user_id", r#"{"shared":true}"#), "bad-shared");
        assert_eq!(codes("anonymous_id", r#"{"unique":true}"#), "devices-never-merge");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_alias_or_none(name in "email|phone|user_id|x", value in ".{0,40}") {
            if let Ok(alias) = Namespaces::default().canonical(&name, &value) {
                // One form: taken again it stays as it is.
                let again = Namespaces::default().canonical(&name, &alias.value);
                proptest::prop_assert_eq!(again, Ok(alias));
            }
        }
    }
}
