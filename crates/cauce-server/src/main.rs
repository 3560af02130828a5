//! The binary `cauce`.

mod app;
mod boot;
mod cli;
mod config;
mod control;
mod http;
mod keys;
mod loops;
mod metrics;
mod render;
mod tokens;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
