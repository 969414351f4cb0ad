//! What must hold for any bytes: the bodies of the fuzz targets.
//!
//! Each takes bytes and panics when something that must hold does not. Two callers: `tests/fuzz` hands them to
//! libFuzzer (`.ci/fuzz`), and `tests/it/fuzz_corpus.rs` runs the kept corpus and the golden vectors through
//! them with the ordinary toolchain.

mod bundle;
mod known;
mod log;
mod record;
mod seeds;
mod submission;

pub use bundle::{bundle, bundle_edit, trust};
pub use log::{checkpoint, note, tile_path, tlog_proof, tree, witness_request};
pub use record::{body, entry};
pub use seeds::seeds;
pub use submission::submission;

/// A target: panics when something that must hold does not.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus folder and of its program in `tests/fuzz/fuzz_targets`.
pub const TARGETS: &[(&str, Target)] = &[
    ("body", body),
    ("bundle", bundle),
    ("bundle_edit", bundle_edit),
    ("checkpoint", checkpoint),
    ("entry", entry),
    ("note", note),
    ("submission", submission),
    ("tile_path", tile_path),
    ("tlog_proof", tlog_proof),
    ("tree", tree),
    ("trust", trust),
    ("witness_request", witness_request),
];

/// Takes numbers and pieces off the front of an input; zeros when it ends.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A position below `len`, which is not 0.
    fn below(&mut self, len: usize) -> usize {
        usize::from(self.u16()) % len
    }
}
