//! The line about witnesses: who, how many, when, who is missing, whether any is an outsider.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::moment;
use super::words::Words;
use crate::lang::Lang;
use crate::verify::{Verdict, WitnessFact};

pub(super) fn outsiders(verdict: &Verdict) -> impl Iterator<Item = &WitnessFact> {
    verdict.witnesses.iter().filter(|fact| fact.time.is_some() && fact.own != Some(true))
}

/// Returns which outsiders saw the tree, how many and when.
///
/// Apart from them, the log's own witnesses, who are no outsiders; who has not seen it; and how old a cosignature may
/// be.
pub(super) fn witnesses(verdict: &Verdict, missing: &str, w: &Words, lang: Lang) -> String {
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
