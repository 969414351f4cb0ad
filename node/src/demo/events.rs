//! What the village publishes, event by event.

use std::collections::BTreeMap;

use sanwu_schema::crypto::hash::{Hash, hex_encode};
use sanwu_schema::date::Period;
use sanwu_schema::draft::{Place, Template};
use sanwu_schema::json::{Value, parse};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{
    Attachment, Body, Change, Contract, ContractKind, Correction, Decision, MonthBook, Notice, Table,
};
use sanwu_schema::kinds::{Control, CorrectionOf};
use sanwu_schema::record::statement::{ChainId, ItemCode, OrgKind, Ref, Rel, StatementId};
use sanwu_schema::sample;

use super::data::{DemoData, Event, broken, date, fen, internal, period, random, salt, step};
use super::post::Poster;
use crate::commands::error::CommandError;

type Result<T> = std::result::Result<T, CommandError>;

/// What was published so far, for references.
#[derive(Default)]
struct Published {
    /// Decisions and contracts by number.
    numbers: BTreeMap<String, StatementId>,
    /// F03 by month.
    payments: BTreeMap<Period, StatementId>,
}

/// One package: its statements, its files, the time.
struct Package {
    templates: Vec<Template>,
    files: Vec<Vec<u8>>,
    at: String,
}

/// Publishes all events in their order.
pub(super) fn publish(data: &DemoData, poster: &mut Poster<'_>, chain: &ChainId) -> Result<()> {
    let mut published = Published::default();
    for event in &data.events {
        let package = published.package(event)?;
        let place = Place::next(&poster.info(chain)?).map_err(broken)?;
        let ids = poster.draft_and_publish_with(&place, &package.templates, &package.at, &package.files)?;
        published.note(event, &package.templates, &ids)?;
    }
    Ok(())
}

impl Published {
    /// Remembers what later events refer to.
    fn note(&mut self, event: &Event, templates: &[Template], ids: &[StatementId]) -> Result<()> {
        match event {
            Event::Decision { no, .. } | Event::Contract { no, .. } => {
                self.numbers.insert(no.clone(), *ids.first().ok_or_else(|| internal(no))?);
            }
            Event::Month { period: month, .. } => {
                let paid = templates.iter().zip(ids).find(|(t, _)| t.kind == Kind::Payments);
                if let Some((_, id)) = paid {
                    self.payments.insert(period(month)?, *id);
                }
            }
            Event::Notice { .. } | Event::Correction { .. } => {}
        }
        Ok(())
    }

    fn package(&self, event: &Event) -> Result<Package> {
        match event {
            Event::Month { at, period: month } => {
                let book = sample::month_book(salt()?, &period(month)?);
                Ok(Package { templates: self.month(&book)?, files: Vec::new(), at: at.clone() })
            }
            Event::Decision { at, .. } => one(self.decision(event)?, at),
            Event::Contract { at, .. } => one(self.contract(event)?, at),
            Event::Notice { at, attachment, .. } => {
                let files = attachment.iter().map(|a| a.trim_start().as_bytes().to_vec()).collect();
                Ok(Package { templates: vec![self.notice(event)?], files, at: at.clone() })
            }
            Event::Correction { at, .. } => one(self.correction(event)?, at),
        }
    }

    /// The month's book and what follows from it, linked to it.
    fn month(&self, book: &MonthBook) -> Result<Vec<Template>> {
        // One secret for the package's salts.
        let drawn = hex_encode(&random::<16>()?);
        let mut templates = sample::month(book, |text| sample::salt(&format!("{drawn} {text}")));
        for template in &mut templates {
            if let Body::NilReturn(nil) = &mut template.body {
                let what = if template.code == Some(sample::item("F02")) { "收入" } else { "支出" };
                nil.title.push_str("(零报告)");
                nil.text = vec![format!("本月没有{what}。")];
            }
        }
        if let Some(first) = templates.first_mut() {
            first.refs = self.rests_on(book.vouchers.iter().flat_map(|v| [&v.decision, &v.contract]).flatten());
        }
        Ok(templates)
    }

    /// References to published decisions (落实) and contracts (履行).
    fn rests_on<'a>(&self, numbers: impl Iterator<Item = &'a String>) -> Vec<Ref> {
        let refs = numbers.filter_map(|no| {
            let rel = if no.starts_with("HT-") { Rel::Fulfils } else { Rel::Implements };
            self.numbers.get(no).map(|id| Ref { rel, id: *id })
        });
        refs.collect()
    }

    fn decision(&self, event: &Event) -> Result<Template> {
        let Event::Decision {
            code, no, title, basis, steps, resolution, approved, published_on, published_until, ..
        } = event
        else {
            return Err(internal("decision"));
        };
        let body = Decision {
            salt: salt()?,
            title: title.clone(),
            no: no.clone(),
            basis: basis.clone(),
            steps: steps.iter().map(|s| step(s)).collect::<Result<_>>()?,
            resolution: resolution.clone(),
            approved_fen: approved.as_deref().map(fen).transpose()?,
            published_on: published_on.as_deref().map(date).transpose()?,
            published_until: published_until.as_deref().map(date).transpose()?,
            result_published_on: None,
            attachments: None,
        };
        // What touches the collective's property is decided and published by the collective.
        let issuer = if code == "F12" { OrgKind::Collective } else { OrgKind::VillageCommittee };
        let mut template = Template::new(Kind::Decision, Body::Decision(body));
        template.issuer = Some(sample::issuer(issuer));
        template.code = Some(item(code)?);
        Ok(template)
    }

    fn contract(&self, event: &Event) -> Result<Template> {
        let Event::Contract {
            no,
            title,
            what,
            subject,
            counterparty,
            start,
            end,
            total,
            annual,
            due,
            award_mode,
            decision,
            tender,
            project,
            ..
        } = event
        else {
            return Err(internal("contract"));
        };
        let body = Contract {
            salt: salt()?,
            title: title.clone(),
            no: no.clone(),
            kind: ContractKind::parse(what).ok_or_else(|| internal(what))?,
            subject: subject.clone(),
            counterparty: counterparty.clone(),
            uscc: None,
            start: date(start)?,
            end: date(end)?,
            total_fen: total.as_deref().map(fen).transpose()?,
            annual_fen: annual.as_deref().map(fen).transpose()?,
            due: due.clone(),
            award_mode: award_mode.clone(),
            decision: decision.clone(),
            tender: tender.clone(),
            project: project.clone(),
            attachments: None,
        };
        let mut template = Template::new(Kind::Contract, Body::Contract(body));
        template.issuer = Some(sample::issuer(OrgKind::Collective));
        template.refs = self.rests_on(decision.iter());
        Ok(template)
    }

    fn notice(&self, event: &Event) -> Result<Template> {
        let Event::Notice {
            code,
            period: month,
            issuer,
            title,
            text,
            columns,
            rows,
            display_start,
            display_end,
            about,
            attachment_name,
            attachment_type,
            attachment,
            ..
        } = event
        else {
            return Err(internal("notice"));
        };
        let attachments = match (attachment, attachment_name, attachment_type) {
            (Some(content), Some(name), Some(media_type)) => {
                let bytes = content.trim_start().as_bytes();
                let size = bytes.len() as u64;
                let digest = Hash::digest(bytes);
                let (media_type, name) = (media_type.clone(), name.clone());
                Some(vec![Attachment { digest, size, media_type, name, salted: false }])
            }
            _ => None,
        };
        let body = Notice {
            salt: salt()?,
            title: title.clone(),
            text: text.clone(),
            table: Some(Table { columns: columns.clone(), rows: rows.clone() }),
            display_start: Some(date(display_start)?),
            display_end: Some(date(display_end)?),
            attachments,
        };
        let mut template = Template::new(Kind::Notice, Body::Notice(body));
        template.issuer = Some(sample::issuer(OrgKind::parse(issuer).ok_or_else(|| internal(issuer))?));
        template.code = Some(item(code)?);
        template.period = month.as_deref().map(period).transpose()?;
        template.refs = self.rests_on(about.iter());
        Ok(template)
    }

    /// A correction of F03: amounts still follow from the vouchers, the remark tells what was wrong.
    fn correction(&self, event: &Event) -> Result<Template> {
        let Event::Correction { period: month, title, reason, voucher, note, changes, .. } = event else {
            return Err(internal("correction"));
        };
        let month = period(month)?;
        let book = sample::month_book(salt()?, &month);
        let mut flow = derive::payments(&book, salt()?).ok_or_else(|| internal(month.as_str()))?;
        let line = flow.lines.iter_mut().find(|l| l.no == *voucher).ok_or_else(|| internal(voucher))?;
        line.note = Some(note.clone());
        let replacement: Value = parse(&Body::Payments(flow).to_bytes()).map_err(|e| internal(e.place))?;
        let body = Correction {
            salt: salt()?,
            title: title.clone(),
            reason: reason.clone(),
            changes: changes
                .iter()
                .map(|(place, before, after)| Change {
                    place: place.clone(),
                    before: before.clone(),
                    after: after.clone(),
                })
                .collect(),
            replacement,
        };
        let corrected = self.payments.get(&month).ok_or_else(|| internal(month.as_str()))?;
        let mut template = Template::new(Kind::Correction, Body::Correction(body));
        template.issuer = Some(sample::issuer(OrgKind::Collective));
        template.code = Some(item("F03")?);
        template.period = Some(month);
        template.control = Some(Control::Correction(CorrectionOf { of: Kind::Payments }));
        template.refs = vec![Ref { rel: Rel::Corrects, id: *corrected }];
        Ok(template)
    }
}

fn one(template: Template, at: &str) -> Result<Package> {
    Ok(Package { templates: vec![template], files: Vec::new(), at: at.to_owned() })
}

fn item(code: &str) -> Result<ItemCode> {
    ItemCode::parse(code).ok_or_else(|| internal(code))
}
