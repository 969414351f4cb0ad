//! The last-signed guard: what this log signed last, kept outside the store's directory.
//!
//! A store that is put back from an old backup is intact in itself; only something beside it can tell
//! that the log had signed more. Order of every commit: (1) the store's commit is durable, (2) the guard
//! is written and synced, (3) the signature leaves the process. So at start the guard is never ahead of
//! an honest store, and a store behind its guard was rolled back: the log then only reads.
//!
//! The file has two slots of one block each, written in turn, so that a torn write spoils the older one
//! only, and no directory entry changes:
//!
//! ```text
//! sanwu last-signed 1
//! <count of writes>
//! <lower-case hex SHA-256 of the count line and the note>
//! <signed note…>            padded with zero bytes
//! ```

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use sanwu_schema::crypto::hash::Hash;

const MAGIC: &str = "sanwu last-signed 1\n";

/// One block: a note with an origin of 255 bytes and one Ed25519 signature is below 1 KB.
const SLOT_BYTES: usize = 4096;

/// The guard file, open for the life of the log. Owner: the sequencer.
pub struct Guard {
    file: File,
    /// Writes so far; the slot is its parity.
    count: u64,
    /// The newest note in the file.
    note: Option<Vec<u8>>,
}

impl Guard {
    /// Opens the file, or makes it where the log is new.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o644).open(path)?;
        if file.metadata()?.len() < 2 * SLOT_BYTES as u64 {
            file.set_len(2 * SLOT_BYTES as u64)?;
            file.sync_all()?;
            if let Some(parent) = path.parent() {
                File::open(parent)?.sync_all()?;
            }
        }
        let mut newest: Option<(u64, Vec<u8>)> = None;
        for slot in 0..2 {
            let mut bytes = vec![0; SLOT_BYTES];
            file.read_exact_at(&mut bytes, slot * SLOT_BYTES as u64)?;
            if let Some(read) = read_slot(&bytes)
                && newest.as_ref().is_none_or(|(count, _)| read.0 > *count)
            {
                newest = Some(read);
            }
        }
        let (count, note) = newest.map_or((0, None), |(count, note)| (count, Some(note)));
        Ok(Self { file, count, note })
    }

    /// Returns the note signed last, as far as the file can tell.
    pub fn note(&self) -> Option<&[u8]> {
        self.note.as_deref()
    }

    /// Records a note; durable on return.
    pub fn record(&mut self, note: &[u8]) -> io::Result<()> {
        let count = self.count + 1;
        let slot = write_slot(count, note).ok_or_else(|| io::Error::other("note too long for the guard"))?;
        self.file.write_all_at(&slot, (count % 2) * SLOT_BYTES as u64)?;
        self.file.sync_data()?;
        self.count = count;
        self.note = Some(note.to_vec());
        Ok(())
    }
}

fn checksum(count: u64, note: &[u8]) -> String {
    Hash::digest_parts(&[format!("{count}\n").as_bytes(), note]).to_hex()
}

fn write_slot(count: u64, note: &[u8]) -> Option<Vec<u8>> {
    let mut slot = format!("{MAGIC}{count}\n{}\n", checksum(count, note)).into_bytes();
    slot.extend_from_slice(note);
    if slot.len() > SLOT_BYTES {
        return None;
    }
    slot.resize(SLOT_BYTES, 0);
    Some(slot)
}

fn read_slot(slot: &[u8]) -> Option<(u64, Vec<u8>)> {
    let end = slot.iter().rposition(|&byte| byte != 0)? + 1;
    let rest = slot.get(..end)?.strip_prefix(MAGIC.as_bytes())?;
    let (count, rest) = rest.split_at_checked(rest.iter().position(|&byte| byte == b'\n')?)?;
    let (sum, note) = rest.get(1..)?.split_at_checked(64)?;
    let count: u64 = std::str::from_utf8(count).ok()?.parse().ok()?;
    let note = note.strip_prefix(b"\n")?;
    (sum == checksum(count, note).as_bytes()).then(|| (count, note.to_vec()))
}
