//! The verifier's C ABI for browsers: no imports, no JavaScript glue generated, JSON in and out.
//!
//! ```text
//! alloc(len) -> ptr                    memory for an argument; give it back with dealloc(ptr, len)
//! dealloc(ptr, len)                    also for an answer: its length plus 4
//! verify_bundle(bundle, len, trust, len, record, len, options, len) -> ptr
//! read_record(trust, len, record, len) -> ptr
//!                                      to u32 little-endian length, then that many bytes of JSON
//! ```
//! A trust or record length of 0 means none. The record is what the page stored after the last visit, and opaque to
//! it; one that cannot be read is none.
//!
//! `verify_bundle` options: `{"lang":"zh"|"en","now":…,"entry":…,"absent":…,"file":true,"forgetful":true}`, all but
//! `lang` optional. `now` is in POSIX seconds. `entry` is the index for which the log was asked for its newest proof;
//! `absent` one of which the log says that there is none, with its newest proof of entry 0 as the bundle, or no bundle
//! if that could not be had; `file` says that the bundle, or the receipt, was not asked of the log. `forgetful`: the
//! page can store nothing.
//!
//! Its answer: `{"notices":[…],"sum":…,"keep":"…","again":true}`. One notice for each bundle, none if nothing is to be
//! said about an absent entry. `sum` ([`SumText`]) for receipts of several. `keep` is the record to store; `again`:
//! asking again in a moment may help. A notice is `{"state":…,"heading":…,"text":…,"evidence":…,"content":…,"about":…,
//! "checks":[…],"corrected_by":…}` ([`VerdictText`], [`Check`]): `heading` for several, `evidence` for a mismatch,
//! `content` (the body, laid out) only of a file in which it may be shown, `about` title, log and check code,
//! `corrected_by` an index; of an absent entry only text and evidence. For a bundle that cannot be
//! read it is `{"state":"cannot","heading":…,"error":{"code":"E-…","place":"…","text":"…"}}`; a file or options that
//! cannot be read at all are answered `{"error":…}`.
//!
//! `read_record` answers `{"origin":…,"since":…}`: the log that the trust file pins, and the size from which the log is
//! to prove its growth; each only if there is one.
#![allow(unsafe_code)]

#[cfg(target_arch = "wasm32")]
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::json::{self, from_json, record, to_canonical, to_pretty, to_text};
use crate::lang::Lang;
use crate::proof::bundle::Bundle;
use crate::proof::receipt;
use crate::record::entry::Invalid;
use crate::record::statement::StatementId;
use crate::tlog::checkpoint::Origin;
use crate::verify::trust::{PinnedLog, Trust};
use crate::verify::verdict_text::{
    Device, SumText, VerdictText, evidence, found_text, heading, sum_text, verdict_text,
};
use crate::verify::{Asked, Check, Found, Input, Outcome, Remembered, State, Verdict, absence, verify};

record! {
    struct Options {
        lang: Lang,
        now [opt]: u64,
        entry [opt]: u64,
        absent [opt]: u64,
        file [opt]: bool,
        forgetful [opt]: bool,
    }
}

record! {
    struct Answer { notices: Vec<Notice>, sum [opt]: SumText, keep [opt]: String, again [opt]: bool }
}

record! {
    struct Notice {
        state: State,
        heading [opt]: String,
        text [opt]: VerdictText,
        evidence [opt]: String,
        content [opt]: String,
        about [opt]: String,
        checks [opt]: Vec<Check>,
        corrected_by [opt]: u64,
        error [opt]: Problem,
    }
}

record! {
    struct Problem { code: String, place: String, text: String }
}

record! {
    struct Failure { error: Problem }
}

record! {
    struct Recorded { origin [opt]: Origin, since [opt]: u64 }
}

/// Returns the answer of `verify_bundle`.
pub fn answer(bundle: &[u8], trust: &[u8], record: &[u8], options: &[u8]) -> Vec<u8> {
    let mut lang = Lang::Zh;
    let answer = from_json::<Options>(options).map_err(Invalid::from).and_then(|options| {
        lang = options.lang;
        Request::new(trust, record, options).answer(bundle)
    });
    match answer {
        Ok(answer) => to_canonical(&answer),
        Err(e) => to_canonical(&Failure { error: problem(e, lang) }),
    }
}

/// Returns the answer of `read_record`.
pub fn recorded(trust: &[u8], record: &[u8]) -> Vec<u8> {
    let origin = Trust::parse(trust).ok().map(|trust| trust.file.origin);
    to_canonical(&Recorded { origin, since: stored(record).map(|remembered| remembered.size) })
}

fn stored(record: &[u8]) -> Option<Remembered> {
    Remembered::parse(record).ok()
}

fn problem(e: Invalid, lang: Lang) -> Problem {
    let text = lang.pick(e.code.zh(), e.code.en()).to_string();
    Problem { code: e.code.as_str().to_string(), place: e.place, text }
}

struct Request<'a> {
    trust: Option<&'a [u8]>,
    /// None if the trust file is broken: that is told with each bundle.
    pinned: Option<PinnedLog>,
    remembered: Option<Remembered>,
    options: Options,
    device: Device,
}

impl<'a> Request<'a> {
    fn new(trust: &'a [u8], record: &[u8], options: Options) -> Self {
        let trust = (!trust.is_empty()).then_some(trust);
        let pinned = trust.and_then(|trust| Trust::parse(trust).ok());
        let forgetful = options.forgetful == Some(true);
        let device = if forgetful { Device::ForgetfulPhone } else { Device::Phone };
        Self { trust, pinned, remembered: stored(record), options, device }
    }

    fn answer(&mut self, bundle: &[u8]) -> Result<Answer, Invalid> {
        if let Some(index) = self.options.absent {
            return Ok(self.absent(index, bundle));
        }
        let is_file = self.options.file == Some(true);
        let asked = match self.options.entry {
            _ if is_file => Asked::File,
            Some(index) => Asked::Newest(Some(index)),
            None => Asked::Log,
        };
        let bundles = if is_file { receipt::bundles(bundle)? } else { vec![bundle.to_vec()] };
        let (mut notices, mut states) = (Vec::new(), Vec::new());
        let (mut keep, mut again) = (None, false);
        for (at, bundle) in bundles.iter().enumerate() {
            let judged = self.judge(bundle, asked);
            let heading =
                (bundles.len() > 1).then(|| heading(judged.as_ref().ok(), at, self.options.lang, self.device));
            match judged {
                Ok(mut outcome) => {
                    states.push(Some(outcome.verdict.state));
                    again |= outcome.may_lag();
                    let kept = outcome.keep.take();
                    notices.push(self.notice(outcome, bundle, heading, is_file));
                    // The next one is compared with what this one proved.
                    if let (Some(record), Device::Phone) = (kept, self.device) {
                        keep = Some(to_text(&record));
                        self.remembered = Some(record);
                    }
                }
                Err(e) => {
                    states.push(None);
                    let error = Some(problem(e, self.options.lang));
                    notices.push(Notice { heading, error, ..Notice::of(State::Cannot) });
                }
            }
        }
        let sum = (states.len() > 1).then(|| sum_text(&states, self.options.lang, self.device));
        Ok(Answer { notices, sum, keep, again: again.then_some(true) })
    }

    fn judge(&self, bundle: &[u8], asked: Asked) -> Result<Outcome, Invalid> {
        let (trust, remembered, now) = (self.trust, self.remembered.as_ref(), self.options.now);
        verify(&Input { bundle, trust, remembered, now, asked })
    }

    fn notice(&self, outcome: Outcome, bundle: &[u8], heading: Option<String>, is_file: bool) -> Notice {
        let state = outcome.verdict.state;
        let text = verdict_text(&outcome, self.options.lang, self.device);
        let may_be_shown = matches!(state, State::Ok | State::OkSuperseded | State::Partial);
        Notice {
            heading,
            evidence: (state == State::Mismatch).then(|| self.evidence(&outcome, bundle, &text)),
            text: Some(text),
            content: (is_file && may_be_shown).then(|| content(bundle)).flatten(),
            about: Some(about(&outcome.verdict)),
            checks: Some(outcome.verdict.checks),
            corrected_by: outcome.verdict.corrected_by,
            ..Notice::of(state)
        }
    }

    /// What is to be said of a log that has no entry at an index.
    fn absent(&self, index: u64, bundle: &[u8]) -> Answer {
        let now = self.judge(bundle, Asked::Newest(None)).ok();
        let keep = now.as_ref().and_then(|outcome| outcome.keep.as_ref()).filter(|_| self.device == Device::Phone);
        let keep = keep.map(to_text);
        let found = self.remembered.as_ref().and_then(|remembered| absence(remembered, index, now.as_ref()));
        let again = matches!(found, Some(Found::Gone { .. } | Found::Shorter { .. })).then_some(true);
        let notice = found.map(|found| {
            let text = found_text(&found, self.options.lang);
            let evidence = match &now {
                Some(outcome) => self.evidence(outcome, bundle, &text),
                None => self.bare_evidence(index, &text),
            };
            Notice { text: Some(text), evidence: Some(evidence), ..Notice::of(State::Mismatch) }
        });
        Answer { notices: notice.into_iter().collect(), sum: None, keep, again }
    }

    fn evidence(&self, outcome: &Outcome, bundle: &[u8], text: &VerdictText) -> String {
        let note = Bundle::parse(bundle).map(|bundle| bundle.checkpoint.0).unwrap_or_default();
        let lines = evidence(outcome, self.remembered.as_ref(), self.genesis(), utf8(&note));
        if outcome.found.is_none() && !text.steps.is_empty() { lines } else { format!("{lines}\n{}", text.sentence) }
    }

    fn bare_evidence(&self, index: u64, text: &VerdictText) -> String {
        let origin = self.pinned.as_ref().map(|pinned| pinned.file.origin.as_str()).unwrap_or_default();
        let remembered = self.remembered.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{origin} #{index} 404\nremembered {remembered}\n{}", text.sentence)
    }

    fn genesis(&self) -> Option<&StatementId> {
        self.pinned.as_ref().map(|pinned| &pinned.file.genesis)
    }
}

impl Notice {
    fn of(state: State) -> Self {
        Self {
            state,
            heading: None,
            text: None,
            evidence: None,
            content: None,
            about: None,
            checks: None,
            corrected_by: None,
            error: None,
        }
    }
}

/// What a verdict is about: title, log, check code.
fn about(verdict: &Verdict) -> String {
    let mut about = verdict.title.clone().unwrap_or_default();
    for part in [Some(verdict.origin.as_str()), verdict.check_code.as_deref()].into_iter().flatten() {
        if !about.is_empty() {
            about.push_str(" · ");
        }
        about.push_str(part);
    }
    about
}

/// The body of a bundle, for people.
fn content(bundle: &[u8]) -> Option<String> {
    let body = Bundle::parse(bundle).ok()?.body?.0;
    Some(match json::parse(&body) {
        Ok(body) => to_pretty(&body),
        Err(_) => utf8(&body).to_string(),
    })
}

/// Text as it is; nothing of bytes that are none. To replace what is broken would link tables that a phone downloads.
fn utf8(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// Memory for `len` bytes.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::into_raw(alloc::vec![0u8; len].into_boxed_slice()).cast()
}

/// Frees memory that [`alloc`] returned.
///
/// # Safety
/// `ptr` and `len` are of one [`alloc()`] or one answer, and are given back once.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    // SAFETY: the caller's promise above.
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(ptr, len)) });
}

/// Verifies a bundle; the module says in which form.
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
    record: *const u8,
    record_len: usize,
    options: *const u8,
    options_len: usize,
) -> *mut u8 {
    // SAFETY: the caller's promise above.
    let (bundle, trust, record, options) = unsafe {
        (
            core::slice::from_raw_parts(bundle, bundle_len),
            core::slice::from_raw_parts(trust, trust_len),
            core::slice::from_raw_parts(record, record_len),
            core::slice::from_raw_parts(options, options_len),
        )
    };
    hand_out(&answer(bundle, trust, record, options))
}

/// Reads a stored record; see the module.
///
/// # Safety
/// Every pointer is of [`alloc()`] with at least that length.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read_record(
    trust: *const u8,
    trust_len: usize,
    record: *const u8,
    record_len: usize,
) -> *mut u8 {
    // SAFETY: the caller's promise above.
    let (trust, record) =
        unsafe { (core::slice::from_raw_parts(trust, trust_len), core::slice::from_raw_parts(record, record_len)) };
    hand_out(&recorded(trust, record))
}

#[cfg(target_arch = "wasm32")]
fn hand_out(json: &[u8]) -> *mut u8 {
    let mut out = (json.len() as u32).to_le_bytes().to_vec();
    out.extend_from_slice(json);
    Box::into_raw(out.into_boxed_slice()).cast()
}
