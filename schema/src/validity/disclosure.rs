//! Disclosures, corrections and erasures: item, issuer, period, references.

use super::{ChainState, Effect, History, Refused, Slot, refuse, same_issuer};
use crate::catalogue::{Audience, Pii};
use crate::error_code::ErrorCode;
use crate::kinds::Kind;
use crate::record::entry::Entry;
use crate::record::statement::{Rel, Role, Statement};

/// Applies a disclosure whose signers have been checked.
pub(super) fn apply<H: History>(
    entry: &Entry,
    index: u64,
    before: Option<&ChainState>,
    history: &H,
    effect: &mut Effect,
) -> Result<(), Refused<H::Error>> {
    let s = &entry.statement;
    let Some(before) = before.filter(|_| !s.chain.is_root()) else {
        return refuse(ErrorCode::ChainKind, s.kind);
    };
    let facts = &before.facts;
    let kind = s.effective_kind();
    let Some(item) = facts.catalogue.governing(kind, s.code.as_ref()) else {
        return refuse(ErrorCode::Item, s.code.as_ref().map_or(kind.as_str(), |c| c.as_str()));
    };
    if item.audience != Audience::Public {
        return refuse(ErrorCode::Audience, &item.code);
    }
    if s.body.is_none() {
        return refuse(ErrorCode::BodyMissing, "body");
    }
    match &s.issuer {
        Some(issuer) if item.issuers.contains(&issuer.kind) && facts.organisations.contains(issuer) => {}
        _ => return refuse(ErrorCode::Issuer, "issuer"),
    }
    if s.rows.is_some() && item.pii == Pii::None {
        return refuse(ErrorCode::Rows, "rows");
    }
    let periodic = item.is_periodic(kind);
    if !item.takes_period(kind, s.period.as_ref()) {
        return refuse(ErrorCode::Period, s.period.as_ref().map_or("period", |p| p.as_str()));
    }
    if kind == Kind::NilReturn && !periodic {
        return refuse(ErrorCode::Item, &item.code);
    }
    references(s, kind, index, before, history, effect)?;

    if periodic
        && s.kind != Kind::Erasure
        && let Some(period) = &s.period
    {
        let what = s.code.as_ref().map_or(kind.as_str(), |c| c.as_str()).into();
        let slot = Slot { chain: s.chain.clone(), what, period: period.clone() };
        let taken = history.slot(&slot).map_err(Refused::History)?;
        if taken != effect.corrects {
            return match taken {
                Some(by) => refuse(ErrorCode::PeriodTaken, by),
                None => refuse(ErrorCode::Corrects, "refs"),
            };
        }
        effect.slot = Some(slot);
    }
    Ok(())
}

/// References are of a kind that this statement may have, and to something earlier.
fn references<H: History>(
    s: &Statement,
    kind: Kind,
    index: u64,
    before: &ChainState,
    history: &H,
    effect: &mut Effect,
) -> Result<(), Refused<H::Error>> {
    let allowed = before.facts.catalogue.rule(kind).map_or(&[][..], |r| &r.rels);
    for reference in s.refs.iter().flatten() {
        let Some(target) = history.locate(&reference.id).map_err(Refused::History)?.filter(|t| t.index < index) else {
            return refuse(ErrorCode::Refs, reference.id);
        };
        match (reference.rel, s.kind) {
            (Rel::Corrects, Kind::Correction) if effect.corrects.is_none() => {
                let same = target.chain == s.chain
                    && target.code == s.code
                    && target.period == s.period
                    && same_issuer(target.issuer.as_ref(), s.issuer.as_ref())
                    // A nil return that was wrong is replaced by the real thing.
                    && (target.kind == kind || (target.kind == Kind::NilReturn && s.code.is_some()))
                    && target.kind.is_disclosure()
                    && target.roles.iter().all(|r| effect.located.roles.contains(r));
                if !same {
                    return refuse(ErrorCode::Corrects, reference.id);
                }
                if let Some(by) = history.corrected_by(&reference.id).map_err(Refused::History)? {
                    return refuse(ErrorCode::Corrected, by);
                }
                effect.corrects = Some(reference.id);
            }
            (Rel::Erases, Kind::Erasure) if effect.erases.is_none() => {
                let item = before.facts.catalogue.governing(target.kind, target.code.as_ref());
                let personal = item.is_some_and(|i| i.pii != Pii::None);
                let same = target.chain == s.chain
                    && target.kind == kind
                    && target.code == s.code
                    && target.period == s.period
                    && same_issuer(target.issuer.as_ref(), s.issuer.as_ref())
                    && target.roles.iter().all(|r| effect.located.roles.contains(r))
                    && [Role::SupervisionChair, Role::Authority].iter().all(|r| effect.located.roles.contains(r));
                if !personal || !same {
                    return refuse(ErrorCode::Erases, reference.id);
                }
                effect.erases = Some(reference.id);
            }
            (Rel::Corrects | Rel::Erases, _) => return refuse(ErrorCode::Refs, reference.rel),
            (rel, _) if allowed.contains(&rel) => {}
            (rel, _) => return refuse(ErrorCode::Refs, rel),
        }
    }
    match s.kind {
        Kind::Correction if effect.corrects.is_none() => refuse(ErrorCode::Corrects, "refs"),
        Kind::Erasure if effect.erases.is_none() => refuse(ErrorCode::Erases, "refs"),
        _ => Ok(()),
    }
}
