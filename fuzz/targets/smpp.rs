//! The target `smpp` as a program of libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cauce_fuzz::smpp::run(bytes));
