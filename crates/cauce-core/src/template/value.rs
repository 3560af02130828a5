//! Values while rendering: borrowed from the profile, the event and the template wherever possible.

use super::number::{float_text, read_number};
use super::render::{Budget, Stop};
use crate::decimal::Decimal;
use crate::prelude::*;
use crate::value::Value;
use alloc::rc::Rc;
use core::cell::Cell;
use core::cmp::Ordering;
use core::fmt::{self, Write};
use core::ops::Deref;

/// Text that is borrowed or shared, so that cloning it copies nothing.
#[derive(Clone, Debug)]
pub enum Text<'a> {
    /// From the data or the template.
    Borrowed(&'a str),
    /// Made while rendering.
    Made(Rc<str>),
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Made(text) => text,
        }
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text::Made(text.into())
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text::Borrowed(text)
    }
}

/// A value while rendering.
#[derive(Clone, Debug, Default)]
pub enum Datum<'a> {
    /// Nothing, or a variable that does not exist.
    #[default]
    Nil,
    /// The word `empty`.
    Empty,
    /// The word `blank`.
    Blank,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a point, as Liquid computes it.
    Float(f64),
    /// A number with a fraction out of the data, printed exactly.
    Exact(Decimal),
    /// Text that is escaped when it is printed.
    Text(Text<'a>),
    /// Text that is markup already: printed as it is.
    Safe(Text<'a>),
    /// Whole numbers from the first to the last.
    Range(i64, i64),
    /// A list out of the data.
    Given(&'a [Value]),
    /// A list made while rendering.
    List(Rc<Vec<Datum<'a>>>),
    /// An object out of the data.
    Object(&'a BTreeMap<String, Value>),
    /// Named values put together by the caller, in their order.
    Record(Rc<Vec<(Text<'a>, Datum<'a>)>>),
    /// `forloop` or `tablerowloop`.
    Loop(Rc<Loop<'a>>),
}

impl<'a> From<&'a Value> for Datum<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Datum::Nil,
            Value::Bool(truth) => Datum::Bool(*truth),
            Value::Number(number) => match number.to_i64() {
                Some(whole) => Datum::Int(whole),
                None => Datum::Exact(*number),
            },
            Value::String(text) => Datum::Text(Text::Borrowed(text)),
            Value::Array(items) => Datum::Given(items),
            Value::Object(fields) => Datum::Object(fields),
        }
    }
}

impl<'a> Datum<'a> {
    /// Text made while rendering.
    pub fn text(text: String) -> Datum<'a> {
        Datum::Text(text.into())
    }

    /// A list.
    pub fn list(items: Vec<Datum<'a>>) -> Datum<'a> {
        Datum::List(Rc::new(items))
    }

    /// Named values in their order: how several sources become one set of globals.
    pub fn record(fields: Vec<(Text<'a>, Datum<'a>)>) -> Datum<'a> {
        Datum::Record(Rc::new(fields))
    }

    pub(super) fn is_nil(&self) -> bool {
        matches!(self, Datum::Nil)
    }

    /// All but `nil` and `false` are true.
    pub(super) fn is_truthy(&self) -> bool {
        !matches!(self, Datum::Nil | Datum::Bool(false))
    }

    /// Whether it equals the word `empty`.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Datum::Text(text) | Datum::Safe(text) => text.is_empty(),
            Datum::Given(items) => items.is_empty(),
            Datum::List(items) => items.is_empty(),
            Datum::Object(fields) => fields.is_empty(),
            Datum::Record(fields) => fields.is_empty(),
            _ => false,
        }
    }

    /// Whether it equals the word `blank`.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Datum::Nil | Datum::Bool(false) => true,
            Datum::Text(text) | Datum::Safe(text) => text.trim().is_empty(),
            _ => self.is_empty(),
        }
    }

    /// The field `name` of an object, the item of a list, or nothing.
    pub(super) fn field(&self, name: &str) -> Option<Datum<'a>> {
        match self {
            Datum::Object(fields) => fields.get(name).map(Datum::from),
            Datum::Record(fields) => {
                fields.iter().find(|(own, _)| &**own == name).map(|(_, value)| value.clone())
            }
            Datum::Loop(state) => state.field(name),
            _ => None,
        }
    }

    /// `.name`: a field, or the size, first or last of what has no such field.
    pub(super) fn member(&self, name: &str) -> Datum<'a> {
        if let Some(value) = self.field(name) {
            return value;
        }
        match name {
            "size" => self.size().map_or(Datum::Nil, Datum::Int),
            "first" => self.first(),
            "last" => self.last(),
            _ => Datum::Nil,
        }
    }

    /// `[index]`.
    pub(super) fn index(&self, index: &Datum<'a>) -> Datum<'a> {
        match index {
            Datum::Text(name) | Datum::Safe(name) => self.field(name).unwrap_or_default(),
            Datum::Int(at) => {
                let Some(items) = self.items() else {
                    return self.field(&index.to_text()).unwrap_or_default();
                };
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let place = if *at < 0 { length.checked_add(*at) } else { Some(*at) };
                place
                    .and_then(|place| usize::try_from(place).ok())
                    .and_then(|place| items.get(place))
                    .unwrap_or_default()
            }
            _ => Datum::Nil,
        }
    }

    /// How many letters, items or fields.
    pub(super) fn size(&self) -> Option<i64> {
        let count = match self {
            Datum::Text(text) | Datum::Safe(text) => text.chars().count(),
            Datum::Object(fields) => fields.len(),
            Datum::Record(fields) => fields.len(),
            _ => self.items()?.len(),
        };
        i64::try_from(count).ok()
    }

    pub(super) fn first(&self) -> Datum<'a> {
        match self {
            Datum::Text(text) | Datum::Safe(text) => {
                text.chars().next().map_or(Datum::Nil, |letter| Datum::text(letter.into()))
            }
            Datum::Object(fields) => fields
                .iter()
                .next()
                .map_or(Datum::Nil, |(name, value)| pair(Text::Borrowed(name), Datum::from(value))),
            Datum::Record(fields) => {
                fields.first().map_or(Datum::Nil, |(name, value)| pair(name.clone(), value.clone()))
            }
            _ => self.items().and_then(|items| items.get(0)).unwrap_or_default(),
        }
    }

    pub(super) fn last(&self) -> Datum<'a> {
        match self {
            Datum::Text(text) | Datum::Safe(text) => {
                text.chars().next_back().map_or(Datum::Nil, |letter| Datum::text(letter.into()))
            }
            _ => self
                .items()
                .and_then(|items| items.get(items.len().wrapping_sub(1)))
                .unwrap_or_default(),
        }
    }

    /// As a list, if it is one.
    pub(super) fn items(&self) -> Option<Items<'a>> {
        Some(match self {
            Datum::Given(items) => Items::Given(items),
            Datum::List(items) => Items::List(items.clone()),
            Datum::Range(first, last) => Items::Range(*first, *last),
            _ => return None,
        })
    }

    /// The pairs of an object, if it is one.
    pub(super) fn pairs(&self) -> Option<Vec<Datum<'a>>> {
        Some(match self {
            Datum::Object(fields) => fields
                .iter()
                .map(|(name, value)| pair(Text::Borrowed(name), Datum::from(value)))
                .collect(),
            Datum::Record(fields) => {
                fields.iter().map(|(name, value)| pair(name.clone(), value.clone())).collect()
            }
            _ => return None,
        })
    }

    /// As the text that printing gives, without escaping.
    pub(super) fn to_text(&self) -> Text<'a> {
        match self {
            Datum::Text(text) | Datum::Safe(text) => text.clone(),
            Datum::Nil | Datum::Empty | Datum::Blank => Text::Borrowed(""),
            Datum::Bool(true) => Text::Borrowed("true"),
            Datum::Bool(false) => Text::Borrowed("false"),
            _ => {
                let mut text = String::new();
                // Writing into a String cannot fail.
                let _ = write!(text, "{self}");
                text.into()
            }
        }
    }

    /// Whether two values are equal as `==` sees it; costs fuel by size.
    pub(super) fn equals(&self, other: &Datum<'a>, budget: &mut Budget<'a>) -> Result<bool, Stop> {
        Ok(match (self, other) {
            (Datum::Empty, value) | (value, Datum::Empty) => value.is_empty(),
            (Datum::Blank, value) | (value, Datum::Blank) => {
                budget.scan(value)?;
                value.is_blank()
            }
            (Datum::Nil, Datum::Nil) => true,
            (Datum::Bool(a), Datum::Bool(b)) => a == b,
            (Datum::Text(a) | Datum::Safe(a), Datum::Text(b) | Datum::Safe(b)) => {
                budget.read(a.len().min(b.len()))?;
                **a == **b
            }
            (Datum::Range(a, b), Datum::Range(c, d)) => (a, b) == (c, d),
            (Datum::Loop(a), Datum::Loop(b)) => Rc::ptr_eq(a, b),
            _ => match (self.number(), other.number(), self.items(), other.items()) {
                (Some(a), Some(b), _, _) => a.order(b) == Some(Ordering::Equal),
                (_, _, Some(a), Some(b)) => items_equal(&a, &b, budget)?,
                _ => objects_equal(self, other, budget)?,
            },
        })
    }

    /// The number, if it is one; text is none here.
    pub(super) fn number(&self) -> Option<Number> {
        Some(match self {
            Datum::Int(whole) => Number::Int(*whole),
            Datum::Float(float) => Number::Float(*float),
            Datum::Exact(decimal) => Number::Float(decimal.to_string().parse().unwrap_or(0.0)),
            _ => return None,
        })
    }

    /// The number that arithmetic takes it for: text is read, anything else is zero.
    pub(super) fn to_number(&self) -> Number {
        match self {
            Datum::Text(text) | Datum::Safe(text) => read_number(text),
            _ => self.number().unwrap_or(Number::Int(0)),
        }
    }
}

fn items_equal<'a>(a: &Items<'a>, b: &Items<'a>, budget: &mut Budget<'a>) -> Result<bool, Stop> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for at in 0..a.len() {
        budget.burn(1)?;
        let (Some(left), Some(right)) = (a.get(at), b.get(at)) else { return Ok(false) };
        if !left.equals(&right, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn objects_equal<'a>(a: &Datum<'a>, b: &Datum<'a>, budget: &mut Budget<'a>) -> Result<bool, Stop> {
    let (Some(left), Some(right)) = (a.pairs(), b.pairs()) else { return Ok(false) };
    if left.len() != right.len() {
        return Ok(false);
    }
    budget.burn(left.len())?;
    for entry in left {
        let name = entry.first();
        let same = match b.field(&name.to_text()) {
            Some(value) => entry.last().equals(&value, budget)?,
            None => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

fn pair<'a>(name: Text<'a>, value: Datum<'a>) -> Datum<'a> {
    Datum::list(vec![Datum::Text(name), value])
}

/// Printing, without escaping: lists run together, objects as Ruby shows them.
impl fmt::Display for Datum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Nil | Datum::Empty | Datum::Blank => Ok(()),
            Datum::Bool(truth) => write!(f, "{truth}"),
            Datum::Int(whole) => write!(f, "{whole}"),
            Datum::Float(float) => f.write_str(&float_text(*float)),
            Datum::Exact(decimal) => write!(f, "{decimal}"),
            Datum::Text(text) | Datum::Safe(text) => f.write_str(text),
            Datum::Range(first, last) => write!(f, "{first}..{last}"),
            Datum::Loop(_) => f.write_str("forloop"),
            Datum::Given(_) | Datum::List(_) => {
                let items = self.items().expect("both are lists");
                (0..items.len()).filter_map(|at| items.get(at)).try_for_each(|item| item.fmt(f))
            }
            Datum::Object(_) | Datum::Record(_) => self.inspect(f),
        }
    }
}

impl Datum<'_> {
    /// As Ruby's `inspect` shows a value inside an object.
    fn inspect(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Nil => f.write_str("nil"),
            Datum::Text(text) | Datum::Safe(text) => write!(f, "{:?}", &**text),
            Datum::Object(_) | Datum::Record(_) => {
                f.write_str("{")?;
                for (at, entry) in self.pairs().unwrap_or_default().iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    entry.first().inspect(f)?;
                    f.write_str("=>")?;
                    entry.last().inspect(f)?;
                }
                f.write_str("}")
            }
            Datum::Given(_) | Datum::List(_) => {
                let items = self.items().expect("both are lists");
                f.write_str("[")?;
                for (at, item) in (0..items.len()).filter_map(|at| items.get(at)).enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    item.inspect(f)?;
                }
                f.write_str("]")
            }
            _ => fmt::Display::fmt(self, f),
        }
    }
}

/// A list to walk by place, without copying it.
#[derive(Clone, Debug)]
pub(super) enum Items<'a> {
    Given(&'a [Value]),
    List(Rc<Vec<Datum<'a>>>),
    Range(i64, i64),
}

impl<'a> Items<'a> {
    pub fn len(&self) -> usize {
        match self {
            Items::Given(items) => items.len(),
            Items::List(items) => items.len(),
            Items::Range(first, last) => {
                let count = i128::from(*last) - i128::from(*first) + 1;
                usize::try_from(count.max(0)).unwrap_or(usize::MAX)
            }
        }
    }

    pub fn get(&self, at: usize) -> Option<Datum<'a>> {
        match self {
            Items::Given(items) => items.get(at).map(Datum::from),
            Items::List(items) => items.get(at).cloned(),
            Items::Range(first, last) => i64::try_from(at)
                .ok()
                .and_then(|step| first.checked_add(step))
                .filter(|number| number <= last)
                .map(Datum::Int),
        }
    }
}

/// Where a running loop stands.
#[derive(Debug)]
pub struct Loop<'a> {
    pub(super) name: &'a str,
    pub(super) length: usize,
    pub(super) index: Cell<usize>,
    pub(super) parent: Option<Rc<Loop<'a>>>,
    /// The columns of a `tablerow`.
    pub(super) cols: Option<usize>,
}

impl<'a> Loop<'a> {
    fn field(&self, name: &str) -> Option<Datum<'a>> {
        let whole = |count: usize| Datum::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let index = self.index.get();
        Some(match name {
            "index" => whole(index + 1),
            "index0" => whole(index),
            "rindex" => whole(self.length - index),
            "rindex0" => whole(self.length - index - 1),
            "first" => Datum::Bool(index == 0),
            "last" => Datum::Bool(index + 1 == self.length),
            "length" => whole(self.length),
            _ => match (name, self.cols) {
                ("name", None) => Datum::Text(Text::Borrowed(self.name)),
                ("parentloop", None) => self.parent.clone().map_or(Datum::Nil, Datum::Loop),
                ("col", Some(cols)) => whole(index % cols + 1),
                ("col0", Some(cols)) => whole(index % cols),
                ("col_first", Some(cols)) => Datum::Bool(index.is_multiple_of(cols)),
                ("col_last", Some(cols)) => Datum::Bool((index + 1).is_multiple_of(cols)),
                ("row", Some(cols)) => whole(index / cols + 1),
                _ => return None,
            },
        })
    }
}

pub(super) use super::number::Number;
