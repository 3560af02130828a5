//! The process: HTTP, loops, configuration, command line, wiring. The binary `cauce` is
//! [`cli::main`]; the benchmarks use the same parts.

pub mod access;
pub mod app;
pub mod boot;
pub mod cli;
pub mod config;
pub mod control;
pub mod equip;
pub mod http;
pub mod inbound;
pub mod keys;
pub mod loops;
pub mod metrics;
pub mod render;
pub mod secrets;
pub mod share;
pub mod sources;
pub mod tokens;
pub mod watch;
