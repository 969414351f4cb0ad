//! `log.inclusion`, and the consistency proofs that hang on the same checkpoint.

use super::approval::later_signed;
use super::{Grants, Verdict};
use crate::error_code::ErrorCode;
use crate::kinds::Kind;
use crate::proof::bundle::{Bundle, Proved};
use crate::record::entry::{Entry, Invalid};
use crate::record::statement::Rel;
use crate::tlog::checkpoint::Checkpoint;
use crate::tlog::merkle::{verify_consistency, verify_inclusion};

/// The entry is at its index, what its signers saw is this log's earlier state, and a later entry that the bundle
/// names is in the log, too.
pub(super) fn check(
    bundle: &Bundle,
    grants: &Grants,
    entry: &Entry,
    checkpoint: &Checkpoint,
    verdict: &mut Verdict,
) -> Result<(), Invalid> {
    verify_inclusion(bundle.index, checkpoint.size, &entry.leaf_hash(), &bundle.inclusion, &checkpoint.root)
        .map_err(|e| Invalid::new(e.code(), "inclusion"))?;
    let seen = &entry.statement.seen;
    if seen.size > bundle.index {
        return Err(Invalid::new(ErrorCode::Seen, "seen"));
    }
    verify_consistency(seen.size, checkpoint.size, &seen.root, &checkpoint.root, &bundle.seen)
        .map_err(|e| Invalid::new(e.code(), "seen"))?;
    if let Some(erasure) = &bundle.erasure {
        later(grants, erasure, entry, (Kind::Erasure, Rel::Erases), checkpoint, "erasure")?;
    }
    if let Some(correction) = &bundle.correction {
        later(grants, correction, entry, (Kind::Correction, Rel::Corrects), checkpoint, "correction")?;
        verdict.corrected_by = Some(correction.index);
    }
    verdict.size = Some(checkpoint.size);
    Ok(())
}

fn later(
    grants: &Grants,
    proved: &Proved,
    entry: &Entry,
    (kind, rel): (Kind, Rel),
    checkpoint: &Checkpoint,
    place: &str,
) -> Result<(), Invalid> {
    let other = Entry::parse(&proved.entry.0).map_err(|e| Invalid::new(e.code, place))?;
    let s = &other.statement;
    if s.kind != kind || s.chain != entry.statement.chain || s.reference(rel) != Some(entry.id) {
        return Err(Invalid::new(ErrorCode::Refs, place));
    }
    let leaf = other.leaf_hash();
    later_signed(grants, other, place)?;
    verify_inclusion(proved.index, checkpoint.size, &leaf, &proved.inclusion, &checkpoint.root)
        .map_err(|e| Invalid::new(e.code(), place))
}
