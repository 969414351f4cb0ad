//! `sanwu correct`: a full replacement of something published, with before and after.

use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::draft::Template;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json;
use sanwu_schema::kinds::{Body, Change, Control, Correction, CorrectionOf, Kind};
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{Ref, Rel, StatementId};

use crate::drafting::{self, DraftArgs, DraftContext};
use crate::entropy;
use crate::error::{Done, Error};
use crate::log_source::ledger::Ledger;
use crate::text::text;
use crate::ui::Ui;

mod changes;

/// 更正: 原文保留, 写明改了什么、为什么 (correct)
#[derive(Args, Debug)]
pub struct CorrectArgs {
    /// 要更正的记录: 第几条, 或编号 sha256:…
    what: String,
    /// 更正原因
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// 更正后的完整内容 (JSON, 不用写 salt)
    #[arg(long, value_name = "FILE.json")]
    from: PathBuf,
    /// 改动: 位置=改前=改后, 可写多次; 不写就自动比较
    #[arg(long, value_name = "PLACE=BEFORE=AFTER")]
    change: Vec<String>,
    #[command(flatten)]
    draft: DraftArgs,
}

pub fn run(ui: &Ui, args: &CorrectArgs) -> Done {
    let ledger = args.draft.server.ledger(ui)?;
    let target = find(&ledger, args)?;
    let target = effective(&ledger, target)?;
    let of = target.statement.content_kind();
    let old = match ledger.body(&target)? {
        Some((_, body)) => body.effective(&target.statement)?,
        None => return Err(Error::new(ErrorCode::BlobMissing).at(target.id.to_string())),
    };
    let new = replacement(of, &args.from)?;
    let changes = match args.change.as_slice() {
        [] => changes::between(&old, &new)?,
        given => given.iter().map(|c| typed(c)).collect::<Result<_, _>>()?,
    };
    for change in &changes {
        ui.print_text(&text!("  {}  {} → {}", "  {}  {} → {}", change.place, change.before, change.after));
    }
    let title = format!("更正: {}", old.title());
    let body = Correction {
        salt: entropy::salt()?,
        title: title.chars().take(sanwu_schema::admission::TITLE_CHARS_MAX).collect(),
        reason: args.reason.clone(),
        changes,
        replacement: json::parse(&new.to_bytes())?,
    };
    let s = &target.statement;
    let template = Template {
        issuer: s.issuer.clone(),
        code: s.code.clone(),
        period: s.period.clone(),
        control: Some(Control::Correction(CorrectionOf { of })),
        refs: vec![Ref { rel: Rel::Corrects, id: target.id }],
        ..Template::new(Kind::Correction, Body::Correction(body))
    };
    let info = ledger.chain(&s.chain)?;
    let source = DraftContext::online(ledger, info);
    let draft = drafting::write(ui, &args.draft, &source, &source.next()?, &title, &[template])?;
    ui.document(&drafting::document(&args.draft.out, &draft)?);
    Ok(0)
}

/// The entry named by its number in the log, or by its id within `--chain`.
fn find(ledger: &Ledger, args: &CorrectArgs) -> Result<Entry, Error> {
    let what = args.what.as_str();
    if let Ok(index) = what.parse::<u64>() {
        return ledger.entry(index);
    }
    let id = Hash::from_text(what).or_else(|| Hash::from_hex(what)).map(StatementId);
    let id = id.ok_or_else(|| Error::new(ErrorCode::NoRecord).at(what))?;
    let chain = drafting::chain_id(args.draft.chain.as_deref())?;
    let head = ledger.chain(&chain)?.head.ok_or_else(|| Error::new(ErrorCode::ChainMissing).at(chain.as_str()))?;
    let mut from = 0;
    while from <= head.seq {
        let rows = ledger.rows(&chain, from, 200)?;
        if let Some(row) = rows.iter().find(|r| r.id == id) {
            return ledger.proved(row);
        }
        // A page that brings nothing new would never end.
        from += (rows.len() as u64).max(1);
    }
    Err(Error::new(ErrorCode::NoRecord).at(what))
}

/// The statement that is in force now: of the line of corrections the last one.
fn effective(ledger: &Ledger, first: Entry) -> Result<Entry, Error> {
    let chain = &first.statement.chain;
    let head = ledger.chain(chain)?.head.ok_or_else(|| Error::new(ErrorCode::ChainMissing).at(chain.as_str()))?;
    let mut current = first.clone();
    loop {
        let next = ledger.newest(chain, head.seq, |s| s.corrects() == Some(current.id))?;
        match next {
            Some(row) => current = ledger.proved(&row)?,
            None => return Ok(current),
        }
    }
}

/// The full replacement, understood by the kind that it replaces.
fn replacement(of: Kind, path: &Path) -> Result<Body, Error> {
    if !of.is_disclosure() {
        return Err(Error::new(ErrorCode::Corrects).at(of.zh()));
    }
    let value = drafting::record::<json::Value>(path)?;
    Body::read(of, &value).map_err(|e| Error::from(e).within(&path.display().to_string()))
}

fn typed(text: &str) -> Result<Change, Error> {
    let mut parts = text.splitn(3, '=').map(|p| p.trim().to_owned());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(place), Some(before), Some(after)) if !place.is_empty() => Ok(Change { place, before, after }),
        _ => Err(Error::new(ErrorCode::Changes).at(format!("--change {text}"))),
    }
}
