//! Lists from outside, and what events look like.

mod ahead;
mod lists;
mod schemas;
