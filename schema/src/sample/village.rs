//! The village itself: code, organisations, the county's rules, and how its chain is opened.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{books, date, fixed};
use crate::catalogue::Profile;
use crate::crypto::hash::Hash;
use crate::draft::Template;
use crate::kinds::{Body, ChainGenesis, ChainGenesisBody, Control, KeyGrant, Kind, Opening, OrgName, PersonName, Salt};
use crate::record::statement::{Issuer, OrgKind, UnitCode, Uscc};

/// The code of the village, also its chain.
pub const UNIT: &str = "379999100201";
/// The code of the township that the village is in.
pub const TOWNSHIP: &str = "379999100";
/// The village in full.
pub const UNIT_NAME: &str = "示例县清河镇柳溪村";

/// Who may publish in the village's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// There is one of each kind.
    kind: OrgKind,
    name: &'static str,
    uscc: Option<&'static str>,
}

const fn of(kind: OrgKind, name: &'static str, uscc: Option<&'static str>) -> Organisation {
    Organisation { kind, name, uscc }
}

/// All of them.
pub const ORGANISATIONS: [Organisation; 5] = [
    of(OrgKind::VillageCommittee, "示例县清河镇柳溪村村民委员会", Some("54379999ME000001X1")),
    of(OrgKind::Collective, "示例县清河镇柳溪村股份经济合作社", Some("N2379999MF00000137")),
    of(OrgKind::PartyOrganisation, "中共示例县清河镇柳溪村支部委员会", None),
    of(OrgKind::SupervisionCommittee, "示例县清河镇柳溪村村务监督委员会", None),
    of(OrgKind::Township, "示例县清河镇人民政府", None),
];

/// Returns the organisation of a kind as statements name it.
#[track_caller]
pub fn issuer(kind: OrgKind) -> Issuer {
    let organisation = fixed(ORGANISATIONS.iter().find(|organisation| organisation.kind == kind));
    Issuer { kind, uscc: organisation.uscc.map(|uscc| fixed(Uscc::parse(uscc))) }
}

/// Returns the county's rules.
pub fn profile() -> Profile {
    Profile {
        version: 1,
        cash_limit_fen: 1_000_000,
        major_amount_fen: 1_000_000,
        month_due_days: 15,
        quarter_due_days: 15,
        event_due_days: 10,
        display_days: 15,
        reply_days: 10,
        extra_roles: None,
    }
}

/// Returns the genesis of the village's chain under a catalogue, with these keys and the names of their holders.
pub fn genesis(salt: Salt, catalogue: Hash, keys: Vec<KeyGrant>, names: Vec<PersonName>) -> Template {
    let control = Control::ChainGenesis(genesis_control(catalogue, keys));
    let body = Body::ChainGenesis(genesis_body(salt, names));
    Template { control: Some(control), ..Template::new(Kind::ChainGenesis, body) }
}

/// Returns the control of the genesis.
pub fn genesis_control(catalogue: Hash, mut keys: Vec<KeyGrant>) -> ChainGenesis {
    keys.sort_by_key(|grant| grant.key.key_id());
    ChainGenesis {
        unit: fixed(UnitCode::parse(UNIT)),
        unit_year: 2025,
        organisations: ORGANISATIONS.iter().map(|organisation| issuer(organisation.kind)).collect(),
        keys,
        catalogue,
        profile: profile(),
    }
}

/// Returns the body of the genesis.
pub fn genesis_body(salt: Salt, names: Vec<PersonName>) -> ChainGenesisBody {
    ChainGenesisBody {
        salt,
        title: [UNIT_NAME, "开账"].concat(),
        unit_name: UNIT_NAME.to_string(),
        organisations: ORGANISATIONS.iter().map(|o| OrgName { kind: o.kind, name: o.name.to_string() }).collect(),
        keys: names,
        opening: Opening { date: date("2025-12-31"), balances: books::opening() },
        contact: None,
        text: None,
    }
}
