//! Lists from outside, and what events look like.

mod lists;
mod schemas;
