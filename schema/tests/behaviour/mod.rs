mod admission;
#[cfg(feature = "audit")]
mod audit;
mod derive;
mod draft;
mod format_text;
mod replay;
mod story;
mod tampering;
mod trust;
