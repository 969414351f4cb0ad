//! The verdict on a bundle, as text and as a document.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::to_canonical;
use sanwu_schema::verify::trust::PinnedLog;
use sanwu_schema::verify::verdict_text::{Device, verdict_text};
use sanwu_schema::verify::{
    self, Asked, Check, CheckCode, CheckState, Input, Outcome, Remembered, Verdict, WitnessFact,
};
use serde_json::{Value, json};

use crate::entropy::{now_seconds, show_time};
use crate::error::Error;
use crate::text::{Lang, Text, text};
use crate::ui::Ui;

/// Verifies a bundle, with this machine's clock for the age of the cosignatures.
pub fn of(
    bundle: &[u8],
    trust: Option<&PinnedLog>,
    remembered: Option<&Remembered>,
    asked: Asked,
) -> Result<Outcome, Error> {
    let trust = trust.map(|t| to_canonical(&t.file));
    Ok(verify::verify(&Input { bundle, trust: trust.as_deref(), remembered, now: Some(now_seconds()), asked })?)
}

/// Returns the witnesses of a policy: who has seen the log and when, who is still missing.
///
/// Empty if the policy asks for none.
pub fn witnesses(verdict: &Verdict) -> Vec<Text> {
    let asked = |c: &Check| c.code == CheckCode::WitnessQuorum && c.state != CheckState::NotRequired;
    if verdict.witnesses.is_empty() || !verdict.checks.iter().any(asked) {
        return Vec::new();
    }
    let mut lines: Vec<Text> = verdict.witnesses.iter().map(witness).collect();
    if let Some(days) = verdict.max_age_days {
        lines.push(text!("  期限  见证要在最近 {days} 天以内", "  limit  cosignatures may be at most {days} days old"));
    }
    lines
}

fn witness(fact: &WitnessFact) -> Text {
    let who = match &fact.operator {
        Some(operator) => format!("{operator} ({})", fact.name),
        None => fact.name.clone(),
    };
    let own = fact.own == Some(true);
    match fact.time.map(show_time) {
        Some(time) if own => text!(
            "  见证  {who}  {time}  和账本是同一家, 不算外人",
            "  witness  {who}  {time}  run by the log's own operator: not independent"
        ),
        Some(time) => text!("  见证  {who}  {time}", "  witness  {who}  {time}"),
        None => text!("  还差  {who}", "  missing  {who}"),
    }
}

/// Tells a verdict to a person.
pub fn tell(ui: &Ui, outcome: &Outcome, deep: Option<&str>) {
    let (verdict, words) = (&outcome.verdict, verdict_text(outcome, ui.lang, Device::Program));
    let title = verdict.title.clone().unwrap_or_default();
    if let Some(banner) = &words.banner {
        ui.print(format!("▢ {banner}"));
    }
    ui.print_text(&text!(
        "{} {}   {title} (第 {} 条)",
        "{} {}   {title} (entry {})",
        words.mark,
        words.title,
        verdict.index
    ));
    ui.print(&words.sentence);
    ui.print(&words.intro);
    for (n, step) in words.steps.iter().enumerate() {
        ui.print(
            format!("  {} {} {:<18} {}  {}", n + 1, step.mark, step.code.as_str(), step.text, step.detail).trim_end(),
        );
    }
    if let Some(deep) = deep {
        ui.print(format!("  + {deep}"));
    }
    witnesses(verdict).iter().for_each(|line| ui.print_text(line));
    ui.print(&words.limits);
    if !verdict.not_checked.is_empty() {
        let all = verdict.not_checked.iter().map(|w| not_checked(w, ui.lang)).collect::<Vec<_>>();
        ui.print_text(&text!("没有核对: {}", "not checked: {}", all.join(ui.t("、", ", "))));
    }
    if let Some(advice) = &words.advice {
        ui.print(advice);
    }
    let technical = verdict.checks.iter().filter_map(|c| {
        let error = c.error.as_ref()?;
        Some(format!("{} {error} {}", c.code.as_str(), c.place.clone().unwrap_or_default()))
    });
    for line in technical {
        ui.print_text(&text!("  技术细节  {line}", "  technical  {line}"));
    }
}

/// Returns the document of a verdict.
pub fn document(outcome: &Outcome, lang: Lang) -> Result<Value, Error> {
    let verdict = &outcome.verdict;
    let plain: Value = serde_json::from_slice(&to_canonical(verdict))
        .map_err(|e| Error::new(ErrorCode::Internal).at(e.to_string()))?;
    let told: Value = serde_json::from_slice(&to_canonical(&verdict_text(outcome, lang, Device::Program)))
        .map_err(|e| Error::new(ErrorCode::Internal).at(e.to_string()))?;
    let ok = verdict
        .checks
        .iter()
        .all(|c| !matches!(c.state, CheckState::Mismatch | CheckState::Cannot | CheckState::Partial));
    Ok(json!({ "ok": ok, "verdict": plain, "words": told }))
}

fn not_checked(word: &str, lang: Lang) -> String {
    let (zh, en) = match word {
        "receipts.authenticity" => ("发票真伪", "whether receipts are genuine"),
        "spending.merit" => ("开支是否合理", "whether the spending was sensible"),
        "completeness" => ("是否漏报", "whether something was left out"),
        "revocation.between" => ("签名钥匙中间有没有停用 (加 --deep)", "revocations in between (use --deep)"),
        other => (other, other),
    };
    lang.pick(zh, en).to_owned()
}
