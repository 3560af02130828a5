//! A parsed template: what the parser makes and the renderer walks. Names of variables are numbers
//! here, so that rendering compares no text for them.

use super::filters::Filter;
use crate::prelude::*;

/// A stretch of a source in bytes: first and one past the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Span {
        // Sources are bounded far below 4 GiB, so that saturating never happens.
        let clamp = |place| u32::try_from(place).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end) }
    }
}

/// The number of a variable's name; an index into [`Compiled::names`].
pub(super) type Slot = u32;
/// The name `forloop` in every template.
pub(super) const FORLOOP: Slot = 0;
/// The name `tablerowloop` in every template.
pub(super) const TABLEROWLOOP: Slot = 1;

#[derive(Debug, Default)]
pub(super) struct Compiled {
    pub main: Body,
    /// By place; [`Callee::Known`] holds a place.
    pub partials: Vec<Partial>,
    pub names: Vec<String>,
    pub slots: BTreeMap<String, Slot>,
}

#[derive(Debug, Default)]
pub(super) struct Partial {
    pub name: String,
    /// The variable that `with` and `for` bind unless `as` names another.
    pub slot: Slot,
    pub body: Body,
}

#[derive(Debug, Default)]
pub(super) struct Body {
    pub nodes: Vec<Node>,
    /// Whether it can print nothing but white space of its own.
    pub blank: bool,
}

#[derive(Debug)]
pub(super) enum Node {
    Text(Box<str>),
    Output(Filtered),
    Assign { slot: Slot, value: Filtered },
    Capture { slot: Slot, body: Body },
    If(Vec<Branch>),
    Case(Case),
    For(Box<For>),
    TableRow(Box<For>),
    Cycle(Box<Cycle>),
    Increment(Slot),
    Decrement(Slot),
    IfChanged(Body),
    Include(Box<Call>),
    Render(Box<Call>),
    Break,
    Continue,
    Abort { reason: Option<Filtered>, span: Span },
}

impl Node {
    /// Whether it prints nothing, as Liquid counts it for blocks of mere white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Node::Text(text) => text.chars().all(is_space),
            Node::Assign { .. } | Node::Capture { .. } => true,
            Node::If(branches) => branches.iter().all(|branch| branch.body.blank),
            Node::Case(case) => case.arms.iter().all(|arm| arm.body.blank),
            Node::For(each) | Node::TableRow(each) => {
                each.body.blank && each.otherwise.as_ref().is_none_or(|body| body.blank)
            }
            Node::IfChanged(body) => body.blank,
            Node::Output(_)
            | Node::Cycle(_)
            | Node::Increment(_)
            | Node::Decrement(_)
            | Node::Include(_)
            | Node::Render(_)
            | Node::Break
            | Node::Continue
            | Node::Abort { .. } => false,
        }
    }
}

/// White space as Ruby's `\s` and `strip` see it.
pub(super) fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// One branch of `if` or `unless`; without a condition it is `else`.
#[derive(Debug)]
pub(super) struct Branch {
    pub condition: Option<Condition>,
    pub body: Body,
}

/// Comparisons joined by `and` and `or`, which associate to the right.
#[derive(Debug)]
pub(super) struct Condition {
    pub terms: Vec<(Comparison, Joint)>,
    /// `unless`: the whole is turned around.
    pub negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
    End,
}

#[derive(Debug)]
pub(super) struct Comparison {
    pub left: Expression,
    pub right: Option<(Operator, Expression)>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

#[derive(Debug)]
pub(super) struct Case {
    pub subject: Expression,
    pub arms: Vec<Arm>,
}

/// `when` with its candidates; `else` has none.
#[derive(Debug)]
pub(super) struct Arm {
    pub candidates: Option<Vec<Expression>>,
    pub body: Body,
}

#[derive(Debug)]
pub(super) struct For {
    pub slot: Slot,
    pub collection: Expression,
    /// `item-profile.orders`: what `offset: continue` goes by, and `forloop.name`.
    pub name: Box<str>,
    pub limit: Option<Expression>,
    pub offset: Offset,
    pub cols: Option<Expression>,
    pub reversed: bool,
    pub body: Body,
    pub otherwise: Option<Body>,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum Offset {
    None,
    Continue,
    At(Expression),
}

#[derive(Debug)]
pub(super) struct Cycle {
    pub group: Option<Expression>,
    /// What cycles without a group go by: the text of their items.
    pub text: Box<str>,
    pub items: Vec<Expression>,
}

#[derive(Debug)]
pub(super) struct Call {
    pub callee: Callee,
    pub bound: Option<Bound>,
    pub arguments: Vec<(Slot, Expression)>,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum Callee {
    Known(usize),
    Named(Expression),
}

/// `with` a value or `for` each of a list, under another name if there is one.
#[derive(Debug)]
pub(super) struct Bound {
    pub value: Expression,
    pub each: bool,
    pub alias: Option<Slot>,
}

/// A value and the filters it goes through.
#[derive(Debug)]
pub(super) struct Filtered {
    pub value: Expression,
    pub filters: Vec<FilterCall>,
    pub span: Span,
    /// Whether a `default` filter stands ready for a missing value.
    pub guarded: bool,
}

#[derive(Debug)]
pub(super) struct FilterCall {
    pub filter: &'static Filter,
    pub arguments: Vec<Expression>,
    pub named: Vec<(Box<str>, Expression)>,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum Expression {
    Nil,
    Empty,
    Blank,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
    Path(Path),
    Range(Box<(Expression, Expression)>),
}

#[derive(Debug)]
pub(super) struct Path {
    pub root: Root,
    pub steps: Vec<Step>,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum Root {
    Slot(Slot),
    /// `[name]`: the variable whose name the expression yields.
    Dynamic(Box<Expression>),
}

#[derive(Debug)]
pub(super) enum Step {
    /// `.name`, for which `size`, `first` and `last` are computed where no field has that name.
    Name(Box<str>),
    /// `[…]`.
    Index(Expression),
}
