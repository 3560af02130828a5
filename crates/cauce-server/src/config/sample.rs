//! The configuration with every key, for who writes one.

use super::Config;
use std::fmt::Write as _;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Object, RefOr};

/// What stands above the keys.
const HEAD: &str = "\
# Every key of the configuration, with its default. Take away the sign before what you change.
# Variables go before the file: CAUCE_PUBLIC_URL is public-url. `cauce config check` names every
# fault, `cauce config show` says what is in force and where it comes from.
";
/// Columns of a comment.
const COLUMNS: usize = 100;

/// A configuration file in which nothing is set: each key with what it is for and its default.
///
/// # Panics
/// Never: the form of the configuration and its defaults are known here.
pub fn sample() -> String {
    let defaults = toml::Table::try_from(Config::default()).expect("it is plain data");
    let mut text = HEAD.to_owned();
    for (key, described) in keys() {
        text.push('\n');
        let mut line = "#".to_owned();
        for word in described.split_whitespace() {
            if line.len() + 1 + word.len() > COLUMNS {
                let _ = writeln!(text, "{line}");
                "#".clone_into(&mut line);
            }
            let _ = write!(line, " {word}");
        }
        let _ = writeln!(text, "{line}");
        let default = defaults.get(&key).map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "{}", format!("# {key} = {default}").trim_end());
    }
    text
}

/// Every key that a file may have, and what it is for.
pub(super) fn keys() -> Vec<(String, String)> {
    let RefOr::T(Schema::Object(Object { properties, .. })) =
        <Config as utoipa::PartialSchema>::schema()
    else {
        return Vec::new();
    };
    let described = |schema: RefOr<Schema>| match schema {
        RefOr::T(Schema::Object(Object { description, .. })) => description,
        RefOr::T(Schema::Array(array)) => array.description,
        _ => None,
    };
    properties
        .into_iter()
        .map(|(key, schema)| (key, described(schema).unwrap_or_default()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operate/configuration.md");

    #[test]
    fn the_page_has_every_key() {
        let page = std::fs::read_to_string(PAGE).unwrap();
        let (head, rest) = page.split_once("```toml\n").expect("a block of TOML");
        let (_, foot) = rest.split_once("```").expect("its end");
        let wanted = format!("{head}```toml\n{}```{foot}", sample());
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(PAGE, &wanted).unwrap();
        } else {
            assert!(page == wanted, "docs/operate/configuration.md is behind: run with BLESS=1");
        }
    }

    #[test]
    fn what_is_uncommented_is_a_configuration() {
        // Those that are absent unless somebody sets them have no value to be read.
        let set =
            |line: &&str| line.split_once(" = ").is_some_and(|(key, _)| !key[2..].contains(' '));
        let text = sample();
        let lines: Vec<&str> = text.lines().filter(set).map(|line| &line[2..]).collect();
        let read: Config = toml::from_str(&lines.join("\n")).unwrap();
        assert_eq!(read, Config::default());
        for (key, described) in keys() {
            assert!(!described.is_empty(), "{key} is for nothing");
            assert!(text.contains(&format!("\n# {key} =")), "{key} is left out");
        }
        assert!(keys().len() > 30, "{:?}", keys());
    }
}
