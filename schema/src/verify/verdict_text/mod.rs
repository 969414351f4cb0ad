//! The verdict in words: the one wording for page, CLI and report. Chinese first; a missing word does not compile.
//!
//! Each line names a person or an office and is about exactly one check. No word of cryptography.

mod witnesses;
mod words;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::date::civil;
use crate::error_code::ErrorCode;
use crate::json::record;
use crate::lang::Lang;
use crate::record::statement::{Role, StatementId};
use crate::verify::{Check, CheckCode, CheckState, Found, Outcome, Remembered, State, Verdict};

use witnesses::{outsiders, witnesses};
use words::{Words, words};

record! {
    /// One of the five lines.
    pub struct Step {
        code: CheckCode,
        /// How it ended.
        state: CheckState,
        /// `✔ ◑ ? ✘ –`: never by colour alone.
        mark: String,
        text: String,
        /// Who, when, which.
        detail: String,
    }
}

record! {
    /// A verdict in words.
    pub struct VerdictText {
        /// `✔ ⟳ ◑ ? ✘`.
        mark: String,
        title: String,
        /// What it means.
        sentence: String,
        /// Who checked; empty where no lines are shown.
        intro: String,
        /// The five lines; none where they would only mislead, as those of another notice would.
        steps: Vec<Step>,
        /// What it does not prove; empty where no lines are shown.
        limits: String,
        /// What to do, unless all went well.
        advice [opt]: String,
        /// 演示数据.
        banner [opt]: String,
    }
}

record! {
    /// Several verdicts in one: those of a receipt.
    pub struct SumText {
        /// The worst of them.
        state: State,
        mark: String,
        title: String,
        /// How many there are, and how many check out.
        sentence: String,
    }
}

/// What computed the verdict: it decides the line that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A resident's phone or browser.
    Phone,
    /// One that lets no page store anything.
    ForgetfulPhone,
    /// The `sanwu` program.
    Program,
}

/// Returns the words for an outcome.
pub fn verdict_text(outcome: &Outcome, lang: Lang, device: Device) -> VerdictText {
    let (verdict, w) = (&outcome.verdict, words(lang));
    let found = outcome.found.as_ref();
    if let Some(found @ Found::OtherNotice) = found {
        return found_text(found, lang);
    }
    let mut steps: Vec<Step> = verdict.checks.iter().map(|c| step(c, verdict, w, lang, device)).collect();
    let (mut sentence, mut advice) = meaning(verdict, w, device);
    let own = found.map(|found| found_sentence(found, w));
    if let Some(own) = &own {
        (sentence, advice) = (own, w.other_ledger);
        if let Some(step) = steps.iter_mut().find(|step| step.code == CheckCode::ClientConsistency) {
            step.detail.clone_from(own);
        }
    }
    VerdictText {
        mark: sign(verdict.state).to_string(),
        title: title(verdict.state, lang, device).to_string(),
        sentence: sentence.to_string(),
        intro: if device == Device::Program { w.by_program } else { w.by_phone }.to_string(),
        steps,
        limits: w.limits.to_string(),
        advice: (!advice.is_empty()).then(|| advice.to_string()),
        banner: verdict.test.then(|| w.banner.to_string()),
    }
}

/// Returns the words for a finding alone, without the five lines.
pub fn found_text(found: &Found, lang: Lang) -> VerdictText {
    let w = words(lang);
    let [.., notice_advice] = w.advice;
    let advice = if *found == Found::OtherNotice { notice_advice } else { w.other_ledger };
    VerdictText {
        mark: sign(State::Mismatch).to_string(),
        title: title(State::Mismatch, lang, Device::Phone).to_string(),
        sentence: found_sentence(found, w),
        intro: String::new(),
        steps: Vec::new(),
        limits: String::new(),
        advice: Some(advice.to_string()),
        banner: None,
    }
}

fn found_sentence(found: &Found, w: &Words) -> String {
    match found {
        Found::OtherNotice => w.other_notice.to_string(),
        Found::Shorter { before, now } => (w.shorter)(*before, *now),
        Found::OtherGenesis => w.other_genesis.to_string(),
        Found::OtherChain(_) => w.other_chain.to_string(),
        Found::Rewritten => {
            let [.., ledger] = w.wrong;
            ledger.to_string()
        }
        Found::Gone { before, index } => (w.gone)(*before, *index),
    }
}

/// Returns the line that sums up the verdicts of a receipt.
///
/// A bundle that cannot be read has none, and counts as [`State::Cannot`].
pub fn sum_text(states: &[Option<State>], lang: Lang, device: Device) -> SumText {
    let worst = states.iter().map(|state| state.unwrap_or(State::Cannot)).max().unwrap_or(State::Cannot);
    let good = states.iter().filter(|state| matches!(state, Some(State::Ok | State::OkSuperseded))).count();
    SumText {
        state: worst,
        mark: sign(worst).to_string(),
        title: title(worst, lang, device).to_string(),
        sentence: (words(lang).sum)(states.len(), good),
    }
}

/// Returns the heading of one notice of several: mark, title, which entry, what about.
///
/// One that cannot be read is named by its place, counted from 0.
pub fn heading(outcome: Option<&Outcome>, at: usize, lang: Lang, device: Device) -> String {
    let w = words(lang);
    let state = outcome.map_or(State::Cannot, |outcome| outcome.verdict.state);
    let number = match outcome {
        Some(outcome) => (w.entry)(&outcome.verdict.index.to_string()),
        None => (w.entry)(&format!("{}?", at + 1)),
    };
    let about = outcome.and_then(|outcome| outcome.verdict.title.as_deref()).unwrap_or_default();
    let gap = if about.is_empty() { "" } else { " " };
    format!("{} {} · {number}{gap}{about}", sign(state), title(state, lang, device))
}

/// Returns what to write down when something does not match: which log, which entry, what failed, what was seen.
pub fn evidence(
    outcome: &Outcome,
    remembered: Option<&Remembered>,
    genesis: Option<&StatementId>,
    note: &str,
) -> String {
    let verdict = &outcome.verdict;
    let mut lines = vec![format!("{} #{}", verdict.origin, verdict.index)];
    lines.extend(verdict.id.map(|id| id.to_string()));
    lines.extend(verdict.check_code.clone());
    for check in verdict.checks.iter().filter(|check| check.state == CheckState::Mismatch) {
        let (error, place) = (check.error.as_deref().unwrap_or_default(), check.place.as_deref().unwrap_or_default());
        lines.push(format!("{} {error} {place}", check.code.as_str()));
    }
    lines.extend(genesis.map(|genesis| format!("genesis {genesis}")));
    lines.extend(remembered.map(|remembered| format!("remembered {remembered}")));
    lines.push(note.strip_suffix('\n').unwrap_or(note).to_string());
    lines.join("\n")
}

fn sign(state: State) -> &'static str {
    match state {
        State::Ok => "✔",
        State::OkSuperseded => "⟳",
        State::Partial => "◑",
        State::Cannot => "?",
        State::Mismatch => "✘",
    }
}

fn title(state: State, lang: Lang, device: Device) -> &'static str {
    match (state, lang, device) {
        (State::Cannot, Lang::Zh, Device::Program) => "没法核对",
        _ => lang.pick(state.zh(), state.en()),
    }
}

/// What the verdict means and what to do, by the checks that made it what it is: a ledger that went back is no fault of
/// the notice, and an old proof is not a missing witness.
fn meaning<'a>(verdict: &Verdict, w: &'a Words, device: Device) -> (&'a str, &'a str) {
    let at = State::ALL.iter().position(|s| *s == verdict.state).unwrap_or(3);
    let pick = |list: &[&'static str; 5], at: usize| list.get(at).copied().unwrap_or_default();
    let general = (pick(&w.sentence, at), pick(&w.advice, at));
    let mut failed = verdict.checks.iter().filter(|c| c.state == CheckState::Mismatch);
    let partial = |code: ErrorCode| {
        verdict.checks.iter().any(|c| c.state == CheckState::Partial && c.error.as_deref() == Some(code.as_str()))
    };
    let [stale, look_again] = w.stale;
    let [older, open_again, get_again] = w.older;
    match verdict.state {
        State::Mismatch => match (failed.next(), failed.next()) {
            (Some(one), None) => {
                let advice = if one.code == CheckCode::ClientConsistency { w.other_ledger } else { general.1 };
                (pick(&w.wrong, place(one.code)), advice)
            }
            _ => general,
        },
        State::Partial if partial(ErrorCode::OlderThanRemembered) => {
            (older, if device == Device::Program { get_again } else { open_again })
        }
        State::Partial if partial(ErrorCode::Stale) => (stale, look_again),
        _ => general,
    }
}

/// Which of the five it is.
fn place(code: CheckCode) -> usize {
    CheckCode::ALL.iter().position(|c| *c == code).unwrap_or(0)
}

fn step(check: &Check, verdict: &Verdict, w: &Words, lang: Lang, device: Device) -> Step {
    let mark = match check.state {
        CheckState::Ok => "✔",
        CheckState::Partial => "◑",
        CheckState::Cannot => "?",
        CheckState::Mismatch => "✘",
        CheckState::NotRequired | CheckState::FirstSeen | CheckState::NotCompared => "–",
    };
    let at = place(check.code);
    let mut text = w.step.get(at).copied().unwrap_or_default();
    let supervised = verdict.signers.iter().any(|s| s.roles.contains(&Role::SupervisionChair));
    if check.code == CheckCode::ApprovalQuorum {
        text = if supervised { w.supervision } else { w.no_supervision };
    }
    if check.code == CheckCode::WitnessQuorum && check.state == CheckState::Ok && outsiders(verdict).next().is_none() {
        text = w.own_step;
    }
    let text = match (check.state, check.code) {
        (CheckState::Mismatch, _) => w.failed.get(at).copied().unwrap_or_default().to_string(),
        (CheckState::Cannot, _) => format!("{}{text}", w.unchecked),
        (CheckState::Partial, CheckCode::WitnessQuorum) => {
            let old = check.error.as_deref() == Some(ErrorCode::Stale.as_str());
            if old { w.old_witnesses } else { w.few_witnesses }.to_string()
        }
        (CheckState::Partial, CheckCode::ClientConsistency) => w.unlinked.to_string(),
        (CheckState::NotCompared, _) => w.uncompared.to_string(),
        _ => text.to_string(),
    };
    let detail = match (&check.error, check.state) {
        (Some(error), _) => reason(error, w, verdict, check.code, lang),
        (None, state) => detail(check.code, state, verdict, w, lang, device),
    };
    Step { code: check.code, state: check.state, mark: mark.to_string(), text, detail }
}

fn detail(code: CheckCode, state: CheckState, verdict: &Verdict, w: &Words, lang: Lang, device: Device) -> String {
    match code {
        CheckCode::ContentSig if verdict.erased => w.erased.to_string(),
        CheckCode::ContentSig => format!("{}{}", w.signed_by, people(verdict, None, w, lang)),
        CheckCode::ApprovalQuorum => {
            let chair = people(verdict, Some(Role::SupervisionChair), w, lang);
            let chair = if chair.is_empty() { people(verdict, None, w, lang) } else { chair };
            format!("{chair} ({})", w.stated)
        }
        CheckCode::LogInclusion => (w.record_no)(verdict.index, verdict.size),
        CheckCode::WitnessQuorum if state == CheckState::NotRequired => w.no_witness.to_string(),
        CheckCode::WitnessQuorum => witnesses(verdict, w.not_yet, w, lang),
        // Only what was fully in order is remembered.
        CheckCode::ClientConsistency if state == CheckState::FirstSeen => match verdict.state {
            State::Ok | State::OkSuperseded if device == Device::ForgetfulPhone => w.first_unkept.to_string(),
            State::Ok | State::OkSuperseded => w.first_kept.to_string(),
            _ => w.first.to_string(),
        },
        CheckCode::ClientConsistency if state == CheckState::NotCompared => w.other_file.to_string(),
        CheckCode::ClientConsistency => w.grown.to_string(),
    }
}

fn reason(error: &str, w: &Words, verdict: &Verdict, code: CheckCode, lang: Lang) -> String {
    let known = ErrorCode::ALL.iter().find(|c| c.as_str() == error);
    let why = known.map_or("", |c| lang.pick(c.zh(), c.en()));
    match known {
        Some(ErrorCode::WitnessQuorum | ErrorCode::Stale)
            if code == CheckCode::WitnessQuorum && !verdict.witnesses.is_empty() =>
        {
            witnesses(verdict, w.missing, w, lang)
        }
        Some(ErrorCode::OlderThanRemembered) => w.older_file.to_string(),
        Some(ErrorCode::Consistency) if code == CheckCode::ClientConsistency => w.rewritten.to_string(),
        _ => why.to_string(),
    }
}

/// A time as people read it, in Beijing: 2026年10月12日 8:00.
fn moment(seconds: u64, lang: Lang) -> String {
    let local = seconds.saturating_add(8 * 3_600);
    let (year, month, day) = civil(local / 86_400);
    let (hour, minute) = (local / 3_600 % 24, local / 60 % 60);
    match lang {
        Lang::Zh => format!("{year}年{month}月{day}日 {hour}:{minute:02}"),
        Lang::En => format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}"),
    }
}

/// Returns `张三(村会计)`; without a name, the role alone.
fn people(verdict: &Verdict, role: Option<Role>, w: &Words, lang: Lang) -> String {
    let signers = verdict.signers.iter().filter(|s| role.is_none_or(|r| s.roles.contains(&r)));
    let each = signers.map(|s| match (&s.name, &s.office) {
        (Some(name), Some(office)) => format!("{name}({office})"),
        _ => s.roles.iter().map(|r| lang.pick(r.zh(), r.en())).collect::<Vec<_>>().join(w.list),
    });
    each.collect::<Vec<_>>().join(w.list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_beijing() {
        assert_eq!(moment(0, Lang::En), "1970-01-01 08:00");
        assert_eq!(moment(951_782_400, Lang::En), "2000-02-29 08:00");
        assert_eq!(moment(1_791_763_200, Lang::Zh), "2026年10月12日 8:00");
        assert_eq!(moment(4_107_542_399, Lang::En), "2100-03-01 07:59");
        moment(u64::MAX, Lang::Zh);
    }
}
