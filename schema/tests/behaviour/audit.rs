//! Audit rules: the table, the contract, and each rule on a village that breaks it and one that does not.

use sanwu_schema::audit::{AuditOutcome, Need, RULES, Replayed, Rule, Severity, Trace, Violation, run};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Control;

use crate::support::village::{CHAIN, Cast, Name, notice, party, revoke, with_chain};
use crate::support::world::World;

fn trace(world: &World) -> Trace {
    let mut trace = Trace::default();
    for (index, logged) in (0..).zip(&world.log) {
        trace.keep(index, &logged.entry);
    }
    trace
}

fn audited(world: &World, rules: &[&'static Rule], missing: &[Need]) -> AuditOutcome {
    run(rules, &Replayed { state: world.replayed(), trace: &trace(world), missing })
}

/// The chain, two notices of the secretary (seq 1, 2), and her key's revocation (seq 3) with this `suspect_from`.
fn suspected(from: Option<u64>) -> World {
    let mut world = with_chain(&Cast::new());
    for title in ["班子成员及分工", "党员名册"] {
        let place = world.place(CHAIN);
        world.publish(&place, &[notice(title, "D01", party())]);
    }
    let mut template = revoke(&world, &[Name::Secretary]);
    if let Some(Control::Revoke(revocation)) = &mut template.control {
        revocation.suspect_from = from;
    }
    let place = world.place(CHAIN);
    world.publish(&place, &[template]);
    world
}

#[test]
fn every_rule_is_named_once_and_says_what_it_is() {
    for (at, rule) in RULES.iter().enumerate() {
        assert!(!rule.id.is_empty() && !rule.zh.is_empty() && !rule.en.is_empty());
        assert!(RULES[..at].iter().all(|earlier| earlier.id != rule.id), "{}", rule.id);
    }
}

#[test]
fn signatures_of_a_suspected_key() {
    let key = Cast::new().key_id(Name::Secretary).to_hex();
    let found = |from| {
        let world = suspected(from);
        let outcome = audited(&world, RULES, &[]);
        assert!(outcome.unchecked.is_empty());
        let first = world.size() - 3;
        outcome
            .violations
            .into_iter()
            .map(|(rule, found)| {
                assert_eq!((rule.id, rule.severity), ("suspect", Severity::Medium));
                assert_eq!((found.code, found.place.as_str()), (ErrorCode::KeyRevoked, key.as_str()));
                assert_eq!(found.id, world.id(found.index));
                found.index - first
            })
            .collect::<Vec<u64>>()
    };
    assert!(found(None).is_empty());
    assert_eq!(found(Some(1)), [0, 1]);
    assert_eq!(found(Some(2)), [1]);
    // Nothing was signed since.
    assert!(found(Some(3)).is_empty());
    // The genesis is signed by the authority.
    assert_eq!(found(Some(0)), [0, 1]);
}

#[test]
fn a_rule_that_lacks_data_is_not_clean() {
    static RULE: Rule = Rule {
        id: "contents",
        severity: Severity::High,
        zh: "内容",
        en: "contents",
        needs: &[Need::Contents],
        check: |replayed| {
            let violation = |signed: &sanwu_schema::audit::TracedEntry| Violation {
                index: signed.index,
                id: signed.id,
                code: ErrorCode::Amount,
                place: "body".to_owned(),
            };
            replayed.trace.signed(&crate::support::world::chain_id(CHAIN)).iter().map(violation).collect()
        },
    };
    let world = suspected(None);
    let told = audited(&world, &[&RULE], &[]);
    assert_eq!((told.violations.len(), told.unchecked.len()), (4, 0));
    let told = audited(&world, &[&RULE], &[Need::Contents]);
    assert_eq!(told.violations.len(), 0);
    assert_eq!(
        told.unchecked.iter().map(|(rule, need)| (rule.id, *need)).collect::<Vec<_>>(),
        [("contents", Need::Contents)]
    );
    // What another rule lacks does not matter.
    assert_eq!(audited(&world, &[&RULE], &[Need::Entries]).violations.len(), 4);
}
