//! The verdict strip: what a page gives to the script that lets the phone check.
//!
//! The same on the record page, on `/verify`, and where a record is missing.

mod words;

use sanwu_schema::verify::State;

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
    /// The title where the verifier itself cannot say it.
    pub cannot: &'static str,
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
        }
    }
}
