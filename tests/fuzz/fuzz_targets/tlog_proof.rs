#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sanwu_fuzz::fuzz::tlog_proof(data));
