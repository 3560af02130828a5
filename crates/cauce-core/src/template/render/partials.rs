//! `include`, which shares all variables, and `render`, which shares the globals alone.

use super::super::ast::{Call, Callee, FORLOOP, Partial, Slot};
use super::super::fault::{Code, Stop};
use super::super::value::{Datum, Items, Loop};
use super::{Frame, Renderer, Turn};
use crate::prelude::*;
use alloc::rc::Rc;
use core::cell::Cell;
use core::mem;

impl<'a> Renderer<'a> {
    pub(super) fn include(&mut self, call: &'a Call) -> Result<Turn, Stop> {
        let partial = self.partial(call)?;
        let bound = self.bound(call, partial)?;
        let arguments = self.arguments(call)?;
        let mark = self.frame.scopes.len();
        self.frame.scopes.extend(arguments);
        let flow = match bound {
            Some((slot, value)) => match value.items().filter(|_| is_each(call)) {
                Some(items) => self.include_each(partial, slot, &items)?,
                None => {
                    self.frame.scopes.push((slot, value));
                    self.partial_body(partial)?
                }
            },
            None => self.partial_body(partial)?,
        };
        self.frame.scopes.truncate(mark);
        Ok(flow)
    }

    fn include_each(
        &mut self,
        partial: &'a Partial,
        slot: Slot,
        items: &Items<'a>,
    ) -> Result<Turn, Stop> {
        for at in 0..items.len() {
            self.budget.burn(1)?;
            let mark = self.frame.scopes.len();
            self.frame.scopes.push((slot, items.get(at).unwrap_or_default()));
            let flow = self.partial_body(partial)?;
            self.frame.scopes.truncate(mark);
            if flow != Turn::Next {
                return Ok(flow);
            }
        }
        Ok(Turn::Next)
    }

    /// Arguments and bound values are the partial's own variables: it may assign them anew.
    pub(super) fn render(&mut self, call: &'a Call) -> Result<Turn, Stop> {
        let partial = self.partial(call)?;
        let bound = self.bound(call, partial)?;
        let arguments = self.arguments(call)?;
        self.budget.burn(self.compiled.names.len() / 8)?;
        let outer = mem::replace(&mut self.frame, Frame::new(self.compiled.names.len()));
        self.give(&arguments);
        match bound {
            Some((slot, value)) => match value.items().filter(|_| is_each(call)) {
                Some(items) => self.render_each(partial, slot, &items, &arguments)?,
                None => {
                    self.give(&[(slot, value)]);
                    self.partial_body(partial)?;
                }
            },
            None => {
                self.partial_body(partial)?;
            }
        }
        self.frame = outer;
        Ok(Turn::Next)
    }

    fn give(&mut self, values: &[(Slot, Datum<'a>)]) {
        for (slot, value) in values {
            self.frame.locals[*slot as usize] = Some(value.clone());
        }
    }

    fn render_each(
        &mut self,
        partial: &'a Partial,
        slot: Slot,
        items: &Items<'a>,
        arguments: &[(Slot, Datum<'a>)],
    ) -> Result<(), Stop> {
        let length = items.len();
        let index = Cell::new(0);
        let state = Rc::new(Loop { name: &partial.name, length, index, parent: None, cols: None });
        for at in 0..length {
            self.budget.burn(1 + self.compiled.names.len() / 8)?;
            state.index.set(at);
            self.frame.locals.fill(None);
            self.give(arguments);
            let item = items.get(at).unwrap_or_default();
            self.give(&[(FORLOOP, Datum::Loop(state.clone())), (slot, item)]);
            if self.partial_body(partial)? == Turn::Break {
                break;
            }
        }
        Ok(())
    }

    fn partial_body(&mut self, partial: &'a Partial) -> Result<Turn, Stop> {
        self.nested(&partial.body).map_err(|stop| stop.inside(&partial.name))
    }

    fn partial(&mut self, call: &'a Call) -> Result<&'a Partial, Stop> {
        let partials = &self.compiled.partials;
        match &call.callee {
            Callee::Known(place) => Ok(&partials[*place]),
            Callee::Named(name) => {
                let name = self.value(name)?;
                let name = self.budget.text(&name)?;
                // Invariant: the partials come from a BTreeMap, so they are sorted by name.
                match partials.binary_search_by(|partial| (*partial.name).cmp(&name)) {
                    Ok(place) => Ok(&partials[place]),
                    Err(_) => {
                        let shown: String = name.chars().take(64).collect();
                        let message = format!("no partial `{shown}`");
                        Err(Stop::new(Code::UnknownPartial, message).at(call.span))
                    }
                }
            }
        }
    }

    fn bound(
        &mut self,
        call: &'a Call,
        partial: &Partial,
    ) -> Result<Option<(Slot, Datum<'a>)>, Stop> {
        let Some(bound) = &call.bound else { return Ok(None) };
        let value = self.value(&bound.value)?;
        Ok(Some((bound.alias.unwrap_or(partial.slot), value)))
    }

    fn arguments(&mut self, call: &'a Call) -> Result<Vec<(Slot, Datum<'a>)>, Stop> {
        call.arguments.iter().map(|(slot, value)| Ok((*slot, self.value(value)?))).collect()
    }
}

fn is_each(call: &Call) -> bool {
    call.bound.as_ref().is_some_and(|bound| bound.each)
}
