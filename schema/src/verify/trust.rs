//! The trust file: what a client pins, and got by another way than from the node it checks.

use alloc::string::String;
use alloc::vec::Vec;

use crate::date::IssuedAt;
use crate::error_code::ErrorCode;
use crate::json::{from_json, record};
use crate::kinds::Purpose;
use crate::record::entry::Invalid;
use crate::record::statement::StatementId;
use crate::tlog::checkpoint::{Checkpoint, CheckpointError, Origin};
use crate::tlog::policy::Policy;
use crate::tlog::vkey::Vkey;

/// Names the format.
pub const FORMAT: &str = "sanwu-trust-v1";

const SECONDS_PER_DAY: u64 = 86_400;

record! {
    /// A key that no longer signs, and the largest tree that it may have signed: proofs made then stay good.
    pub struct RetiredKey {
        vkey: String,
        /// The largest tree, in leaves.
        size: u64,
    }
}

record! {
    /// Who runs a witness.
    pub struct Operator {
        /// The witness's name in the policy.
        witness: String,
        /// Who runs it, for people: 示例县农经站.
        name: String,
        /// Whether that is who runs the log, too: such a witness is no outsider. Absent means no.
        own [opt]: bool,
    }
}

record! {
    /// What a client pins.
    pub struct Trust {
        format: String,
        origin: Origin,
        /// Live or test.
        purpose: Purpose,
        /// The log's first statement.
        genesis: StatementId,
        /// The root keys, as vkey texts (name = holder).
        root_keys: Vec<String>,
        /// How many of them must sign.
        threshold: u64,
        /// The log's verifier keys.
        log_vkeys: Vec<String>,
        /// Keys that the log has changed.
        retired [opt]: Vec<RetiredKey>,
        /// The witnesses and the quorum: the lines of a tlog-policy. `quorum none` when there are none yet.
        policy: Vec<String>,
        /// Who runs the witnesses.
        operators [opt]: Vec<Operator>,
        /// How many days old the cosignatures of a checkpoint may be. Absent: any age.
        max_age_days [opt]: u64,
        /// When this file was made.
        issued_at: IssuedAt,
    }
}

/// A trust file whose texts are understood.
#[derive(Clone, Debug)]
pub struct PinnedLog {
    /// The file.
    pub file: Trust,
    /// The log's keys.
    pub log_vkeys: Vec<Vkey>,
    /// Keys that the log has changed, each with the largest tree that it may have signed.
    pub retired: Vec<(Vkey, u64)>,
    /// The policy.
    pub policy: Policy,
}

impl Trust {
    /// Parses a trust file and the texts in it.
    pub fn parse(bytes: &[u8]) -> Result<PinnedLog, Invalid> {
        let file: Self = from_json(bytes)?;
        if file.format != FORMAT {
            return Err(Invalid::new(ErrorCode::JsonValue, "format"));
        }
        let mut log_vkeys = Vec::new();
        for (i, text) in file.log_vkeys.iter().enumerate() {
            log_vkeys.push(log_key(&file, text, alloc::format!("log_vkeys[{i}]"))?);
        }
        let mut retired = Vec::new();
        for (i, old) in file.retired.iter().flatten().enumerate() {
            retired.push((log_key(&file, &old.vkey, alloc::format!("retired[{i}].vkey"))?, old.size));
        }
        for (i, text) in file.root_keys.iter().enumerate() {
            Vkey::parse(text).map_err(|e| Invalid::new(e.code(), alloc::format!("root_keys[{i}]")))?;
        }
        if log_vkeys.is_empty() || file.threshold == 0 {
            return Err(Invalid::new(ErrorCode::JsonValue, "log_vkeys, threshold"));
        }
        let policy = Policy::parse(&(file.policy.join("\n") + "\n")).map_err(|e| Invalid::new(e.code(), "policy"))?;
        let pinned = PinnedLog { file, log_vkeys, retired, policy };
        // A key that is known twice would make every note that it signs ambiguous, and that is not the log's fault.
        let known: Vec<&Vkey> = pinned.known().collect();
        if known.iter().enumerate().any(|(at, key)| known.iter().take(at).any(|before| before == key)) {
            return Err(Invalid::new(ErrorCode::JsonValue, "log_vkeys, retired, policy"));
        }
        Ok(pinned)
    }
}

fn log_key(file: &Trust, text: &str, place: String) -> Result<Vkey, Invalid> {
    let vkey = Vkey::parse(text).map_err(|e| Invalid::new(e.code(), &place))?;
    if vkey.name() != file.origin.as_str() {
        return Err(Invalid::new(ErrorCode::OtherLog, place));
    }
    Ok(vkey)
}

/// A checkpoint that a pinned log key has signed.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The witnesses of the policy that have cosigned it, with their times, in the policy's order.
    pub cosigned: Vec<(Vkey, u64)>,
}

impl PinnedLog {
    /// Opens a signed checkpoint: signed by a log key in force, or by a retired one while the tree was not larger than
    /// what that key may have signed.
    ///
    /// No known key's signature is bad.
    pub fn open(&self, note: &[u8]) -> Result<Opened, CheckpointError> {
        let log: Vec<Vkey> = self.log_keys().cloned().collect();
        let witnesses: Vec<Vkey> = self.policy.witnesses().iter().map(|w| w.vkey.clone()).collect();
        let may_sign = |checkpoint: &Checkpoint, key: usize| match key.checked_sub(self.log_vkeys.len()) {
            None => true,
            Some(old) => self.retired.get(old).is_some_and(|(_, size)| checkpoint.size <= *size),
        };
        let (checkpoint, note) = Checkpoint::open_by(note, &self.file.origin, &log, &witnesses, may_sign)?;
        let cosigned = witnesses.into_iter().enumerate().filter_map(|(at, witness)| {
            let one = note.verified.iter().find(|one| one.key == log.len() + at)?;
            Some((witness, one.time?))
        });
        Ok(Opened { checkpoint, cosigned: cosigned.collect() })
    }

    /// The log's keys, those in force before the retired ones.
    fn log_keys(&self) -> impl Iterator<Item = &Vkey> {
        self.log_vkeys.iter().chain(self.retired.iter().map(|(vkey, _)| vkey))
    }

    /// All keys whose lines are checked.
    fn known(&self) -> impl Iterator<Item = &Vkey> {
        self.log_keys().chain(self.policy.witnesses().iter().map(|witness| &witness.vkey))
    }

    /// Returns whether the quorum holds even among those cosignatures that are not older than `max_age_days`, by a
    /// clock in seconds since 1970.
    pub fn is_fresh(&self, cosigned: &[(Vkey, u64)], now: u64) -> bool {
        let Some(days) = self.file.max_age_days else { return true };
        let oldest = now.saturating_sub(days.saturating_mul(SECONDS_PER_DAY));
        let recent = cosigned.iter().filter(|(_, time)| *time >= oldest).map(|(key, time)| (key, *time));
        self.policy.quorum(recent).satisfied
    }

    /// Returns who runs a witness of the policy.
    pub fn operator(&self, witness: &str) -> Option<&Operator> {
        self.file.operators.iter().flatten().find(|operator| operator.witness == witness)
    }
}
