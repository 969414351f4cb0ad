//! The machine data of control kinds: with it every ring is computable from tiles alone.

use alloc::string::String;
use alloc::vec::Vec;

use crate::catalogue::{Catalogue, Profile};
use crate::crypto::hash::Hash;
use crate::crypto::key::{KeyId, PublicKey};
use crate::error_code::ErrorCode;
use crate::json::{Canon, JsonError, Value, from_json, record, to_text, words};
use crate::kinds::Kind;
use crate::record::statement::{HolderId, Issuer, Role, Scope, UnitCode, roles_sorted};

words! {
    /// What a log is for; fixed by its first entry.
    pub enum Purpose {
        Live = "live", "正式", "live";
        Test = "test", "演示", "test";
    }
}

words! {
    /// What an erasure takes away.
    pub enum Erased {
        Body = "body", "内容", "body";
        Rows = "rows", "名单", "rows";
        Both = "both", "内容和名单", "body and rows";
    }
}

record! {
    /// A key and what it may do in this chain.
    pub struct KeyGrant {
        /// Suite byte ‖ raw key.
        key: PublicKey,
        /// The roles, sorted.
        roles: Vec<Role>,
        /// The region; absent only for `root` keys, which act in no region.
        scope [opt]: Scope,
        /// The person.
        holder: HolderId,
    }
}

record! {
    /// The log's first entry.
    pub struct LogGenesis {
        /// Live or test.
        purpose: Purpose,
        /// How many root keys must sign changes of roots, log keys and catalogue.
        threshold: u64,
        /// Signature suites in use.
        suites: Vec<u64>,
        /// The root keys, sorted by keyid.
        keys: Vec<KeyGrant>,
        /// The log's verifier keys (C2SP vkey text).
        log_vkeys: Vec<String>,
        /// The catalogue, version 1 of this log.
        catalogue: Catalogue,
    }
}

record! {
    /// A chain's first entry.
    pub struct ChainGenesis {
        /// The reporting unit.
        unit: UnitCode,
        /// The year of the code list in which the unit's code stood.
        unit_year: u64,
        /// Who may issue in this chain.
        organisations: Vec<Issuer>,
        /// The initial ring, sorted by keyid.
        keys: Vec<KeyGrant>,
        /// Digest of the catalogue in force.
        catalogue: Hash,
        /// The profile in force.
        profile: Profile,
    }
}

record! {
    /// Keys that end.
    pub struct Revocation {
        /// The keys, sorted.
        keys: Vec<KeyId>,
        /// From which place in the chain their statements are to be looked at again (a finding, never invalid).
        suspect_from [opt]: u64,
    }
}

record! {
    /// The keys that sign the log's checkpoints from here on (chain `root`). During a change of keys old and new stand
    /// here together and both sign.
    pub struct LogKeys {
        /// All of the log's verifier keys (C2SP vkey text), the first of them of type 0x01.
        log_vkeys: Vec<String>,
    }
}

record! {
    /// A new catalogue (chain `root`).
    pub struct NewCatalogue {
        /// Its content.
        catalogue: Catalogue,
    }
}

record! {
    /// A new profile.
    pub struct NewProfile {
        /// Its content.
        profile: Profile,
    }
}

record! {
    /// A chain adopts `root`'s catalogue.
    pub struct Adoption {
        /// Digest of the catalogue.
        catalogue: Hash,
    }
}

record! {
    /// What a correction replaces.
    pub struct CorrectionOf {
        /// The kind of the replacement.
        of: Kind,
    }
}

record! {
    /// What an erasure takes away.
    pub struct ErasureOf {
        /// The kind of the statement erased from (of a correction: what it replaces).
        of: Kind,
        /// Which part.
        what: Erased,
    }
}

/// The control member, understood by its statement's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::large_enum_variant)]
pub enum Control {
    LogGenesis(LogGenesis),
    ChainGenesis(ChainGenesis),
    Grant(KeyGrant),
    Revoke(Revocation),
    LogKey(LogKeys),
    Catalogue(NewCatalogue),
    Profile(NewProfile),
    Rules(Adoption),
    Correction(CorrectionOf),
    Erasure(ErasureOf),
}

impl Control {
    /// Reads the control of a statement of that kind.
    pub fn read(kind: Kind, value: &Value) -> Result<Self, JsonError> {
        let control = match kind {
            Kind::LogGenesis => LogGenesis::read(value).map(Self::LogGenesis),
            Kind::ChainGenesis => ChainGenesis::read(value).map(Self::ChainGenesis),
            Kind::Grant => KeyGrant::read(value).map(Self::Grant),
            Kind::Revoke => Revocation::read(value).map(Self::Revoke),
            Kind::LogKey => LogKeys::read(value).map(Self::LogKey),
            Kind::Catalogue => NewCatalogue::read(value).map(Self::Catalogue),
            Kind::Profile => NewProfile::read(value).map(Self::Profile),
            Kind::Rules => Adoption::read(value).map(Self::Rules),
            Kind::Correction => CorrectionOf::read(value).map(Self::Correction),
            Kind::Erasure => ErasureOf::read(value).map(Self::Erasure),
            _ => return Err(JsonError::new(ErrorCode::Control, "control")),
        }
        .map_err(|e| e.within("control"))?;
        control.check_shape()?;
        Ok(control)
    }

    /// Whether statements of that kind have a control.
    pub const fn belongs_to(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::LogGenesis
                | Kind::ChainGenesis
                | Kind::Grant
                | Kind::Revoke
                | Kind::LogKey
                | Kind::Catalogue
                | Kind::Profile
                | Kind::Rules
                | Kind::Correction
                | Kind::Erasure
        )
    }

    /// The control as a JSON value.
    pub fn to_value(&self) -> Value {
        let text = match self {
            Self::LogGenesis(c) => to_text(c),
            Self::ChainGenesis(c) => to_text(c),
            Self::Grant(c) => to_text(c),
            Self::Revoke(c) => to_text(c),
            Self::LogKey(c) => to_text(c),
            Self::Catalogue(c) => to_text(c),
            Self::Profile(c) => to_text(c),
            Self::Rules(c) => to_text(c),
            Self::Correction(c) => to_text(c),
            Self::Erasure(c) => to_text(c),
        };
        // What was just written reads back; an empty object would fail every later check anyway.
        from_json(text.as_bytes()).unwrap_or(Value::Object(Vec::new()))
    }

    /// The keys whose bytes stand in this control.
    pub fn grants(&self) -> &[KeyGrant] {
        match self {
            Self::LogGenesis(g) => &g.keys,
            Self::ChainGenesis(g) => &g.keys,
            Self::Grant(g) => core::slice::from_ref(g),
            _ => &[],
        }
    }

    /// Sorted lists are sorted, and no role list is empty.
    fn check_shape(&self) -> Result<(), JsonError> {
        let bad = |place: &str| Err(JsonError::new(ErrorCode::JsonValue, place));
        let grants = self.grants();
        if grants.iter().any(|g| g.roles.is_empty() || !roles_sorted(&g.roles)) {
            return bad("control.keys.roles");
        }
        if !grants.windows(2).all(|w| matches!(w, [a, b] if a.key.key_id() < b.key.key_id())) {
            return bad("control.keys");
        }
        match self {
            Self::Revoke(r) if r.keys.is_empty() || !r.keys.windows(2).all(|w| matches!(w, [a, b] if a < b)) => {
                bad("control.keys")
            }
            Self::LogGenesis(LogGenesis { catalogue, .. }) | Self::Catalogue(NewCatalogue { catalogue })
                if !catalogue.items.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code))
                    || catalogue.items.iter().any(|i| i.roles.is_empty() || !roles_sorted(&i.roles)) =>
            {
                bad("control.catalogue.items")
            }
            _ => Ok(()),
        }
    }
}
