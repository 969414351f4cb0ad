mod admission;
#[cfg(feature = "audit")]
mod audit;
mod derive;
mod draft;
mod format_text;
mod outcome;
mod replay;
mod tampering;
mod trust;
mod verdict_text;
