//! `approval.quorum`: everyone who must sign has signed, with keys granted in this log.

use alloc::format;
use alloc::vec::Vec;

use super::Grants;
use super::content::granted_key;
use crate::error_code::ErrorCode;
use crate::kinds::Control;
use crate::kinds::Kind;
use crate::proof::bundle::{Bundle, Proved};
use crate::record::entry::{Entry, Invalid};
use crate::record::statement::{Role, UnitCode};
use crate::tlog::checkpoint::Checkpoint;
use crate::tlog::merkle::verify_inclusion;
use crate::validity::approval::{RulesInForce, check as signers_check};
use crate::verify::trust::PinnedLog;

pub(super) fn check(
    bundle: &Bundle,
    grants: &Grants,
    entry: &Entry,
    trust: Option<&PinnedLog>,
    checkpoint: &Checkpoint,
) -> Result<(), Invalid> {
    let statement = &entry.statement;
    if bundle.ring.digest() != statement.keyring {
        return Err(Invalid::new(ErrorCode::Keyring, "ring"));
    }
    rules_named(bundle)?;
    if statement.kind == Kind::LogGenesis {
        log_genesis(entry, trust)?;
    }
    let unit = stated(bundle, grants, entry, checkpoint)?;
    let standing = RulesInForce {
        ring: &bundle.ring,
        unit: unit.as_ref(),
        catalogue: bundle.catalogue.as_ref(),
        profile: bundle.profile.as_ref(),
    };
    if let (Some(trust), true) = (trust, statement.chain.is_root() && statement.kind != Kind::LogGenesis)
        && bundle.ring.threshold != Some(trust.file.threshold)
    {
        return Err(Invalid::new(ErrorCode::Threshold, "ring.threshold"));
    }
    signers_check(statement, &standing)
}

/// Catalogue and profile are those that the ring names.
fn rules_named(bundle: &Bundle) -> Result<(), Invalid> {
    if bundle.catalogue.as_ref().map(|c| c.digest()) != bundle.ring.catalogue {
        return Err(Invalid::new(ErrorCode::Keyring, "catalogue"));
    }
    if bundle.profile.as_ref().map(|p| p.digest()) != bundle.ring.profile {
        return Err(Invalid::new(ErrorCode::Keyring, "profile"));
    }
    Ok(())
}

/// The log's first entry is the pinned one, signed by the pinned root keys.
fn log_genesis(entry: &Entry, trust: Option<&PinnedLog>) -> Result<(), Invalid> {
    let trust = trust.ok_or_else(|| Invalid::new(ErrorCode::TrustMissing, "trust"))?;
    if entry.id != trust.file.genesis {
        return Err(Invalid::new(ErrorCode::OtherLog, "genesis"));
    }
    Ok(())
}

/// Checks that every signer's key is in a grant of this chain, logged before the entry. Returns the chain's unit.
fn stated(
    bundle: &Bundle,
    grants: &Grants,
    entry: &Entry,
    checkpoint: &Checkpoint,
) -> Result<Option<UnitCode>, Invalid> {
    let statement = &entry.statement;
    let mut before = Vec::new();
    for (i, (proved, grant)) in bundle.grants.iter().zip(grants).enumerate() {
        let grant = granted(proved, grant, checkpoint, &format!("grants[{i}]"))?;
        // Grants of those who signed a later correction or erasure may come after the entry.
        if proved.index < bundle.index {
            before.push(grant);
        }
    }
    if statement.kind == Kind::LogGenesis {
        return Ok(None);
    }
    let unit = before.iter().find_map(|g| match &g.statement.control {
        Some(Control::ChainGenesis(genesis)) if g.statement.chain == statement.chain => Some(genesis.unit.clone()),
        _ => None,
    });
    // A chain's genesis is signed by keys of `root`.
    let of_root = statement.chain.is_root() || statement.kind == Kind::ChainGenesis;
    for signer in &statement.signers {
        if entry.own_key(&signer.keyid).is_some() && statement.kind == Kind::Grant {
            continue;
        }
        let key =
            bundle.ring.key(&signer.keyid).ok_or_else(|| Invalid::new(ErrorCode::KeyUnknown, signer.keyid.to_hex()))?;
        let states_it = before.iter().any(|grant| {
            let in_chain =
                if of_root { grant.statement.chain.is_root() } else { grant.statement.chain == statement.chain };
            let grants = grant.statement.grants();
            grant.id == key.grant
                && in_chain
                && grants.iter().any(|g| {
                    g.key.key_id() == key.keyid
                        && g.roles == key.roles
                        && g.scope == key.scope
                        && g.holder == key.holder
                })
        });
        if !states_it {
            return Err(Invalid::new(ErrorCode::GrantMissing, signer.keyid.to_hex()));
        }
    }
    if unit.is_none() && !of_root {
        return Err(Invalid::new(ErrorCode::GrantMissing, Kind::ChainGenesis));
    }
    Ok(unit)
}

/// A later entry that the bundle brings along (correction, erasure) is signed by keys that entries of `grants` grant
/// in its chain, for the roles in which they sign: a log alone cannot make it up.
pub(super) fn later_signed(grants: &Grants, later: Entry, place: &str) -> Result<(), Invalid> {
    for signer in &later.statement.signers {
        let held = grants.iter().flatten().filter(|g| g.statement.chain == later.statement.chain).any(|g| {
            g.statement
                .grants()
                .iter()
                .any(|grant| grant.key.key_id() == signer.keyid && signer.roles.iter().all(|r| grant.roles.contains(r)))
        });
        if !held {
            return Err(Invalid::new(ErrorCode::GrantMissing, format!("{place}: {}", signer.keyid.to_hex())));
        }
    }
    if later.statement.kind == Kind::Erasure {
        let signs = |role| later.statement.signers.iter().any(|s| s.roles.contains(&role));
        if let Some(role) = [Role::Authority, Role::SupervisionChair].into_iter().find(|r| !signs(*r)) {
            return Err(Invalid::new(ErrorCode::RoleMissing, role));
        }
    }
    later.verify_signatures(|id| granted_key(grants, id)).map(|_| ()).map_err(|e| Invalid::new(e.code, place))
}

fn granted<'a>(
    proved: &Proved,
    entry: &'a Result<Entry, Invalid>,
    checkpoint: &Checkpoint,
    place: &str,
) -> Result<&'a Entry, Invalid> {
    let entry = entry.as_ref().map_err(|e| Invalid::new(e.code, format!("{place}: {}", e.place)))?;
    verify_inclusion(proved.index, checkpoint.size, &entry.leaf_hash(), &proved.inclusion, &checkpoint.root)
        .map_err(|e| Invalid::new(e.code(), place))?;
    Ok(entry)
}
