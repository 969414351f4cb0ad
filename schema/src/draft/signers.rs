//! Whose signatures a draft asks for: for each required role a key of the ring that holds it.

use alloc::vec::Vec;

use super::{in_force, signers_do};
use crate::crypto::key::KeyId;
use crate::error_code::ErrorCode;
use crate::kinds::{Approval, Control, KeyGrant};
use crate::record::entry::Invalid;
use crate::record::statement::{HolderId, Role, Scope, Signer, Statement, UnitCode, sort_roles};
use crate::validity::ChainFacts;
use crate::validity::approval::required_roles;
use crate::validity::ring::Ring;

/// Someone who could sign.
struct Candidate<'a> {
    keyid: KeyId,
    roles: &'a [Role],
    scope: Option<&'a Scope>,
    holder: &'a HolderId,
}

/// Chooses who signs a statement: keys that were asked for first, otherwise the first in the ring, different persons
/// where two are needed.
///
/// Fails as [`crate::validity::approval::check`] would when the ring cannot do it.
pub fn choose_signers(
    statement: &Statement,
    facts: Option<&ChainFacts>,
    prefer: &[KeyId],
) -> Result<Vec<Signer>, Invalid> {
    let unit = match &statement.control {
        Some(Control::ChainGenesis(genesis)) => Some(&genesis.unit),
        _ => facts.and_then(|f| f.unit.as_ref()),
    };
    let mut choice = Choice { candidates: candidates(statement, facts), unit, prefer, chosen: Vec::new() };
    let threshold = match &statement.control {
        Some(Control::LogGenesis(genesis)) => genesis.threshold,
        _ => facts.and_then(|f| f.ring.threshold).unwrap_or(0),
    };
    match (statement.kind.approval(), &statement.control) {
        (Approval::Roots, _) => choice.persons(Role::Root, threshold),
        (Approval::Authority, _) => choice.persons(Role::Authority, 1),
        (Approval::Grant, Some(Control::Grant(grant))) => {
            let authority = if statement.chain.is_root() { Role::Root } else { Role::Authority };
            choice.persons(authority, if statement.chain.is_root() { threshold } else { 1 });
            if grant.roles.contains(&Role::SupervisionChair) {
                choice.second_voice();
            }
            choice.chosen.push(Signer { keyid: grant.key.key_id(), roles: grant.roles.clone() });
        }
        (Approval::Revocation, Some(Control::Revoke(revocation))) => match revocation.keys.as_slice() {
            // The key's own owner asked to end it.
            [own] if prefer == [*own] => choice.all_roles_of(own),
            keys if statement.chain.is_root() => {
                choice.candidates.retain(|c| !keys.contains(&c.keyid));
                choice.persons(Role::Root, threshold);
            }
            keys => {
                let chair = facts.is_some_and(|f| {
                    keys.iter().any(|k| f.ring.key(k).is_some_and(|k| k.roles.contains(&Role::SupervisionChair)))
                });
                choice.candidates.retain(|c| !keys.contains(&c.keyid));
                choice.persons(Role::Authority, 1);
                if chair {
                    choice.second_voice();
                }
            }
        },
        (Approval::Grant | Approval::Revocation, _) => return Err(Invalid::new(ErrorCode::Control, "control")),
        (Approval::Item, _) => {
            let empty = Ring::empty();
            for role in required_roles(statement, &in_force(facts, &empty, unit))? {
                choice.persons(role, 1);
            }
        }
    }
    let mut signers = choice.chosen;
    signers.sort_by_key(|s| s.keyid);
    let with = Statement { signers: signers.clone(), ..statement.clone() };
    signers_do(&with, facts)?;
    Ok(signers)
}

fn candidates<'a>(statement: &'a Statement, facts: Option<&'a ChainFacts>) -> Vec<Candidate<'a>> {
    let own: &[KeyGrant] = match &statement.control {
        Some(Control::LogGenesis(genesis)) => &genesis.keys,
        _ => &[],
    };
    let own = own.iter().map(|g| Candidate {
        keyid: g.key.key_id(),
        roles: &g.roles,
        scope: g.scope.as_ref(),
        holder: &g.holder,
    });
    let ring = facts.into_iter().flat_map(|f| &f.ring.keys).map(|k| Candidate {
        keyid: k.keyid,
        roles: &k.roles,
        scope: k.scope.as_ref(),
        holder: &k.holder,
    });
    own.chain(ring).collect()
}

struct Choice<'a> {
    candidates: Vec<Candidate<'a>>,
    unit: Option<&'a UnitCode>,
    prefer: &'a [KeyId],
    chosen: Vec<Signer>,
}

impl Choice<'_> {
    /// Adds keys until `count` different persons sign in a role, as far as the ring can.
    fn persons(&mut self, role: Role, count: u64) {
        let mut order: Vec<usize> = (0..self.candidates.len()).collect();
        let rank = |i: &usize| {
            let keyid = self.candidates.get(*i).map(|c| c.keyid);
            self.prefer.iter().position(|p| Some(*p) == keyid).unwrap_or(usize::MAX)
        };
        order.sort_by_key(rank);
        let mut persons: Vec<&HolderId> = Vec::new();
        for i in order {
            let Some(c) = self.candidates.get(i) else { continue };
            let covers = match (self.unit, c.scope) {
                (Some(unit), Some(scope)) => unit.as_str().starts_with(scope.as_str()),
                _ => true,
            };
            if persons.len() as u64 >= count || !covers || !c.roles.contains(&role) || persons.contains(&c.holder) {
                continue;
            }
            persons.push(c.holder);
            match self.chosen.iter_mut().find(|s| s.keyid == c.keyid) {
                Some(signer) => {
                    signer.roles.push(role);
                    sort_roles(&mut signer.roles);
                }
                None => self.chosen.push(Signer { keyid: c.keyid, roles: alloc::vec![role] }),
            }
        }
    }

    /// Beside the authority: election committee, outgoing chair, or a second person of the authority.
    fn second_voice(&mut self) {
        let before = self.chosen.len();
        self.persons(Role::ElectionCommittee, 1);
        if self.chosen.len() == before {
            self.persons(Role::SupervisionChair, 1);
        }
        if self.chosen.len() == before {
            self.chosen.retain(|s| !s.roles.contains(&Role::Authority));
            self.persons(Role::Authority, 2);
        }
    }

    fn all_roles_of(&mut self, keyid: &KeyId) {
        if let Some(c) = self.candidates.iter().find(|c| c.keyid == *keyid) {
            self.chosen.push(Signer { keyid: c.keyid, roles: c.roles.to_vec() });
        }
    }
}
