//! What a rule names of the world, and where in its text: events, properties, attributes.

use super::{Parser, read_with};
use crate::prelude::*;
use crate::segment::computed::COMPUTED;
use crate::segment::lexer::lex;
use crate::segment::names::Path;

/// Something that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What.
    pub of: Of,
    /// Where: bytes from the start of the text, first and one past the last.
    pub span: (usize, usize),
}

/// What a name stands for. In a path, what holds for every element of an array has the name `[]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// An event, by its name.
    Event(String),
    /// A property…
    Property {
        /// …of events of this name, or of those that a journey is moved by…
        event: Option<String>,
        /// …by its path.
        path: Vec<String>,
    },
    /// An attribute, by its path.
    Attribute(Vec<String>),
    /// A computed attribute and the like: what is looked for elsewhere.
    Elsewhere,
}

/// What an element of an array is called in a path.
pub(crate) const ELEMENT: &str = "[]";

impl Of {
    /// A property of the event that moves a journey.
    pub(super) fn trigger(path: &Path) -> Of {
        Of::Property { event: None, path: path.0.clone() }
    }

    /// An attribute; a computed one is a definition and was looked for as such.
    pub(super) fn attribute(path: &Path) -> Of {
        if path.first() == COMPUTED { Of::Elsewhere } else { Of::Attribute(path.0.clone()) }
    }

    /// What a path means that is looked up in this.
    pub(super) fn below(&self, inner: &Path) -> Of {
        let joined = |outer: &[String]| outer.iter().chain(&inner.0).cloned().collect();
        match self {
            Of::Event(event) => Of::Property { event: Some(event.clone()), path: inner.0.clone() },
            Of::Property { event, path } => {
                Of::Property { event: event.clone(), path: joined(path) }
            }
            Of::Attribute(path) => Of::Attribute(joined(path)),
            Of::Elsewhere => Of::Elsewhere,
        }
    }

    /// An element of the array that this is.
    pub(super) fn element(&self) -> Of {
        self.below(&Path(vec![ELEMENT.to_owned()]))
    }
}

impl Parser {
    /// The path of a property that a filter tests.
    pub(super) fn property(&mut self) -> Option<Path> {
        let start = self.span().0;
        let path = self.path("a property")?;
        if let Some(about) = &self.about {
            let of = about.below(&path);
            self.mention(start, of);
        }
        Some(path)
    }

    /// Reads something in which names are looked up in `about`; without it nobody knows where.
    pub(super) fn looking_in<T>(
        &mut self,
        about: Option<Of>,
        inner: impl FnOnce(&mut Parser) -> Option<T>,
    ) -> Option<T> {
        let outer = core::mem::replace(&mut self.about, about);
        let read = inner(self);
        self.about = outer;
        read
    }

    /// Notes what the text from `start` to here names.
    pub(super) fn mention(&mut self, start: usize, of: Of) {
        let end = self.behind();
        self.mention_to((start, end), of);
    }

    /// The same, up to an end.
    pub(super) fn mention_to(&mut self, span: (usize, usize), of: Of) {
        self.mentions.push(Mention { of, span });
    }
}

/// Everything that a rule names, in the order of its text. Of a rule with faults nothing.
pub fn mentions(text: &str) -> Vec<Mention> {
    match read_with(text) {
        (Some(_), _, mentions) => mentions,
        (None, _, _) => Vec::new(),
    }
}

/// The same of the value of a computed attribute.
pub fn mentions_computed(text: &str) -> Vec<Mention> {
    let (lexemes, faults) = lex(text);
    let mut parser = Parser::new(lexemes, text.len(), faults);
    match parser.computed() {
        Some(_) if parser.faults.is_empty() => parser.mentions,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = |mention: &Mention| {
            let (start, end) = mention.span;
            let said = text.get(start..end).unwrap_or("?");
            match &mention.of {
                Of::Event(name) => format!("{said}=event {name}"),
                Of::Property { event, path } => {
                    format!("{said}={} {}", event.as_deref().unwrap_or("trigger"), path.join("/"))
                }
                Of::Attribute(path) => format!("{said}=attribute {}", path.join("/")),
                Of::Elsewhere => format!("{said}=elsewhere"),
            }
        };
        let shown: Vec<String> = mentions(text).iter().map(shown).collect();
        assert_eq!(shown.join("; "), expected, "{text}");
    }

    #[test]
    fn every_name_has_its_place() {
        check("plan = \"pro\"", "plan=attribute plan");
        check("not address.city exists", "address.city=attribute address/city");
        check(
            "sum(ordered.total where category = \"a\", last 90d) > 5",
            "ordered=event ordered; ordered.total=ordered total; category=ordered category",
        );
        check(
            "sequence(viewed where a = 1, then not bought where `b c` exists within 2d)",
            "viewed=event viewed; a=viewed a; bought=event bought; `b c`=bought b c",
        );
        check(
            "count(ordered where any items (sku = \"x\" and all tags (name exists))) >= 1",
            "ordered=event ordered; items=ordered items; sku=ordered items/[]/sku; \
             tags=ordered items/[]/tags; name=ordered items/[]/tags/[]/name",
        );
        check("any pets (kind = \"cat\")", "pets=attribute pets; kind=attribute pets/[]/kind");
        check("size(pets) > 1 and event.total > 5", "pets=attribute pets; total=trigger total");
        check("anniversary of birth is today", "birth=attribute birth");
        check("computed.spend > 5 and in segment \"vip\"", "computed.spend=elsewhere");
        // What lies in a list of somebody's is none of ours.
        check("any list \"fair\".tags (name = \"x\")", "");
        check("most frequent(viewed.kind) = \"a\"", "viewed=event viewed; viewed.kind=viewed kind");
        check("plan = ", "");
    }

    #[test]
    fn a_measure_names_its_event() {
        let named = mentions_computed("sum(ordered.total where paid = true)");
        assert_eq!(named.len(), 3);
        assert!(mentions_computed("sum(ordered.total").is_empty());
    }
}
