//! The target `store_formats` as a program of libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cauce_fuzz::store_formats::run(bytes));
