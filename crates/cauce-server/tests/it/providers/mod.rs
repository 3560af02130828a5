//! Ways out: somebody's server, and what a way out needs and does not have.

mod mending;
mod routes;
mod webhook;
