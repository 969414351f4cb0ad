//! What a replica knows of the log that it follows before it has copied anything.

use sanwu_schema::record::statement::StatementId;
use sanwu_schema::tlog::checkpoint::{Checkpoint, CheckpointError, Origin};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::validity::ChainFacts;
use sanwu_schema::verify::trust::PinnedLog;

use super::lines::{self, Pick};
use crate::log::publish::{LogSigners, Witnessing};
use crate::log::state::{WitnessFacts, WitnessPolicy};

/// What a replica pins of the log that it follows.
#[derive(Clone, Debug)]
pub struct Pins {
    /// The log.
    pub origin: Origin,
    /// Its first statement; absent for a log of raw leaves that has none.
    pub genesis: Option<StatementId>,
    /// Its keys, at least one.
    pub log_vkeys: Vec<Vkey>,
    pub(super) witnesses: WitnessPolicy,
}

impl Pins {
    /// Returns what a trust file says.
    pub fn trusting(pinned: PinnedLog) -> Self {
        let PinnedLog { file, log_vkeys, policy, .. } = pinned;
        let lines = file.policy.into_iter().filter(|line| !line.trim_start().starts_with("log "));
        let witnesses = WitnessPolicy {
            policy,
            lines: lines.collect(),
            operators: file.operators.unwrap_or_default(),
            max_age_days: file.max_age_days,
        };
        Self { origin: file.origin, genesis: Some(file.genesis), log_vkeys, witnesses }
    }

    /// Returns a log that is known by its keys alone; `None` if they have no or several names, or one that is no
    /// origin.
    pub fn bare(log_vkeys: Vec<Vkey>) -> Option<Self> {
        let origin = Origin::parse(log_vkeys.first()?.name()).ok()?;
        if log_vkeys.iter().any(|vkey| vkey.name() != origin.as_str()) {
            return None;
        }
        Some(Self { origin, genesis: None, log_vkeys, witnesses: Witnessing::none().stated() })
    }

    /// Returns what clients are told about the log's witnesses. A replica asks none.
    pub(super) fn witnesses(&self) -> WitnessFacts {
        WitnessFacts::new(self.witnesses.clone(), |_| false)
    }

    /// Returns the keys that may sign for the log, as far as the copied entries say, and the pinned ones, which may be
    /// named by an entry that is still to come.
    pub(super) fn signers(&self, root: Option<&ChainFacts>) -> LogSigners {
        LogSigners::new(root, &self.log_vkeys)
    }

    /// Returns the keys whose lines are checked here: the log's and the pinned witnesses'.
    pub(super) fn checked(&self, root: Option<&ChainFacts>) -> Vec<Vkey> {
        let witnesses = self.witnesses.policy.witnesses().iter().map(|witness| &witness.vkey);
        self.signers(root).vkeys().iter().chain(witnesses).cloned().collect()
    }

    /// Opens a checkpoint that a key of this log has signed while it might.
    ///
    /// The note is given back with those lines only that were checked: a bad one under a witness's name would make
    /// clients that pin the witness refuse it all, and what somebody changed on its way once would be served for ever.
    pub(super) fn open(
        &self,
        note: &[u8],
        root: Option<&ChainFacts>,
    ) -> Result<(Checkpoint, Vec<u8>), CheckpointError> {
        let checkpoint = self.signers(root).checkpoint(note, &self.origin)?;
        let cleaned = lines::united(&[note], &self.checked(root), Pick::First);
        Ok((checkpoint, cleaned.unwrap_or_else(|| note.to_vec())))
    }
}
