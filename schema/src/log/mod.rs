//! The log side: the Merkle tree and the C2SP texts around it.
//!
//! Nothing here knows what an entry means. The formats are those of C2SP signed-note,
//! tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-policy, tlog-proof and tlog-witness, so that witnesses and
//! monitors from outside work unchanged; where a choice is left open, `FORMAT.md` states ours.

pub mod checkpoint;
pub mod cosignature;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod tile;
pub mod tlog_proof;
pub mod witness;

/// A decimal number in its one spelling: digits only, no leading zero unless it is `0`.
fn decimal(text: &str) -> Option<u64> {
    let canonical = match text.as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if canonical { text.parse().ok() } else { None }
}
