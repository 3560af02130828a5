//! `for` and `tablerow`.

use super::super::ast::{Expression, FORLOOP, For, Offset, TABLEROWLOOP};
use super::super::fault::Stop;
use super::super::number::read_whole;
use super::super::value::{Datum, Items, Loop};
use super::{Renderer, Turn};
use crate::prelude::*;
use alloc::rc::Rc;
use core::cell::Cell;

/// What a loop walks: the places from `from` to before `to`.
struct Walk<'a> {
    items: Items<'a>,
    from: usize,
    to: usize,
    reversed: bool,
}

impl<'a> Walk<'a> {
    fn len(&self) -> usize {
        self.to - self.from
    }

    fn get(&self, step: usize) -> Datum<'a> {
        let at = if self.reversed { self.to - 1 - step } else { self.from + step };
        self.items.get(at).unwrap_or_default()
    }
}

impl<'a> Renderer<'a> {
    pub(super) fn for_each(&mut self, each: &'a For) -> Result<Turn, Stop> {
        let walk = self.walk(each)?;
        let length = walk.as_ref().map_or(0, Walk::len);
        let Some(walk) = walk.filter(|_| length > 0) else {
            return match &each.otherwise {
                Some(body) => self.nested(body),
                None => Ok(Turn::Next),
            };
        };
        let parent = self.frame.loops.last().cloned();
        let state =
            Rc::new(Loop { name: &each.name, length, index: Cell::new(0), parent, cols: None });
        let mark = self.frame.scopes.len();
        self.frame.scopes.push((FORLOOP, Datum::Loop(state.clone())));
        self.frame.scopes.push((each.slot, Datum::Nil));
        self.frame.loops.push(state.clone());
        for step in 0..length {
            self.budget.burn(1)?;
            state.index.set(step);
            self.frame.scopes[mark + 1].1 = walk.get(step);
            if self.nested(&each.body)? == Turn::Break {
                break;
            }
        }
        self.frame.loops.pop();
        self.frame.scopes.truncate(mark);
        Ok(Turn::Next)
    }

    pub(super) fn table_row(&mut self, each: &'a For) -> Result<Turn, Stop> {
        let Some(walk) = self.walk(each)? else {
            return Ok(Turn::Next);
        };
        let length = walk.len();
        let cols = match &each.cols {
            Some(cols) => usize::try_from(self.value(cols)?.to_number().to_i64()).unwrap_or(0),
            None => length,
        };
        let cols = cols.max(1);
        let state = Rc::new(Loop {
            name: &each.name,
            length,
            index: Cell::new(0),
            parent: None,
            cols: Some(cols),
        });
        let mark = self.frame.scopes.len();
        self.frame.scopes.push((TABLEROWLOOP, Datum::Loop(state.clone())));
        self.frame.scopes.push((each.slot, Datum::Nil));
        self.write("<tr class=\"row1\">\n")?;
        for step in 0..length {
            self.budget.burn(1)?;
            state.index.set(step);
            self.frame.scopes[mark + 1].1 = walk.get(step);
            self.write(&format!("<td class=\"col{}\">", step % cols + 1))?;
            let flow = self.nested(&each.body)?;
            self.write("</td>")?;
            if flow == Turn::Break {
                break;
            }
            if (step + 1) % cols == 0 && step + 1 < length {
                self.write(&format!("</tr>\n<tr class=\"row{}\">", step / cols + 2))?;
            }
        }
        self.write("</tr>\n")?;
        self.frame.scopes.truncate(mark);
        Ok(Turn::Next)
    }

    /// The part of the collection that the loop walks; nothing for what is no collection.
    fn walk(&mut self, each: &'a For) -> Result<Option<Walk<'a>>, Stop> {
        let collection = self.value(&each.collection)?;
        let items = match (&collection, collection.items()) {
            (_, Some(items)) => items,
            (Datum::Text(text) | Datum::Safe(text), _) if !text.is_empty() => {
                Items::List(Rc::new(vec![collection.clone()]))
            }
            _ => match collection.pairs() {
                Some(pairs) => {
                    self.budget.burn(pairs.len())?;
                    Items::List(Rc::new(pairs))
                }
                None => return Ok(None),
            },
        };
        let length = items.len();
        let offset = match &each.offset {
            Offset::None => 0,
            Offset::Continue => self.continues.get(&*each.name).copied().unwrap_or(0),
            Offset::At(offset) => self.whole(offset)?.unwrap_or(0),
        };
        let limit = match &each.limit {
            Some(limit) => self.whole(limit)?,
            None => None,
        };
        let from = offset.min(length);
        let to = limit.map_or(length, |limit| from.saturating_add(limit).min(length));
        self.continues.insert(&each.name, to.max(offset));
        Ok(Some(Walk { items, from, to, reversed: each.reversed }))
    }

    /// A limit or an offset; nothing for nil, zero for less than nothing.
    fn whole(&mut self, expression: &'a Expression) -> Result<Option<usize>, Stop> {
        let unfit = || Stop::bad("`limit` and `offset` take a whole number");
        let value = self.value(expression)?;
        let whole = match &value {
            Datum::Nil => return Ok(None),
            Datum::Int(whole) => *whole,
            Datum::Text(text) | Datum::Safe(text) => match read_whole(text) {
                Some(whole) => whole,
                None if self.budget.options.forgiving => return Ok(None),
                None => return Err(unfit()),
            },
            _ if self.budget.options.forgiving => return Ok(None),
            _ => return Err(unfit()),
        };
        Ok(Some(usize::try_from(whole).unwrap_or(0)))
    }
}
