//! Values of expressions and conditions.

use super::super::ast::{
    Comparison, Condition, Expression, FilterCall, Filtered, Joint, Operator, Path, Root, Slot,
    Step,
};
use super::super::fault::{Code, Stop};
use super::super::filters::Arguments;
use super::super::value::{Datum, Text};
use super::Renderer;
use crate::prelude::*;
use core::cmp::Ordering;
use core::fmt::Write;

impl<'a> Renderer<'a> {
    /// A value after its filters.
    pub(super) fn filtered(&mut self, filtered: &'a Filtered) -> Result<Datum<'a>, Stop> {
        let mut datum = self.value(&filtered.value).map_err(|stop| stop.at(filtered.span))?;
        if datum.is_nil()
            && self.budget.options.strict_variables
            && !filtered.guarded
            && let Expression::Path(path) = &filtered.value
        {
            return Err(Self::undefined(&self.path_name(path), path.span));
        }
        for call in &filtered.filters {
            datum = match self.filter(datum, call) {
                Err(stop) if self.budget.options.forgiving && stop.is_about_a_value() => Datum::Nil,
                filtered => filtered.map_err(|stop| stop.at(call.span))?,
            };
        }
        Ok(datum)
    }

    fn filter(&mut self, input: Datum<'a>, call: &'a FilterCall) -> Result<Datum<'a>, Stop> {
        self.budget.burn(1)?;
        let mut arguments = Arguments::default();
        for argument in &call.arguments {
            let value = self.value(argument)?;
            arguments.push(value);
        }
        for (name, argument) in &call.named {
            let value = self.value(argument)?;
            arguments.named.push((name, value));
        }
        (call.filter.apply)(&mut self.budget, input, &arguments)
    }

    pub(super) fn value(&mut self, expression: &'a Expression) -> Result<Datum<'a>, Stop> {
        Ok(match expression {
            Expression::Nil => Datum::Nil,
            Expression::Empty => Datum::Empty,
            Expression::Blank => Datum::Blank,
            Expression::Bool(truth) => Datum::Bool(*truth),
            Expression::Int(whole) => Datum::Int(*whole),
            Expression::Float(float) => Datum::Float(*float),
            Expression::Text(text) => Datum::Text(Text::Borrowed(text)),
            Expression::Path(path) => return self.path(path),
            Expression::Range(ends) => {
                let first = self.value(&ends.0)?.to_number().to_i64();
                let last = self.value(&ends.1)?.to_number().to_i64();
                Datum::Range(first, last)
            }
        })
    }

    fn path(&mut self, path: &'a Path) -> Result<Datum<'a>, Stop> {
        let mut datum = match &path.root {
            Root::Slot(slot) => self.variable(*slot),
            Root::Dynamic(name) => {
                let name = self.value(name)?;
                let name = self.budget.text(&name)?;
                match self.compiled.slots.get(&*name) {
                    Some(slot) => self.variable(*slot),
                    None => self.globals.field(&name).unwrap_or_default(),
                }
            }
        };
        for step in &path.steps {
            self.budget.burn(1)?;
            datum = match step {
                Step::Name(name) => {
                    self.budget.scan(&datum)?;
                    datum.member(name)
                }
                Step::Index(index) => {
                    let index = self.value(index)?;
                    datum.index(&index)
                }
            };
        }
        Ok(datum)
    }

    fn variable(&mut self, slot: Slot) -> Datum<'a> {
        if let Some((_, datum)) = self.frame.scopes.iter().rev().find(|(own, _)| *own == slot) {
            return datum.clone();
        }
        let place = slot as usize;
        if let Some(datum) = &self.frame.locals[place] {
            return datum.clone();
        }
        if let Some((_, count)) = self.frame.counters.iter().find(|(own, _)| *own == slot) {
            return Datum::Int(*count);
        }
        if let Some(datum) = &self.known[place] {
            return datum.clone();
        }
        let datum = self.globals.field(&self.compiled.names[place]).unwrap_or_default();
        self.known[place] = Some(datum.clone());
        datum
    }

    /// The path as its author wrote it, near enough.
    fn path_name(&self, path: &Path) -> String {
        let mut name = match &path.root {
            Root::Slot(slot) => self.compiled.names[*slot as usize].clone(),
            Root::Dynamic(_) => "[…]".to_owned(),
        };
        for step in &path.steps {
            // Writing into a String cannot fail.
            let _ = match step {
                Step::Name(step) => write!(name, ".{step}"),
                Step::Index(Expression::Text(step)) => write!(name, ".{step}"),
                Step::Index(Expression::Int(at)) => write!(name, "[{at}]"),
                Step::Index(_) => write!(name, "[…]"),
            };
        }
        name
    }

    /// `and` and `or` associate to the right: each decides whether the rest matters.
    pub(super) fn condition(&mut self, condition: &'a Condition) -> Result<bool, Stop> {
        let mut truth = false;
        for (comparison, joint) in &condition.terms {
            self.budget.burn(1)?;
            truth = self.comparison(comparison).map_err(|stop| stop.at(comparison.span))?;
            match joint {
                Joint::And if !truth => return Ok(false),
                Joint::Or if truth => return Ok(true),
                Joint::And | Joint::Or | Joint::End => {}
            }
        }
        Ok(truth)
    }

    fn comparison(&mut self, comparison: &'a Comparison) -> Result<bool, Stop> {
        let left = self.value(&comparison.left)?;
        let Some((operator, right)) = &comparison.right else { return Ok(left.is_truthy()) };
        let right = self.value(right)?;
        match operator {
            Operator::Equal => left.equals(&right, &mut self.budget),
            Operator::Unequal => Ok(!left.equals(&right, &mut self.budget)?),
            Operator::Contains => self.contains(&left, &right),
            Operator::Less => self.order(&left, &right, Ordering::is_lt),
            Operator::LessOrEqual => self.order(&left, &right, Ordering::is_le),
            Operator::Greater => self.order(&left, &right, Ordering::is_gt),
            Operator::GreaterOrEqual => self.order(&left, &right, Ordering::is_ge),
        }
    }

    fn order(
        &mut self,
        left: &Datum<'a>,
        right: &Datum<'a>,
        wanted: fn(Ordering) -> bool,
    ) -> Result<bool, Stop> {
        if let (Some(a), Some(b)) = (left.number(), right.number()) {
            return Ok(a.order(b).is_some_and(wanted));
        }
        match (left, right) {
            (Datum::Text(a) | Datum::Safe(a), Datum::Text(b) | Datum::Safe(b)) => {
                self.budget.read(a.len().min(b.len()))?;
                Ok(wanted((**a).cmp(&**b)))
            }
            (Datum::Text(_) | Datum::Safe(_), other) | (other, Datum::Text(_) | Datum::Safe(_))
                if other.number().is_some() && !self.budget.options.forgiving =>
            {
                Err(Stop::new(Code::Incomparable, "a text and a number have no order"))
            }
            _ => Ok(false),
        }
    }

    fn contains(&mut self, left: &Datum<'a>, right: &Datum<'a>) -> Result<bool, Stop> {
        if !right.is_truthy() {
            return Ok(false);
        }
        if let Datum::Text(text) | Datum::Safe(text) = left {
            let part = self.budget.text(right)?;
            self.budget.read(text.len())?;
            return Ok(text.contains(&*part));
        }
        let Some(items) = left.items() else {
            return Ok(left.field(&right.to_text()).is_some());
        };
        if let (Datum::Range(first, last), Datum::Int(whole)) = (left, right) {
            return Ok((first..=last).contains(&whole));
        }
        for at in 0..items.len() {
            self.budget.burn(1)?;
            if let Some(item) = items.get(at)
                && item.equals(right, &mut self.budget)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
