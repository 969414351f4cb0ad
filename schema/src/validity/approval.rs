//! Who must have signed: checked by the node, by a replay, and by a phone with one bundle.
//!
//! It needs the statement, the ring that it names, and the rules that the ring names; nothing else. Whether that ring is
//! the chain's ring at this position is checked in [`crate::validity`].

use alloc::vec::Vec;

use crate::catalogue::{Catalogue, Profile};
use crate::error_code::ErrorCode;
use crate::kinds::{Approval, Control, KeyGrant};
use crate::record::entry::Invalid;
use crate::record::statement::{HolderId, Role, Signer, Statement, UnitCode, sort_roles};
use crate::validity::ring::{Ring, RingKey};

/// The ring and the rules against which a statement's signers are checked.
#[derive(Clone, Copy, Debug)]
pub struct RulesInForce<'a> {
    /// The ring whose digest the statement carries.
    pub ring: &'a Ring,
    /// The reporting unit; `None` in chain `root`.
    pub unit: Option<&'a UnitCode>,
    /// The catalogue that the ring names.
    pub catalogue: Option<&'a Catalogue>,
    /// The profile that the ring names.
    pub profile: Option<&'a Profile>,
}

/// Checks that every signer may sign as it does, and that everyone who must sign has signed.
pub fn check(statement: &Statement, rules: &RulesInForce<'_>) -> Result<(), Invalid> {
    let signers = Signers::resolve(statement, rules)?;
    match statement.kind.approval() {
        Approval::Roots => signers.roots(statement, rules),
        Approval::Authority => signers.need(&[Role::Authority]),
        Approval::Grant => {
            let Some(Control::Grant(grant)) = &statement.control else {
                return Err(Invalid::new(ErrorCode::Control, "control"));
            };
            signers.possession(statement, grant)?;
            if statement.chain.is_root() {
                return signers.roots(statement, rules);
            }
            signers.need(&[Role::Authority])?;
            if grant.roles.contains(&Role::SupervisionChair) { signers.supervision_change() } else { Ok(()) }
        }
        Approval::Revocation => signers.revocation(statement, rules),
        Approval::Item => {
            signers.need(&required_roles(statement, rules)?)?;
            signers.supervision_apart()
        }
    }
}

/// Returns the roles that a disclosure needs under the rules in force, sorted.
pub fn required_roles(statement: &Statement, rules: &RulesInForce<'_>) -> Result<Vec<Role>, Invalid> {
    let catalogue = rules.catalogue.ok_or_else(|| Invalid::new(ErrorCode::Item, "catalogue"))?;
    let kind = statement.effective_kind();
    let mut roles = catalogue
        .required_roles(rules.profile, kind, statement.code.as_ref())
        .ok_or_else(|| Invalid::new(ErrorCode::Item, statement.code.as_ref().map_or(kind.as_str(), |c| c.as_str())))?;
    roles.extend_from_slice(statement.kind.more_roles());
    sort_roles(&mut roles);
    Ok(roles)
}

/// The signers, each with the person whose key it is.
struct Signers<'a>(Vec<(&'a Signer, &'a HolderId)>);

impl<'a> Signers<'a> {
    /// Finds every signer in the ring and checks roles and region. A granted key is skipped: it is in the control and
    /// not yet in the ring. The keys of a log genesis are all in its control.
    fn resolve(statement: &'a Statement, rules: &RulesInForce<'a>) -> Result<Self, Invalid> {
        let unit = match &statement.control {
            Some(Control::ChainGenesis(genesis)) => Some(&genesis.unit),
            _ => rules.unit,
        };
        let own: &[KeyGrant] = match &statement.control {
            Some(Control::LogGenesis(genesis)) => &genesis.keys,
            _ => &[],
        };
        let mut found = Vec::new();
        for signer in &statement.signers {
            if let Some(Control::Grant(grant)) = &statement.control
                && grant.key.key_id() == signer.keyid
            {
                continue;
            }
            let (roles, scope, holder) = match own.iter().find(|g| g.key.key_id() == signer.keyid) {
                Some(grant) => (&grant.roles, &grant.scope, &grant.holder),
                None => {
                    let key: &RingKey = rules
                        .ring
                        .key(&signer.keyid)
                        .ok_or_else(|| Invalid::new(ErrorCode::KeyUnknown, signer.keyid.to_hex()))?;
                    (&key.roles, &key.scope, &key.holder)
                }
            };
            if let Some(role) = signer.roles.iter().find(|r| !roles.contains(r)) {
                return Err(Invalid::new(ErrorCode::RoleUngranted, role));
            }
            if let (Some(unit), Some(scope)) = (unit, scope)
                && !unit.as_str().starts_with(scope.as_str())
            {
                return Err(Invalid::new(ErrorCode::KeyScope, signer.keyid.to_hex()));
            }
            found.push((signer, holder));
        }
        Ok(Self(found))
    }

    fn with(&self, role: Role) -> impl Iterator<Item = &(&'a Signer, &'a HolderId)> {
        self.0.iter().filter(move |(s, _)| s.roles.contains(&role))
    }

    /// How many different persons sign in a role.
    fn holders(&self, role: Role) -> usize {
        let mut holders: Vec<_> = self.with(role).map(|(_, h)| *h).collect();
        holders.sort_unstable();
        holders.dedup();
        holders.len()
    }

    /// Every role has a signer.
    fn need(&self, roles: &[Role]) -> Result<(), Invalid> {
        match roles.iter().find(|r| self.holders(**r) == 0) {
            None => Ok(()),
            Some(role) => Err(Invalid::new(ErrorCode::RoleMissing, role)),
        }
    }

    /// As many root keys of different persons as the threshold asks for.
    fn roots(&self, statement: &Statement, rules: &RulesInForce<'_>) -> Result<(), Invalid> {
        let threshold = match &statement.control {
            Some(Control::LogGenesis(genesis)) => Some(genesis.threshold),
            _ => rules.ring.threshold,
        };
        let holders = self.holders(Role::Root);
        match threshold {
            Some(t) if t >= 1 && holders as u64 >= t => Ok(()),
            _ => Err(Invalid::new(ErrorCode::Threshold, holders)),
        }
    }

    /// The granted key signs too, in exactly the roles granted.
    fn possession(&self, statement: &Statement, grant: &KeyGrant) -> Result<(), Invalid> {
        let keyid = grant.key.key_id();
        match statement.signers.iter().find(|s| s.keyid == keyid) {
            Some(signer) if signer.roles == grant.roles => Ok(()),
            _ => Err(Invalid::new(ErrorCode::Possession, keyid.to_hex())),
        }
    }

    /// The supervision chair is granted and revoked by the authority and a second, independent signer: the election
    /// committee, the outgoing chair, or a second person of the authority.
    fn supervision_change(&self) -> Result<(), Invalid> {
        let second = self.holders(Role::ElectionCommittee) + self.holders(Role::SupervisionChair) > 0
            || self.holders(Role::Authority) > 1;
        if second { Ok(()) } else { Err(Invalid::new(ErrorCode::RoleMissing, Role::ElectionCommittee)) }
    }

    /// The holder of the chair's key signs in no other role: nobody supervises what they decided.
    fn supervision_apart(&self) -> Result<(), Invalid> {
        for (chair, holder) in self.with(Role::SupervisionChair) {
            if chair.roles.len() > 1 || self.0.iter().any(|(s, h)| s.keyid != chair.keyid && h == holder) {
                return Err(Invalid::new(ErrorCode::Holder, Role::SupervisionChair));
            }
        }
        Ok(())
    }

    /// A key may revoke itself; otherwise roots in `root`, the authority elsewhere.
    fn revocation(&self, statement: &Statement, rules: &RulesInForce<'_>) -> Result<(), Invalid> {
        let Some(Control::Revoke(revocation)) = &statement.control else {
            return Err(Invalid::new(ErrorCode::Control, "control"));
        };
        let mut signing = self.0.iter().map(|(s, _)| &s.keyid);
        if signing.clone().eq(revocation.keys.iter()) && signing.next().is_some() && revocation.keys.len() == 1 {
            return Ok(());
        }
        if statement.chain.is_root() {
            return self.roots(statement, rules);
        }
        self.need(&[Role::Authority])?;
        let ends_chair = revocation
            .keys
            .iter()
            .any(|id| rules.ring.key(id).is_some_and(|k| k.roles.contains(&Role::SupervisionChair)));
        if ends_chair { self.supervision_change() } else { Ok(()) }
    }
}
