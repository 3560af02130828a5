//! Ways out: providers by API and by recipe, somebody's server, and what a way out needs and lacks.

mod apis;
mod mending;
mod push;
mod vault;
mod smpp;
mod recipes;
mod routes;
mod webhook;
