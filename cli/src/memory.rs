//! What this machine has seen of each log, so that a log cannot take anything back unnoticed.
//!
//! One small file per log and first entry, under `$SANWU_STATE_DIR`, `$XDG_STATE_HOME/sanwu` or
//! `~/.local/state/sanwu` (`%LOCALAPPDATA%\sanwu` on Windows).

use std::path::PathBuf;

use sanwu_schema::code::Code;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::checkpoint::{Checkpoint, Origin};
use sanwu_schema::statement::StatementId;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files;

const SCHEMA: &str = "sanwu-remembered-1";

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    origin: String,
    genesis: String,
    size: u64,
    root: String,
    /// The signed note: evidence, should the log ever show another history.
    checkpoint: String,
}

/// The newest checkpoint seen of one log.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// The signed note.
    pub note: String,
}

/// The place where one log's memory is kept; none when the machine has no such folder.
pub struct Memory {
    path: Option<PathBuf>,
    origin: String,
    genesis: String,
}

impl Memory {
    /// The memory of the log with this first entry.
    pub fn of(origin: &Origin, genesis: &StatementId) -> Self {
        let name = format!(
            "{}-{}.json",
            origin.as_str().replace(['/', ':'], "_"),
            &genesis.0.to_hex().get(..16).unwrap_or_default()
        );
        Self { path: folder().map(|f| f.join(name)), origin: origin.as_str().to_owned(), genesis: genesis.to_string() }
    }

    /// What was seen; `None` on the first visit.
    pub fn load(&self) -> Result<Option<Remembered>, Error> {
        let Some(path) = self.path.as_ref().filter(|p| p.exists()) else { return Ok(None) };
        let place = || path.display().to_string();
        let document: Document = serde_json::from_slice(&files::read(path)?)
            .map_err(|e| Error::new(Code::JsonSyntax).at(format!("{}: {e}", place())))?;
        let root = Hash::from_text(&document.root);
        match root
            .filter(|_| document.schema == SCHEMA && document.origin == self.origin && document.genesis == self.genesis)
        {
            Some(root) => Ok(Some(Remembered { size: document.size, root, note: document.checkpoint })),
            None => Err(Error::new(Code::JsonValue).at(place())),
        }
    }

    /// Keeps a checkpoint that has been checked against what was there.
    pub fn store(&self, checkpoint: &Checkpoint, note: &str) -> Result<(), Error> {
        let Some(path) = &self.path else { return Ok(()) };
        let document = Document {
            schema: SCHEMA.into(),
            origin: self.origin.clone(),
            genesis: self.genesis.clone(),
            size: checkpoint.size,
            root: checkpoint.root.to_text(),
            checkpoint: note.to_owned(),
        };
        let bytes = serde_json::to_vec_pretty(&document).map_err(|e| Error::new(Code::Internal).at(e.to_string()))?;
        files::write(path, &bytes)
    }
}

fn folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("SANWU_STATE_DIR")
        .or_else(|| set("XDG_STATE_HOME").map(|d| d.join("sanwu")))
        .or_else(|| set("LOCALAPPDATA").map(|d| d.join("sanwu")))
        .or_else(|| set("HOME").map(|d| d.join(".local/state/sanwu")))
}
