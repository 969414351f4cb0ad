//! The offices of the sample county, township and village. One key, one office.

use super::village::{TOWNSHIP, UNIT};
use super::{fixed, holder, secret};
use crate::crypto::key::{KeyId, PublicKey, SecretKey};
use crate::kinds::{KeyGrant, PersonName};
use crate::record::statement::{HolderId, Role, Scope};

/// An office with its key, and who holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Office {
    /// Names the key: its file in the demonstration, its seed in tests.
    pub key: &'static str,
    /// Keys of one person have one word.
    pub person: &'static str,
    /// The person's name.
    pub name: &'static str,
    /// The office as the record has it.
    pub title: &'static str,
    /// What the key may sign as.
    pub role: Role,
    /// Absent for the keys of `root`.
    pub scope: Option<&'static str>,
}

const fn of(
    key: &'static str,
    person: &'static str,
    name: &'static str,
    title: &'static str,
    role: Role,
    scope: Option<&'static str>,
) -> Office {
    Office { key, person, name, title, role, scope }
}

/// All offices: the holders of the root keys, the township's authority, the township, the village.
pub const OFFICES: [Office; 13] = [
    of("root-1", "zhou", "周远", "示例县农业农村局", Role::Root, None),
    of("root-2", "he", "何静", "示例县审计局", Role::Root, None),
    of("root-3", "luo", "罗平", "清河镇人民政府", Role::Root, None),
    of("authority-1", "sun", "孙敏", "清河镇农经站站长", Role::Authority, Some(TOWNSHIP)),
    of("authority-2", "zheng", "郑凯", "清河镇农经站审核员", Role::Authority, Some(TOWNSHIP)),
    of("township", "wu", "吴强", "清河镇副镇长", Role::Township, Some(TOWNSHIP)),
    of("township-civil", "feng", "冯兰", "清河镇民政办主任", Role::TownshipCivil, Some(TOWNSHIP)),
    of("party-sec", "liu", "柳长河", "村党支部书记", Role::PartySec, Some(UNIT)),
    of("village-dir", "chen", "陈玉梅", "村委会主任", Role::VillageDir, Some(UNIT)),
    of("supervision-chair", "wang", "王守田", "村务监督委员会主任", Role::SupervisionChair, Some(UNIT)),
    of("coop-chair", "liu", "柳长河", "村股份经济合作社理事长", Role::CoopChair, Some(UNIT)),
    of("chief-accountant", "lin", "林小燕", "镇代理会计", Role::ChiefAccountant, Some(TOWNSHIP)),
    of("election-committee", "gao", "高德福", "村民选举委员会主任", Role::ElectionCommittee, Some(UNIT)),
];

/// Returns the office of a key's name.
#[track_caller]
pub fn office(key: &str) -> &'static Office {
    fixed(OFFICES.iter().find(|office| office.key == key))
}

impl Office {
    /// Returns the key that tests give this office.
    pub fn secret(&self) -> SecretKey {
        secret(self.key)
    }

    /// Returns the grant of the key that tests give this office.
    pub fn seeded_grant(&self) -> KeyGrant {
        self.grant(self.secret().public(), holder(self.person))
    }

    /// Returns the grant of a key to this office.
    pub fn grant(&self, key: PublicKey, holder: HolderId) -> KeyGrant {
        KeyGrant { key, roles: [self.role].into(), scope: self.scope.map(|scope| fixed(Scope::parse(scope))), holder }
    }

    /// Returns who holds a key.
    pub fn person_name(&self, keyid: KeyId) -> PersonName {
        PersonName { keyid, name: self.name.into(), office: self.title.into() }
    }
}
