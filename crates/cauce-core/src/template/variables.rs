//! Which globals a template asks for, held against what is known when it is written.

use super::Template;
use super::ast::{
    Arm, Body, Call, Callee, Compiled, Condition, Expression, Filtered, For, Node, Offset,
    Operator, Path, Root, Slot, Span, Step,
};
use crate::diagnostic::{Diagnostic, nearest};
use crate::prelude::*;

/// One use of a global.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// The partial whose source the span means; empty for the template itself.
    pub partial: String,
    /// Where it stands.
    pub span: Span,
    /// `profile.first_name`; ends where a name is computed, or at `size`, `first`, `last`.
    pub path: String,
    /// Whether its absence shows no hole: it has a `default` filter, is merely tested or looped
    /// over, or stands where a condition has found it present.
    pub guarded: bool,
}

/// Holds the variables against the paths that are known. A known path covers everything below it;
/// so `event` lets every property of the event pass.
pub fn check(template: &Template, known: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for variable in template.variables() {
        let Variable { partial, span, path, guarded } = variable;
        let place = if partial.is_empty() { partial } else { format!("partials.{partial}") };
        let (start, end) = (span.start as usize, span.end as usize);
        if !is_known(&path, known) {
            let message = format!("no variable `{path}`");
            let finding = Diagnostic::error(place, "unknown-variable", message).at(start, end);
            findings.push(match nearest(&path, known.iter().map(String::as_str)) {
                Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                None => finding,
            });
        } else if !guarded {
            let message = format!("`{path}` has no fallback");
            let finding = Diagnostic::warning(place, "no-fallback", message);
            findings.push(finding.hint("add `| default: \"…\"`").at(start, end));
        }
    }
    findings
}

fn is_known(path: &str, known: &BTreeSet<String>) -> bool {
    let below = |own: &str, other: &str| {
        other.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    known.iter().any(|own| below(own, path) || below(path, own))
}

pub(super) fn list(compiled: &Compiled) -> Vec<Variable> {
    let mut walker = Walker {
        compiled,
        partial: None,
        local: BTreeSet::new(),
        hidden: vec![super::ast::FORLOOP, super::ast::TABLEROWLOOP],
        present: Vec::new(),
        open: Vec::new(),
        found: BTreeSet::new(),
        left: NODES_MAX,
    };
    walker.body(&compiled.main);
    walker.found.into_iter().collect()
}

/// Nodes that one listing visits: partials that call each other twice over would take for ever.
const NODES_MAX: usize = 200_000;

struct Walker<'c> {
    compiled: &'c Compiled,
    partial: Option<usize>,
    /// Names that `assign` and its like have written so far.
    local: BTreeSet<Slot>,
    /// Names of loops and arguments around here.
    hidden: Vec<Slot>,
    /// Paths that a condition around here has found present.
    present: Vec<String>,
    /// Partials that are being walked, so that one calling itself ends.
    open: Vec<usize>,
    found: BTreeSet<Variable>,
    /// Nodes that may still be visited.
    left: usize,
}

impl Walker<'_> {
    fn body(&mut self, body: &Body) {
        for node in &body.nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return;
        }
        match node {
            Node::Text(_) | Node::Break | Node::Continue => {}
            Node::Output(value) => self.filtered(value),
            Node::Assign { slot, value } => {
                self.filtered(value);
                self.local.insert(*slot);
            }
            Node::Capture { slot, body } => {
                self.body(body);
                self.local.insert(*slot);
            }
            Node::If(branches) => {
                let before = self.present.len();
                for branch in branches {
                    let inside = self.present.len();
                    if let Some(condition) = &branch.condition {
                        self.condition(condition);
                    }
                    self.body(&branch.body);
                    self.present.truncate(inside);
                }
                self.present.truncate(before);
            }
            Node::Case(case) => {
                self.expression(&case.subject, true);
                for Arm { candidates, body } in &case.arms {
                    candidates.iter().flatten().for_each(|one| self.expression(one, true));
                    self.body(body);
                }
            }
            Node::For(each) | Node::TableRow(each) => self.each(each),
            Node::Cycle(cycle) => {
                cycle.group.iter().for_each(|group| self.expression(group, true));
                cycle.items.iter().for_each(|item| self.expression(item, false));
            }
            Node::Increment(slot) | Node::Decrement(slot) => {
                self.local.insert(*slot);
            }
            Node::IfChanged(body) => self.body(body),
            Node::Include(call) => self.call(call, false),
            Node::Render(call) => self.call(call, true),
            Node::Abort { reason, .. } => {
                reason.iter().for_each(|reason| self.filtered(reason));
            }
        }
    }

    fn each(&mut self, each: &For) {
        self.expression(&each.collection, true);
        let at = match &each.offset {
            Offset::At(offset) => Some(offset),
            Offset::None | Offset::Continue => None,
        };
        for option in each.limit.iter().chain(at).chain(&each.cols) {
            self.expression(option, true);
        }
        self.hidden.push(each.slot);
        self.body(&each.body);
        self.hidden.pop();
        each.otherwise.iter().for_each(|body| self.body(body));
    }

    fn call(&mut self, call: &Call, isolated: bool) {
        let mut slots: Vec<Slot> = call.arguments.iter().map(|(slot, _)| *slot).collect();
        call.arguments.iter().for_each(|(_, value)| self.expression(value, true));
        if let Callee::Named(name) = &call.callee {
            self.expression(name, true);
        }
        let bound = call.bound.as_ref();
        bound.iter().for_each(|bound| self.expression(&bound.value, true));
        // Not: following a name out of a variable; what it will be is not known here.
        let Callee::Known(place) = call.callee else { return };
        if self.open.contains(&place) || self.open.len() >= crate::limits::TEMPLATE_DEPTH_MAX {
            return;
        }
        let partial = &self.compiled.partials[place];
        slots.extend(bound.map(|bound| bound.alias.unwrap_or(partial.slot)));
        let outer = (self.partial.replace(place), self.hidden.len(), self.local.clone());
        self.open.push(place);
        let hidden = if isolated {
            self.local.clear();
            slots.extend([super::ast::FORLOOP, super::ast::TABLEROWLOOP]);
            Some(core::mem::replace(&mut self.hidden, slots))
        } else {
            self.hidden.extend(slots);
            None
        };
        self.body(&partial.body);
        self.open.pop();
        self.partial = outer.0;
        match hidden {
            Some(hidden) => {
                self.hidden = hidden;
                self.local = outer.2;
            }
            None => self.hidden.truncate(outer.1),
        }
    }

    fn filtered(&mut self, filtered: &Filtered) {
        self.expression(&filtered.value, filtered.guarded);
        for call in &filtered.filters {
            let named = call.named.iter().map(|(_, value)| value);
            for argument in call.arguments.iter().chain(named) {
                self.expression(argument, false);
            }
        }
    }

    /// Notes the paths; those that the condition finds present stand guarded in its branch.
    fn condition(&mut self, condition: &Condition) {
        for (comparison, _) in &condition.terms {
            self.expression(&comparison.left, true);
            let tested = match &comparison.right {
                None => true,
                Some((operator, right)) => {
                    self.expression(right, true);
                    let nothing =
                        matches!(right, Expression::Nil | Expression::Blank | Expression::Empty);
                    (*operator == Operator::Unequal) == nothing
                }
            };
            if let (Expression::Path(path), true, false) =
                (&comparison.left, tested, condition.negated)
            {
                self.present.extend(self.name(path));
            }
        }
    }

    fn expression(&mut self, expression: &Expression, guarded: bool) {
        match expression {
            Expression::Path(path) => self.path(path, guarded),
            Expression::Range(ends) => {
                self.expression(&ends.0, guarded);
                self.expression(&ends.1, guarded);
            }
            Expression::Nil
            | Expression::Empty
            | Expression::Blank
            | Expression::Bool(_)
            | Expression::Int(_)
            | Expression::Float(_)
            | Expression::Text(_) => {}
        }
    }

    fn path(&mut self, path: &Path, guarded: bool) {
        if let Root::Dynamic(name) = &path.root {
            self.expression(name, guarded);
        }
        for step in &path.steps {
            if let Step::Index(index) = step {
                self.expression(index, guarded);
            }
        }
        let Some(name) = self.name(path) else { return };
        let guarded = guarded || self.present.contains(&name);
        let partial = self.partial.map(|place| self.compiled.partials[place].name.clone());
        self.found.insert(Variable {
            partial: partial.unwrap_or_default(),
            span: path.span,
            path: name,
            guarded,
        });
    }

    /// The path of a global as far as its names are written out.
    fn name(&self, path: &Path) -> Option<String> {
        let Root::Slot(slot) = path.root else { return None };
        if self.local.contains(&slot) || self.hidden.contains(&slot) {
            return None;
        }
        let mut name = self.compiled.names[slot as usize].clone();
        for step in &path.steps {
            match step {
                Step::Name(step) if matches!(&**step, "size" | "first" | "last") => break,
                Step::Name(step) => name = format!("{name}.{step}"),
                Step::Index(Expression::Text(step)) => name = format!("{name}.{step}"),
                Step::Index(_) => break,
            }
        }
        Some(name)
    }
}
