//! The binary `cauce`.
fn main() {}
