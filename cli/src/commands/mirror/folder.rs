//! The folder of a mirror: one mirror at a time, whole files only, what was checked is kept.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::note::{NOTE_BYTES_MAX, Note, SIGNATURES_MAX};
use sanwu_schema::tlog::tile::{Tile, TileKind};
use sanwu_schema::verify::trust::PinnedLog;

use crate::error::Error;
use crate::files;
use crate::log_source::source::RETAINED;
use crate::text::text;

/// Written files of which only the name is kept until they are on the disk: some 10 MB of names.
const UNSETTLED_MAX: usize = 100_000;

/// A mirror's folder, locked while it is open.
pub struct MirrorFolder {
    dir: PathBuf,
    scratch: PathBuf,
    /// Files that may not have reached the disk yet.
    unsettled: Mutex<Vec<PathBuf>>,
    _lock: File,
}

impl MirrorFolder {
    /// Opens or makes the folder, and removes what a killed run left half-written.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let scratch = dir.join(".tmp");
        fs::create_dir_all(dir).map_err(|e| files::io_error(dir, &e))?;
        let lock_path = dir.join(".lock");
        let lock = File::create(&lock_path).map_err(|e| files::io_error(&lock_path, &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(ErrorCode::DataBusy)
                    .because(text!("这个文件夹正在被另一个 sanwu mirror 使用", "another sanwu mirror is at work here"))
                    .at(dir.display().to_string())
                    .remedy(text!("等它抄完再运行", "run it again when that one is done")));
            }
            Err(TryLockError::Error(e)) => return Err(files::io_error(&lock_path, &e)),
        }
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(|e| files::io_error(&scratch, &e))?;
        }
        fs::create_dir_all(&scratch).map_err(|e| files::io_error(&scratch, &e))?;
        Ok(Self { dir: dir.to_path_buf(), scratch, unsettled: Mutex::default(), _lock: lock })
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Returns its name for people.
    pub fn name(&self) -> String {
        self.dir.display().to_string()
    }

    /// Returns the checkpoint up to which the folder is complete, signed by the log whose copy it is to be.
    pub fn checkpoint(&self, pinned: &PinnedLog) -> Result<Option<Checkpoint>, Error> {
        let path = self.dir.join("checkpoint");
        if !path.exists() {
            return Ok(None);
        }
        let (note, place) = (files::read(&path)?, path.display().to_string());
        let read = Note::parse(&note).map_err(|e| Error::new(e.code()).at(place.as_str()))?;
        let stated = Checkpoint::parse(read.text()).map_err(|e| Error::new(e.code()).at(place.as_str()))?;
        if stated.origin != pinned.file.origin {
            return Err(Error::new(ErrorCode::OtherLog).at(format!("{place}  {}", stated.origin)));
        }
        let opened = pinned.open(&note).map_err(|e| Error::new(e.code()).at(place))?;
        Ok(Some(opened.checkpoint))
    }

    /// Returns a file's bytes; none if it is not there or cannot be read.
    pub fn read(&self, relative: &str) -> Option<Vec<u8>> {
        files::read(&self.dir.join(relative)).ok()
    }

    /// Writes a file whole or not at all.
    pub fn write(&self, relative: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.dir.join(relative);
        files::write_soon(&path, bytes, &self.scratch)?;
        let full = {
            let mut unsettled = self.unsettled();
            unsettled.push(path);
            unsettled.len() >= UNSETTLED_MAX
        };
        if full { self.settle() } else { Ok(()) }
    }

    /// Waits until all that was written has reached the disk, names and folders included. At the end, so that
    /// the system can do most of it while more is fetched.
    fn settle(&self) -> Result<(), Error> {
        let files = std::mem::take(&mut *self.unsettled());
        let mut folders = BTreeSet::new();
        for path in &files {
            files::sync(path)?;
            folders.extend(path.ancestors().skip(1).take_while(|dir| dir.starts_with(&self.dir)));
        }
        folders.into_iter().try_for_each(files::sync_folder)
    }

    // A panicking thread leaves the list of paths whole.
    fn unsettled(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a file if it is there.
    pub fn remove(&self, relative: &str) -> Result<(), Error> {
        let path = self.dir.join(relative);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(files::io_error(&path, &e)),
            _ => Ok(()),
        }
    }

    /// Writes the checkpoint that names all that is here, durably and last.
    pub fn publish(&self, note: &str) -> Result<(), Error> {
        match self.merged("checkpoint", note) {
            Some(note) => {
                self.settle()?;
                files::write(&self.dir.join("checkpoint"), note.as_bytes())
            }
            None => self.settle(),
        }
    }

    /// Keeps an earlier checkpoint that was checked. Returns whether anything was written.
    pub fn retain(&self, size: u64, note: &str) -> Result<bool, Error> {
        let relative = format!("{RETAINED}/{size}");
        match self.merged(&relative, note) {
            Some(note) => self.write(&relative, note.as_bytes()).map(|()| true),
            None => Ok(false),
        }
    }

    /// Of the same tree the cosignatures that are here stay, being the earlier ones, and new ones are added; `None`
    /// if that changes nothing.
    fn merged(&self, relative: &str, note: &str) -> Option<String> {
        let old = self.read(relative);
        let merged = match (old.as_deref().map(Note::parse), Note::parse(note.as_bytes())) {
            (Some(Ok(old)), Ok(new)) if old.text() == new.text() => merge(old, &new),
            _ => note.to_owned(),
        };
        (old.as_deref() != Some(merged.as_bytes())).then_some(merged)
    }

    /// Removes the scratch folder, and partial tiles whose full tile is here: what else a reader of an earlier
    /// checkpoint may still ask for stays.
    ///
    /// What cannot be removed does no harm.
    pub fn close(&self, before: Option<&Checkpoint>, size: u64) {
        let _ = fs::remove_dir_all(&self.scratch);
        let Some(before) = before else { return };
        for kind in (0..8).map(TileKind::Hashes).chain([TileKind::Entries]) {
            let mut tiles = (0u64..).map_while(|n| Tile::at_size(kind, n, before.size));
            let Some(old) = tiles.find(Tile::is_partial) else { continue };
            if Tile::at_size(kind, old.index(), size).is_some_and(|now| !now.is_partial()) {
                let _ = fs::remove_dir_all(self.dir.join(format!("{}.p", old.full().path())));
            }
        }
    }
}

/// The old note with those signatures of the new one that are by other keys, as far as a note may grow.
fn merge(mut old: Note, new: &Note) -> String {
    for signature in new.signatures() {
        let known = old.signatures().iter().any(|s| s.name() == signature.name() && s.key_id() == signature.key_id());
        if !known && old.signatures().len() < SIGNATURES_MAX {
            let before = old.clone();
            old.add(signature.clone());
            if old.to_text().len() > NOTE_BYTES_MAX {
                old = before;
            }
        }
    }
    old.to_text()
}
