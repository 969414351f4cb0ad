//! The verdict strip: what a page gives to the script that lets the phone check.
//!
//! The same on the record page, on `/verify`, and where a record is missing.

mod words;

use sanwu_schema::verify::State;
use sanwu_schema::verify::verdict_text::{self, MismatchWords, mismatch_words};

use super::assets::{ASSETS, Asset};
use super::visitor::Lang;
use words::Words;

/// What the strip's template needs.
pub struct Strip {
    pub t: &'static Words,
    pub script: Asset,
    /// Modules that the script imports, so that the phone fetches all at once.
    pub modules: Vec<Asset>,
    pub verifier: Option<Asset>,
    pub lang: &'static str,
    /// Words of the verdict for cases that the verifier does not reach: it did not run, or the page remembers more
    /// than the site still has.
    pub cannot: &'static str,
    pub mismatch: &'static str,
    pub other: MismatchWords,
}

impl Strip {
    /// Returns the strip of a page whose script is `script`.
    pub fn new(lang: Lang, script: &str) -> Self {
        Self {
            t: Words::of(lang),
            script: ASSETS.get(script),
            modules: ["verifier.js", "judge.js", "memory.js", "verdict.js"].map(|m| ASSETS.get(m)).into(),
            verifier: ASSETS.verifier(),
            lang: lang.as_str(),
            cannot: lang.pick(State::Cannot.zh(), State::Cannot.en()),
            mismatch: lang.pick(State::Mismatch.zh(), State::Mismatch.en()),
            other: mismatch_words(lang.pick(verdict_text::Lang::Zh, verdict_text::Lang::En)),
        }
    }
}
