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
pub mod vkey;
pub mod witness;

use alloc::string::String;
use alloc::vec::Vec;

use self::merkle::PROOF_HASHES_MAX;
use self::note::Note;
use crate::crypto::hash::Hash;

/// A decimal number in its one spelling: digits only, no leading zero unless it is `0`.
fn decimal(text: &str) -> Option<u64> {
    let canonical = match text.as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if canonical { text.parse().ok() } else { None }
}

/// The lines of a proof, as proof files and requests to witnesses have them: one hash in base64 each; `None` if one
/// is not, or if no tree has so long a proof.
fn proof_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<Hash>> {
    let proof = lines.map(Hash::from_base64).collect::<Option<Vec<Hash>>>()?;
    (proof.len() <= PROOF_HASHES_MAX).then_some(proof)
}

/// Adds the lines of a proof, an empty line and the signed checkpoint to the lines before them.
fn push_proof(out: &mut String, proof: &[Hash], checkpoint: &Note) {
    for hash in proof {
        out.push_str(&hash.to_base64());
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&checkpoint.to_text());
}
