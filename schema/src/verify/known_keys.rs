//! The keys that sign for a log, as a client without a trust file knows them: trust on first use (TOFU).
//!
//! A server's own statement of its keys counts once, on the first visit, and never over a trust file.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::remembered::Remembered;
use super::trust::{PinnedLog, RetiredKey, Trust};
use crate::json::to_canonical;
use crate::tlog::checkpoint::{Checkpoint, Origin};
use crate::tlog::vkey::Vkey;

/// The keys that sign for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKeys {
    /// Whether a trust file names them; otherwise the server did, on the first visit.
    pub trusted: bool,
    /// Those in force.
    pub log_vkeys: Vec<Vkey>,
    /// Those that the log has changed, each with the largest tree that it may have signed.
    pub retired: Vec<(Vkey, u64)>,
}

impl KnownKeys {
    /// Returns the keys that a trust file pins, or that a server names.
    pub fn of(pinned: &PinnedLog, trusted: bool) -> Self {
        Self { trusted, log_vkeys: pinned.log_vkeys.clone(), retired: pinned.retired.clone() }
    }

    /// Returns the keys to remember once a checkpoint was compared; `grown` says whether it is the largest seen.
    ///
    /// Without a trust file the keys stay those of the first visit or of an earlier trust file. An older trust file,
    /// used with an older copy, does not take back what a newer one said.
    pub fn after(known: Option<&Self>, pinned: &PinnedLog, trusted: bool, grown: bool) -> Self {
        let kept = known.filter(|keys| !trusted || keys.trusted && !grown);
        kept.cloned().unwrap_or_else(|| Self::of(pinned, trusted))
    }

    /// Returns those of the keys named by a server that have signed the remembered checkpoint: for records that name
    /// none.
    pub fn signers_of(note: &[u8], said: &PinnedLog) -> Self {
        let origin = &said.file.origin;
        let mut keys = Self::of(said, false);
        keys.log_vkeys.retain(|vkey| is_signed(note, origin, vkey));
        keys.retired.retain(|(vkey, _)| is_signed(note, origin, vkey));
        keys
    }

    /// Returns what a server says of its log, with these keys in place of those that it names.
    ///
    /// `None` if there is none in force, or the server calls one of them a witness.
    pub fn over(&self, said: PinnedLog) -> Option<PinnedLog> {
        let mut file = said.file;
        file.log_vkeys = self.log_vkeys.iter().map(ToString::to_string).collect();
        let retired = self.retired.iter().map(|(vkey, size)| RetiredKey { vkey: vkey.to_string(), size: *size });
        file.retired = (!self.retired.is_empty()).then(|| retired.collect());
        Trust::parse(&to_canonical(&file)).ok()
    }
}

/// Returns whether a record made without a trust file (TOFU) is replaced by one: no key of the trust file, in force or
/// retired, has signed it.
///
/// Another first entry is another log, which is never ignored.
pub fn is_hearsay(trust: &PinnedLog, keys: Option<&KnownKeys>, remembered: &Remembered, note: &[u8]) -> bool {
    let retired = trust.retired.iter().filter(|(_, size)| remembered.size <= *size).map(|(vkey, _)| vkey);
    // What else is under the note, such as a spoiled line of a witness, does not make it another log's.
    let mut own = trust.log_vkeys.iter().chain(retired);
    remembered.is_of(&trust.file.genesis)
        && !keys.is_some_and(|keys| keys.trusted)
        && !own.any(|vkey| is_signed(note, &trust.file.origin, vkey))
}

fn is_signed(note: &[u8], origin: &Origin, vkey: &Vkey) -> bool {
    Checkpoint::open(note, origin, core::slice::from_ref(vkey), &[]).is_ok()
}
