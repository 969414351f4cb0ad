use super::*;
use crate::canon::{from_canonical, to_canonical};
use crate::statement::STATEMENT_BYTES_MAX;

fn code(c: &str) -> ItemCode {
    ItemCode::parse(c).unwrap()
}

#[test]
fn the_built_in_catalogue_is_whole_and_fits_a_statement() {
    let catalogue = built_in();
    assert_eq!(catalogue.items.len(), 58);
    assert!(catalogue.items.windows(2).all(|w| w[0].code < w[1].code));
    let bytes = to_canonical(&catalogue);
    assert!(bytes.len() < STATEMENT_BYTES_MAX / 2, "{} bytes", bytes.len());
    assert_eq!(from_canonical::<Catalogue>(&bytes).unwrap(), catalogue);
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
