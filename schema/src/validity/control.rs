//! Control entries: they open chains and change rings and rules.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{ChainFacts, ChainState, Effect, History, Refused, refuse};
use crate::crypto::key::{PublicKey, Suite};
use crate::error_code::ErrorCode;
use crate::kinds::{Adoption, ChainGenesis, Control, KeyGrant, LogGenesis, LogKeys, Revocation};
use crate::record::entry::Entry;
use crate::record::statement::{ChainId, Role, Statement};
use crate::tlog::vkey::{ED25519, MLDSA44_COSIGNATURE, Vkey};
use crate::validity::ring::RingKey;
use crate::verify::trust::RetiredKey;

/// Applies a control whose signers have been checked.
pub(super) fn apply<H: History>(
    entry: &Entry,
    control: &Control,
    root: Option<&ChainState>,
    history: &H,
    effect: &mut Effect,
) -> Result<(), Refused<H::Error>> {
    let s = &entry.statement;
    bare(s)?;
    let in_root = s.chain.is_root();
    let mut facts: ChainFacts = (*effect.state.facts).clone();
    match control {
        Control::LogGenesis(genesis) => open_log(entry, genesis, &mut facts, effect)?,
        Control::ChainGenesis(genesis) => open_chain(entry, genesis, root, &mut facts, effect)?,
        Control::Grant(grant) => {
            grant_fits(grant, &s.chain, &facts, root)?;
            let keyid = grant.key.key_id();
            if history.was_granted(&s.chain, &keyid).map_err(Refused::History)? {
                return refuse(ErrorCode::KeyGranted, keyid.to_hex());
            }
            not_a_log_key(grant, root)?;
            add(&mut facts, grant, entry, effect);
        }
        Control::Revoke(revocation) => revoke(revocation, in_root, &mut facts)?,
        Control::LogKey(keys) if in_root => {
            let vkeys = change_log_keys(entry, keys, &mut facts, effect.state.head.index)?;
            for key in vkeys.iter().filter_map(Vkey::public_key) {
                if history.was_granted(&s.chain, &key.key_id()).map_err(Refused::History)? {
                    return refuse(ErrorCode::KeyUse, "control.log_vkeys");
                }
            }
        }
        Control::Catalogue(new) if in_root => {
            if new.catalogue.version != facts.catalogue.version + 1 {
                return refuse(ErrorCode::Control, "control.catalogue.version");
            }
            facts.ring.catalogue = Some(new.catalogue.digest());
            facts.catalogue = new.catalogue.clone();
        }
        Control::Profile(new) if !in_root => {
            if facts.profile.as_ref().is_some_and(|old| new.profile.version != old.version + 1) {
                return refuse(ErrorCode::Control, "control.profile.version");
            }
            facts.ring.profile = Some(new.profile.digest());
            facts.profile = Some(new.profile.clone());
        }
        Control::Rules(adoption) if !in_root => adopt(adoption, root, &mut facts)?,
        Control::LogKey(_) | Control::Catalogue(_) | Control::Profile(_) | Control::Rules(_) => {
            return refuse(ErrorCode::ChainKind, s.kind);
        }
        Control::Correction(_) | Control::Erasure(_) => return refuse(ErrorCode::Control, "control"),
    }
    effect.state = ChainState::new(effect.state.head.clone(), Arc::new(facts));
    effect.facts_changed = true;
    Ok(())
}

/// A control entry says nothing but its control and body.
fn bare<E>(s: &Statement) -> Result<(), Refused<E>> {
    if s.issuer.is_some() || s.code.is_some() || s.period.is_some() || s.rows.is_some() || s.refs.is_some() {
        return refuse(ErrorCode::Control, "issuer, code, period, rows, refs");
    }
    if s.body.is_none() {
        return refuse(ErrorCode::BodyMissing, "body");
    }
    Ok(())
}

fn open_log<E>(
    entry: &Entry,
    genesis: &LogGenesis,
    facts: &mut ChainFacts,
    effect: &mut Effect,
) -> Result<(), Refused<E>> {
    if genesis.suites != [u64::from(Suite::Ed25519.byte())] {
        return refuse(ErrorCode::Suite, "control.suites");
    }
    if genesis.catalogue.version != 1 {
        return refuse(ErrorCode::Control, "control.catalogue.version");
    }
    for grant in &genesis.keys {
        if grant.roles != [Role::Root] || grant.scope.is_some() || !grant.key.suite().is_supported() {
            return refuse(ErrorCode::RolePlace, "control.keys.roles");
        }
    }
    let vkeys = log_keys(entry, &genesis.log_vkeys)?;
    if genesis.keys.iter().any(|grant| uses(&vkeys, &grant.key)) {
        return refuse(ErrorCode::KeyUse, "control.log_vkeys");
    }
    facts.purpose = Some(genesis.purpose);
    facts.log_vkeys = Some(genesis.log_vkeys.clone());
    facts.ring.threshold = Some(genesis.threshold);
    facts.ring.catalogue = Some(genesis.catalogue.digest());
    facts.catalogue = genesis.catalogue.clone();
    for grant in &genesis.keys {
        add(facts, grant, entry, effect);
    }
    if genesis.threshold == 0 || genesis.threshold > facts.ring.holders(Role::Root) as u64 {
        return refuse(ErrorCode::Threshold, "control.threshold");
    }
    Ok(())
}

fn open_chain<E>(
    entry: &Entry,
    genesis: &ChainGenesis,
    root: Option<&ChainState>,
    facts: &mut ChainFacts,
    effect: &mut Effect,
) -> Result<(), Refused<E>> {
    let Some(root) = root else { return refuse(ErrorCode::ChainKind, "root") };
    if Some(genesis.catalogue) != root.facts.ring.catalogue {
        return refuse(ErrorCode::Control, "control.catalogue");
    }
    if genesis.organisations.is_empty() {
        return refuse(ErrorCode::Control, "control.organisations");
    }
    facts.unit = Some(genesis.unit.clone());
    facts.organisations = genesis.organisations.clone();
    facts.ring.catalogue = Some(genesis.catalogue);
    facts.ring.profile = Some(genesis.profile.digest());
    facts.catalogue = root.facts.catalogue.clone();
    facts.profile = Some(genesis.profile.clone());
    for grant in &genesis.keys {
        grant_fits(grant, &entry.statement.chain, facts, Some(root))?;
        not_a_log_key(grant, Some(root))?;
        add(facts, grant, entry, effect);
    }
    if facts.ring.holders(Role::Authority) == 0 {
        // Without an authority key the ring could never change again.
        return refuse(ErrorCode::RoleMissing, Role::Authority);
    }
    Ok(())
}

/// Roles and region of a grant fit the chain. `intake` waits for the chains of residents' questions.
fn grant_fits<E>(
    grant: &KeyGrant,
    chain: &ChainId,
    facts: &ChainFacts,
    root: Option<&ChainState>,
) -> Result<(), Refused<E>> {
    let may = |role: &Role| match role {
        Role::Root => chain.is_root(),
        Role::Intake => false,
        Role::Authority => true,
        _ => !chain.is_root(),
    };
    if !grant.key.suite().is_supported() {
        return refuse(ErrorCode::Suite, grant.key.key_id().to_hex());
    }
    if let Some(role) = grant.roles.iter().find(|r| !may(r)) {
        return refuse(ErrorCode::RolePlace, role);
    }
    // A supervisor holds no office that they supervise (村民委员会组织法 art. 37).
    if grant.roles.len() > 1 && (grant.roles.contains(&Role::SupervisionChair) || grant.roles.contains(&Role::Root)) {
        return refuse(ErrorCode::RolePlace, Role::SupervisionChair);
    }
    match (&grant.scope, &facts.unit) {
        (None, _) if grant.roles == [Role::Root] => {}
        (Some(_), _) if grant.roles == [Role::Root] => return refuse(ErrorCode::KeyScope, "control.scope"),
        (Some(scope), Some(unit)) if unit.as_str().starts_with(scope.as_str()) => {}
        (Some(_), None) => {}
        _ => return refuse(ErrorCode::KeyScope, "control.scope"),
    }
    // Only `root` grants `authority`: elsewhere the key must hold it there already, for this region.
    if grant.roles.contains(&Role::Authority) && !chain.is_root() {
        let keyid = grant.key.key_id();
        let held = root.and_then(|r| r.facts.ring.key(&keyid));
        let covers = held.is_some_and(|k| {
            k.roles.contains(&Role::Authority)
                && k.scope.as_ref().zip(facts.unit.as_ref()).is_some_and(|(s, u)| u.as_str().starts_with(s.as_str()))
        });
        if !covers {
            return refuse(ErrorCode::RolePlace, Role::Authority);
        }
    }
    Ok(())
}

fn not_a_log_key<E>(grant: &KeyGrant, root: Option<&ChainState>) -> Result<(), Refused<E>> {
    let now = root.and_then(|r| r.facts.log_vkeys.as_ref()).into_iter().flatten();
    let once = root.and_then(|r| r.facts.log_retired.as_ref()).into_iter().flatten().map(|retired| &retired.vkey);
    let vkeys: Vec<Vkey> = now.chain(once).filter_map(|v| Vkey::parse(v).ok()).collect();
    if uses(&vkeys, &grant.key) {
        return refuse(ErrorCode::KeyUse, grant.key.key_id().to_hex());
    }
    Ok(())
}

fn uses(vkeys: &[Vkey], key: &PublicKey) -> bool {
    vkeys.iter().any(|vkey| vkey.public_key() == Some(key))
}

/// The log's verifier keys as a control states them: under the origin's name, types 0x01 and 0x06, the first of them
/// 0x01 (C2SP tlog-tiles asks for one), none twice.
fn log_keys<E>(entry: &Entry, texts: &[String]) -> Result<Vec<Vkey>, Refused<E>> {
    let own = entry.statement.origin.as_str();
    let vkeys: Option<Vec<Vkey>> = texts.iter().map(|v| Vkey::parse(v).ok()).collect();
    let vkeys = vkeys.unwrap_or_default();
    let fits = |v: &Vkey| v.name() == own && matches!(v.algorithm(), ED25519 | MLDSA44_COSIGNATURE);
    let twice = vkeys.iter().enumerate().any(|(at, v)| vkeys.iter().take(at).any(|before| before.key() == v.key()));
    if vkeys.first().is_none_or(|v| v.algorithm() != ED25519) || !vkeys.iter().all(fits) || twice {
        return refuse(ErrorCode::Control, "control.log_vkeys");
    }
    Ok(vkeys)
}

/// New log keys. A key that is dropped signed trees of at most `index` leaves and never comes back.
fn change_log_keys<E>(
    entry: &Entry,
    new: &LogKeys,
    facts: &mut ChainFacts,
    index: u64,
) -> Result<Vec<Vkey>, Refused<E>> {
    let vkeys = log_keys(entry, &new.log_vkeys)?;
    let before = facts.log_vkeys.take().unwrap_or_default();
    if before == new.log_vkeys {
        return refuse(ErrorCode::Control, "control.log_vkeys");
    }
    let mut retired = facts.log_retired.take().unwrap_or_default();
    if retired.iter().any(|old| new.log_vkeys.contains(&old.vkey)) {
        return refuse(ErrorCode::KeyUse, "control.log_vkeys");
    }
    let dropped = before.into_iter().filter(|vkey| !new.log_vkeys.contains(vkey));
    retired.extend(dropped.map(|vkey| RetiredKey { vkey, size: index }));
    facts.log_vkeys = Some(new.log_vkeys.clone());
    facts.log_retired = (!retired.is_empty()).then_some(retired);
    Ok(vkeys)
}

fn add(facts: &mut ChainFacts, grant: &KeyGrant, entry: &Entry, effect: &mut Effect) {
    let keyid = grant.key.key_id();
    let at = facts.ring.keys.partition_point(|k| k.keyid < keyid);
    facts.ring.insert(RingKey {
        keyid,
        roles: grant.roles.clone(),
        scope: grant.scope.clone(),
        holder: grant.holder.clone(),
        grant: entry.id,
    });
    facts.keys.insert(at, grant.key.clone());
    effect.granted.push(keyid);
}

fn revoke<E>(revocation: &Revocation, in_root: bool, facts: &mut ChainFacts) -> Result<(), Refused<E>> {
    for keyid in &revocation.keys {
        let Some(at) = facts.ring.keys.iter().position(|k| k.keyid == *keyid) else {
            return refuse(ErrorCode::KeyUnknown, keyid.to_hex());
        };
        facts.ring.keys.remove(at);
        if at < facts.keys.len() {
            facts.keys.remove(at);
        }
    }
    if in_root && (facts.ring.holders(Role::Root) as u64) < facts.ring.threshold.unwrap_or(1) {
        return refuse(ErrorCode::Threshold, "control.keys");
    }
    if !in_root && facts.ring.holders(Role::Authority) == 0 {
        return refuse(ErrorCode::RoleMissing, Role::Authority);
    }
    Ok(())
}

fn adopt<E>(adoption: &Adoption, root: Option<&ChainState>, facts: &mut ChainFacts) -> Result<(), Refused<E>> {
    match root {
        Some(root) if root.facts.ring.catalogue == Some(adoption.catalogue) => {
            facts.ring.catalogue = Some(adoption.catalogue);
            facts.catalogue = root.facts.catalogue.clone();
            Ok(())
        }
        _ => refuse(ErrorCode::Control, "control.catalogue"),
    }
}
