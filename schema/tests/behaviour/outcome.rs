//! What a client makes of a bundle and of what it remembers: the fifth check, the exit code, the record to keep.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_text;
use sanwu_schema::lang::Lang;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::verify::verdict_text::{Device, found_text, verdict_text};
use sanwu_schema::verify::{
    Asked, Beginning, CheckCode, CheckState, Continues, Found, Input, Outcome, Remembered, State, absence, verify,
};
use serde_json::{Value, json};

use crate::support::village::{CHAIN, story};
use crate::support::world::{World, chain_id};

const OTHER: Hash = Hash([7; 32]);

fn world() -> &'static World {
    &story().world
}

/// The client's record of the log as it was at a size, with nothing else in it.
fn at(size: u64) -> Remembered {
    Remembered { size, root: world().root_of(size), genesis: None, chains: None }
}

fn fork(size: u64) -> Remembered {
    Remembered { root: OTHER, ..at(size) }
}

fn beginning(id: StatementId) -> Beginning {
    Beginning { chain: chain_id(CHAIN), id, index: Some(4) }
}

/// A record as a page of before stored it: a chain by the index of its first entry.
fn stored(members: &Value) -> Remembered {
    let mut record = json!({ "size": size(), "root": world().root().to_text() });
    let (record_members, more) = (record.as_object_mut().unwrap(), members.as_object().unwrap());
    record_members.extend(more.clone());
    Remembered::parse(record.to_string().as_bytes()).unwrap()
}

fn size() -> u64 {
    world().size()
}

fn notice(to: u64) -> Bundle {
    world().bundle(story().months[0] + 1, to)
}

fn judge(bundle: &Bundle, remembered: Option<&Remembered>, asked: Asked) -> Outcome {
    let (bundle, trust) = (to_text(bundle), world().trust());
    verify(&Input { bundle: bundle.as_bytes(), trust: Some(trust.as_bytes()), remembered, now: None, asked }).unwrap()
}

fn newest(bundle: &Bundle) -> Asked {
    Asked::Newest(Some(bundle.index))
}

fn consistency(outcome: &Outcome) -> CheckState {
    outcome.verdict.check(CheckCode::ClientConsistency).unwrap().state
}

/// One line of the table: what is remembered, the bundle and how it came; what the fifth check says, the exit code, and
/// the size that is kept.
type Line = (&'static str, Option<Remembered>, Bundle, Asked, CheckState, u8, Option<u64>);

#[test]
fn what_is_remembered_and_shown_gives_check_exit_and_record() {
    let full = size();
    let old = full - 3;
    let since = |from: u64| Bundle { since: Some(world().since(from, full)), ..notice(full) };
    let tampered = |mut bundle: Bundle| {
        bundle.body.as_mut().unwrap().0.push(b' ');
        bundle
    };
    let (now, entry) = (notice(full), Asked::Newest(Some(notice(full).index)));
    let lines: Vec<Line> = vec![
        ("first visit", None, now.clone(), entry, CheckState::FirstSeen, 0, Some(full)),
        ("first visit, a file", None, now.clone(), Asked::File, CheckState::FirstSeen, 0, Some(full)),
        ("the same tree", Some(at(full)), now.clone(), entry, CheckState::Ok, 0, Some(full)),
        ("the same tree in a file", Some(at(full)), now.clone(), Asked::File, CheckState::Ok, 0, Some(full)),
        ("grown, proved", Some(at(old)), since(old), entry, CheckState::Ok, 0, Some(full)),
        ("grown, proved in a file", Some(at(old)), since(old), Asked::File, CheckState::Ok, 0, Some(full)),
        ("grown, unproved", Some(at(old)), now.clone(), entry, CheckState::Partial, 6, None),
        ("grown, unproved, a program", Some(at(old)), now.clone(), Asked::Log, CheckState::Partial, 6, None),
        ("grown, unproved, a file", Some(at(old)), now.clone(), Asked::File, CheckState::NotCompared, 0, None),
        ("equivocation", Some(fork(full)), now.clone(), entry, CheckState::Mismatch, 3, None),
        ("equivocation in a file", Some(fork(full)), now.clone(), Asked::File, CheckState::Mismatch, 3, None),
        ("rewritten", Some(fork(old)), since(old), entry, CheckState::Mismatch, 3, None),
        ("rewritten in a file", Some(fork(old)), since(old), Asked::File, CheckState::Mismatch, 3, None),
        ("rollback", Some(at(full)), notice(old), entry, CheckState::Mismatch, 3, None),
        ("an older answer to a program", Some(at(full)), notice(old), Asked::Log, CheckState::Partial, 6, None),
        ("an older file", Some(at(full)), notice(old), Asked::File, CheckState::NotCompared, 0, None),
        ("tampered", None, tampered(now.clone()), entry, CheckState::FirstSeen, 3, None),
        ("tampered, the log is the same", Some(at(full)), tampered(now), entry, CheckState::Ok, 3, None),
    ];
    for (name, remembered, bundle, asked, state, exit, kept) in lines {
        let outcome = judge(&bundle, remembered.as_ref(), asked);
        let found = (consistency(&outcome), outcome.exit(), outcome.keep.as_ref().map(|record| record.size));
        assert_eq!(found, (state, exit, kept), "{name}");
        if let Some(record) = &outcome.keep {
            assert_eq!(*record, Remembered::parse(&record.to_bytes()).unwrap(), "{name}: stored and read again");
            assert_eq!(record.first_of(&chain_id(CHAIN)), Some(world().id(4)), "{name}: the chain's first entry");
            assert_eq!(record.genesis, Some(world().id(0)), "{name}");
        }
    }
}

#[test]
fn without_a_trust_file_nothing_is_kept() {
    let bundle = to_text(&notice(size()));
    let outcome = verify(&Input { bundle: bundle.as_bytes(), ..Input::default() }).unwrap();
    assert_eq!((outcome.exit(), outcome.keep), (6, None));
}

#[test]
fn a_superseded_notice_is_remembered_like_any_other() {
    let outcome = judge(&world().bundle(story().corrected, size()), None, Asked::File);
    assert_eq!((outcome.verdict.state, outcome.exit()), (State::OkSuperseded, 0));
    assert_eq!(outcome.keep.unwrap().size, size());
}

#[track_caller]
fn says(outcome: &Outcome, found: &Found, sentence: &str) {
    assert_eq!((outcome.verdict.state, outcome.exit(), &outcome.keep), (State::Mismatch, 3, &None));
    assert_eq!(outcome.found.as_ref(), Some(found));
    let text = verdict_text(outcome, Lang::Zh, Device::Phone);
    assert_eq!((text.mark.as_str(), text.sentence.as_str()), ("✘", sentence));
    if *found == Found::OtherNotice {
        return;
    }
    assert_eq!(text.advice.as_deref(), Some("请把这个结果拍照留好, 向乡镇纪委反映。"));
    let step = text.steps.last().unwrap();
    assert_eq!((step.text.as_str(), step.detail.as_str()), ("和您上次看到的不是同一本", sentence));
    let check = outcome.verdict.check(CheckCode::ClientConsistency).unwrap();
    assert_eq!((check.state, check.error.as_deref()), (CheckState::Mismatch, Some(ErrorCode::Consistency.as_str())));
}

#[test]
fn a_rollback_is_told_with_both_sizes() {
    let old = size() - 3;
    let outcome = judge(&notice(old), Some(&at(size())), newest(&notice(old)));
    let sentence = format!("这本账比您上次看到的短: 上次有 {} 条, 现在只有 {old} 条。账只能增加, 不能减少。", size());
    says(&outcome, &Found::Shorter { before: size(), now: old }, &sentence);
    assert!(outcome.may_lag());
    // Whatever else is wrong with the answer.
    let mut bundle = notice(old);
    bundle.ring.keys.pop();
    let outcome = judge(&bundle, Some(&at(size())), newest(&bundle));
    assert_eq!(outcome.found, Some(Found::Shorter { before: size(), now: old }));
}

#[test]
fn another_log_under_the_name_is_told_by_its_first_entry() {
    let mut record = at(size());
    record.genesis = Some(StatementId(OTHER));
    for asked in [Asked::File, Asked::Log, newest(&notice(size()))] {
        let outcome = judge(&notice(size()), Some(&record), asked);
        says(&outcome, &Found::OtherGenesis, "这本账和您上次看到的不是同一本: 第一条换了。");
    }
    // Also where nothing could be compared but that.
    let record = Remembered { size: 9, root: OTHER, ..record };
    says(
        &judge(&notice(size()), Some(&record), Asked::File),
        &Found::OtherGenesis,
        "这本账和您上次看到的不是同一本: 第一条换了。",
    );
}

#[test]
fn another_beginning_of_a_chain_is_told() {
    let sentence = "这个村的账和您上次看到的不是同一本: 开账的那一条换了。";
    let found = Found::OtherChain(beginning(world().id(4)));
    let mut record = at(size());
    record.open(&beginning(StatementId(OTHER)));
    let by_index = stored(&json!({ "chains": { CHAIN: 99 } }));
    for record in [record, by_index] {
        says(&judge(&notice(size()), Some(&record), Asked::File), &found, sentence);
        // The entry that opens the chain speaks for itself.
        says(&judge(&world().bundle(4, size()), Some(&record), Asked::Log), &found, sentence);
    }
    // Whose entries were not proved is not asked.
    let mut bundle = notice(size());
    bundle.grants.iter_mut().for_each(|grant| grant.inclusion.clear());
    let record = stored(&json!({ "chains": { CHAIN: 99 } }));
    assert_eq!(judge(&bundle, Some(&record), Asked::Log).found, None);
}

#[test]
fn a_fork_is_told_as_such_and_not_by_its_entries() {
    let mut record = fork(size());
    record.genesis = Some(StatementId(OTHER));
    let outcome = judge(&notice(size()), Some(&record), Asked::File);
    assert_eq!((outcome.found, outcome.verdict.state), (None, State::Mismatch));
}

#[test]
fn proofs_of_another_notice_are_told_without_its_lines() {
    let bundle = notice(size());
    let outcome = judge(&bundle, None, Asked::Newest(Some(bundle.index + 1)));
    says(&outcome, &Found::OtherNotice, "网站给的证明是另一张公开表的, 不是这一张的。");
    let text = verdict_text(&outcome, Lang::Zh, Device::Phone);
    assert!(text.steps.is_empty() && text.intro.is_empty() && text.limits.is_empty());
    assert_eq!(text.advice.as_deref(), Some("请留好纸质公开表并拍照, 向乡镇纪委反映。"));
    // A caller that did not ask for one entry accepts any.
    assert_eq!(judge(&bundle, None, Asked::Newest(None)).found, None);
}

#[test]
fn a_stored_record_of_before_is_read_and_brought_up_to_date() {
    let record = stored(&json!({ "genesis": world().id(0).to_string(), "chains": { CHAIN: 4, "constructor": 3 } }));
    let kept = judge(&notice(size()), Some(&record), Asked::File).keep.unwrap();
    assert_eq!(kept.first_of(&chain_id(CHAIN)), Some(world().id(4)), "the index has become an id");
    let other = Beginning { chain: chain_id("constructor"), id: StatementId(OTHER), index: Some(4) };
    assert_eq!(kept.begins(&other), Some(false));
    assert_eq!(kept.begins(&Beginning { index: Some(3), ..other.clone() }), Some(true));
    assert_eq!(kept.begins(&Beginning { chain: chain_id("tostring"), ..other.clone() }), None);
    // What is known stays.
    let mut again = kept.clone();
    again.open(&other);
    assert_eq!(again, kept);
    let text = String::from_utf8(kept.to_bytes()).unwrap();
    assert!(text.contains("\"constructor\":3"), "{text}");
}

#[test]
fn an_older_proof_takes_nothing_back() {
    let old = size() - 3;
    let bundle = notice(old);
    let checkpoint = sanwu_schema::tlog::checkpoint::Checkpoint {
        origin: world().origin.clone(),
        size: old,
        root: world().root_of(old),
    };
    assert_eq!(Remembered::after(Some(&at(size())), world().id(0), &checkpoint).size, size());
    assert_eq!(Remembered::after(Some(&at(old - 1)), world().id(0), &checkpoint).size, old);
    // In the first place it is kept as it is.
    assert_eq!(judge(&bundle, None, Asked::File).keep.unwrap().size, old);
}

#[test]
fn a_record_that_cannot_be_read_is_refused() {
    let root = OTHER.to_text();
    for broken in [
        "",
        "null",
        "[]",
        "{}",
        &format!(r#"{{"size":-1,"root":"{root}"}}"#),
        &format!(r#"{{"size":1.5,"root":"{root}"}}"#),
        r#"{"size":1,"root":"sha256:00"}"#,
        &format!(r#"{{"size":1,"root":"{root}","genesis":7}}"#),
        &format!(r#"{{"size":1,"root":"{root}","chains":[]}}"#),
        &format!(r#"{{"size":1,"root":"{root}","chains":{{"A B":1}}}}"#),
        &format!(r#"{{"size":1,"root":"{root}","chains":{{"a":true}}}}"#),
        &format!(r#"{{"size":1,"root":"{root}","more":1}}"#),
    ] {
        assert!(Remembered::parse(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn a_log_that_denies_an_entry_is_judged_by_what_was_seen_of_it() {
    let index = size() - 1;
    let first = |to: u64| world().bundle(0, to);
    let asked = Asked::Newest(None);
    let now = |to: u64, record: &Remembered| judge(&first(to), Some(record), asked);
    let same = at(size());
    let gone = Found::Gone { before: size(), index };
    assert_eq!(absence(&same, index, None), Some(gone.clone()));
    assert_eq!(absence(&same, index, Some(&now(size(), &same))), Some(gone.clone()));
    // Beyond what was seen, the number may be mistyped; unless the log has gone back, or is another one.
    assert_eq!(absence(&same, size(), Some(&now(size(), &same))), None);
    assert_eq!(absence(&same, size(), None), None);
    let shorter = Found::Shorter { before: size(), now: size() - 3 };
    assert_eq!(absence(&same, size(), Some(&now(size() - 3, &same))), Some(shorter.clone()));
    assert_eq!(absence(&same, index, Some(&now(size() - 3, &same))), Some(shorter));
    let other = fork(size());
    assert_eq!(absence(&other, size(), Some(&now(size(), &other))), Some(Found::Rewritten));
    assert_eq!(found_text(&Found::Rewritten, Lang::Zh).sentence, "这本账和您上次看到的不是同一本。");
    let mut other = at(size());
    other.genesis = Some(StatementId(OTHER));
    assert_eq!(absence(&other, size(), Some(&now(size(), &other))), Some(Found::OtherGenesis));
    let text = found_text(&gone, Lang::Zh);
    let sentence = format!(
        "您上次来的时候这本账有 {} 条, 第 {index} 条就在里面; 现在网站说没有这一条。账只能增加, 不能减少。",
        size()
    );
    assert_eq!((text.sentence, text.title.as_str()), (sentence, "对不上, 请留意"));
    assert!(text.steps.is_empty() && text.advice.unwrap().contains("拍照留好"));
}

#[test]
fn a_view_of_the_whole_tree_continues_what_was_seen_or_not() {
    let record = at(9);
    let root = Some(record.root);
    for (size, root_then, is_copy, continues) in [
        (9, root, false, Continues::Yes),
        (12, root, true, Continues::Yes),
        (12, Some(OTHER), true, Continues::No),
        (12, None, false, Continues::No),
        (8, None, true, Continues::Older),
        (8, None, false, Continues::No),
    ] {
        assert_eq!(record.continued_by(size, root_then, is_copy), continues, "{size} {is_copy}");
    }
}

// ---- the same as a page asks it

fn page(bundle: &str, record: Option<&Remembered>, options: &Value) -> Value {
    let record = record.map(Remembered::to_bytes).unwrap_or_default();
    let mut all = json!({ "lang": "zh" });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    let trust = world().trust();
    let answer = sanwu_schema::wasm::answer(bundle.as_bytes(), trust.as_bytes(), &record, all.to_string().as_bytes());
    serde_json::from_slice(&answer).unwrap()
}

#[test]
fn a_page_gets_words_evidence_and_the_record_to_store() {
    let bundle = notice(size());
    let answer = page(&to_text(&bundle), None, &json!({ "entry": bundle.index }));
    let notice = &answer["notices"][0];
    assert_eq!((notice["state"].as_str(), notice.get("evidence"), notice.get("content")), (Some("ok"), None, None));
    assert_eq!(answer.get("sum"), None);
    let stored = Remembered::parse(answer["keep"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(stored.size, size());
    let read = |record: &[u8]| -> Value {
        serde_json::from_slice(&sanwu_schema::wasm::recorded(world().trust().as_bytes(), record)).unwrap()
    };
    assert_eq!(read(&stored.to_bytes()), json!({ "origin": world().origin.as_str(), "since": size() }));
    // A record that cannot be read is none.
    for nothing in [&b""[..], b"{", b"null"] {
        assert_eq!(read(nothing), json!({ "origin": world().origin.as_str() }));
    }
    // A page that can store nothing says so.
    let answer = page(&to_text(&bundle), None, &json!({ "entry": bundle.index, "forgetful": true }));
    let line = answer["notices"][0]["text"]["steps"][4]["detail"].as_str().unwrap();
    assert!(line.contains("不让网页记东西") && answer.get("keep").is_none(), "{answer}");

    let answer = page(&to_text(&bundle), Some(&fork(size())), &json!({ "entry": bundle.index }));
    let evidence = answer["notices"][0]["evidence"].as_str().unwrap();
    for line in [
        format!("{} #{}", world().origin, bundle.index),
        "client.consistency E-CONSISTENCY since".to_owned(),
        format!("genesis {}", world().id(0)),
        format!("remembered {} {}", size(), OTHER.to_text()),
        world().checkpoint(size(), 2).trim_end().to_owned(),
    ] {
        assert!(evidence.contains(&line), "{line}: {evidence}");
    }
    let shorter = page(&to_text(&self::notice(size() - 3)), Some(&at(size())), &json!({ "entry": bundle.index }));
    assert_eq!(shorter["again"], true);
    let evidence = shorter["notices"][0]["evidence"].as_str().unwrap();
    assert!(evidence.ends_with(shorter["notices"][0]["text"]["sentence"].as_str().unwrap()), "{evidence}");
}

#[test]
fn a_page_is_told_of_an_entry_that_is_gone() {
    let first = to_text(&world().bundle(0, size()));
    let options = |index: u64| json!({ "absent": index });
    let silent = page(&first, Some(&at(size())), &options(size()));
    assert_eq!((silent["notices"].as_array().unwrap().len(), silent.get("again")), (0, None));
    assert!(silent["keep"].is_string());
    for (bundle, code) in [(first.as_str(), "#0"), ("", "404")] {
        let told = page(bundle, Some(&at(size())), &options(3));
        let notice = &told["notices"][0];
        assert_eq!((notice["state"].as_str(), told["again"].as_bool()), (Some("mismatch"), Some(true)));
        let evidence = notice["evidence"].as_str().unwrap();
        assert!(evidence.contains(code) && evidence.contains("remembered"), "{evidence}");
    }
    // A first visit knows nothing that could be gone.
    assert_eq!(page("", None, &options(3))["notices"], json!([]));
}

#[test]
fn a_receipt_is_summed_up_by_its_worst_notice() {
    let bundle = |index: u64| -> Value { serde_json::from_str(&to_text(&world().bundle(index, size()))).unwrap() };
    let receipt = |bundles: &[Value]| {
        let entries: Vec<Value> = bundles.iter().map(|bundle| json!({ "bundle": bundle })).collect();
        json!({ "format": "sanwu-receipt-v1", "entries": entries }).to_string()
    };
    let (good, superseded) = (bundle(story().months[0]), bundle(story().corrected));
    let file = json!({ "file": true });
    let one = page(&receipt(std::slice::from_ref(&good)), None, &file);
    assert_eq!((one.get("sum"), one["notices"][0].get("heading")), (None, None));
    assert!(one["notices"][0]["content"].as_str().unwrap().starts_with("{\n \"salt\": "));

    let two = page(&receipt(&[good.clone(), superseded.clone()]), None, &file);
    assert_eq!(two["sum"]["state"], "ok_superseded");
    assert_eq!(two["sum"]["sentence"], "这份回执里有 2 张公开表, 2 张核对通过。每一张的结果在下面。");
    let heading = two["notices"][0]["heading"].as_str().unwrap();
    assert!(heading.starts_with(&format!("✔ 核对通过 · 第 {} 条 ", story().months[0])), "{heading}");
    // The second is compared with what the first has shown.
    let fifth = |at: usize| two["notices"][at]["text"]["steps"][4]["state"].as_str().unwrap();
    assert_eq!((fifth(0), fifth(1)), ("first_seen", "ok"));
    assert_eq!(Remembered::parse(two["keep"].as_str().unwrap().as_bytes()).unwrap().size, size());

    let mut wrong = good.clone();
    wrong["body"] = "AAAA".into();
    let three = page(&receipt(&[wrong, superseded.clone(), json!({})]), None, &file);
    assert_eq!((three["sum"]["state"].as_str(), three["sum"]["mark"].as_str()), (Some("mismatch"), Some("✘")));
    assert!(three["sum"]["sentence"].as_str().unwrap().contains("3 张公开表, 1 张核对通过"));
    assert_eq!(three["notices"][0].get("content"), None);
    let unread = &three["notices"][2];
    assert_eq!((unread["state"].as_str(), unread["error"]["code"].as_str()), (Some("cannot"), Some("E-JSON-MISSING")));
    assert_eq!(unread["heading"], "? 这台手机没法核对 · 第 3? 条");
    assert_eq!(page(r#"{"format":"sanwu-receipt-v1"}"#, None, &file)["error"]["code"], "E-JSON-MISSING");
}
