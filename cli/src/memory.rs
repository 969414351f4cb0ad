//! What this machine has seen of each log, so that a log cannot take anything back unnoticed: its first entry, its
//! newest checkpoint, and the first entry of every chain that was looked at.
//!
//! One small file per origin, under `$SANWU_STATE_DIR`, `$XDG_STATE_HOME/sanwu` or `~/.local/state/sanwu`
//! (`%LOCALAPPDATA%\sanwu` on Windows).

use std::collections::BTreeMap;
use std::path::PathBuf;

use sanwu_schema::code::Code;
use sanwu_schema::hash::Hash;
use sanwu_schema::log::checkpoint::{Checkpoint, Origin};
use sanwu_schema::statement::{ChainId, StatementId};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files;
use crate::text::{Text, text};

const SCHEMA: &str = "sanwu-remembered-2";
/// Characters of the origin that stand in the file's name; its digest makes the name unique, and both stay below the
/// 255 bytes that file systems allow.
const NAME_CHARS: usize = 80;

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    origin: String,
    genesis: String,
    size: u64,
    root: String,
    /// The signed note: evidence, should the log ever show another history.
    checkpoint: String,
    chains: BTreeMap<String, String>,
}

/// What was seen of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The log's first statement.
    pub genesis: StatementId,
    /// The size of the newest checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Its signed note.
    pub note: String,
    /// The first statement of each chain.
    pub chains: BTreeMap<ChainId, StatementId>,
}

/// The place where one log's memory is kept; none when the machine has no such folder.
pub struct Memory {
    path: Option<PathBuf>,
    origin: Origin,
}

impl Memory {
    /// The memory of the log with this name.
    pub fn of(origin: &Origin) -> Self {
        let readable: String = origin.as_str().chars().take(NAME_CHARS).collect();
        let digest = Hash::digest(origin.as_str().as_bytes()).to_hex();
        let name = format!("{}-{}.json", readable.replace(['/', ':'], "_"), digest.get(..16).unwrap_or_default());
        Self { path: folder().map(|f| f.join(name)), origin: origin.clone() }
    }

    /// What was seen, whatever it is; `None` on the first visit.
    pub fn load(&self) -> Result<Option<Remembered>, Error> {
        let Some(path) = self.path.as_ref().filter(|p| p.exists()) else { return Ok(None) };
        let place = path.display().to_string();
        let document: Document = serde_json::from_slice(&files::read(path)?)
            .map_err(|e| Error::new(Code::JsonSyntax).at(format!("{place}: {e}")))?;
        document.read(&self.origin).map(Some).ok_or_else(|| Error::new(Code::JsonValue).at(place))
    }

    /// What was seen of the log with this first statement. Another log of the same name is refused: nobody opens a
    /// log twice.
    pub fn of_log(&self, genesis: &StatementId) -> Result<Option<Remembered>, Error> {
        match self.load()? {
            Some(seen) if seen.genesis != *genesis => Err(self.another(
                text!(
                    "这是另一本账: 名称一样, 但第一条和这台电脑以前看到的不一样",
                    "this is another log: of the same name, but with another first entry than this machine has seen"
                ),
                &seen.genesis,
                genesis,
            )),
            seen => Ok(seen),
        }
    }

    /// Whether a chain's first statement is known here; one that differs from what is known is refused.
    pub fn knows(&self, chain: &ChainId, genesis: &StatementId) -> Result<bool, Error> {
        let Some(seen) = self.load()? else { return Ok(false) };
        match seen.first_of(chain) {
            Some(known) if known != *genesis => Err(self.another_chain(chain, &known, genesis)),
            known => Ok(known.is_some()),
        }
    }

    /// Keeps a checkpoint that has been checked against what was there, unless a larger one is known.
    pub fn store(&self, genesis: &StatementId, checkpoint: &Checkpoint, note: &str) -> Result<(), Error> {
        let chains = match self.of_log(genesis)? {
            Some(seen) if seen.size >= checkpoint.size => return Ok(()),
            Some(seen) => seen.chains,
            None => BTreeMap::new(),
        };
        let (size, root, note) = (checkpoint.size, checkpoint.root, note.to_owned());
        self.write(&Remembered { genesis: *genesis, size, root, note, chains })
    }

    /// Keeps the first statement of a chain, proved to be in the log that is remembered.
    pub fn opened(&self, chain: &ChainId, genesis: &StatementId) -> Result<(), Error> {
        if self.knows(chain, genesis)? || chain.is_root() {
            return Ok(());
        }
        match self.load()? {
            Some(mut seen) => {
                seen.chains.insert(chain.clone(), *genesis);
                self.write(&seen)
            }
            None => Ok(()),
        }
    }

    fn another_chain(&self, chain: &ChainId, known: &StatementId, shown: &StatementId) -> Error {
        self.another(
            text!(
                "账链 {chain} 换了开头: 它的第一条和这台电脑以前看到的不一样",
                "chain {chain} has another beginning: its first entry is not the one that this machine has seen"
            ),
            known,
            shown,
        )
    }

    fn another(&self, cause: Text, known: &StatementId, shown: &StatementId) -> Error {
        let path = self.path.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
        Error::new(Code::Consistency)
            .because(cause)
            .at(text!("{}  以前 {known}  现在 {shown}", "{}  before {known}  now {shown}", self.origin))
            .remedy(text!(
                "保存证据, 报告上级; 只有演示账才会重新开立, 那时才可以删掉这台电脑记下的 {path}",
                "keep the evidence and report it; only a test log is ever made anew, then remove {path}"
            ))
    }

    fn write(&self, seen: &Remembered) -> Result<(), Error> {
        let Some(path) = &self.path else { return Ok(()) };
        let document = Document {
            schema: SCHEMA.into(),
            origin: self.origin.to_string(),
            genesis: seen.genesis.to_string(),
            size: seen.size,
            root: seen.root.to_text(),
            checkpoint: seen.note.clone(),
            chains: seen.chains.iter().map(|(chain, id)| (chain.to_string(), id.to_string())).collect(),
        };
        let bytes = serde_json::to_vec_pretty(&document).map_err(|e| Error::new(Code::Internal).at(e.to_string()))?;
        files::write(path, &bytes)
    }
}

impl Remembered {
    /// The first statement of a chain, if it was seen.
    pub fn first_of(&self, chain: &ChainId) -> Option<StatementId> {
        if chain.is_root() { Some(self.genesis) } else { self.chains.get(chain).copied() }
    }
}

impl Document {
    fn read(self, origin: &Origin) -> Option<Remembered> {
        let id = |text: &str| Hash::from_text(text).map(StatementId);
        if self.schema != SCHEMA || self.origin != origin.as_str() {
            return None;
        }
        let chains = self.chains.iter().map(|(chain, first)| Some((ChainId::parse(chain)?, id(first)?)));
        Some(Remembered {
            genesis: id(&self.genesis)?,
            size: self.size,
            root: Hash::from_text(&self.root)?,
            chains: chains.collect::<Option<_>>()?,
            note: self.checkpoint,
        })
    }
}

fn folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("SANWU_STATE_DIR")
        .or_else(|| set("XDG_STATE_HOME").map(|d| d.join("sanwu")))
        .or_else(|| set("LOCALAPPDATA").map(|d| d.join("sanwu")))
        .or_else(|| set("HOME").map(|d| d.join(".local/state/sanwu")))
}
