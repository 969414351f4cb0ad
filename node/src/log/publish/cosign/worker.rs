//! One witness's worker: submit, learn, back off.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Weak};
use std::time::Duration;

use sanwu_schema::tlog::merkle::build;
use sanwu_schema::tlog::note::Signature;
use sanwu_schema::tlog::witness::AddCheckpoint;

use super::board::{Board, Candidate};
use super::compare::Here;
use super::peer::{Peer, Reach, WitnessAnswer};
use crate::log::publish::wake::{Cosigned, Wake};
use crate::log::state::{Heads, ReadState, StatusCell, WitnessFacts};

/// The first pause after a witness did not cosign, and the longest: it is asked again within half a minute of its
/// return, and a dead one costs two connections a minute.
const BACK_OFF_MIN: Duration = Duration::from_millis(500);
const BACK_OFF_MAX: Duration = Duration::from_secs(30);

/// The longest `Retry-After` that is obeyed.
const BUSY_MAX: Duration = Duration::from_secs(300);

/// Times in a row that a 409 is answered by a request from the size it names; a witness whose size changes each time
/// is fed by somebody else at the same moment.
const CONFLICTS_MAX: u32 = 3;

/// The worker's own state; nobody else sees it.
pub(super) struct Worker {
    /// Held only while it is read: a witness may let a request wait, the end of the log does not.
    state: Weak<ReadState>,
    heads: Arc<Heads>,
    status: Arc<StatusCell>,
    witnesses: Arc<WitnessFacts>,
    /// Its names in the policy: one per key.
    names: Vec<String>,
    peer: Box<dyn Peer>,
    /// The size that the witness has recorded, as far as known; 0 asks for it.
    known: u64,
}

/// The witness did not cosign; its row says why.
struct Silent {
    /// How long it asked to be left alone.
    asked: Option<Duration>,
}

impl Worker {
    pub(super) fn new(state: &Arc<ReadState>, heads: &Arc<Heads>, status: &Arc<StatusCell>, reach: Reach) -> Self {
        let Reach { names, peer } = reach;
        Self {
            state: Arc::downgrade(state),
            heads: Arc::clone(heads),
            status: Arc::clone(status),
            witnesses: Arc::clone(&state.witnesses),
            names,
            peer,
            known: 0,
        }
    }

    /// Starts the thread. It ends when the board is closed.
    pub(super) fn start(mut self, board: Arc<Board>, events: SyncSender<Wake>) -> std::io::Result<()> {
        std::thread::Builder::new().name("witness".into()).spawn(move || {
            // The number of the candidate that the witness has cosigned last.
            let mut done = None;
            let mut pause: Option<Duration> = None;
            while let Some(candidate) = board.next(done, pause) {
                match self.submit(&candidate) {
                    Ok(cosigned) => {
                        (done, pause) = (Some(candidate.number), None);
                        for one in cosigned {
                            if events.send(Wake::Cosigned(Box::new(one))).is_err() {
                                return;
                            }
                        }
                    }
                    Err(Silent { asked: Some(asked) }) => pause = Some(asked.clamp(BACK_OFF_MIN, BUSY_MAX)),
                    Err(Silent { asked: None }) => {
                        let longer = pause.map_or(BACK_OFF_MIN, |last| last.saturating_mul(2));
                        pause = Some(longer.clamp(BACK_OFF_MIN, BACK_OFF_MAX));
                    }
                }
            }
        })?;
        Ok(())
    }

    /// Gets the candidate cosigned.
    fn submit(&mut self, candidate: &Candidate) -> Result<Vec<Cosigned>, Silent> {
        for _ in 0..CONFLICTS_MAX {
            if self.known > candidate.size {
                return Err(self.ahead(candidate));
            }
            let Some(state) = self.state.upgrade() else { return Err(Silent { asked: None }) };
            let proof = build::consistency_proof(self.known, candidate.size, &state.hashes());
            drop(state);
            let proof = match proof {
                Ok(proof) => proof,
                Err(error) => return Err(self.silent(&format!("no proof from size {}: {error}", self.known))),
            };
            let request = AddCheckpoint { old: self.known, proof, checkpoint: candidate.note.clone() };
            match self.peer.add_checkpoint(&request) {
                WitnessAnswer::Cosigned(lines) => return self.cosigned(candidate, lines),
                WitnessAnswer::Conflict(size) => self.known = size,
                WitnessAnswer::Busy(asked) => {
                    let mut silent = self.silent("it asks to wait");
                    silent.asked = Some(asked);
                    return Err(silent);
                }
                // It may have been shown another history of this log: then its record tells.
                WitnessAnswer::Refused(why) => {
                    self.compare();
                    return Err(self.silent(&why));
                }
                // It may have recorded the checkpoint all the same: then the next request gets a 409.
                WitnessAnswer::Unreachable(why) => return Err(self.silent(&why)),
            }
        }
        Err(self.silent("its recorded size keeps changing"))
    }

    /// Checks the lines of an answer; those by other keys than the policy's are ignored.
    fn cosigned(&mut self, candidate: &Candidate, lines: Vec<Signature>) -> Result<Vec<Cosigned>, Silent> {
        let mut found = Vec::new();
        for signature in lines {
            let witnesses = self.witnesses.policy().witnesses();
            let Some(witness) = witnesses.iter().find(|one| signature.is_by(&one.vkey)) else { continue };
            match witness.vkey.verify(candidate.note.text(), signature.bytes()) {
                Ok(Some(time)) => {
                    self.witnesses.cosigned(&witness.name, candidate.size, time);
                    found.push(Cosigned { size: candidate.size, vkey: witness.vkey.clone(), time, signature });
                }
                _ => return Err(self.silent("its cosignature does not verify")),
            }
        }
        if found.is_empty() {
            return Err(self.silent("it answered without a cosignature by a key of the policy"));
        }
        self.known = candidate.size;
        Ok(found)
    }

    /// The witness has a larger tree on record than this log.
    fn ahead(&mut self, candidate: &Candidate) -> Silent {
        let known = std::mem::take(&mut self.known);
        self.compare();
        // A head that an earlier process had cosigned and not published yet is on its way again.
        let head = self.heads.committed().position.size;
        let why = match known > head {
            true => ": an old copy was put back, or somebody else signs with this log's key",
            false => ", which is about to be published",
        };
        self.silent(&format!("it has recorded size {known}, beyond the {} it was asked for{why}", candidate.size))
    }

    /// Looks at what the witness has on record; the caller reports why it is silent.
    fn compare(&mut self) {
        let name = self.names.first().map_or("", String::as_str);
        let record = self.peer.latest();
        if let (Ok(record), Some(state)) = (record, self.state.upgrade()) {
            let here = Here { state: &state, heads: &self.heads, status: &self.status };
            // A record that says nothing is reported with the refusal that led here.
            _ = record.map_or(Ok(()), |note| here.compare(name, &note));
        }
    }

    fn silent(&self, why: &str) -> Silent {
        self.names.iter().for_each(|name| self.witnesses.trouble(name, why));
        Silent { asked: None }
    }
}
