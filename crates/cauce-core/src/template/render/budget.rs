//! What one rendering may still cost.

use super::super::fault::{Code, Stop};
use super::super::value::{Datum, Text};
use super::super::{Escape, Options};
use crate::prelude::*;
use core::fmt::Write;

/// Bytes that are looked at or copied for the price of one step.
const BYTES_PER_STEP: usize = 64;

/// The fuel that is left, and the limits.
#[derive(Debug)]
pub(in super::super) struct Budget<'a> {
    pub options: &'a Options,
    pub fuel: u64,
}

impl<'a> Budget<'a> {
    /// Pays for `steps`.
    pub fn burn(&mut self, steps: usize) -> Result<(), Stop> {
        match self.fuel.checked_sub(u64::try_from(steps).unwrap_or(u64::MAX)) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.fuel = 0;
                let fuel = self.options.fuel;
                Err(Stop::new(Code::OutOfFuel, format!("rendering takes more than {fuel} steps")))
            }
        }
    }

    /// Pays for looking at bytes.
    pub fn read(&mut self, bytes: usize) -> Result<(), Stop> {
        self.burn(bytes / BYTES_PER_STEP)
    }

    /// Pays for looking at a value letter by letter, if it is a text.
    pub fn scan(&mut self, value: &Datum<'a>) -> Result<(), Stop> {
        match value {
            Datum::Text(text) | Datum::Safe(text) => self.read(text.len()),
            _ => Ok(()),
        }
    }

    /// Pays for a text of this size before it is made.
    pub fn make(&mut self, bytes: usize) -> Result<(), Stop> {
        self.grow(0, bytes)
    }

    /// Pays for `more` bytes after the `before` that a text has.
    pub fn grow(&mut self, before: usize, more: usize) -> Result<(), Stop> {
        let most = self.options.output_bytes_max;
        if before.saturating_add(more) > most {
            return Err(Stop::new(Code::OutputTooLarge, format!("a text exceeds {most} bytes")));
        }
        self.burn(more / BYTES_PER_STEP)
    }

    /// A value as text, however long a list it is.
    pub fn text(&mut self, value: &Datum<'a>) -> Result<Text<'a>, Stop> {
        match value {
            Datum::Given(_) | Datum::List(_) => {
                let mut text = String::new();
                self.append(value, &mut text)?;
                Ok(text.into())
            }
            Datum::Object(_) | Datum::Record(_) => {
                let text = value.to_text();
                self.make(text.len())?;
                Ok(text)
            }
            _ => Ok(value.to_text()),
        }
    }

    /// Writes a value without escaping.
    pub fn append(&mut self, value: &Datum<'a>, out: &mut String) -> Result<(), Stop> {
        match value {
            Datum::Given(_) | Datum::List(_) => {
                let items = value.items().expect("both are lists");
                for at in 0..items.len() {
                    self.burn(1)?;
                    if let Some(item) = items.get(at) {
                        self.append(&item, out)?;
                    }
                }
                Ok(())
            }
            Datum::Text(text) | Datum::Safe(text) => {
                self.grow(out.len(), text.len())?;
                out.push_str(text);
                Ok(())
            }
            _ => {
                // Writing into a String cannot fail; what is not text or list is short or is data.
                let before = out.len();
                let _ = write!(out, "{value}");
                self.grow(before, out.len() - before)
            }
        }
    }

    /// Whether outputs become HTML.
    pub fn is_html(&self) -> bool {
        self.options.escape == Escape::Html
    }
}
