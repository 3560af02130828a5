//! One method for each tag.

use super::super::ast::{
    Arm, Body, Bound, Branch, Call, Callee, Case, Cycle, Expression, For, Node, Offset,
};
use super::super::lexer::{Tag, split_lines};
use super::expression::{Line, near};
use super::token::Word;
use super::{Cursor, Parser, drop_blank_text};
use crate::diagnostic::Diagnostic;
use crate::prelude::*;

impl Parser<'_> {
    /// The nodes of one tag; `liquid` makes several, a faulty tag none.
    pub(super) fn tag<'s>(&mut self, tag: Tag<'s>, cursor: &mut Cursor<'_, 's>) -> Vec<Node> {
        match tag.name {
            "liquid" => return self.liquid(tag),
            "if" | "unless" => self.conditional(tag, cursor),
            "case" => self.case(tag, cursor),
            "for" | "tablerow" => self.each(tag, cursor),
            "capture" => self.capture(tag, cursor),
            "ifchanged" => {
                let (body, _) = self.inside(tag, cursor, &["endifchanged"]);
                Some(Node::IfChanged(body))
            }
            "echo" => match tag.arguments.text.trim().is_empty() {
                true => None,
                false => self.output(tag.arguments),
            },
            "assign" => self.assign(tag),
            "cycle" => self.cycle(tag),
            "increment" | "decrement" => self.counter(tag),
            "include" | "render" => self.call(tag),
            "break" => Some(Node::Break),
            "continue" => Some(Node::Continue),
            "abort_message" => self.abort(tag),
            _ => {
                self.unknown_tag(tag);
                None
            }
        }
        .into_iter()
        .collect()
    }

    fn liquid(&mut self, tag: Tag<'_>) -> Vec<Node> {
        if self.depth >= crate::limits::TEMPLATE_DEPTH_MAX {
            let fault = Diagnostic::error("", "too-deep", "`liquid` is nested too deeply");
            self.fault(fault, tag.span);
            return Vec::new();
        }
        self.depth += 1;
        let pieces = split_lines(tag.arguments, self.faults);
        let body = self.whole(&pieces);
        self.depth -= 1;
        body.nodes
    }

    fn line<T>(
        &mut self,
        tag: Tag<'_>,
        read: impl FnOnce(&mut Line<'_, '_>) -> Result<T, Diagnostic>,
    ) -> Option<T> {
        let result = Line::new(tag.arguments, self.names).and_then(|mut line| read(&mut line));
        self.keep(result)
    }

    fn conditional<'s>(&mut self, tag: Tag<'s>, cursor: &mut Cursor<'_, 's>) -> Option<Node> {
        let negated = tag.name == "unless";
        let end = if negated { "endunless" } else { "endif" };
        let mut condition = self.line(tag, |line| line.condition(negated).map(Some));
        let mut sound = condition.is_some();
        let mut branches = Vec::new();
        loop {
            let (body, closer) = self.inside(tag, cursor, &["elsif", "else", end]);
            branches.push(Branch { condition: condition.take().flatten(), body });
            match closer {
                Some(next) if next.name == "elsif" => {
                    condition = self.line(next, |line| line.condition(false).map(Some));
                    sound &= condition.is_some();
                }
                Some(next) if next.name == "else" => condition = Some(None),
                _ => break,
            }
        }
        if branches.iter().all(|branch| branch.body.blank) {
            drop_blank_text(branches.iter_mut().map(|branch| &mut branch.body));
        }
        sound.then_some(Node::If(branches))
    }

    fn case<'s>(&mut self, tag: Tag<'s>, cursor: &mut Cursor<'_, 's>) -> Option<Node> {
        let subject = self.line(tag, |line| {
            let subject = line.expression()?;
            line.expect_end()?;
            Ok(subject)
        });
        let mut arms: Vec<Arm> = Vec::new();
        let (header, mut closer) = self.inside(tag, cursor, &["when", "else", "endcase"]);
        while let Some(arm) = closer.take_if(|closer| closer.name != "endcase") {
            let candidates = match arm.name {
                "when" => Some(self.line(arm, candidates).unwrap_or_default()),
                _ => None,
            };
            let (body, next) = self.inside(tag, cursor, &["when", "else", "endcase"]);
            arms.push(Arm { candidates, body });
            closer = next;
        }
        if header.blank && arms.iter().all(|arm| arm.body.blank) {
            drop_blank_text(arms.iter_mut().map(|arm| &mut arm.body));
        }
        Some(Node::Case(Case { subject: subject?, arms }))
    }

    fn each<'s>(&mut self, tag: Tag<'s>, cursor: &mut Cursor<'_, 's>) -> Option<Node> {
        let rows = tag.name == "tablerow";
        let header = self.line(tag, |line| loop_header(line, rows, tag));
        let (mut body, mut otherwise) = (Body::default(), None);
        if rows {
            (body, _) = self.inside(tag, cursor, &["endtablerow"]);
        } else {
            let (first, mut closer) = self.inside(tag, cursor, &["else", "endfor"]);
            body.nodes = first.nodes;
            body.blank = first.blank;
            while closer.is_some_and(|closer| closer.name == "else") {
                let (rest, next) = self.inside(tag, cursor, &["else", "endfor"]);
                otherwise = Some(rest);
                closer = next;
            }
            if body.blank && otherwise.as_ref().is_none_or(|rest| rest.blank) {
                drop_blank_text([&mut body].into_iter().chain(otherwise.as_mut()));
            }
        }
        let each = Box::new(For { body, otherwise, ..header? });
        Some(if rows { Node::TableRow(each) } else { Node::For(each) })
    }

    fn capture<'s>(&mut self, tag: Tag<'s>, cursor: &mut Cursor<'_, 's>) -> Option<Node> {
        let slot = self.line(tag, |line| {
            let slot = match line.peek().word {
                Word::Text(name) => {
                    line.next();
                    line.slot(name)
                }
                _ => line.target()?,
            };
            line.expect_end()?;
            Ok(slot)
        });
        let (body, _) = self.inside(tag, cursor, &["endcapture"]);
        Some(Node::Capture { slot: slot?, body })
    }

    fn assign(&mut self, tag: Tag<'_>) -> Option<Node> {
        self.line(tag, |line| {
            let slot = line.target()?;
            line.expect("=")?;
            Ok(Node::Assign { slot, value: line.filtered()? })
        })
    }

    fn cycle(&mut self, tag: Tag<'_>) -> Option<Node> {
        self.line(tag, |line| {
            let mut start = line.peek().start;
            let mut item = line.expression()?;
            let mut group = None;
            if line.take(":") {
                start = line.peek().start;
                group = Some(item);
                item = line.expression()?;
            }
            let mut items = vec![item];
            while line.take(",") && !line.is_end() {
                items.push(line.expression()?);
            }
            line.expect_end()?;
            let text = line.source(start, line.peek().start).into();
            Ok(Node::Cycle(Box::new(Cycle { group, text, items })))
        })
    }

    fn counter(&mut self, tag: Tag<'_>) -> Option<Node> {
        self.line(tag, |line| {
            let slot = line.target()?;
            line.expect_end()?;
            Ok(match tag.name {
                "increment" => Node::Increment(slot),
                _ => Node::Decrement(slot),
            })
        })
    }

    fn call(&mut self, tag: Tag<'_>) -> Option<Node> {
        let places = self.places;
        let isolated = tag.name == "render";
        self.line(tag, |line| {
            let token = line.peek();
            let callee = match line.expression()? {
                Expression::Text(name) => match places.get(&*name) {
                    Some(place) => Callee::Known(*place),
                    None => {
                        let fault = format!("no partial `{name}`");
                        let fault = Diagnostic::error("", "unknown-partial", fault);
                        let fault = fault.at(token.start, token.end);
                        return Err(near(fault, &name, places.keys().copied()));
                    }
                },
                _ if isolated => {
                    let message = "`render` takes the partial's name in quotes";
                    return Err(Diagnostic::error("", "syntax", message)
                        .hint("use `include` for a name out of a variable")
                        .at(token.start, token.end));
                }
                dynamic => Callee::Named(dynamic),
            };
            let bound = bound(line)?;
            line.take(",");
            let mut arguments = Vec::new();
            while !line.is_end() {
                let name = line.name()?;
                line.expect(":")?;
                let value = line.expression()?;
                arguments.push((line.slot(name), value));
                line.take(",");
            }
            let call = Box::new(Call { callee, bound, arguments, span: tag.span });
            Ok(if isolated { Node::Render(call) } else { Node::Include(call) })
        })
    }

    fn abort(&mut self, tag: Tag<'_>) -> Option<Node> {
        self.line(tag, |line| {
            // Braze writes `abort_message('why')`, its readers also `abort_message 'why'`.
            let reason = if line.take("(") {
                let start = line.peek().start;
                let value = match line.peek().word {
                    Word::Sign(")") => None,
                    _ => Some(line.expression()?),
                };
                line.expect(")")?;
                line.expect_end()?;
                value.map(|value| super::super::ast::Filtered {
                    value,
                    filters: Vec::new(),
                    span: super::super::ast::Span::new(start, line.peek().end),
                    guarded: true,
                })
            } else if line.is_end() {
                None
            } else {
                Some(line.filtered()?)
            };
            Ok(Node::Abort { reason, span: tag.span })
        })
    }
}

fn candidates(line: &mut Line<'_, '_>) -> Result<Vec<Expression>, Diagnostic> {
    let mut candidates = vec![line.expression()?];
    while line.take(",") || line.take_name("or") {
        candidates.push(line.expression()?);
    }
    line.expect_end()?;
    Ok(candidates)
}

fn loop_header(line: &mut Line<'_, '_>, rows: bool, tag: Tag<'_>) -> Result<For, Diagnostic> {
    let name = line.name()?;
    let slot = line.slot(name);
    if !line.take_name("in") {
        return Err(line.unexpected("`in`"));
    }
    let start = line.peek().start;
    let collection = line.expression()?;
    let source = line.source(start, line.peek().start);
    let mut each = For {
        slot,
        collection,
        name: format!("{name}-{source}").into(),
        limit: None,
        offset: Offset::None,
        cols: None,
        reversed: false,
        body: Body::default(),
        otherwise: None,
        span: tag.span,
    };
    while !line.is_end() {
        if line.take(",") {
            continue;
        }
        let word = line.peek();
        let option = line.name()?;
        if option == "reversed" && !rows {
            each.reversed = true;
            continue;
        }
        let known = matches!(option, "limit" | "offset") || rows && option == "cols";
        if !known {
            let fault = format!("no option `{option}`");
            let fault = Diagnostic::error("", "unknown-option", fault).at(word.start, word.end);
            return Err(near(fault, option, ["limit", "offset", "reversed"]));
        }
        line.expect(":")?;
        match option {
            "limit" => each.limit = Some(line.expression()?),
            "offset" if line.take_name("continue") => each.offset = Offset::Continue,
            "offset" => each.offset = Offset::At(line.expression()?),
            _ => each.cols = Some(line.expression()?),
        }
    }
    Ok(each)
}

fn bound(line: &mut Line<'_, '_>) -> Result<Option<Bound>, Diagnostic> {
    let each = match line.peek().word {
        Word::Name("with") => false,
        Word::Name("for") => true,
        _ => return Ok(None),
    };
    line.next();
    let value = line.expression()?;
    let alias = if line.take_name("as") {
        let name = line.name()?;
        Some(line.slot(name))
    } else {
        None
    };
    Ok(Some(Bound { value, each, alias }))
}
