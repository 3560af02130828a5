//! The target `returned` as a program of libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cauce_fuzz::returned::run(bytes));
