//! The line about witnesses, as a resident reads it: who, how many, when, who is missing, whether anyone is an outsider.

use sanwu_schema::bundle::Bundle;
use sanwu_schema::canon::{Bytes, to_text};
use sanwu_schema::story::{Device, Lang, tell};
use sanwu_schema::trust::Operator;
use sanwu_schema::verify::{CheckCode, Input, State, verify};

use crate::support::village::{Cast, with_chain};
use crate::support::world::WITNESSED;

/// A trust file's quorum, operators and age limit, how many witnesses have signed, and the clock.
struct Asked<'a> {
    rule: &'a str,
    operators: &'a [(&'a str, &'a str, Option<bool>)],
    days: Option<u64>,
    witnesses: usize,
    now: Option<u64>,
}

const PLAIN: Asked<'_> = Asked { rule: "any", operators: &[], days: None, witnesses: 2, now: None };
const NAMED: &[(&str, &str, Option<bool>)] = &[("w1", "示例县农经站", None), ("w2", "示例县图书馆", Some(false))];

/// The verdict's state and the line in both languages: its mark, its text, its detail.
fn told(asked: &Asked<'_>) -> (State, [String; 2]) {
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
    let checkpoint = Bytes(world.checkpoint(size, asked.witnesses).into_bytes());
    let bundle = to_text(&Bundle { checkpoint, ..world.bundle(index, size) });
    let input = Input { bundle: bundle.as_bytes(), trust: Some(trust.as_bytes()), now: asked.now, ..Input::default() };
    let verdict = verify(&input).unwrap();
    let line = |lang| {
        let story = tell(&verdict, lang, Device::Phone);
        let step = story.steps.into_iter().find(|step| step.code == CheckCode::WitnessQuorum).unwrap();
        format!("{} {} | {}", step.mark, step.text, step.detail)
    };
    (verdict.state, [line(Lang::Zh), line(Lang::En)])
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
fn one_witness_of_two_is_enough_if_one_is_asked_for() {
    says(
        &Asked { operators: NAMED, witnesses: 1, ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 示例县农经站  1家看到了  2026年1月10日 7:06",
        "✔ Outsiders watch the same ledger | 示例县农经站  1 saw it  2026-01-10 07:06",
    );
}

#[test]
fn who_is_missing_is_named() {
    says(
        &Asked { rule: "all", operators: NAMED, witnesses: 1, ..PLAIN },
        State::Partial,
        "◑ 外面有人看着同一本账 | 示例县农经站  1家看到了  2026年1月10日 7:06; 外面的见证人还不够, 还差: 示例县图书馆",
        "◑ Outsiders watch the same ledger | 示例县农经站  1 saw it  2026-01-10 07:06; the witness quorum is not reached, \
         still missing: 示例县图书馆",
    );
    says(
        &Asked { rule: "all", operators: NAMED, witnesses: 0, ..PLAIN },
        State::Partial,
        "◑ 外面有人看着同一本账 | 外面的见证人还不够, 还差: 示例县农经站、示例县图书馆",
        "◑ Outsiders watch the same ledger | the witness quorum is not reached, still missing: 示例县农经站, 示例县图书馆",
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
         (all run by whoever runs this log: no outsiders)",
    );
    let mixed = [own[0], NAMED[1]];
    says(
        &Asked { operators: &mixed, ..PLAIN },
        State::Ok,
        "✔ 外面有人看着同一本账 | 清河镇、示例县图书馆  2家都看到了  2026年1月10日 7:06",
        "✔ Outsiders watch the same ledger | 清河镇, 示例县图书馆  2 saw it  2026-01-10 07:06",
    );
    // The outsider has not signed: those who have are all the log's own.
    says(
        &Asked { operators: &mixed, witnesses: 1, ..PLAIN },
        State::Ok,
        "✔ 管账单位自己的见证看着同一本账 | 清河镇  1家看到了  2026年1月10日 7:06 (都是管这本账的单位自己的, 不算外人)",
        "✔ The log's own witnesses watch the same ledger | 清河镇  1 saw it  2026-01-10 07:06 \
         (all run by whoever runs this log: no outsiders)",
    );
}

#[test]
fn an_old_word_is_told_with_its_time() {
    let late = Some(WITNESSED + 4 * 86_400);
    says(
        &Asked { operators: NAMED, days: Some(2), now: late, ..PLAIN },
        State::Partial,
        "◑ 外面有人看着同一本账 | 外面的见证太久没有更新 (最近一次 2026年1月10日 7:06)",
        "◑ Outsiders watch the same ledger | the witnesses' word is older than the trust file allows \
         (latest 2026-01-10 07:06)",
    );
    let (state, fresh) = told(&Asked { operators: NAMED, days: Some(7), now: late, ..PLAIN });
    assert_eq!((state, fresh), told(&Asked { operators: NAMED, ..PLAIN }));
}

#[test]
fn nobody_is_asked_for() {
    let none =
        ["– 外面有人看着同一本账 | 还没有外面的见证人", "– Outsiders watch the same ledger | no outside witnesses yet"];
    for (operators, witnesses) in [(&[][..], 0), (NAMED, 2)] {
        says(&Asked { rule: "none", operators, witnesses, ..PLAIN }, State::Ok, none[0], none[1]);
    }
}
