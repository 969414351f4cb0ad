//! The verdict in words: the one wording for page, CLI and report. Chinese first; a missing word does not compile.
//!
//! Each line names a person or an office and stands for exactly one check. No word of cryptography.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::date::civil;
use crate::error_code::ErrorCode;
use crate::json::{record, words};
use crate::record::statement::Role;
use crate::verify::{Check, CheckCode, CheckState, State, Verdict, WitnessFact};

words! {
    /// The language of a text.
    pub enum Lang {
        Zh = "zh", "中文", "Chinese";
        En = "en", "英文", "English";
    }
}

record! {
    /// One of the five lines.
    pub struct Step {
        /// The check.
        code: CheckCode,
        /// How it ended.
        state: CheckState,
        /// `✔ ◑ ? ✘ –`: never by colour alone.
        mark: String,
        /// The line.
        text: String,
        /// Who, when, which.
        detail: String,
    }
}

record! {
    /// A verdict in words.
    pub struct Story {
        /// `✔ ⟳ ◑ ? ✘`.
        mark: String,
        /// The verdict.
        title: String,
        /// What it means.
        sentence: String,
        /// Who checked.
        intro: String,
        /// The five lines.
        steps: Vec<Step>,
        /// What it does not prove.
        limits: String,
        /// What to do, unless all went well.
        advice [opt]: String,
        /// 演示数据.
        banner [opt]: String,
    }
}

/// Who computed the verdict: it decides the line that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A resident's phone or browser.
    Phone,
    /// The `sanwu` program.
    Program,
}

struct Words {
    sentence: [&'static str; 5],
    advice: [&'static str; 5],
    /// Where one check alone failed, what that means. The notice is not to blame for what its ledger did.
    wrong: [&'static str; 5],
    /// What to do about a ledger that is not the one seen before.
    other_ledger: &'static str,
    /// Sentence and advice where the witnesses' word is too old.
    stale: [&'static str; 2],
    /// Sentence where nothing shows that the ledger continues what was seen; advice for a page, and for a program.
    older: [&'static str; 3],
    by_phone: &'static str,
    by_program: &'static str,
    limits: &'static str,
    banner: &'static str,
    signed_by: &'static str,
    supervision: &'static str,
    no_supervision: &'static str,
    step: [&'static str; 5],
    /// The same lines where a check failed.
    failed: [&'static str; 5],
    /// Stands before a line that could not be checked.
    unchecked: &'static str,
    /// The line of the witnesses where too few have signed, or too long ago.
    few_witnesses: &'static str,
    old_witnesses: &'static str,
    /// The line about the last time where nothing could be compared, or there was nothing to compare.
    unlinked: &'static str,
    uncompared: &'static str,
    stated: &'static str,
    record_no: fn(u64, Option<u64>) -> String,
    no_witness: &'static str,
    witnessed: fn(usize) -> String,
    all_own: &'static str,
    /// Stands before the log's own witnesses beside outsiders.
    own_too: &'static str,
    no_outsider: &'static str,
    /// The line of the witnesses where no outsider is among them.
    own_step: &'static str,
    missing: &'static str,
    /// The same where the others are enough.
    not_yet: &'static str,
    limit: fn(u64) -> String,
    first: &'static str,
    first_kept: &'static str,
    grown: &'static str,
    rewritten: &'static str,
    older_file: &'static str,
    other_file: &'static str,
    erased: &'static str,
    list: &'static str,
}

const ZH: Words = Words {
    sentence: [
        "这张公开表, 从公布到现在没有被改过。",
        "这张公开表本身没有被改过, 但后来公布了更正, 请看更正后的内容。",
        "内容和签名都对得上, 但外面的见证还没有齐。",
        "这不是说账有问题, 只是没法下结论。",
        "您看到的内容和签过字、上了账的内容不一样。",
    ],
    advice: [
        "",
        "请对照更正前后的内容。",
        "请明天再看一次。",
        "请换一台手机, 或者用别的办法核对。",
        "请留好纸质公开表并拍照, 向乡镇纪委反映。",
    ],
    wrong: [
        "您看到的内容和签过字、上了账的内容不一样。",
        "这张公开表该签的字没有签齐, 或者签的不算数。",
        "这张公开表和村里的账链对不上。",
        "外面的见证和这本账对不上。",
        "这本账和您上次看到的不是同一本。",
    ],
    other_ledger: "请把这个结果拍照留好, 向乡镇纪委反映。",
    stale: ["内容和签名都对得上, 但外面的见证太久没有更新。", "请明天再看一次; 还是这样, 请告诉镇里。"],
    older: [
        "内容和签名都对得上, 但证明不了这本账是接着您上次看到的那一本。",
        "请过一会儿再打开这一页; 还是这样, 请告诉镇里。",
        "请重新取一份证明再核对; 还是这样, 请告诉镇里。",
    ],
    by_phone: "刚才是您的手机自己核对的, 不是网站告诉您的:",
    by_program: "刚才是本程序自己核对的, 不是网站告诉您的:",
    limits: "它不能说明: 钱花得值不值、票据真不真、有没有漏掉没公布的事。",
    banner: "演示数据, 不是真的",
    signed_by: "签名人: ",
    supervision: "监督签字齐了",
    no_supervision: "该签字的都签了",
    step: ["内容和签名对得上", "监督签字齐了", "已经写进村里的账链", "外面有人看着同一本账", "和您上次看到的是同一本"],
    failed: [
        "内容和签名对不上",
        "该签的字没有签齐",
        "在村里的账链上对不上",
        "外面的见证对不上",
        "和您上次看到的不是同一本",
    ],
    unchecked: "没法核: ",
    few_witnesses: "外面的见证还没有齐",
    old_witnesses: "外面的见证太久没有更新",
    unlinked: "没法和您上次看到的比",
    uncompared: "没有和您上次看到的比",
    stated: "钥匙按签名人自己的说法, 中间有没有停用没有核",
    record_no: |index, size| match size {
        Some(size) => format!("第 {index} 条(共 {size} 条), 前后都连着"),
        None => format!("第 {index} 条"),
    },
    no_witness: "还没有外面的见证人",
    witnessed: |count| format!("{count}家{}看到了", if count > 1 { "都" } else { "" }),
    all_own: "都是管这本账的单位自己的, 不算外人",
    own_too: "管这本账的单位自己的: ",
    no_outsider: "不算外人",
    own_step: "管账单位自己的见证看着同一本账",
    missing: "还差: ",
    not_yet: "还没看到的: ",
    limit: |days| format!("见证要在最近 {days} 天以内"),
    first: "您第一次看这本账",
    first_kept: "您第一次看这本账, 这次记住了",
    grown: "只增加, 没删改",
    rewritten: "接不上您上次看到的: 以前的记录被改过",
    older_file: "这份证明比您上次看到的旧, 或者是给别人出的",
    other_file: "这份文件是以前出的, 或者是给别人出的; 联网打开这张表就能比",
    erased: "内容已按规定删除",
    list: "、",
};

const EN: Words = Words {
    sentence: [
        "This notice has not been changed since it was published.",
        "This notice itself is unchanged, but it has since been corrected: please read the correction.",
        "Content and signatures match, but outside witnesses are still missing.",
        "This does not mean that anything is wrong; it only could not be decided.",
        "What you see is not what was signed and logged.",
    ],
    advice: [
        "",
        "Compare what stood there before and after.",
        "Look again tomorrow.",
        "Use another phone, or one of the other ways to check.",
        "Keep the paper notice, photograph it, and tell the township's discipline office.",
    ],
    wrong: [
        "What you see is not what was signed and logged.",
        "Not everyone who must sign this notice has validly signed it.",
        "This notice does not stand in the village's ledger as shown.",
        "The outside witnesses have not seen this ledger.",
        "This is not the ledger you saw last time.",
    ],
    other_ledger: "Photograph this result, keep it, and tell the township's discipline office.",
    stale: [
        "Content and signatures match, but the outside witnesses have not been heard of for too long.",
        "Look again tomorrow; if it stays so, tell the township.",
    ],
    older: [
        "Content and signatures match, but nothing shows that this ledger continues the one you saw last time.",
        "Open this page again in a while; if it stays so, tell the township.",
        "Get a new proof and check again; if it stays so, tell the township.",
    ],
    by_phone: "Your own phone just checked it, not this website:",
    by_program: "This program just checked it itself, it did not ask the website:",
    limits: "It cannot tell you whether the money was well spent, whether the receipts are genuine, or whether something was left out.",
    banner: "Demonstration data, not real",
    signed_by: "Signed by: ",
    supervision: "The supervision committee has signed",
    no_supervision: "Everyone who must sign has signed",
    step: [
        "Content and signatures match",
        "The supervision committee has signed",
        "It stands in the village's ledger",
        "Outsiders watch the same ledger",
        "It is the same ledger you saw last time",
    ],
    failed: [
        "Content and signatures do not match",
        "Not everyone who must sign has signed",
        "It does not stand in the village's ledger as shown",
        "The outside witnesses do not match",
        "It is not the ledger you saw last time",
    ],
    unchecked: "Could not be checked: ",
    few_witnesses: "Outside witnesses are still missing",
    old_witnesses: "The outside witnesses have not been heard of for too long",
    unlinked: "Could not be compared with what you saw last time",
    uncompared: "Not compared with what you saw last time",
    stated: "keys as the signers themselves stated; revocations in between were not checked",
    record_no: |index, size| match size {
        Some(size) => format!("entry {index} of {size}, linked before and after"),
        None => format!("entry {index}"),
    },
    no_witness: "no outside witnesses yet",
    witnessed: |count| format!("{count} saw it"),
    all_own: "all run by whoever runs this log: no outsiders",
    own_too: "run by whoever runs this log: ",
    no_outsider: "no outsider",
    own_step: "The log's own witnesses watch the same ledger",
    missing: "still missing: ",
    not_yet: "not yet seen by: ",
    limit: |days| format!("their word may be at most {days} days old"),
    first: "your first visit",
    first_kept: "your first visit; remembered from now on",
    grown: "it only grew, nothing was removed",
    rewritten: "it does not continue what you saw: earlier entries were changed",
    older_file: "the proof is older than what you saw last time, or was made for somebody else",
    other_file: "the file was made earlier, or for somebody else; open the notice online to compare",
    erased: "the content was erased as the law requires",
    list: ", ",
};

/// What a page says that finds a mismatch by itself: with what it remembers, or where it got the proofs of another notice.
#[derive(Clone, Copy, Debug)]
pub struct MismatchWords {
    /// The line about the last time.
    pub ledger_line: &'static str,
    /// What that means.
    pub ledger_sentence: &'static str,
    /// What to do about it.
    pub ledger_advice: &'static str,
    /// What to do about a notice that does not match.
    pub notice_advice: &'static str,
}

/// The words for it.
pub fn mismatch_words(lang: Lang) -> MismatchWords {
    let w = words(lang);
    let [.., ledger_line] = w.failed;
    let [.., ledger_sentence] = w.wrong;
    let [.., notice_advice] = w.advice;
    MismatchWords { ledger_line, ledger_sentence, ledger_advice: w.other_ledger, notice_advice }
}

fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

/// Puts a verdict into words.
pub fn tell(verdict: &Verdict, lang: Lang, device: Device) -> Story {
    let w = words(lang);
    let label = |zh: &'static str, en: &'static str| if lang == Lang::Zh { zh } else { en };
    let mark = match verdict.state {
        State::Ok => "✔",
        State::OkSuperseded => "⟳",
        State::Partial => "◑",
        State::Cannot => "?",
        State::Mismatch => "✘",
    };
    let (sentence, advice) = meaning(verdict, w, device);
    let mut title = label(verdict.state.zh(), verdict.state.en()).to_string();
    if device == Device::Program && verdict.state == State::Cannot && lang == Lang::Zh {
        title = "没法核对".to_string();
    }
    Story {
        mark: mark.to_string(),
        title,
        sentence: sentence.to_string(),
        intro: if device == Device::Phone { w.by_phone } else { w.by_program }.to_string(),
        steps: verdict.checks.iter().map(|c| step(c, verdict, w, lang)).collect(),
        limits: w.limits.to_string(),
        advice: (!advice.is_empty()).then(|| advice.to_string()),
        banner: verdict.test.then(|| w.banner.to_string()),
    }
}

/// What the verdict means and what to do, by the checks that made it what it is: a ledger that went back is no fault of
/// the notice, and an old proof is not a missing witness.
fn meaning(verdict: &Verdict, w: &Words, device: Device) -> (&'static str, &'static str) {
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
            (older, if device == Device::Phone { open_again } else { get_again })
        }
        State::Partial if partial(ErrorCode::Stale) => (stale, look_again),
        _ => general,
    }
}

/// Which of the five it is.
fn place(code: CheckCode) -> usize {
    CheckCode::ALL.iter().position(|c| *c == code).unwrap_or(0)
}

fn step(check: &Check, verdict: &Verdict, w: &Words, lang: Lang) -> Step {
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
        (None, state) => detail(check.code, state, verdict, w, lang),
    };
    Step { code: check.code, state: check.state, mark: mark.to_string(), text, detail }
}

fn detail(code: CheckCode, state: CheckState, verdict: &Verdict, w: &Words, lang: Lang) -> String {
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
            State::Ok | State::OkSuperseded => w.first_kept.to_string(),
            _ => w.first.to_string(),
        },
        CheckCode::ClientConsistency if state == CheckState::NotCompared => w.other_file.to_string(),
        CheckCode::ClientConsistency => w.grown.to_string(),
    }
}

fn reason(error: &str, w: &Words, verdict: &Verdict, code: CheckCode, lang: Lang) -> String {
    let known = ErrorCode::ALL.iter().find(|c| c.as_str() == error);
    let why = known.map_or("", |c| if lang == Lang::Zh { c.zh() } else { c.en() });
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

fn outsiders(verdict: &Verdict) -> impl Iterator<Item = &WitnessFact> {
    verdict.witnesses.iter().filter(|fact| fact.time.is_some() && fact.own != Some(true))
}

/// Which outsiders saw the tree, how many and when; apart from them the log's own witnesses, who are no outsiders; who
/// has not seen it; and how old their word may be.
fn witnesses(verdict: &Verdict, missing: &str, w: &Words, lang: Lang) -> String {
    let outside: Vec<&WitnessFact> = outsiders(verdict).collect();
    let own: Vec<&WitnessFact> =
        verdict.witnesses.iter().filter(|fact| fact.time.is_some() && fact.own == Some(true)).collect();
    let absent: Vec<&str> = verdict.witnesses.iter().filter(|fact| fact.time.is_none()).map(called).collect();
    let mut parts = Vec::new();
    if !outside.is_empty() {
        parts.push(saw(&outside, true, w, lang));
    }
    match (own.is_empty(), outside.is_empty()) {
        (true, _) => {}
        (false, true) => parts.push(format!("{} ({})", saw(&own, true, w, lang), w.all_own)),
        (false, false) => parts.push(format!("{}{} ({})", w.own_too, saw(&own, false, w, lang), w.no_outsider)),
    }
    if !absent.is_empty() {
        parts.push(format!("{missing}{}", absent.join(w.list)));
    }
    parts.extend(verdict.max_age_days.map(w.limit));
    parts.join("; ")
}

fn called(fact: &WitnessFact) -> &str {
    fact.operator.as_deref().unwrap_or(&fact.name)
}

/// Each with its time; once for all where it is the same.
fn saw(who: &[&WitnessFact], counted: bool, w: &Words, lang: Lang) -> String {
    let times: Vec<String> =
        who.iter().map(|fact| fact.time.map_or_else(String::new, |time| moment(time, lang))).collect();
    let count = if counted { format!("  {}", (w.witnessed)(who.len())) } else { String::new() };
    match times.split_first() {
        Some((first, rest)) if rest.iter().all(|time| time == first) => {
            let names: Vec<&str> = who.iter().map(|fact| called(fact)).collect();
            format!("{}{count}  {first}", names.join(w.list))
        }
        _ => {
            let each: Vec<String> =
                who.iter().zip(&times).map(|(fact, time)| format!("{} {time}", called(fact))).collect();
            format!("{}{count}", each.join(w.list))
        }
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

/// `张三(村会计)`; without a name the role stands alone.
fn people(verdict: &Verdict, role: Option<Role>, w: &Words, lang: Lang) -> String {
    let signers = verdict.signers.iter().filter(|s| role.is_none_or(|r| s.roles.contains(&r)));
    let each = signers.map(|s| match (&s.name, &s.office) {
        (Some(name), Some(office)) => format!("{name}({office})"),
        _ => s.roles.iter().map(|r| if lang == Lang::Zh { r.zh() } else { r.en() }).collect::<Vec<_>>().join(w.list),
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
