//! Cuts a source into text, outputs and tags; drops comments; applies white space control.

use super::ast::{Span, is_space};
use crate::diagnostic::Diagnostic;
use crate::prelude::*;

/// A stretch of source and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'s> {
    pub text: &'s str,
    pub start: usize,
}

impl Part<'_> {
    pub fn span(&self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'s> {
    Text(&'s str),
    /// The inside of a `raw` block: never counted as blank.
    Raw(&'s str),
    Output(Part<'s>),
    Tag(Tag<'s>),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'s> {
    pub name: &'s str,
    pub arguments: Part<'s>,
    pub span: Span,
}

/// The pieces of a whole template.
pub(super) fn split<'s>(text: &'s str, faults: &mut Vec<Diagnostic>) -> Vec<Piece<'s>> {
    let mut cutter = Cutter { text, at: 0, trim: false, pieces: Vec::new(), faults };
    while cutter.step() {}
    cutter.pieces
}

struct Cutter<'s, 'f> {
    text: &'s str,
    at: usize,
    /// Whether white space at `at` is to be dropped.
    trim: bool,
    pieces: Vec<Piece<'s>>,
    faults: &'f mut Vec<Diagnostic>,
}

impl<'s> Cutter<'s, '_> {
    /// Cuts text and the output or tag after it; false at the end.
    fn step(&mut self) -> bool {
        let open = find_open(self.text, self.at);
        let end = open.unwrap_or(self.text.len());
        let dashed = open.is_some_and(|open| self.text[open + 2..].starts_with('-'));
        self.push_text(end, dashed);
        let Some(open) = open else { return false };
        let output = self.text[open..].starts_with("{{");
        let close = if output { "}}" } else { "%}" };
        let Some(length) = self.text[open + 2..].find(close) else {
            let code = if output { "unclosed-output" } else { "unclosed-tag" };
            let message = format!("`{}` is not closed", &self.text[open..open + 2]);
            let hint = format!("add `{close}`");
            self.faults.push(Diagnostic::error("", code, message).hint(hint).at(open, open + 2));
            return false;
        };
        let after = open + 2 + length;
        let start = open + 2 + usize::from(dashed);
        self.trim = after > start && self.text[..after].ends_with('-');
        let stop = if self.trim { after - 1 } else { after };
        self.at = after + 2;
        let inside = Part { text: self.text.get(start..stop).unwrap_or(""), start };
        if output {
            self.pieces.push(Piece::Output(inside));
        } else {
            self.tag(inside, Span::new(open, after + 2));
        }
        true
    }

    fn push_text(&mut self, end: usize, trim_end: bool) {
        let mut text = &self.text[self.at..end];
        if self.trim {
            text = text.trim_start_matches(is_space);
        }
        if trim_end {
            text = text.trim_end_matches(is_space);
        }
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text));
        }
    }

    fn tag(&mut self, inside: Part<'s>, span: Span) {
        let tag = name_tag(inside, span);
        match tag.name {
            "#" => check_inline_comment(tag.arguments, self.faults),
            "raw" => match find_end(self.text, self.at, "endraw") {
                Some(end) => {
                    let mut raw = &self.text[self.at..end.start];
                    if self.trim {
                        raw = raw.trim_start_matches(is_space);
                    }
                    if end.trim_before {
                        raw = raw.trim_end_matches(is_space);
                    }
                    self.pieces.push(Piece::Raw(raw));
                    self.resume(&end);
                }
                None => self.unclosed("raw", span),
            },
            "comment" => match find_comment_end(self.text, self.at) {
                Some(end) => self.resume(&end),
                None => self.unclosed("comment", span),
            },
            "doc" => self.doc(tag),
            _ => self.pieces.push(Piece::Tag(tag)),
        }
    }

    fn doc(&mut self, tag: Tag<'s>) {
        if !tag.arguments.text.trim().is_empty() {
            let message = "`doc` takes no arguments";
            let at = tag.arguments.span();
            let fault = Diagnostic::error("", "unexpected-argument", message);
            self.faults.push(fault.at(at.start as usize, at.end as usize));
        }
        let Some(end) = find_end(self.text, self.at, "enddoc") else {
            return self.unclosed("doc", tag.span);
        };
        if find_end(&self.text[..end.start], self.at, "doc").is_some() {
            let fault = Diagnostic::error("", "nested-doc", "`doc` stands inside `doc`");
            self.faults.push(fault.at(tag.span.start as usize, tag.span.end as usize));
        }
        self.resume(&end);
    }

    fn resume(&mut self, end: &End) {
        self.at = end.end;
        self.trim = end.trim_after;
    }

    fn unclosed(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is not closed");
        self.faults.push(
            Diagnostic::error("", "unclosed-block", message)
                .hint(format!("add `{{% end{name} %}}`"))
                .at(span.start as usize, span.end as usize),
        );
        self.at = self.text.len();
    }
}

/// The tags of a `liquid` tag: one a line.
pub(super) fn split_lines<'s>(part: Part<'s>, faults: &mut Vec<Diagnostic>) -> Vec<Piece<'s>> {
    let mut pieces = Vec::new();
    let mut start = part.start;
    let mut comments = 0usize;
    let mut opened = part.span();
    for line in part.text.split_inclusive('\n') {
        let inside = Part { text: line, start };
        start += line.len();
        let tag = name_tag(inside, inside.span());
        if line.trim().is_empty() {
            continue;
        }
        match tag.name {
            "comment" => {
                comments += 1;
                opened = tag.span;
            }
            "endcomment" if comments > 0 => comments -= 1,
            _ if comments > 0 => {}
            "#" => {}
            _ => pieces.push(Piece::Tag(tag)),
        }
    }
    if comments > 0 {
        let fault = Diagnostic::error("", "unclosed-block", "`comment` is not closed");
        faults.push(fault.at(opened.start as usize, opened.end as usize));
    }
    pieces
}

/// The first word of a tag and what follows it.
fn name_tag(inside: Part<'_>, span: Span) -> Tag<'_> {
    let blank = inside.text.len() - inside.text.trim_start_matches(is_space).len();
    let rest = &inside.text[blank..];
    let length = match rest.starts_with('#') {
        true => 1,
        false => {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
        }
    };
    let arguments = Part { text: &rest[length..], start: inside.start + blank + length };
    Tag { name: &rest[..length], arguments, span }
}

fn check_inline_comment(part: Part<'_>, faults: &mut Vec<Diagnostic>) {
    let lines = part.text.split('\n').skip(1).map(str::trim);
    if lines.into_iter().any(|line| !line.is_empty() && !line.starts_with('#')) {
        let message = "every line of an inline comment begins with `#`";
        let span = part.span();
        let fault = Diagnostic::error("", "unmarked-comment-line", message);
        faults.push(fault.at(span.start as usize, span.end as usize));
    }
}

/// The place of the next `{{` or `{%`.
fn find_open(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(step) = text[at..].find('{') {
        at += step;
        if matches!(bytes.get(at + 1), Some(b'{' | b'%')) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// A closing tag that was found.
struct End {
    start: usize,
    end: usize,
    trim_before: bool,
    trim_after: bool,
}

/// The next tag `name` without arguments, whatever stands before it.
fn find_end(text: &str, from: usize, name: &str) -> Option<End> {
    let mut at = from;
    while let Some(step) = text[at..].find("{%") {
        let start = at + step;
        at = start + 2;
        let rest = &text[at..];
        let dashless = rest.strip_prefix('-').unwrap_or(rest);
        let trim_before = dashless.len() < rest.len();
        let Some(rest) = dashless.trim_start_matches(is_space).strip_prefix(name) else { continue };
        let rest = rest.trim_start_matches(is_space);
        let dashless = rest.strip_prefix('-').unwrap_or(rest);
        if let Some(after) = dashless.strip_prefix("%}") {
            let trim_after = dashless.len() < rest.len();
            return Some(End { start, end: text.len() - after.len(), trim_before, trim_after });
        }
    }
    None
}

/// The end of a comment: comments nest, and the inside of `raw` does not count.
fn find_comment_end(text: &str, from: usize) -> Option<End> {
    let mut at = from;
    let mut depth = 1usize;
    while let Some(step) = text[at..].find("{%") {
        let start = at + step;
        let after = start + 2 + text[start + 2..].find("%}")?;
        let inside = &text[start + 2..after];
        let trim_before = inside.starts_with('-');
        let trim_after = inside.len() > 1 && inside.ends_with('-');
        let words = inside.trim_start_matches('-');
        at = after + 2;
        match name_tag(Part { text: words, start: 0 }, Span::default()).name {
            "comment" => depth += 1,
            "raw" => at = find_end(text, at, "endraw")?.end,
            "endcomment" => {
                depth -= 1;
                if depth == 0 {
                    return Some(End { start, end: at, trim_before, trim_after });
                }
            }
            _ => {}
        }
    }
    None
}
