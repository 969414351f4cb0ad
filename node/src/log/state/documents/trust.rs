//! The trust file as this node would give it.

use sanwu_schema::date::IssuedAt;
use sanwu_schema::record::statement::{ChainId, Role};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::{FORMAT, Trust};

use crate::log::state::error::ReadError;
use crate::log::state::reader::Reader;

/// Puts the trust file together; `None` before the log's first entry.
pub(super) fn assemble(reader: &Reader) -> Result<Option<Trust>, ReadError> {
    let root = ChainId::root();
    let (Some(state), Some(first)) = (reader.chain(&root)?, reader.chain_entries(&root, 0, 1)?.into_iter().next())
    else {
        return Ok(None);
    };
    let facts = &state.facts;
    let mut root_keys = Vec::new();
    for (key, public) in facts.ring.keys.iter().zip(&facts.keys) {
        if key.roles.contains(&Role::Root) {
            let vkey = Vkey::from_public_key(key.holder.as_str(), public);
            root_keys.push(vkey.map_err(|_| ReadError::Record("root key"))?.to_string());
        }
    }
    let log_vkeys = facts.log_vkeys.clone().unwrap_or_default();
    let witnesses = reader.witness_facts();
    let mut policy: Vec<String> = log_vkeys.iter().map(|vkey| format!("log {vkey}")).collect();
    policy.extend(witnesses.stated.lines.clone());
    let operators = (!witnesses.stated.operators.is_empty()).then(|| witnesses.stated.operators.clone());
    let now = crate::clock::beijing_time(crate::clock::now_ms());
    Ok(Some(Trust {
        format: FORMAT.into(),
        origin: reader.origin().clone(),
        purpose: facts.purpose.ok_or(ReadError::Record("purpose"))?,
        genesis: first.entry.id,
        root_keys,
        threshold: facts.ring.threshold.ok_or(ReadError::Record("threshold"))?,
        log_vkeys,
        retired: facts.log_retired.clone(),
        policy,
        operators,
        max_age_days: witnesses.stated.max_age_days,
        issued_at: IssuedAt::parse(&now).ok_or(ReadError::Record("time"))?,
    }))
}
