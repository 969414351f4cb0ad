//! The trust file: what a client pins, and got by another way than from the node it checks.

use alloc::string::String;
use alloc::vec::Vec;

use crate::canon::{from_json, record};
use crate::code::Code;
use crate::control::Purpose;
use crate::entry::Invalid;
use crate::key::Vkey;
use crate::log::checkpoint::Origin;
use crate::log::policy::Policy;
use crate::statement::{IssuedAt, StatementId};

/// Names the format.
pub const FORMAT: &str = "sanwu-trust-v1";

record! {
    /// What a client pins.
    pub struct Trust {
        /// [`FORMAT`].
        format: String,
        /// The log.
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
        /// The witnesses and the quorum: the lines of a tlog-policy. `quorum none` when there are none yet.
        policy: Vec<String>,
        /// When this file was made.
        issued_at: IssuedAt,
    }
}

/// A trust file whose texts are understood.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// The file.
    pub file: Trust,
    /// The log's keys.
    pub log_vkeys: Vec<Vkey>,
    /// The policy.
    pub policy: Policy,
}

impl Trust {
    /// Parses a trust file and the texts in it.
    pub fn parse(bytes: &[u8]) -> Result<Pinned, Invalid> {
        let file: Self = from_json(bytes)?;
        if file.format != FORMAT {
            return Err(Invalid::new(Code::JsonValue, "format"));
        }
        let mut log_vkeys = Vec::new();
        for (i, text) in file.log_vkeys.iter().enumerate() {
            let place = alloc::format!("log_vkeys[{i}]");
            let vkey = Vkey::parse(text).map_err(|e| Invalid::new(e.code(), &place))?;
            if vkey.name() != file.origin.as_str() {
                return Err(Invalid::new(Code::OtherLog, place));
            }
            log_vkeys.push(vkey);
        }
        for (i, text) in file.root_keys.iter().enumerate() {
            Vkey::parse(text).map_err(|e| Invalid::new(e.code(), alloc::format!("root_keys[{i}]")))?;
        }
        if log_vkeys.is_empty() || file.threshold == 0 {
            return Err(Invalid::new(Code::JsonValue, "log_vkeys, threshold"));
        }
        let policy = Policy::parse(&(file.policy.join("\n") + "\n")).map_err(|e| Invalid::new(e.code(), "policy"))?;
        Ok(Pinned { file, log_vkeys, policy })
    }
}
