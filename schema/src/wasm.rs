//! The verifier's C ABI for browsers: no imports, no JavaScript glue generated, JSON in and out.
//!
//! ```text
//! alloc(len) -> ptr                    memory for an argument; give it back with dealloc(ptr, len)
//! verify_bundle(bundle, len, trust, len, options, len) -> ptr
//!                                      to u32 little-endian length, then that many bytes of JSON
//! dealloc(ptr, len)                    also for the answer: its length plus 4
//! ```
//! A trust length of 0 means none. Options: `{"lang":"zh"|"en","remembered":{"size":…,"root":"sha256:…"},"now":…,"file":true}`, `now`
//! in POSIX seconds, `file` for a bundle that was not asked of the log ([`Verdict::of_file`]).
//! Answer: `{"verdict":…,"story":…}` or `{"error":{"code":"E-…","place":"…","text":"…"}}`.
#![allow(unsafe_code)]

#[cfg(target_arch = "wasm32")]
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::json::{from_json, record, to_canonical};
use crate::record::entry::Invalid;
use crate::verify::verdict_text::{Device, Lang, Story, tell};
use crate::verify::{Input, Remembered, Verdict, verify};

record! {
    struct Options { lang: Lang, remembered [opt]: Remembered, now [opt]: u64, file [opt]: bool }
}

record! {
    struct Answer { verdict: Verdict, story: Story }
}

record! {
    struct Problem { code: String, place: String, text: String }
}

record! {
    struct Failure { error: Problem }
}

/// The answer to one request, as JSON.
pub fn answer(bundle: &[u8], trust: &[u8], options: &[u8]) -> Vec<u8> {
    let mut lang = Lang::Zh;
    let result = from_json::<Options>(options).map_err(Invalid::from).and_then(|options| {
        lang = options.lang;
        let trust = (!trust.is_empty()).then_some(trust);
        let verdict = verify(&Input { bundle, trust, remembered: options.remembered.as_ref(), now: options.now })?;
        Ok(if options.file == Some(true) { verdict.of_file() } else { verdict })
    });
    match result {
        Ok(verdict) => {
            let story = tell(&verdict, lang, Device::Phone);
            to_canonical(&Answer { verdict, story })
        }
        Err(e) => {
            let text = if lang == Lang::Zh { e.code.zh() } else { e.code.en() };
            let error = Problem { code: e.code.as_str().to_string(), place: e.place, text: text.to_string() };
            to_canonical(&Failure { error })
        }
    }
}

/// Memory for `len` bytes.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::into_raw(alloc::vec![0u8; len].into_boxed_slice()).cast()
}

/// Gives memory back.
///
/// # Safety
/// `ptr` and `len` are of one [`alloc()`] or one answer, and are given back once.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    // SAFETY: the caller's promise above.
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(ptr, len)) });
}

/// Verifies; see the module.
///
/// # Safety
/// Every pointer is of [`alloc()`] with at least that length.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_bundle(
    bundle: *const u8,
    bundle_len: usize,
    trust: *const u8,
    trust_len: usize,
    options: *const u8,
    options_len: usize,
) -> *mut u8 {
    // SAFETY: the caller's promise above.
    let (bundle, trust, options) = unsafe {
        (
            core::slice::from_raw_parts(bundle, bundle_len),
            core::slice::from_raw_parts(trust, trust_len),
            core::slice::from_raw_parts(options, options_len),
        )
    };
    let json = answer(bundle, trust, options);
    let mut out = (json.len() as u32).to_le_bytes().to_vec();
    out.extend_from_slice(&json);
    Box::into_raw(out.into_boxed_slice()).cast()
}
