//! Views of one log from several places: are they the same, is one the beginning of the other, or where do they part?
//!
//! Every view is held against its own signed checkpoint first. Two are then compared by the hashes of their trees, from
//! the root down: one path of tiles from each side finds the first entry that differs.

mod entry;
mod evidence;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::HashReader;
use sanwu_schema::tlog::merkle::build::{Node, root_nodes};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::Pinned;
use sanwu_schema::verify::{Continues, Remembered};

use crate::error::Error;
use crate::source::Source;
use crate::tree::{SignedTree, TreeError};

pub use entry::About;
pub use evidence::{check, evidence};

/// Whose word the log's keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysFrom {
    /// A trust file's.
    Trust,
    /// The sources' own: a liar brings his own key.
    Sources,
    /// Nobody's: no signature was checked.
    Nobody,
}

/// What the log's checkpoints have to be signed with.
pub struct Keys {
    /// Whose word that is.
    pub from: KeysFrom,
    pinned: Vec<Pinned>,
}

impl Keys {
    /// The keys of a trust file, or else those that the sources themselves name.
    pub fn of<'a>(trust: Option<Pinned>, sources: impl Iterator<Item = &'a dyn Source>) -> Self {
        if let Some(pinned) = trust {
            return Self { from: KeysFrom::Trust, pinned: vec![pinned] };
        }
        // One that does not answer sensibly names no key.
        let pinned: Vec<Pinned> = sources.filter_map(|s| s.own_trust().ok().flatten()).collect();
        Self { from: if pinned.is_empty() { KeysFrom::Nobody } else { KeysFrom::Sources }, pinned }
    }

    /// The origin that a trust file pins.
    fn origin(&self) -> Option<&Origin> {
        self.pinned.first().filter(|_| self.from == KeysFrom::Trust).map(|p| &p.file.origin)
    }

    /// The keys that have signed a checkpoint; an error if there should be one and is none.
    fn signed_by(&self, note: &[u8], checkpoint: &Checkpoint) -> Result<Vec<Vkey>, Error> {
        if self.from == KeysFrom::Nobody {
            return Ok(Vec::new());
        }
        let mut refused = Error::new(ErrorCode::NoteUnsigned);
        let mut signed: Vec<Vkey> = Vec::new();
        for pinned in self.pinned.iter().filter(|p| p.file.origin == checkpoint.origin) {
            if let Err(e) = pinned.open(note) {
                refused = Error::new(e.code()).at(e.to_string());
                continue;
            }
            for vkey in pinned.log_vkeys.iter().chain(pinned.retired.iter().map(|(vkey, _)| vkey)) {
                let alone = std::slice::from_ref(vkey);
                if !signed.contains(vkey) && Checkpoint::open(note, &checkpoint.origin, alone, &[]).is_ok() {
                    signed.push(vkey.clone());
                }
            }
        }
        if signed.is_empty() { Err(refused) } else { Ok(signed) }
    }
}

/// One place's view of the log.
pub struct View<'a> {
    /// Where it comes from.
    pub source: &'a dyn Source,
    /// What it has signed.
    pub checkpoint: Checkpoint,
    /// The signed note, as it is.
    pub note: String,
    /// The log keys that have signed it; none when no key is known.
    pub signed_by: Vec<Vkey>,
    tree: SignedTree<'a>,
}

impl<'a> View<'a> {
    /// Checks who signed a source's checkpoint, and holds its newest tiles against it.
    pub fn open(source: &'a dyn Source, bytes: &[u8], keys: &Keys) -> Result<Self, Error> {
        let place = || source.name();
        let note = Note::parse(bytes).map_err(|e| Error::new(e.code()).at(place()))?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|e| Error::new(e.code()).at(place()))?;
        if keys.origin().is_some_and(|origin| *origin != checkpoint.origin) {
            return Err(other_log(&checkpoint, source));
        }
        let signed_by = keys.signed_by(bytes, &checkpoint).map_err(|e| e.within(&place()))?;
        let tree = SignedTree::open(source, &checkpoint).map_err(|e| e.at(&place()))?;
        Ok(Self { source, checkpoint, note: note.to_text(), signed_by, tree })
    }

    /// How it relates to what this machine has seen of the log.
    pub fn continues(&self, seen: &Remembered) -> Result<Continues, Error> {
        let size = self.checkpoint.size;
        let root_then = match seen.size <= size {
            true => Some(self.tree.root_at(seen.size).map_err(|e| trouble(self, e))?),
            false => None,
        };
        // Whether it is a copy is asked for what is shorter only: it may take a request.
        Ok(seen.continued_by(size, root_then, root_then.is_none() && self.source.is_copy()))
    }
}

/// The error of a source that holds another log.
pub fn other_log(checkpoint: &Checkpoint, source: &dyn Source) -> Error {
    Error::new(ErrorCode::OtherLog).at(format!("{}  {}", source.name(), checkpoint.origin))
}

/// How two views stand to each other.
pub enum Relation {
    /// The same tree.
    Same,
    /// The first is the beginning of the second, or the other way round.
    Prefix {
        /// Whether the first is the shorter one.
        first_is_shorter: bool,
        /// How many entries the longer one has more.
        by: u64,
    },
    /// Two histories.
    Fork(Box<Fork>),
}

/// Where two histories part.
pub struct Fork {
    /// The first entry that differs.
    pub index: u64,
    /// What each has there, in the order compared.
    pub sides: [Side; 2],
}

/// One side's entry where two histories part, proved by its signed checkpoint.
pub struct Side {
    /// The leaf's hash.
    pub leaf: Hash,
    /// The inclusion proof, the leaf's sibling first.
    pub inclusion: Vec<Hash>,
    /// The entry's bytes; none if the source does not have them.
    pub entry: Option<Vec<u8>>,
    /// What it says it is; none if it cannot be read.
    pub about: Option<About>,
}

/// Compares two views.
pub fn compare(a: &View<'_>, b: &View<'_>) -> Result<Relation, Error> {
    let size = a.checkpoint.size.min(b.checkpoint.size);
    let root = |view: &View<'_>| view.tree.root_at(size).map_err(|e| trouble(view, e));
    if root(a)? == root(b)? {
        let by = a.checkpoint.size.abs_diff(b.checkpoint.size);
        return Ok(match by {
            0 => Relation::Same,
            by => Relation::Prefix { first_is_shorter: a.checkpoint.size < b.checkpoint.size, by },
        });
    }
    let index = first_difference(a, b, size)?;
    Ok(Relation::Fork(Box::new(Fork { index, sides: [side(a, index)?, side(b, index)?] })))
}

/// The first leaf that differs in two trees whose roots at `size` differ.
fn first_difference(a: &View<'_>, b: &View<'_>, size: u64) -> Result<u64, Error> {
    let differ = |node: &Node| -> Result<bool, Error> {
        let hash = |view: &View<'_>| view.tree.hash(node.level, node.index).map_err(|e| trouble(view, e));
        Ok(hash(a)? != hash(b)?)
    };
    for mut node in root_nodes(size) {
        if !differ(&node)? {
            continue;
        }
        while let Some(level) = node.level.checked_sub(1) {
            let left = Node { level, index: node.index << 1 };
            node = if differ(&left)? { left } else { Node { level, index: left.index + 1 } };
        }
        return Ok(node.index);
    }
    // Roots over equal subtrees are equal: not reached.
    Err(Error::new(ErrorCode::Internal).at("compare"))
}

fn side(view: &View<'_>, index: u64) -> Result<Side, Error> {
    let asked = |e| trouble(view, e);
    let entry = match view.tree.entry(index) {
        // The hash alone proves the fork.
        Err(TreeError::Read(_) | TreeError::Missing(_)) => None,
        found => found.map_err(asked)?,
    };
    Ok(Side {
        leaf: view.tree.hash(0, index).map_err(asked)?,
        inclusion: view.tree.inclusion(index).map_err(asked)?,
        about: entry.as_deref().and_then(|bytes| About::of(view.source, bytes)),
        entry,
    })
}

fn trouble(view: &View<'_>, error: TreeError) -> Error {
    error.at(&view.source.name())
}
