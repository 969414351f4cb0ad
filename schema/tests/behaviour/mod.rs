mod admission;
mod derive;
mod draft;
mod format_text;

mod outcome;
mod tampering;
mod trust;
mod verdict_text;
