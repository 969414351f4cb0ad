use alloc::string::ToString;

use super::*;
use crate::crypto::key::SecretKey;
use crate::date::IssuedAt;
use crate::draft::{Place, Template, build};
use crate::json::{from_canonical, to_canonical};
use crate::kinds::{Body, LogGenesisBody, Salt};
use crate::kinds::{Control, KeyGrant, LogGenesis, Purpose};
use crate::record::dsse::ENTRY_BYTES_MAX;
use crate::record::statement::{HolderId, SIGNERS_MAX, STATEMENT_BYTES_MAX};
use crate::tlog::checkpoint::Origin;

fn code(c: &str) -> ItemCode {
    ItemCode::parse(c).unwrap()
}

#[test]
fn the_built_in_catalogue_is_whole_and_in_order() {
    let catalogue = built_in();
    assert_eq!(catalogue.items.len(), 58);
    assert!(catalogue.items.windows(2).all(|w| w[0].code < w[1].code));
    assert!(catalogue.items.iter().all(|i| !i.issuers.is_empty() && item_text(i.code.as_str()).is_some()));
    assert_eq!(from_canonical::<Catalogue>(&to_canonical(&catalogue)).unwrap(), catalogue);
}

/// The largest log genesis there can be: as many root keys as may sign, all of whom must.
#[test]
fn a_log_genesis_with_the_catalogue_fits_a_statement_and_its_entry_a_leaf() {
    let mut secrets: Vec<SecretKey> = (0..SIGNERS_MAX as u8).map(|i| SecretKey::from_seed([i + 1; 32])).collect();
    secrets.sort_by_key(|s| s.public().key_id());
    let keys = secrets.iter().enumerate().map(|(i, secret)| KeyGrant {
        key: secret.public(),
        roles: alloc::vec![Role::Root],
        scope: None,
        holder: HolderId::parse(&alloc::format!("{i:032x}")).unwrap(),
    });
    let origin = alloc::format!("{}.example/379999100", "a".repeat(237));
    let genesis = LogGenesis {
        purpose: Purpose::Test,
        threshold: SIGNERS_MAX as u64,
        suites: alloc::vec![1],
        keys: keys.collect(),
        log_vkeys: alloc::vec![
            crate::tlog::vkey::Vkey::new(&origin, crate::tlog::vkey::ED25519, secrets[0].public().raw())
                .unwrap()
                .to_string()
        ],
        catalogue: built_in(),
    };
    let body = Body::LogGenesis(LogGenesisBody {
        salt: Salt::parse(&"0".repeat(32)).unwrap(),
        title: "账本开立".into(),
        operator: "示例县".into(),
        keys: Vec::new(),
        text: None,
    });
    let mut template = Template::new(Kind::LogGenesis, body);
    template.control = Some(Control::LogGenesis(genesis));
    let place = Place::log_genesis(Origin::parse(&origin).unwrap());
    let at = IssuedAt::parse("2026-01-01T08:00:00+08:00").unwrap();
    let mut draft = build(&place, "账本开立", &[template], &at, &[]).unwrap();
    for secret in &secrets {
        draft.sign(secret).unwrap();
    }
    let entry = draft.package(|_| None).unwrap().remove(0).0;
    let statement = draft.entries[0].statement.len();
    assert!(statement <= STATEMENT_BYTES_MAX, "statement {statement}");
    assert!(entry.len() <= ENTRY_BYTES_MAX, "entry {}", entry.len());
}

#[test]
fn kinds_and_codes_go_together_as_the_table_says() {
    let c = built_in();
    let roles = |kind, item: Option<&str>| c.required_roles(None, kind, item.map(code).as_ref()).map(|r| r.len());
    assert_eq!(roles(Kind::MonthBook, None), Some(3));
    assert_eq!(roles(Kind::MonthBook, Some("F04")), None);
    assert_eq!(roles(Kind::Receipts, Some("F02")), Some(3));
    assert_eq!(roles(Kind::Receipts, Some("F03")), None);
    assert_eq!(roles(Kind::Notice, Some("F02")), None, "F02 has a kind of its own");
    assert_eq!(roles(Kind::NilReturn, Some("F02")), Some(3));
    assert_eq!(roles(Kind::Notice, Some("D01")), Some(1));
    assert_eq!(roles(Kind::Notice, Some("F99")), None);
}

#[test]
fn a_profile_adds_roles_and_never_takes_one_away() {
    let c = built_in();
    let profile = Profile {
        version: 1,
        cash_limit_fen: 0,
        major_amount_fen: 0,
        month_due_days: 15,
        quarter_due_days: 15,
        event_due_days: 10,
        display_days: 15,
        reply_days: 5,
        extra_roles: Some(alloc::vec![ExtraRoles { code: code("F02"), roles: alloc::vec![Role::Township] }]),
    };
    let with = c.required_roles(Some(&profile), Kind::Receipts, Some(&code("F02"))).unwrap();
    assert!(with.contains(&Role::Township) && with.contains(&Role::SupervisionChair));
}
