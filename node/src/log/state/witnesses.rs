//! What is known of the log's witnesses: the policy, and whether each cosigns now.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::policy::{Policy, PolicyWitness, QuorumReport};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::Operator;

/// A witness, as far as this node knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessStatus {
    /// Its name in the policy.
    pub name: String,
    /// Its key name, as in signature lines.
    pub key_name: String,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// Whether it has an address here: the others are asked by somebody else, or by hand.
    pub asked: bool,
    /// The largest checkpoint that it cosigned for this process, and its own time in seconds since 1970.
    pub cosigned: Option<(u64, u64)>,
    /// Why it does not cosign now; `None` if it does, or was not asked yet.
    pub trouble: Option<String>,
    /// When the trouble began, in milliseconds since 1970.
    pub since_ms: u64,
}

/// The part of a policy that is about witnesses, and who runs them: what the trust file says.
#[derive(Clone, Debug)]
pub(in crate::log) struct WitnessPolicy {
    pub(in crate::log) policy: Policy,
    /// The policy's lines about witnesses.
    pub(in crate::log) lines: Vec<String>,
    pub(in crate::log) operators: Vec<Operator>,
    /// How old a cosignature may be.
    pub(in crate::log) max_age_days: Option<u64>,
}

/// What clients and pages need to know of the witnesses; fixed while the log is open, but for the rows.
pub(in crate::log) struct WitnessFacts {
    pub(in crate::log) stated: WitnessPolicy,
    /// Written by the workers, each its own row; of a replica by the follower.
    rows: Mutex<Vec<WitnessStatus>>,
}

impl WitnessFacts {
    /// Returns a row for each witness of the policy; `asked` tells by name which of them this node asks.
    pub(in crate::log) fn new(stated: WitnessPolicy, asked: impl Fn(&str) -> bool) -> Self {
        let row = |witness: &PolicyWitness| WitnessStatus {
            name: witness.name.clone(),
            key_name: witness.vkey.name().to_owned(),
            operator: stated.operators.iter().find(|one| one.witness == witness.name).cloned(),
            asked: asked(&witness.name),
            cosigned: None,
            trouble: None,
            since_ms: 0,
        };
        let rows = stated.policy.witnesses().iter().map(row).collect();
        Self { stated, rows: Mutex::new(rows) }
    }

    pub(in crate::log) fn rows(&self) -> MutexGuard<'_, Vec<WitnessStatus>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes one witness's row.
    fn update(&self, name: &str, change: impl FnOnce(&mut WitnessStatus)) {
        if let Some(row) = self.rows().iter_mut().find(|row| row.name == name) {
            change(row);
        }
    }

    /// Returns the cosignatures under a note that verify under the policy, each with its time.
    pub(in crate::log) fn cosigned_in(&self, note: &Note) -> Vec<(Vkey, u64)> {
        let lines = note.signatures().iter();
        lines
            .filter_map(|line| {
                let witness = self.policy().witnesses().iter().find(|witness| line.is_by(&witness.vkey))?;
                let time = witness.vkey.verify(note.text(), line.bytes()).ok()??;
                Some((witness.vkey.clone(), time))
            })
            .collect()
    }

    pub(in crate::log) fn cosigned(&self, name: &str, size: u64, time: u64) {
        self.update(name, |row| {
            row.cosigned = Some((size, time));
            row.trouble = None;
        });
    }

    pub(in crate::log) fn trouble(&self, name: &str, why: &str) {
        self.update(name, |row| {
            if row.trouble.is_none() {
                row.since_ms = crate::clock::now_ms();
                tracing::warn!(witness = name, reason = why, "a witness does not cosign: {why}");
            }
            row.trouble = Some(why.to_owned());
        });
    }

    pub(in crate::log) fn policy(&self) -> &Policy {
        &self.stated.policy
    }

    /// Returns what the quorum says about verified cosignatures.
    pub(in crate::log) fn weigh(&self, cosigned: &[(Vkey, u64)]) -> QuorumReport {
        self.policy().quorum(cosigned.iter().map(|(vkey, time)| (vkey, *time)))
    }
}
