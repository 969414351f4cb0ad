//! Compares what witnesses have recorded of this log with the store: they know of a tree that is missing in an old copy
//! which was put back, and of one that somebody else has signed with the log's key.

use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::witness::AddCheckpoint;
use thiserror::Error;

use super::peer::{Peer, Reach, WitnessAnswer};
use crate::log::publish::keys::{LogSigners, NoteStatus, claimed_size};
use crate::log::state::{Heads, ReadError, ReadOnly, ReadState, RecordProof, StatusCell};

/// Why a witness's record says nothing about this log.
#[derive(Debug, Error)]
pub(super) enum Unheard {
    #[error("it shows a checkpoint that this log has not signed")]
    Strange,
    #[error(
        "it shows a checkpoint signed with a retired log key over a tree that was never there: that key is in other \
         hands, and the witness must drop it from its list"
    )]
    Misused,
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The witness did not say.
    #[error("{0}")]
    Silent(String),
}

/// The log that records are compared with.
#[derive(Clone, Copy)]
pub(in crate::log) struct Here<'a> {
    pub(in crate::log) state: &'a ReadState,
    pub(in crate::log) heads: &'a Heads,
    pub(in crate::log) status: &'a StatusCell,
}

impl Here<'_> {
    /// Asks every witness, all at the same time, for the newest checkpoint of this log that it has cosigned.
    ///
    /// One that is ahead of the store, or of another history, makes the log read-only; of a silent one its row says so,
    /// and it counts as nothing.
    pub(in crate::log) fn ask_all(self, reaches: &mut [Reach]) {
        std::thread::scope(|scope| {
            for Reach { names, peer } in reaches {
                scope.spawn(move || {
                    let name = names.first().map_or("", String::as_str);
                    if let Err(why) = self.ask(name, &mut **peer) {
                        let why = why.to_string();
                        names.iter().for_each(|name| self.state.witnesses.trouble(name, &why));
                    }
                });
            }
        });
    }

    fn ask(self, name: &str, peer: &mut dyn Peer) -> Result<(), Unheard> {
        let Some(note) = peer.latest().map_err(Unheard::Silent)? else { return self.probe(name, peer) };
        match self.compare(name, &note) {
            Err(Unheard::Strange) => self.compare_cosigned(name, &note),
            heard => heard,
        }
    }

    /// Stops admission if what a witness has recorded is not part of the log: this store is an old copy, or somebody
    /// else signs with the key.
    ///
    /// An error if the log has not signed what the witness shows: while the log runs, a statement of the witness alone
    /// does not stop it.
    pub(super) fn compare(self, name: &str, note: &[u8]) -> Result<(), Unheard> {
        let root = self.state.chain(&ChainId::root())?;
        let signers = LogSigners::new(root.as_ref().map(|state| &*state.facts), &self.state.held);
        let shown = match signers.open(note, &self.state.origin) {
            NoteStatus::Signed(shown) => shown,
            NoteStatus::Misused => return Err(Unheard::Misused),
            NoteStatus::Strange => return Err(Unheard::Strange),
        };
        let head = self.heads.committed().position;
        if shown.size > head.size {
            self.behind(name, head.size, shown.size, RecordProof::Signed);
        } else if self.state.root_at(head, shown.size)? != Some(shown.root) {
            self.doubt(name, ReadOnly::Contradiction { witness: name.to_owned(), size: shown.size });
        }
        Ok(())
    }

    /// At the start a note counts that this node cannot open, if a witness of the policy has cosigned it: store and key
    /// file may both be older than a change of the log's keys, and what is signed twice cannot be taken back.
    fn compare_cosigned(self, name: &str, note: &[u8]) -> Result<(), Unheard> {
        let here = self.heads.committed().position.size;
        let cosigned = Note::parse(note).is_ok_and(|note| !self.state.witnesses.cosigned_in(&note).is_empty());
        let there = claimed_size(note, &self.state.origin).filter(|there| cosigned && *there > here);
        self.behind(name, here, there.ok_or(Unheard::Strange)?, RecordProof::Cosigned);
        Ok(())
    }

    /// A witness that shows no checkpoint of this log has none, or serves them elsewhere (tlog-witness allows another
    /// prefix for them): a request says what it has recorded. At the start that is enough; an operator who is sure that
    /// it errs takes it out of the policy.
    fn probe(self, name: &str, peer: &mut dyn Peer) -> Result<(), Unheard> {
        let committed = self.heads.committed();
        let here = committed.position.size;
        let Ok(checkpoint) = Note::parse(&committed.note) else { return Ok(()) };
        if here == 0 {
            return Ok(());
        }
        let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint };
        if let WitnessAnswer::Conflict(there) = peer.add_checkpoint(&request)
            && there > here
        {
            self.behind(name, here, there, RecordProof::Told);
        }
        Ok(())
    }

    fn behind(self, name: &str, here: u64, recorded: u64, proof: RecordProof) {
        self.doubt(name, ReadOnly::BehindWitness { witness: name.to_owned(), here, recorded, proof });
    }

    fn doubt(self, name: &str, why: ReadOnly) {
        tracing::error!(witness = name, "read-only: {why}");
        self.status.doubt(why);
    }
}
