//! What pages say to people, in their language: the profile's, else the browser's, else English.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Words = BTreeMap<String, String>;

static ALL: LazyLock<BTreeMap<String, Words>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("texts.json")).expect("a test reads the file")
});

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// The language, as HTML names it.
    pub language: &'static str,
    words: &'static Words,
}

impl Texts {
    /// The words for somebody whose profile and browser say so much of their language.
    pub fn choose(own: Option<&str>, accepted: Option<&str>) -> Texts {
        let own = own.into_iter().map(str::to_owned);
        let wanted = own.chain(accepted.map(by_preference).unwrap_or_default());
        let mut known = wanted.filter_map(|tag| of(&tag));
        known.next().or_else(|| of("en")).expect("English is among the texts")
    }

    /// A text, as HTML may have it: the file has no markup in it, and this adds none.
    pub fn get(self, name: &str) -> &'static str {
        self.words.get(name).map_or("", String::as_str)
    }
}

/// The words of a language tag (`es-MX`): its own, or those of the language alone.
fn of(tag: &str) -> Option<Texts> {
    let tag = tag.trim().to_lowercase().replace('_', "-");
    let language = tag.split('-').next().unwrap_or_default();
    let (language, words) = ALL.get_key_value(language)?;
    Some(Texts { language, words })
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

    fn check(own: Option<&str>, accepted: Option<&str>, expected: &str) {
        assert_eq!(Texts::choose(own, accepted).language, expected, "{own:?} {accepted:?}");
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
