//! What a drafter must know of a chain.

use sanwu_schema::draft::{CHAIN_INFO_FORMAT, ChainInfo};
use sanwu_schema::json::Bytes;
use sanwu_schema::kinds::{Body, PersonName};
use sanwu_schema::record::statement::{ChainId, Seen};
use sanwu_schema::tlog::merkle::EMPTY;
use sanwu_schema::validity::ChainState;
use sanwu_schema::validity::ring::RingKey;

use crate::log::state::error::ReadError;
use crate::log::state::reader::{LoggedEntry, Reader};

/// Puts the document together. A chain that is not open gets one without head and facts.
pub(super) fn assemble(reader: &Reader, chain: &ChainId) -> Result<ChainInfo, ReadError> {
    let state = reader.chain(chain)?;
    let (size, note) = match reader.published() {
        Some(published) => (published.size, published.note.clone()),
        None => (0, Vec::new()),
    };
    let root = if size == 0 { Some(EMPTY) } else { reader.root_at(size)? };
    let mut info = ChainInfo {
        format: CHAIN_INFO_FORMAT.into(),
        origin: reader.origin().clone(),
        chain: chain.clone(),
        unit_name: None,
        head: None,
        facts: None,
        names: Vec::new(),
        opening: None,
        seen: Seen { size, root: root.ok_or(ReadError::Record("published root"))? },
        checkpoint: Bytes(note),
    };
    let Some(ChainState { head, facts, .. }) = state else { return Ok(info) };
    let genesis = reader.chain_entries(chain, 0, 1)?.into_iter().next().ok_or(ReadError::Record("genesis"))?;
    let first_names = match content(reader, &genesis)? {
        Some(Body::ChainGenesis(body)) => {
            info.unit_name = Some(body.unit_name);
            info.opening = Some(body.opening);
            body.keys
        }
        Some(Body::LogGenesis(body)) => body.keys,
        _ => Vec::new(),
    };
    for key in &facts.ring.keys {
        if let Some(name) = first_names.iter().find(|name| name.keyid == key.keyid) {
            info.names.push(name.clone());
        } else if let Some(name) = granted_name(reader, key)? {
            info.names.push(name);
        }
    }
    info.head = Some(head);
    info.facts = Some((*facts).clone());
    Ok(info)
}

/// Name and office from the body of the entry that granted the key.
fn granted_name(reader: &Reader, key: &RingKey) -> Result<Option<PersonName>, ReadError> {
    let Some(grant) = reader.find(&key.grant)? else { return Ok(None) };
    Ok(match content(reader, &grant)? {
        Some(Body::Grant(body)) => Some(PersonName { keyid: key.keyid, name: body.name, office: body.office }),
        _ => None,
    })
}

fn content(reader: &Reader, found: &LoggedEntry) -> Result<Option<Body>, ReadError> {
    let Some(bytes) = reader.body(&found.entry.statement)? else { return Ok(None) };
    Body::parse(found.entry.statement.kind, &bytes).map(Some).map_err(|_| ReadError::Record("body"))
}
