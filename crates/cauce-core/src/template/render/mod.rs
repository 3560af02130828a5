//! Walks a compiled template and writes.

mod budget;
pub(super) mod escape;
mod evaluate;
mod loops;
mod partials;

pub(super) use super::fault::Stop;
pub(super) use budget::Budget;

use super::ast::{Body, Case, Compiled, Condition, Cycle, Node, Slot, Span};
use super::fault::{Code, Fault};
use super::value::{Datum, Loop};
use super::{Escape, Options, Template};
use crate::limits::TEMPLATE_DEPTH_MAX;
use crate::prelude::*;
use crate::value::Value;
use alloc::rc::Rc;
use core::fmt::Write;
use core::mem;

/// Fills a template with the fields of an object.
pub fn render(template: &Template, globals: &Value, options: &Options) -> Result<String, Fault> {
    render_record(template, Datum::from(globals), options)
}

/// Fills a template with values that are put together from several places; see
/// [`Datum::record`].
pub fn render_record<'a>(
    template: &'a Template,
    globals: Datum<'a>,
    options: &'a Options,
) -> Result<String, Fault> {
    let compiled = &*template.0;
    let mut renderer = Renderer {
        compiled,
        globals,
        budget: Budget { options, fuel: options.fuel },
        out: String::with_capacity(compiled.main.nodes.len().min(256) * 64),
        frame: Frame::new(compiled.names.len()),
        known: vec![None; compiled.names.len()],
        cycles: BTreeMap::new(),
        continues: BTreeMap::new(),
        changed: String::new(),
        depth: 0,
    };
    match renderer.body(&compiled.main) {
        Ok(_) => Ok(renderer.out),
        Err(stop) => Err(*stop.0),
    }
}

/// What a node does to the loop around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Next,
    Break,
    Continue,
}

/// What `render` hides from its partial.
struct Frame<'a> {
    /// What `assign` and `capture` wrote.
    locals: Vec<Option<Datum<'a>>>,
    /// Loop variables and arguments, the innermost last; they hide the locals.
    scopes: Vec<(Slot, Datum<'a>)>,
    /// `increment` and `decrement`; hidden by locals, hiding globals.
    counters: Vec<(Slot, i64)>,
    loops: Vec<Rc<Loop<'a>>>,
}

impl Frame<'_> {
    fn new(names: usize) -> Self {
        Frame {
            locals: vec![None; names],
            scopes: Vec::new(),
            counters: Vec::new(),
            loops: Vec::new(),
        }
    }
}

struct Renderer<'a> {
    compiled: &'a Compiled,
    globals: Datum<'a>,
    budget: Budget<'a>,
    out: String,
    frame: Frame<'a>,
    /// Globals that were looked up already.
    known: Vec<Option<Datum<'a>>>,
    cycles: BTreeMap<(bool, Key<'a>), usize>,
    continues: BTreeMap<&'a str, usize>,
    changed: String,
    depth: usize,
}

/// A key that owns its text only where it was computed.
type Key<'a> = alloc::borrow::Cow<'a, str>;

impl<'a> Renderer<'a> {
    fn body(&mut self, body: &'a Body) -> Result<Turn, Stop> {
        for node in &body.nodes {
            let flow = self.node(node)?;
            if flow != Turn::Next {
                return Ok(flow);
            }
        }
        Ok(Turn::Next)
    }

    /// A body one level down.
    fn nested(&mut self, body: &'a Body) -> Result<Turn, Stop> {
        // Limit: blocks and partials in each other; each level is a frame on the stack.
        if self.depth >= TEMPLATE_DEPTH_MAX {
            let message = format!("blocks and partials nest deeper than {TEMPLATE_DEPTH_MAX}");
            return Err(Stop::new(Code::TooDeep, message));
        }
        self.depth += 1;
        let flow = self.body(body);
        self.depth -= 1;
        flow
    }

    fn node(&mut self, node: &'a Node) -> Result<Turn, Stop> {
        self.budget.burn(1)?;
        match node {
            Node::Text(text) => self.write(text)?,
            Node::Output(value) => {
                let datum = self.filtered(value)?;
                self.print(&datum).map_err(|stop| stop.at(value.span))?;
            }
            Node::Assign { slot, value } => {
                let datum = self.filtered(value)?;
                self.frame.locals[*slot as usize] = Some(datum);
            }
            Node::Capture { slot, body } => return self.capture(*slot, body),
            Node::If(branches) => {
                for branch in branches {
                    let chosen = match &branch.condition {
                        Some(condition) => self.holds(condition)?,
                        None => true,
                    };
                    if chosen {
                        return self.nested(&branch.body);
                    }
                }
            }
            Node::Case(case) => return self.case(case),
            Node::For(each) => {
                return self.for_each(each).map_err(|stop| stop.at(each.span));
            }
            Node::TableRow(each) => {
                return self.table_row(each).map_err(|stop| stop.at(each.span));
            }
            Node::Cycle(cycle) => self.cycle(cycle)?,
            Node::Increment(slot) => {
                let before = self.count(*slot, 1) - 1;
                self.print(&Datum::Int(before))?;
            }
            Node::Decrement(slot) => {
                let after = self.count(*slot, -1);
                self.print(&Datum::Int(after))?;
            }
            Node::IfChanged(body) => return self.if_changed(body),
            Node::Include(call) => return self.include(call),
            Node::Render(call) => return self.render(call),
            Node::Break => return Ok(Turn::Break),
            Node::Continue => return Ok(Turn::Continue),
            Node::Abort { reason, span } => {
                let reason = match reason {
                    Some(value) => {
                        let datum = self.filtered(value)?;
                        self.budget.text(&datum)?.to_string()
                    }
                    None => "the template asked to stop".to_owned(),
                };
                return Err(Stop::new(Code::Aborted, reason).at(*span));
            }
        }
        Ok(Turn::Next)
    }

    /// Appends markup of the template or of a captured block.
    fn write(&mut self, text: &str) -> Result<(), Stop> {
        self.room(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn room(&mut self, bytes: usize) -> Result<(), Stop> {
        let most = self.budget.options.output_bytes_max;
        if self.out.len() + bytes > most {
            let message = format!("the output exceeds {most} bytes");
            return Err(Stop::new(Code::OutputTooLarge, message));
        }
        self.budget.read(bytes)
    }

    /// Appends a value, escaped unless it is safe.
    fn print(&mut self, value: &Datum<'a>) -> Result<(), Stop> {
        match value {
            Datum::Nil | Datum::Empty | Datum::Blank => Ok(()),
            Datum::Text(text) => {
                self.room(text.len())?;
                escape::push(&mut self.out, text, self.budget.options.escape);
                self.room(0)
            }
            Datum::Safe(text) => self.write(text),
            Datum::Given(_) | Datum::List(_) => {
                let items = value.items().expect("both are lists");
                for at in 0..items.len() {
                    self.budget.burn(1)?;
                    if let Some(item) = items.get(at) {
                        self.print(&item)?;
                    }
                }
                Ok(())
            }
            Datum::Object(_) | Datum::Record(_) => {
                let text = value.to_text();
                self.room(text.len())?;
                escape::push(&mut self.out, &text, self.budget.options.escape);
                self.room(0)
            }
            Datum::Bool(_)
            | Datum::Int(_)
            | Datum::Float(_)
            | Datum::Exact(_)
            | Datum::Range(..)
            | Datum::Loop(_) => {
                self.room(0)?;
                // Writing into a String cannot fail; none of these is long.
                let _ = write!(self.out, "{value}");
                Ok(())
            }
        }
    }

    /// Renders a body into a text of its own.
    fn aside(&mut self, body: &'a Body) -> Result<(String, Turn), Stop> {
        let outer = mem::take(&mut self.out);
        let flow = self.nested(body)?;
        Ok((mem::replace(&mut self.out, outer), flow))
    }

    fn capture(&mut self, slot: Slot, body: &'a Body) -> Result<Turn, Stop> {
        let (text, flow) = self.aside(body)?;
        // What was captured is escaped already.
        let datum = match self.budget.options.escape {
            Escape::None => Datum::text(text),
            Escape::Html | Escape::Json | Escape::Form => Datum::Safe(text.into()),
        };
        self.frame.locals[slot as usize] = Some(datum);
        Ok(flow)
    }

    fn if_changed(&mut self, body: &'a Body) -> Result<Turn, Stop> {
        let (text, flow) = self.aside(body)?;
        if text != self.changed {
            self.write(&text)?;
            self.changed = text;
        }
        Ok(flow)
    }

    /// Every `when` that holds prints, once for each candidate; `else` where none did before it.
    fn case(&mut self, case: &'a Case) -> Result<Turn, Stop> {
        let subject = self.value(&case.subject)?;
        let mut matched = false;
        for arm in &case.arms {
            let Some(candidates) = &arm.candidates else {
                if !matched {
                    let flow = self.nested(&arm.body)?;
                    if flow != Turn::Next {
                        return Ok(flow);
                    }
                }
                continue;
            };
            for candidate in candidates {
                self.budget.burn(1)?;
                let value = self.value(candidate)?;
                if subject.equals(&value, &mut self.budget)? {
                    matched = true;
                    let flow = self.nested(&arm.body)?;
                    if flow != Turn::Next {
                        return Ok(flow);
                    }
                }
            }
        }
        Ok(Turn::Next)
    }

    fn cycle(&mut self, cycle: &'a Cycle) -> Result<(), Stop> {
        let key = match &cycle.group {
            Some(group) => {
                let value = self.value(group)?;
                self.budget.scan(&value)?;
                (true, Key::Owned(self.budget.text(&value)?.to_string()))
            }
            None => (false, Key::Borrowed(&*cycle.text)),
        };
        let turn = self.cycles.entry(key).or_insert(0);
        let item = cycle.items.get(*turn);
        *turn += 1;
        if *turn >= cycle.items.len() {
            *turn = 0;
        }
        let Some(item) = item else { return Ok(()) };
        let value = self.value(item)?;
        self.print(&value)
    }

    fn count(&mut self, slot: Slot, step: i64) -> i64 {
        let counters = &mut self.frame.counters;
        let place = counters.iter().position(|(own, _)| *own == slot).unwrap_or_else(|| {
            counters.push((slot, 0));
            counters.len() - 1
        });
        let count = &mut counters[place].1;
        *count = count.saturating_add(step);
        *count
    }

    fn holds(&mut self, condition: &'a Condition) -> Result<bool, Stop> {
        self.condition(condition).map(|truth| truth != condition.negated)
    }

    /// A fault of a variable that has no value.
    fn undefined(name: &str, span: Span) -> Stop {
        Stop::new(Code::UndefinedVariable, format!("`{name}` has no value")).at(span)
    }
}
