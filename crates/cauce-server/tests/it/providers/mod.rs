//! Ways out: providers by API and by recipe, somebody's server, and what a way out needs and lacks.

mod apis;
mod mending;
mod push;
mod recipes;
mod routes;
mod smpp;
mod sns;
mod vault;
pub mod webhook;
