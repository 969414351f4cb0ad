//! Drafts: signed apart, merged, moved to where the chain now is.

use sanwu_schema::draft::{Draft, Place, Template, build, rebase};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_text;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, Control, LogKeys};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{Rel, Role, Statement};
use sanwu_schema::verify::trust::RetiredKey;

use crate::support::village::Name::{Accountant, Chair, Director, NewAccountant, Secretary, Stranger};
use crate::support::village::{
    self, CHAIN, Cast, books, code, grant, month_package, notice, party, with_authority, with_chain,
};
use crate::support::world::{World, issued_at};

fn month(world: &World) -> Draft {
    world.draft(&world.place(CHAIN), &month_package(&books()[0]))
}

fn signed(draft: &Draft, world: &World, names: &[crate::support::village::Name]) -> Draft {
    let mut draft = draft.clone();
    for name in names {
        assert_eq!(draft.sign(world.secret(*name)).unwrap(), 4);
    }
    draft
}

#[test]
fn a_month_is_signed_in_one_round() {
    let world = with_chain(&Cast::new());
    let draft = month(&world);
    let missing = draft.missing().unwrap();
    assert_eq!(missing.len(), 3);
    assert!(missing.iter().all(|m| m.statements == 4 && m.roles.len() == 1));
    let statements: Vec<Statement> = draft.entries.iter().map(|e| e.parse().unwrap()).collect();
    for (i, pair) in statements.windows(2).enumerate() {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert_eq!(pair[1].prev, Some(draft.entries[i].id()));
        assert_eq!(pair[1].reference(Rel::About), Some(draft.entries[0].id()));
    }
    let again = Draft::parse(&draft.to_bytes()).unwrap();
    assert_eq!(again, draft);
}

#[test]
fn signing_twice_changes_nothing_and_strangers_cannot() {
    let world = with_chain(&Cast::new());
    let once = signed(&month(&world), &world, &[Accountant]);
    assert_eq!(signed(&once, &world, &[Accountant]), once);
    assert_eq!(once.clone().sign(world.secret(Stranger)).unwrap_err().code, ErrorCode::KeyUnknown);
    assert_eq!(once.package(|_| None).unwrap_err().code, ErrorCode::SignatureMissing);
}

#[test]
fn copies_signed_apart_merge_in_any_order_to_the_same_package() {
    let mut world = with_chain(&Cast::new());
    let draft = month(&world);
    let copies = [Accountant, Chair, Director].map(|n| signed(&draft, &world, &[n]));
    let facts = world.state(CHAIN).facts.clone();
    let key = |id: &sanwu_schema::crypto::key::KeyId| facts.key(id).cloned();
    let packages: Vec<_> = [[0, 1, 2], [2, 1, 0], [1, 2, 0]]
        .iter()
        .map(|order| {
            let mut whole = copies[order[0]].clone();
            for i in &order[1..] {
                whole.merge(&copies[*i]).unwrap();
                whole.merge(&copies[*i]).unwrap();
            }
            let before = whole.clone();
            whole.merge(&before).unwrap();
            assert_eq!(whole, before, "merging with itself");
            assert!(whole.missing().unwrap().is_empty());
            whole.package(key).unwrap()
        })
        .collect();
    assert!(packages.windows(2).all(|w| w[0] == w[1]));
    for (entry, body) in &packages[0] {
        world.append(entry, Some(body.clone())).unwrap();
    }
    let mut other = world.draft(&world.place(CHAIN), &month_package(&books()[1]));
    assert_eq!(other.merge(&draft).unwrap_err().code, ErrorCode::DraftsDiffer);
}

#[test]
fn a_signature_by_hand_is_refused_when_packed() {
    let world = with_chain(&Cast::new());
    let mut draft = signed(&month(&world), &world, &[Accountant, Chair, Director]);
    draft.entries[2].signatures[1].sig.0[5] ^= 1;
    let facts = world.state(CHAIN).facts.clone();
    assert_eq!(draft.package(|id| facts.key(id).cloned()).unwrap_err().code, ErrorCode::Signature);
    assert_eq!(draft.package(|_| None).unwrap_err().code, ErrorCode::KeyUnknown);
}

#[test]
fn a_draft_that_stays_in_place_keeps_its_signatures() {
    let world = with_chain(&Cast::new());
    let draft = signed(&month(&world), &world, &[Accountant, Chair, Director]);
    assert_eq!(rebase(&draft, &world.place(CHAIN), &[]).unwrap(), draft);
}

#[test]
fn a_draft_that_lost_its_place_is_moved_and_signed_again() {
    let mut world = with_chain(&Cast::new());
    let draft = signed(&month(&world), &world, &[Accountant, Chair, Director]);
    let place = world.place(CHAIN);
    world.publish(&place, &[notice("先到的公示", "D01", party())]);
    let place = world.place(CHAIN);
    let moved = rebase(&draft, &place, &[]).unwrap();
    assert_eq!(rebase(&moved, &place, &[]).unwrap(), moved, "once is enough");
    for (old, new) in draft.entries.iter().zip(&moved.entries) {
        assert_eq!(old.body, new.body);
        assert!(new.signatures.is_empty());
        let (old, new) = (old.parse().unwrap(), new.parse().unwrap());
        assert_eq!(new.seq, old.seq + 1);
        assert_eq!((new.kind, &new.code, &new.period, &new.body), (old.kind, &old.code, &old.period, &old.body));
        assert_eq!(new.signers, old.signers);
        assert_eq!(new.issued_at, old.issued_at);
    }
    let book = moved.entries[0].id();
    assert!(moved.entries[1..].iter().all(|e| e.parse().unwrap().reference(Rel::About) == Some(book)), "links follow");
    let first = world.publish_draft(moved);
    assert_eq!(world.size(), first + 4);
}

#[test]
fn another_accountant_takes_over_when_the_first_is_gone() {
    let cast = Cast::new();
    let mut world = with_chain(&cast);
    let draft = month(&world);
    let new =
        grant(&world, cast.grant(NewAccountant, &[Role::ChiefAccountant], Some(CHAIN)), "吴六(虚构)", "镇代理会计");
    let place = world.place(CHAIN);
    world.publish(&place, &[new]);
    let both = rebase(&draft, &world.place(CHAIN), &[]).unwrap();
    assert_eq!(
        both.entries[0].parse().unwrap().signers,
        draft.entries[0].parse().unwrap().signers,
        "who was asked stays"
    );
    let gone = crate::support::village::revoke(&world, &[Accountant]);
    let place = world.place(CHAIN);
    world.publish(&place, &[gone]);
    let moved = rebase(&draft, &world.place(CHAIN), &[]).unwrap();
    let signers = moved.entries[0].parse().unwrap().signers;
    assert!(signers.iter().any(|s| s.keyid == cast.key_id(NewAccountant)));
    world.publish_draft(moved);
}

#[test]
fn whom_the_drafter_prefers() {
    let cast = Cast::new();
    let mut world = with_chain(&cast);
    let new =
        grant(&world, cast.grant(NewAccountant, &[Role::ChiefAccountant], Some(CHAIN)), "吴六(虚构)", "镇代理会计");
    let place = world.place(CHAIN);
    world.publish(&place, &[new]);
    for name in [Accountant, NewAccountant] {
        let prefer = [cast.key_id(name)];
        let draft = build(&world.place(CHAIN), "一月", &month_package(&books()[0]), &issued_at(), &prefer).unwrap();
        assert!(draft.entries[0].parse().unwrap().signers.iter().any(|s| s.keyid == prefer[0]), "{name:?}");
    }
}

#[test]
fn what_the_ring_cannot_sign_is_not_drafted() {
    let world = with_chain(&Cast::new());
    let mut template = notice("选民名单", "V05", party());
    template.code = Some(code("V21"));
    let place: Place = world.place(CHAIN);
    assert!(build(&place, "x", &[template.clone()], &issued_at(), &[]).is_ok());
    let mut facts = place.facts.clone().unwrap();
    let at = facts.ring.keys.iter().position(|k| k.roles == [Role::SupervisionChair]).unwrap();
    facts.ring.keys.remove(at);
    let place = Place { facts: Some(facts), ..place };
    assert_eq!(build(&place, "x", &[template.clone()], &issued_at(), &[]).unwrap_err().code, ErrorCode::RoleMissing);
    template.code = Some(code("F02"));
    assert_eq!(build(&place, "x", &[template], &issued_at(), &[]).unwrap_err().code, ErrorCode::Item);
}

#[test]
fn a_broken_draft_file_is_refused_with_its_place() {
    let world = with_chain(&Cast::new());
    let draft = month(&world);
    let text = to_text(&draft);
    let code = |text: &str| Draft::parse(text.as_bytes()).map(|_| ()).map_err(|e| e.code);
    assert_eq!(code(&text.replace("sanwu-draft-v1", "sanwu-draft-v9")), Err(ErrorCode::JsonValue));
    assert_eq!(code(&text.replacen(CHAIN, "379999100202", 1)), Err(ErrorCode::ChainKind));
    assert_eq!(code(&to_text(&Draft { entries: Vec::new(), ..draft.clone() })), Err(ErrorCode::JsonMissing));
    let mut broken = draft.clone();
    broken.entries[1].statement.push(' ');
    let error = Draft::parse(&broken.to_bytes()).unwrap_err();
    assert_eq!(error.code, ErrorCode::JsonCanonical);
    assert!(error.place.starts_with("entries[1]"), "{}", error.place);
    assert_eq!(code(&text), Ok(()));
    assert!(Entry::parse(text.as_bytes()).is_err());
    let _ = Secretary;
}

#[test]
fn a_change_of_log_keys_is_drafted_for_the_roots_and_remembered() {
    let mut world = with_authority(&Cast::new());
    let old = world.cast.log_key(&world.origin).vkey().to_string();
    let new = world.cast.next_log_key(&world.origin).vkey().to_string();
    for list in [vec![old.clone(), new.clone()], vec![new.clone()]] {
        let control = Some(Control::LogKey(LogKeys { log_vkeys: list.clone() }));
        let body = Body::LogKey(village::note(&world, "总账签发钥匙", "更换。"));
        let template = Template { control, ..Template::new(Kind::LogKey, body) };
        let draft = world.draft(&world.place("root"), std::slice::from_ref(&template));
        let missing = draft.missing().unwrap();
        assert!(missing.len() == 2 && missing.iter().all(|one| one.roles == [Role::Root]));
        world.publish_draft(draft);
        assert_eq!(world.state("root").facts.log_vkeys.as_ref(), Some(&list));
    }
    // Entries 4 and 5: the tree of 5 leaves is the last that the old key may have signed.
    let dropped = RetiredKey { vkey: old, size: 5 };
    assert_eq!(world.state("root").facts.log_retired, Some(vec![dropped]));
}
