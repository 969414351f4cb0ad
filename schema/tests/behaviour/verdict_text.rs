//! A verdict as a resident reads it: what it means and what to do, by what has failed; and the line about witnesses: who,
//! how many, when, who is missing, whether anyone is an outsider.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::json::{Bytes, to_text};
use sanwu_schema::lang::Lang;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::verify::trust::Operator;
use sanwu_schema::verify::verdict_text::{Device, VerdictText, verdict_text};
use sanwu_schema::verify::{Asked as Came, CheckCode, Input, Outcome, Remembered, State, verify};

use crate::support::village::{Cast, with_chain};
use crate::support::world::{WITNESSED, World};

/// A trust file's quorum, operators and age limit, which witnesses have signed and when, and the clock.
struct Asked<'a> {
    rule: &'a str,
    operators: &'a [(&'a str, &'a str, Option<bool>)],
    days: Option<u64>,
    /// Seconds after [`WITNESSED`] at which each has signed.
    signed: &'a [Option<u64>],
    now: Option<u64>,
}

const PLAIN: Asked<'_> = Asked { rule: "any", operators: &[], days: None, signed: &[Some(0), Some(0)], now: None };
const NAMED: &[(&str, &str, Option<bool>)] = &[("w1", "示例县农经站", None), ("w2", "示例县图书馆", Some(false))];
const FIRST_ONLY: &[Option<u64>] = &[Some(0), None];

fn outcome(asked: &Asked<'_>) -> Outcome {
    let world = with_chain(&Cast::new());
    let (index, size) = (world.size() - 1, world.size());
    let trust = world.trust_but(|t| {
        t.policy = world.cast.policy(&world.origin, asked.rule);
        let one = |(witness, name, own): &(&str, &str, Option<bool>)| Operator {
            witness: (*witness).to_owned(),
            name: (*name).to_owned(),
            own: *own,
        };
        t.operators = Some(asked.operators.iter().map(one).collect()).filter(|list: &Vec<_>| !list.is_empty());
        t.max_age_days = asked.days;
    });
    let mut note = Note::parse(world.checkpoint(size, 0).as_bytes()).unwrap();
    for (witness, at) in world.cast.witnesses().iter().zip(asked.signed) {
        if let Some(at) = at {
            note.add(cosignature::sign(witness, note.text(), WITNESSED + at).unwrap());
        }
    }
    let checkpoint = Bytes(note.to_text().into_bytes());
    let bundle = to_text(&Bundle { checkpoint, ..world.bundle(index, size) });
    let input = Input { bundle: bundle.as_bytes(), trust: Some(trust.as_bytes()), now: asked.now, ..Input::default() };
    verify(&input).unwrap()
}

/// The verdict's state and the line in both languages: its mark, its text, its detail.
fn told(asked: &Asked<'_>) -> (State, [String; 2]) {
    let outcome = outcome(asked);
    let line = |lang| line(&outcome, CheckCode::WitnessQuorum, lang);
    (outcome.verdict.state, [line(Lang::Zh), line(Lang::En)])
}

fn line(outcome: &Outcome, code: CheckCode, lang: Lang) -> String {
    line_in(verdict_text(outcome, lang, Device::Phone), code)
}

fn line_in(text: VerdictText, code: CheckCode) -> String {
    let step = text.steps.into_iter().find(|step| step.code == code).unwrap();
    format!("{} {} | {}", step.mark, step.text, step.detail)
}

#[track_caller]
fn says(asked: &Asked<'_>, state: State, zh: &str, en: &str) {
    assert_eq!(told(asked), (state, [zh.to_owned(), en.to_owned()]));
}

#[test]
fn witnesses_are_named_by_who_runs_them() {
    says(
        &Asked { operators: NAMED, ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县农经站、示例县图书馆  2家都看到了  2026年1月10日 7:06",
        "✔ Outsiders watch the same ledger | 示例县农经站, 示例县图书馆  2 saw it  2026-01-10 07:06",
    );
}

#[test]
fn a_witness_without_an_operator_has_its_own_name() {
    says(
        &Asked { operators: &NAMED[..1], ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县农经站、w2  2家都看到了  2026年1月10日 7:06",
        "✔ Outsiders watch the same ledger | 示例县农经站, w2  2 saw it  2026-01-10 07:06",
    );
    says(
        &PLAIN,
        State::Ok,
        "✔ 外面有人看着同一本账 | w1、w2  2家都看到了  2026年1月10日 7:06",
        "✔ Outsiders watch the same ledger | w1, w2  2 saw it  2026-01-10 07:06",
    );
}

#[test]
fn each_has_its_own_time() {
    says(
        &Asked { operators: NAMED, signed: &[Some(0), Some(3_600)], ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县农经站 2026年1月10日 7:06、示例县图书馆 2026年1月10日 8:06  2家都看到了",
        "✔ Outsiders watch the same ledger | 示例县农经站 2026-01-10 07:06, 示例县图书馆 2026-01-10 08:06  2 saw it",
    );
}

#[test]
fn one_witness_of_two_is_enough_if_one_is_asked_for_and_the_other_is_named() {
    says(
        &Asked { operators: NAMED, signed: FIRST_ONLY, ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县农经站  1家看到了  2026年1月10日 7:06; 还没看到的: 示例县图书馆",
        "✔ Outsiders watch the same ledger | 示例县农经站  1 saw it  2026-01-10 07:06; not yet seen by: 示例县图书馆",
    );
}

#[test]
fn who_is_missing_is_named() {
    says(
        &Asked { rule: "all", operators: NAMED, signed: FIRST_ONLY, ..PLAIN },
        State::Partial,
        "◑ 外面的见证还没有齐 | 示例县农经站  1家看到了  2026年1月10日 7:06; 还差: 示例县图书馆",
        "◑ Outside witnesses are still missing | 示例县农经站  1 saw it  2026-01-10 07:06; still missing: 示例县图书馆",
    );
    says(
        &Asked { rule: "all", operators: NAMED, signed: &[], ..PLAIN },
        State::Partial,
        "◑ 外面的见证还没有齐 | 还差: 示例县农经站、示例县图书馆",
        "◑ Outside witnesses are still missing | still missing: 示例县农经站, 示例县图书馆",
    );
}

#[test]
fn witnesses_of_the_log_itself_are_no_outsiders() {
    let own = [("w1", "清河镇", Some(true)), ("w2", "清河镇档案室", Some(true))];
    says(
        &Asked { operators: &own, ..PLAIN },
        State::Ok,
        "✔ 管账单位自己的见证看着同一本账 | 清河镇、清河镇档案室  2家都看到了  2026年1月10日 7:06 \
         (都是管这本账的单位自己的, 不算外人)",
        "✔ The log's own witnesses watch the same ledger | 清河镇, 清河镇档案室  2 saw it  2026-01-10 07:06 \
         (all run by the log's operator: no outsiders)",
    );
    // One of its own does not make two outsiders of one.
    let mixed = [own[0], NAMED[1]];
    says(
        &Asked { rule: "all", operators: &mixed, ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县图书馆  1家看到了  2026年1月10日 7:06; \
         管这本账的单位自己的: 清河镇  2026年1月10日 7:06 (不算外人)",
        "✔ Outsiders watch the same ledger | 示例县图书馆  1 saw it  2026-01-10 07:06; \
         run by the log's operator: 清河镇  2026-01-10 07:06 (no outsider)",
    );
    // The outsider has not signed: those who have are all the log's own.
    says(
        &Asked { operators: &mixed, signed: FIRST_ONLY, ..PLAIN },
        State::Ok,
        "✔ 管账单位自己的见证看着同一本账 | 清河镇  1家看到了  2026年1月10日 7:06 (都是管这本账的单位自己的, 不算外人); \
         还没看到的: 示例县图书馆",
        "✔ The log's own witnesses watch the same ledger | 清河镇  1 saw it  2026-01-10 07:06 \
         (all run by the log's operator: no outsiders); not yet seen by: 示例县图书馆",
    );
}

#[test]
fn an_old_word_is_told_with_its_time_and_limit() {
    let late = Some(WITNESSED + 4 * 86_400);
    let old = Asked { operators: NAMED, days: Some(2), now: late, ..PLAIN };
    says(
        &old,
        State::Partial,
        "◑ 外面的见证太久没有更新 | 示例县农经站、示例县图书馆  2家都看到了  2026年1月10日 7:06; 见证要在最近 2 天以内",
        "◑ The outside witnesses have not been heard of for too long | 示例县农经站, 示例县图书馆  2 saw it  \
         2026-01-10 07:06; cosignatures may be at most 2 days old",
    );
    // Nobody is missing, so nobody is called missing.
    meaning(
        &outcome(&old),
        [
            "大部分对上, 还差见证",
            "内容和签名都对得上, 但外面的见证太久没有更新。",
            "请明天再看一次; 还是这样, 请告诉镇里。",
        ],
    );
    says(
        &Asked { operators: NAMED, days: Some(7), now: late, ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县农经站、示例县图书馆  2家都看到了  2026年1月10日 7:06; 见证要在最近 7 天以内",
        "✔ Outsiders watch the same ledger | 示例县农经站, 示例县图书馆  2 saw it  2026-01-10 07:06; \
         cosignatures may be at most 7 days old",
    );
}

#[test]
fn nobody_is_asked_for() {
    let none =
        ["– 外面有人看着同一本账 | 还没有外面的见证人", "– Outsiders watch the same ledger | no outside witnesses yet"];
    for (operators, signed) in [(&[][..], &[][..]), (NAMED, &[Some(0), Some(0)])] {
        let asked = Asked { rule: "none", operators, signed, days: Some(2), ..PLAIN };
        says(&asked, State::Ok, none[0], none[1]);
        assert_eq!(outcome(&asked).verdict.max_age_days, None);
    }
}

/// Title, sentence and advice on a phone.
#[track_caller]
fn meaning(outcome: &Outcome, zh: [&str; 3]) {
    let text = verdict_text(outcome, Lang::Zh, Device::Phone);
    assert_eq!([&text.title, &text.sentence, text.advice.as_ref().unwrap()], zh);
}

/// The outcome for the newest entry where the client remembers a tree.
fn remembering(change: impl FnOnce(&World, &mut Bundle), remembered: (u64, Hash), asked: Came) -> Outcome {
    let world = with_chain(&Cast::new());
    let (index, size) = (world.size() - 1, world.size());
    let trust = world.trust_but(|t| t.policy = world.cast.policy(&world.origin, "none"));
    let mut bundle = world.bundle(index, size);
    change(&world, &mut bundle);
    let bundle = to_text(&bundle);
    let (size, root) = remembered;
    let remembered = Some(&Remembered { size, root, genesis: None, chains: None });
    verify(&Input { bundle: bundle.as_bytes(), trust: Some(trust.as_bytes()), remembered, now: None, asked }).unwrap()
}

const OTHER: Hash = Hash([7; 32]);

fn size() -> u64 {
    with_chain(&Cast::new()).size()
}

#[test]
fn another_ledger_is_not_told_as_another_notice() {
    let other = ["对不上, 请留意", "这本账和您上次看到的不是同一本。", "请把这个结果拍照留好, 向乡镇纪委反映。"];
    // Another root at the size that was seen; and a tree that does not continue it.
    meaning(&remembering(|_, _| {}, (size(), OTHER), Came::Log), other);
    let since = |world: &World, bundle: &mut Bundle| bundle.since = Some(world.since(1, world.size()));
    let fork = remembering(since, (1, OTHER), Came::Log);
    meaning(&fork, other);
    let told = line(&fork, CheckCode::ClientConsistency, Lang::Zh);
    assert_eq!(told, "✘ 和您上次看到的不是同一本 | 接不上您上次看到的: 以前的记录被改过");
    let english = verdict_text(&fork, Lang::En, Device::Program);
    assert_eq!(english.sentence, "This is not the ledger you saw last time.");
    // A notice that was changed on the way is still told as one, also if the ledger is another one, too.
    let notice = [other[0], "您看到的内容和签过字、上了账的内容不一样。", "请留好纸质公开表并拍照, 向乡镇纪委反映。"];
    let changed = |_: &World, bundle: &mut Bundle| bundle.body.as_mut().unwrap().0.push(b' ');
    meaning(&remembering(changed, (size(), OTHER), Came::Log), notice);
    let unplaced = |_: &World, bundle: &mut Bundle| bundle.inclusion.clear();
    let root = with_chain(&Cast::new()).root_of(size());
    meaning(&remembering(unplaced, (size(), root), Came::Log), [other[0], "这张公开表和村里的账链对不上。", notice[2]]);
}

#[test]
fn an_old_proof_is_not_told_as_a_missing_witness() {
    let old = remembering(|_, _| {}, (99, OTHER), Came::Log);
    assert_eq!(old.verdict.state, State::Partial);
    let sentence = "内容和签名都对得上, 但证明不了这本账是接着您上次看到的那一本。";
    meaning(&old, ["大部分对上, 还差见证", sentence, "请过一会儿再打开这一页; 还是这样, 请告诉镇里。"]);
    assert_eq!(
        verdict_text(&old, Lang::Zh, Device::Program).advice.unwrap(),
        "请重新取一份证明再核对; 还是这样, 请告诉镇里。"
    );
    let told = line(&old, CheckCode::ClientConsistency, Lang::Zh);
    assert_eq!(told, "◑ 没法和您上次看到的比 | 这份证明比您上次看到的旧, 或者是给别人出的");
}

#[test]
fn a_file_that_was_not_compared_says_so() {
    // Older than what was seen, or newer without a proof from there.
    for size in [99, 1] {
        let file = remembering(|_, _| {}, (size, OTHER), Came::File);
        assert_eq!(file.verdict.state, State::Ok);
        let told = line(&file, CheckCode::ClientConsistency, Lang::Zh);
        assert_eq!(told, "– 没有和您上次看到的比 | 这份文件是以前出的, 或者是给别人出的; 联网打开这张表就能比");
    }
    // What can be compared is compared in a file, too.
    let other = remembering(|_, _| {}, (size(), OTHER), Came::Log);
    let file = remembering(|_, _| {}, (size(), OTHER), Came::File);
    assert_eq!((file.verdict.state, &file), (State::Mismatch, &other));
}

#[test]
fn only_what_was_in_order_is_said_to_be_remembered() {
    let fine = outcome(&PLAIN);
    assert_eq!(
        line(&fine, CheckCode::ClientConsistency, Lang::Zh),
        "– 和您上次看到的是同一本 | 您第一次看这本账, 这次记住了"
    );
    let unkept = verdict_text(&fine, Lang::Zh, Device::ForgetfulPhone);
    assert_eq!(
        line_in(unkept, CheckCode::ClientConsistency),
        "– 和您上次看到的是同一本 | 您第一次看这本账; 这台手机不让网页记东西, 下次还是没法比"
    );
    let partial = outcome(&Asked { rule: "all", signed: FIRST_ONLY, ..PLAIN });
    assert_eq!(line(&partial, CheckCode::ClientConsistency, Lang::Zh), "– 和您上次看到的是同一本 | 您第一次看这本账");
}
