//! Names and paths of names, and how they are written in a rule.

use super::lexer::{self, Token};
use crate::prelude::*;
use core::fmt;
use serde::{Deserialize, Serialize};

/// Words of the language: as names they are written in backticks.
pub(super) const RESERVED: [&str; 21] = [
    "after", "and", "average", "before", "contains", "count", "ends", "event", "exists", "false",
    "first", "in", "last", "not", "now", "or", "starts", "sum", "true", "where", "within",
];

/// Where a value is found: `address.city`; a number selects from an array. Never empty when it
/// comes from [`super::parse`]; [`super::compile`] refuses an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(pub Vec<String>);

impl Path {
    /// The names from the outside in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The outermost name: of the attribute or property that holds the rest.
    pub fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            write!(f, "{}", Name { name, bare: place > 0 })?;
        }
        Ok(())
    }
}

impl From<Path> for String {
    fn from(path: Path) -> String {
        path.to_string()
    }
}

impl TryFrom<String> for Path {
    type Error = String;
    /// Reads `address.city`, with backticks around names that are not plain words.
    fn try_from(text: String) -> Result<Path, String> {
        let malformed = || format!("`{text}` is not a path such as `address.city`");
        let (tokens, faults) = lexer::lex(&text);
        let mut names = Vec::new();
        for (place, lexeme) in tokens.iter().enumerate() {
            match (&lexeme.token, place % 2) {
                (Token::Word(name) | Token::Name(name), 0) => names.push(name.clone()),
                (Token::Dot, 1) => {}
                _ => return Err(malformed()),
            }
        }
        if !faults.is_empty() || tokens.len() % 2 == 0 {
            return Err(malformed());
        }
        Ok(Path(names))
    }
}

impl<S: Into<String>> FromIterator<S> for Path {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Path {
        Path(names.into_iter().map(Into::into).collect())
    }
}

/// A name as it is written: plain where it reads back as itself, in backticks elsewhere.
pub(super) struct Name<'n> {
    pub name: &'n str,
    /// Behind a dot, where words of the language and numbers are names like any other.
    pub bare: bool,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = lexer::is_word(self.name) && (self.bare || !is_reserved(self.name));
        let number = self.bare
            && !self.name.is_empty()
            && self.name.bytes().all(|byte| byte.is_ascii_digit());
        if word || number {
            f.write_str(self.name)
        } else {
            write!(f, "`{}`", self.name.replace('`', "``"))
        }
    }
}

/// Whether the word means something to the language, in any case of letters.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], text: &str) {
        let path: Path = names.iter().copied().collect();
        assert_eq!(path.to_string(), text);
        assert_eq!(Path::try_from(text.to_owned()), Ok(path));
    }

    #[test]
    fn paths_round_trip() {
        check(&["address", "city"], "address.city");
        check(&["items", "0", "5", "last"], "items.0.5.last");
        check(&["last", "first name"], "`last`.`first name`");
        check(&["a.b", "`"], "`a.b`.````");
        check(&["ciudad_ñ", "$id"], "ciudad_ñ.$id");
        for text in ["", "a.", ".a", "a b", "a..b", "`a", "a = 1"] {
            assert!(Path::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
