//! Decisions, contracts, other items, nil returns: a plain JSON file in, a draft out.

use std::path::PathBuf;

use clap::Args;
use sanwu_schema::catalogue::{Pii, item_text};
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::draft::Template;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Attachment, Body, Contract, Decision, NilReturn, Notice};
use sanwu_schema::record::statement::{ItemCode, Ref, Rel, StatementId};

use super::attach;
use crate::drafting::{self, DraftArgs, DraftContext};
use crate::entropy;
use crate::error::{Done, Error};
use crate::text::text;
use crate::ui::Ui;

/// The content and what belongs to it.
#[derive(Args, Clone, Debug)]
pub struct Given {
    /// 内容 (JSON, 成员次序不限, 不用写 salt); 样例: sanwu draft example
    #[arg(long, value_name = "FILE.json")]
    pub from: PathBuf,
    /// 附件文件, 可写多次
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// 引用的记录: 关系=编号, 例如 implements=sha256:…, 可写多次
    #[arg(long = "ref", value_name = "REL=ID")]
    pub refs: Vec<String>,
}

#[derive(Args, Debug)]
pub struct DecisionArgs {
    #[command(flatten)]
    given: Given,
    /// 公开目录里的编号: V01 (村级重大事项) 或 F12 (集体财产事项)
    #[arg(long, value_name = "CODE", default_value = "V01")]
    code: String,
    #[command(flatten)]
    draft: DraftArgs,
}

#[derive(Args, Debug)]
pub struct ContractArgs {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    draft: DraftArgs,
}

#[derive(Args, Debug)]
pub struct NoticeArgs {
    #[command(flatten)]
    given: Given,
    /// 公开目录里的编号, 例如 D03
    #[arg(long, value_name = "CODE")]
    code: String,
    /// 公开期间, 例如 2026-Q1; 随时公开的事项不写
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    #[command(flatten)]
    draft: DraftArgs,
}

#[derive(Args, Debug)]
pub struct NilArgs {
    /// 公开目录里的编号, 例如 F02
    #[arg(long, value_name = "CODE")]
    code: String,
    /// 公开期间, 例如 2026-05
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// 说明
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    draft: DraftArgs,
}

/// Runs `draft decision`.
pub fn decision(ui: &Ui, args: &DecisionArgs) -> Done {
    let code = drafting::item_code(&args.code)?;
    one(ui, &args.draft, &args.given, Kind::Decision, Some(code), None, |files| {
        let mut body: Decision = drafting::record(&args.given.from)?;
        body.attachments = merged(body.attachments.take(), files);
        Ok(Body::Decision(body))
    })
}

/// Runs `draft contract`.
pub fn contract(ui: &Ui, args: &ContractArgs) -> Done {
    one(ui, &args.draft, &args.given, Kind::Contract, None, None, |files| {
        let mut body: Contract = drafting::record(&args.given.from)?;
        body.attachments = merged(body.attachments.take(), files);
        Ok(Body::Contract(body))
    })
}

/// Runs `draft notice`.
pub fn notice(ui: &Ui, args: &NoticeArgs) -> Done {
    let code = drafting::item_code(&args.code)?;
    one(ui, &args.draft, &args.given, Kind::Notice, Some(code), args.period.as_deref(), |files| {
        let mut body: Notice = drafting::record(&args.given.from)?;
        body.attachments = merged(body.attachments.take(), files);
        Ok(Body::Notice(body))
    })
}

/// Runs `draft nil`.
pub fn nil(ui: &Ui, args: &NilArgs) -> Done {
    let source = DraftContext::open(ui, &args.draft)?;
    let (code, period) = (drafting::item_code(&args.code)?, drafting::period(&args.period)?);
    let name = item_text(code.as_str()).map_or(code.as_str(), |t| t.zh);
    let title = format!("{}{name}(零报告)", period.zh());
    let said = args.text.clone().unwrap_or_else(|| format!("{}没有此项内容。", period.zh()));
    let body = NilReturn { salt: entropy::salt()?, title: title.clone(), period: period.clone(), text: vec![said] };
    let issuer = source.issuer(args.draft.issuer.as_deref(), Kind::NilReturn, Some(&code))?;
    let template = Template {
        issuer: Some(issuer),
        code: Some(code),
        period: Some(period),
        ..Template::new(Kind::NilReturn, Body::NilReturn(body))
    };
    let draft = drafting::write(ui, &args.draft, &source, &source.next()?, &title, &[template])?;
    ui.document(&drafting::document(&args.draft.out, &draft)?);
    Ok(0)
}

fn one(
    ui: &Ui,
    args: &DraftArgs,
    given: &Given,
    kind: Kind,
    code: Option<ItemCode>,
    period: Option<&str>,
    body: impl FnOnce(Vec<Attachment>) -> Result<Body, Error>,
) -> Done {
    let source = DraftContext::open(ui, args)?;
    let facts = source.facts()?;
    let pii = facts.catalogue.governing(kind, code.as_ref()).map_or(Pii::None, |i| i.pii);
    let (listed, sent) = attach::prepare(&given.attach, &args.out, pii)?;
    let body = body(listed)?;
    let title = body.title().to_owned();
    let issuer = source.issuer(args.issuer.as_deref(), kind, code.as_ref())?;
    let template = Template {
        issuer: Some(issuer),
        code,
        period: period.map(drafting::period).transpose()?,
        refs: refs(&given.refs)?,
        ..Template::new(kind, body)
    };
    let mut draft = drafting::write(ui, args, &source, &source.next()?, &title, &[template])?;
    if !sent.is_empty()
        && let Some(entry) = draft.entries.first_mut()
    {
        entry.attachments = Some(sent);
        drafting::save(&args.out, &draft, true)?;
    }
    ui.document(&drafting::document(&args.out, &draft)?);
    Ok(0)
}

/// References as typed: `implements=sha256:…`.
pub fn refs(given: &[String]) -> Result<Vec<Ref>, Error> {
    given
        .iter()
        .map(|text| {
            let (rel, id) = text.split_once('=').unwrap_or((text, ""));
            match (Rel::parse(rel), Hash::from_text(id).or_else(|| Hash::from_hex(id))) {
                (Some(rel), Some(id)) => Ok(Ref { rel, id: StatementId(id) }),
                _ => Err(Error::new(ErrorCode::Refs)
                    .at(format!("--ref {text}"))
                    .remedy(text!("写成 implements=sha256:…", "write implements=sha256:…"))),
            }
        })
        .collect()
}

fn merged(own: Option<Vec<Attachment>>, more: Vec<Attachment>) -> Option<Vec<Attachment>> {
    let all: Vec<Attachment> = own.into_iter().flatten().chain(more).collect();
    (!all.is_empty()).then_some(all)
}
