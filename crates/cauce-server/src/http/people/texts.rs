//! What pages say to people, in their language: the profile's, else the browser's, else English.

use crate::http::inbox::escape;
use cauce_core::catalog::Catalog;
use cauce_core::diagnostic::{Diagnostic, nearest};
use cauce_core::policy::Pages;
use cauce_core::publish::{Body, Name};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Texts by name.
pub type Words = BTreeMap<String, String>;

/// What is said where nothing else is known.
const ENGLISH: &str = "en";
/// Limit: a text is a sentence or two.
const TEXT_BYTES_MAX: usize = 500;

static ALL: LazyLock<BTreeMap<String, Words>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("texts.json")).expect("a test reads the file")
});

/// The words of one language: those that the policy has, else those that come with the program.
#[derive(Clone, Debug)]
pub struct Texts {
    /// The language, as HTML names it.
    pub language: String,
    catalog: Arc<Catalog>,
}

impl Texts {
    /// The words for somebody whose profile and browser say so much of their language.
    pub fn choose(catalog: Arc<Catalog>, own: Option<&str>, accepted: Option<&str>) -> Texts {
        let own = own.into_iter().map(str::to_owned);
        let wanted = own.chain(accepted.map(by_preference).unwrap_or_default());
        let mut known = wanted.filter_map(|tag| known(&catalog.policy.pages, &tag));
        let language = known.next().unwrap_or_else(|| ENGLISH.to_owned());
        Texts { language, catalog }
    }

    /// Where nothing is known of anybody.
    pub fn plain() -> Texts {
        Texts { language: ENGLISH.to_owned(), catalog: Arc::default() }
    }

    /// A text, as HTML may have it.
    pub fn get(&self, name: &str) -> String {
        escape(self.plain_text(name))
    }

    /// A text as it is written. What a language does not say is said in English.
    pub fn plain_text(&self, name: &str) -> &str {
        let own = self.catalog.policy.pages.get(&self.language).and_then(|words| words.get(name));
        let shipped = || ALL.get(&self.language).or(ALL.get(ENGLISH)).and_then(|w| w.get(name));
        let text = own.or_else(shipped).or_else(|| ALL[ENGLISH].get(name));
        text.map(String::as_str).unwrap_or_default()
    }
}

/// The language that a tag (`es-MX`) asks for, if there are words of it: its own, or those of the
/// language alone.
fn known(pages: &Pages, tag: &str) -> Option<String> {
    let tag = tag.trim().to_lowercase().replace('_', "-");
    let language = tag.split('-').next().unwrap_or_default();
    let there = |tag: &&str| pages.contains_key(*tag) || ALL.contains_key(*tag);
    [tag.as_str(), language].into_iter().find(there).map(str::to_owned)
}

/// What comes with the program: to begin another language with.
pub fn shipped() -> &'static BTreeMap<String, Words> {
    &ALL
}

/// What is wrong with texts of pages that change.
pub fn faults(changes: &[(Name, Option<Body>)]) -> Vec<Diagnostic> {
    let pages = changes.iter().filter_map(|(_, body)| match body {
        Some(Body::Policy(policy)) => Some(&policy.pages),
        _ => None,
    });
    pages.flatten().flat_map(|(language, words)| language_faults(language, words)).collect()
}

fn language_faults(language: &str, words: &Words) -> Vec<Diagnostic> {
    let at = format!("policy/policy.pages.{language}");
    let mut found = Vec::new();
    let fine = |part: &str| {
        (2..=8).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if !language.split('-').all(fine) {
        let message = format!("`{language}` is no language");
        let fault = Diagnostic::error(at.clone(), "bad-language", message);
        found.push(fault.hint("a tag in small letters, such as `fr` or `pt-br`"));
    }
    let english = &ALL[ENGLISH];
    for (name, text) in words {
        let at = format!("{at}.{name}");
        if !english.contains_key(name) {
            let fault = Diagnostic::error(at, "unknown-text", format!("no page says `{name}`"));
            found.push(match nearest(name, english.keys().map(String::as_str)) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint("`cauce pages` lists what they say"),
            });
        } else if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX || text.contains(['<', '>'])
        {
            let message = format!("a text is shown as it stands, up to {TEXT_BYTES_MAX} bytes");
            let fault = Diagnostic::error(at, "bad-text", message);
            found.push(fault.hint("write it without markup, or leave it out"));
        }
    }
    let shipped = ALL.contains_key(language.split('-').next().unwrap_or_default());
    let missing: Vec<&str> = english
        .keys()
        .filter(|name| !words.contains_key(*name) && !shipped)
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        let message = format!("is said in English: {}", missing.join(", "));
        found.push(Diagnostic::warning(at, "texts-missing", message));
    }
    found
}

/// The tags of an `Accept-Language`, the most wanted first.
fn by_preference(header: &str) -> Vec<String> {
    let mut tags: Vec<(u32, String)> = header
        .split(',')
        .take(20)
        .filter_map(|item| {
            let mut parts = item.split(';');
            let tag = parts.next()?.trim();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).unwrap_or("1");
            // Thousandths: `0.8`, `1`, `0.125`.
            let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
            let digits: String = rest.chars().chain("000".chars()).take(3).collect();
            let weight = whole.parse::<u32>().ok()?.min(1) * 1_000 + digits.parse::<u32>().ok()?;
            (weight > 0 && !tag.is_empty()).then(|| (weight, tag.to_owned()))
        })
        .collect();
    tags.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    tags.into_iter().map(|(_, tag)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn catalog(pages: serde_json::Value) -> Arc<Catalog> {
        let mut catalog = Catalog::default();
        catalog.policy.pages = serde_json::from_value(pages).unwrap();
        Arc::new(catalog)
    }

    fn check(own: Option<&str>, accepted: Option<&str>, expected: &str) {
        let pages = json!({ "fr": { "save": "Enregistrer" }, "pt-br": { "save": "Salvar" } });
        let texts = Texts::choose(catalog(pages), own, accepted);
        assert_eq!(texts.language, expected, "{own:?} {accepted:?}");
    }

    #[test]
    fn people_are_spoken_to_in_their_language() {
        check(None, None, "en");
        check(Some("es"), Some("en"), "es");
        check(Some("es_MX"), None, "es");
        check(Some("xx"), Some("de, es-ES;q=0.7, en;q=0.3"), "es");
        check(None, Some("en;q=0.4,es;q=0.9"), "es");
        check(None, Some("es;q=0, en"), "en");
        check(None, Some(";;,q=,=;q=9.9999"), "en");
        check(Some("fr-CA"), None, "fr");
        check(None, Some("pt-BR, es;q=0.5"), "pt-br");
        check(None, Some("pt-PT, es;q=0.5"), "es");
    }

    #[test]
    fn the_policy_has_other_languages_and_other_words() {
        let pages = json!({ "fr": { "save": "Enregistrer & c" }, "es": { "save": "Vale" } });
        let said = |language: &str, name: &str| {
            Texts::choose(catalog(pages.clone()), Some(language), None).get(name)
        };
        assert_eq!(said("fr", "save"), "Enregistrer &amp; c");
        assert_eq!(said("fr", "saved-title"), "Saved", "what French does not say");
        assert_eq!(
            (said("es", "save"), said("es", "saved-title")),
            ("Vale".into(), "Guardado".into())
        );
        assert_eq!(Texts::plain().get("save"), "Save");
        assert_eq!(said("en", "no such text"), "");
    }

    #[test]
    fn what_no_page_says_is_refused_with_the_way_out() {
        let check = |pages: serde_json::Value, expected: &[&str]| {
            let body = Body::read(cauce_core::publish::Kind::Policy, json!({ "pages": pages }));
            let name = (cauce_core::publish::Kind::Policy, "policy".to_owned());
            let found = faults(&[(name, Some(body.unwrap()))]);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.contains(expected), "{found}");
            }
        };
        check(json!({ "es": { "save": "Vale" }, "es-mx": { "save": "Sale" } }), &[]);
        check(json!({ "es": { "svae": "Vale" } }), &["did you mean `save`?"]);
        check(json!({ "es": { "save": "<b>Vale</b>" } }), &["without markup"]);
        check(json!({ "Français": { "save": "x" } }), &["is no language", "is said in English"]);
        let mut whole = ALL[ENGLISH].clone();
        check(json!({ "fr": whole }), &[]);
        whole.remove("saved");
        check(json!({ "fr": whole }), &["policy/policy.pages.fr: is said in English: saved"]);
    }

    #[test]
    fn every_language_says_everything_and_nothing_in_markup() {
        let english: Vec<_> = ALL["en"].keys().collect();
        for (language, words) in ALL.iter() {
            assert_eq!(words.keys().collect::<Vec<_>>(), english, "{language}");
            for text in words.values() {
                assert!(!text.is_empty() && !text.contains(['<', '>', '&']), "{text}");
            }
        }
    }
}
