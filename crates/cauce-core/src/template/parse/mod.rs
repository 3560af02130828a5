//! From source to a compiled template; reports every fault it can find in one go.

mod expression;
mod tags;
mod token;

use super::Template;
use super::ast::{Body, Compiled, Node, Partial, Slot, Span};
use super::lexer::{Part, Piece, Tag, split};
use crate::diagnostic::Diagnostic;
use crate::limits::{TEMPLATE_DEPTH_MAX, TEMPLATE_SOURCE_BYTES_MAX};
use crate::prelude::*;
use expression::{Line, near};

/// Findings that one parse reports at most: beyond that the author has read enough.
const FAULTS_MAX: usize = 64;

/// The tags an author may write, for suggestions.
const TAGS: [&str; 34] = [
    "abort_message",
    "assign",
    "break",
    "capture",
    "case",
    "comment",
    "continue",
    "cycle",
    "decrement",
    "doc",
    "echo",
    "else",
    "elsif",
    "endcase",
    "endcapture",
    "endcomment",
    "enddoc",
    "endfor",
    "endif",
    "endifchanged",
    "endraw",
    "endtablerow",
    "endunless",
    "for",
    "if",
    "ifchanged",
    "include",
    "increment",
    "liquid",
    "raw",
    "render",
    "tablerow",
    "unless",
    "when",
];

/// Compiles a template and the partials that it may call by name.
pub fn parse(text: &str, partials: &BTreeMap<String, String>) -> Result<Template, Vec<Diagnostic>> {
    let mut names = Names::default();
    names.slot("forloop");
    names.slot("tablerowloop");
    let places: BTreeMap<&str, usize> =
        partials.keys().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
    let mut faults = Vec::new();
    let main = parse_source(text, "", &places, &mut names, &mut faults);
    let mut compiled = Vec::new();
    for (name, text) in partials {
        let body = parse_source(text, name, &places, &mut names, &mut faults);
        let short = name.rsplit('/').next().unwrap_or(name);
        let slot = names.slot(short);
        compiled.push(Partial { name: name.clone(), slot, body });
    }
    if faults.is_empty() {
        let Names { list, slots } = names;
        Ok(Template::new(Compiled { main, partials: compiled, names: list, slots }))
    } else {
        faults.truncate(FAULTS_MAX);
        Err(faults)
    }
}

fn parse_source(
    text: &str,
    name: &str,
    places: &BTreeMap<&str, usize>,
    names: &mut Names,
    faults: &mut Vec<Diagnostic>,
) -> Body {
    let before = faults.len();
    let mut body = Body::default();
    if text.len() > TEMPLATE_SOURCE_BYTES_MAX {
        let message =
            format!("the source has {} bytes, at most {TEMPLATE_SOURCE_BYTES_MAX}", text.len());
        faults.push(Diagnostic::error("", "source-too-large", message));
    } else {
        let pieces = split(text, faults);
        let mut parser = Parser { places, names, faults, depth: 0 };
        body = parser.whole(&pieces);
    }
    if !name.is_empty() {
        for fault in &mut faults[before..] {
            *fault = fault.clone().below(&format!("partials.{name}"));
        }
    }
    body
}

/// The numbers of the variables' names.
#[derive(Default)]
pub(super) struct Names {
    list: Vec<String>,
    slots: BTreeMap<String, Slot>,
}

impl Names {
    pub fn slot(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let slot = Slot::try_from(self.list.len()).expect("a source is shorter than 4 GiB");
        self.list.push(name.to_owned());
        self.slots.insert(name.to_owned(), slot);
        slot
    }
}

pub(super) struct Parser<'p> {
    places: &'p BTreeMap<&'p str, usize>,
    names: &'p mut Names,
    faults: &'p mut Vec<Diagnostic>,
    depth: usize,
}

/// The pieces of one source, and how far they are read.
pub(super) struct Cursor<'c, 's> {
    pieces: &'c [Piece<'s>],
    at: usize,
}

impl Parser<'_> {
    /// All pieces of a source or of a `liquid` tag.
    fn whole(&mut self, pieces: &[Piece<'_>]) -> Body {
        let mut cursor = Cursor { pieces, at: 0 };
        let (body, _) = self.block(&mut cursor, &[]);
        body
    }

    /// Pieces up to one of the closing tags, which is taken and returned.
    fn block<'s>(
        &mut self,
        cursor: &mut Cursor<'_, 's>,
        closers: &[&str],
    ) -> (Body, Option<Tag<'s>>) {
        let mut nodes = Vec::new();
        let mut closer = None;
        while let Some(piece) = cursor.pieces.get(cursor.at) {
            // Limit: a source that is all faults is not worth reading on.
            if self.faults.len() >= FAULTS_MAX {
                cursor.at = cursor.pieces.len();
                break;
            }
            cursor.at += 1;
            match *piece {
                Piece::Text(text) | Piece::Raw(text) if text.is_empty() => {}
                Piece::Text(text) => nodes.push((Node::Text(text.into()), true)),
                Piece::Raw(text) => nodes.push((Node::Text(text.into()), false)),
                Piece::Output(part) => {
                    nodes.extend(self.output(part).map(|node| (node, true)));
                }
                Piece::Tag(tag) if closers.contains(&tag.name) => {
                    closer = Some(tag);
                    break;
                }
                Piece::Tag(tag) => {
                    let made = self.tag(tag, cursor);
                    nodes.extend(made.into_iter().map(|node| (node, true)));
                }
            }
        }
        let blank = nodes.iter().all(|(node, countable)| *countable && node.is_blank());
        let nodes = nodes.into_iter().map(|(node, _)| node).collect();
        (Body { nodes, blank }, closer)
    }

    /// A block's inside, one level down; reports where the closing tag is missing.
    fn inside<'s>(
        &mut self,
        opener: Tag<'_>,
        cursor: &mut Cursor<'_, 's>,
        closers: &[&str],
    ) -> (Body, Option<Tag<'s>>) {
        // Limit: blocks in blocks; beyond it the rest of the source is not read.
        if self.depth >= TEMPLATE_DEPTH_MAX {
            let message = format!("blocks are nested deeper than {TEMPLATE_DEPTH_MAX}");
            self.fault(Diagnostic::error("", "too-deep", message), opener.span);
            cursor.at = cursor.pieces.len();
            return (Body::default(), None);
        }
        self.depth += 1;
        let before = self.faults.len();
        let (body, closer) = self.block(cursor, closers);
        self.depth -= 1;
        let told = self.faults[before..].iter().any(|fault| fault.code == "too-deep");
        if closer.is_none() && !told {
            let name = opener.name;
            let message = format!("`{name}` is not closed");
            let hint = format!("add `{{% end{name} %}}`");
            let fault = Diagnostic::error("", "unclosed-block", message).hint(hint);
            self.fault(fault, opener.span);
        }
        (body, closer)
    }

    fn output(&mut self, part: Part<'_>) -> Option<Node> {
        if part.text.trim().is_empty() {
            return None;
        }
        let value = Line::new(part, self.names).and_then(|mut line| line.filtered());
        self.keep(value).map(Node::Output)
    }

    fn fault(&mut self, fault: Diagnostic, span: Span) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault.at(span.start as usize, span.end as usize));
        }
    }

    /// The value, or nothing and the fault noted.
    fn keep<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(fault) => {
                if self.faults.len() < FAULTS_MAX {
                    self.faults.push(fault);
                }
                None
            }
        }
    }

    fn unknown_tag(&mut self, tag: Tag<'_>) {
        let name = tag.name;
        // A closing tag that is known is in the wrong place; another one is a slip of the pen.
        let closes = name.starts_with("end") || matches!(name, "else" | "elsif" | "when");
        let fault = if name.is_empty() {
            Diagnostic::error("", "unknown-tag", "the tag has no name")
        } else if closes && TAGS.contains(&name) {
            let message = format!("`{name}` closes nothing that is open here");
            Diagnostic::error("", "misplaced-tag", message)
        } else {
            let message = format!("no tag `{name}`");
            near(Diagnostic::error("", "unknown-tag", message), name, TAGS)
        };
        self.fault(fault, tag.span);
    }
}

/// Takes white space away from bodies that would print nothing else.
pub(super) fn drop_blank_text<'b>(bodies: impl Iterator<Item = &'b mut Body>) {
    for body in bodies {
        body.nodes.retain(|node| !matches!(node, Node::Text(_)));
    }
}
