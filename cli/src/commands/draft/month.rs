//! A month: the voucher table in, the linked draft out. F02, F03 and F04 are derived, never typed.

use std::path::PathBuf;

use clap::Args;
use sanwu_schema::admission::Books;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::date::Period;
use sanwu_schema::draft::Template;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive::{self, title};
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook, NilReturn};
use sanwu_schema::record::statement::{ItemCode, Rel};
use serde_json::json;

use crate::drafting::{self, DraftArgs, DraftContext};
use crate::entropy;
use crate::error::{Done, Error};
use crate::files;
use crate::report::month;
use crate::tables::money::{balance, yuan};
use crate::tables::vouchers;
use crate::text::text;
use crate::ui::Ui;

#[derive(Args, Debug)]
pub struct MonthArgs {
    /// 月份, 例如 2026-03
    period: String,
    /// 凭证表 (CSV: UTF-8 或 GB18030); 栏目见 README
    #[arg(long, value_name = "FILE.csv")]
    vouchers: PathBuf,
    /// 银行对账单文件, 只记指纹, 不上传
    #[arg(long, value_name = "FILE")]
    bank_statement: Option<PathBuf>,
    #[command(flatten)]
    draft: DraftArgs,
}

pub fn run(ui: &Ui, args: &MonthArgs) -> Done {
    let period = drafting::period(&args.period)?;
    if !period.is_month() {
        return Err(Error::new(ErrorCode::Period)
            .at(args.period.as_str())
            .remedy(text!("写成 2026-03", "write 2026-03")));
    }
    // Mistakes in the table are reported before the network is needed.
    let vouchers = vouchers::read(&args.vouchers)?;
    let source = DraftContext::open(ui, &args.draft)?;
    let opening = opening(&source, &period)?;
    let closing = derive::closing(&opening, &vouchers);
    let book = MonthBook {
        salt: entropy::salt()?,
        title: title(Kind::MonthBook, &period),
        period: period.clone(),
        opening,
        vouchers,
        closing,
        attachments: None,
    };
    let templates = templates(&source, args, &book)?;
    let unit = source.info.unit_name.clone().unwrap_or_else(|| source.info.chain.to_string());
    let name = format!("{unit} {}财务公开", period.zh());
    let draft = drafting::write(ui, &args.draft, &source, &source.next()?, &name, &templates)?;

    let bodies: Vec<Body> = templates.into_iter().map(|t| t.body).collect();
    if let Some(table) = month::summary(ui, &bodies) {
        ui.print(table);
    }
    warn_about_cash(ui, &source, &book);
    let mut answer = drafting::document(&args.draft.out, &draft)?;
    if let (Some(members), Some(Body::CashStatement(f04))) = (answer.as_object_mut(), bodies.last()) {
        members.insert("period".into(), json!(period.as_str()));
        members.insert("vouchers".into(), json!(book.vouchers.len()));
        let t = &f04.total;
        members.insert(
            "totals".into(),
            json!({
                "opening_fen": t.opening_fen, "receipts_fen": t.receipts_fen,
                "payments_fen": t.payments_fen, "closing_fen": t.closing_fen,
            }),
        );
    }
    ui.document(&answer);
    Ok(0)
}

/// The month book and what follows from it, each pointing back at the book.
fn templates(source: &DraftContext, args: &MonthArgs, book: &MonthBook) -> Result<Vec<Template>, Error> {
    let period = &book.period;
    let about_book = vec![(Rel::About, 0)];
    let with = |kind: Kind, code: Option<&str>, body: Body| -> Result<Template, Error> {
        let code = code.and_then(ItemCode::parse);
        let issuer = source.issuer(args.draft.issuer.as_deref(), kind, code.as_ref())?;
        Ok(Template { issuer: Some(issuer), code, period: Some(period.clone()), ..Template::new(kind, body) })
    };
    let mut templates = vec![with(Kind::MonthBook, None, Body::MonthBook(book.clone()))?];
    for (kind, code, flow) in [
        (Kind::Receipts, "F02", derive::receipts(book, entropy::salt()?)),
        (Kind::Payments, "F03", derive::payments(book, entropy::salt()?)),
    ] {
        let template = match flow {
            Some(flow) if kind == Kind::Receipts => with(kind, Some(code), Body::Receipts(flow))?,
            Some(flow) => with(kind, Some(code), Body::Payments(flow))?,
            None => {
                let what = if kind == Kind::Receipts { "收入" } else { "支出" };
                let body = NilReturn {
                    salt: entropy::salt()?,
                    title: format!("{}(零报告)", title(kind, period)),
                    period: period.clone(),
                    text: vec![format!("{}没有货币资金{what}。", period.zh())],
                };
                with(Kind::NilReturn, Some(code), Body::NilReturn(body))?
            }
        };
        templates.push(Template { links: about_book.clone(), ..template });
    }
    let mut f04 = derive::cash_statement(book, entropy::salt()?);
    if let Some(path) = &args.bank_statement {
        f04.bank_statement = Some(Hash::digest(&files::read(path)?));
    }
    templates.push(Template { links: about_book, ..with(Kind::CashStatement, Some("F04"), Body::CashStatement(f04))? });
    Ok(templates)
}

/// Last month's closing balances, or the opening balances of the chain's first month.
fn opening(source: &DraftContext, period: &Period) -> Result<Vec<AccountBalance>, Error> {
    let chain = &source.info.chain;
    let previous = period.previous_month().ok_or_else(|| Error::new(ErrorCode::Period).at(period.as_str()))?;
    if let Some(book) = source.month_book(chain, &previous)? {
        return Ok(book.closing);
    }
    match source.opening(chain)? {
        Some((month, balances)) if month == *period => Ok(balances),
        Some((month, _)) => Err(Error::new(ErrorCode::BookMissing).at(text!(
            "{previous} 还没有公布 (本账从 {month} 开始)",
            "{previous} is not published yet (the chain starts with {month})"
        ))),
        None => Err(Error::new(ErrorCode::BookMissing).at(previous.as_str())),
    }
}

/// Cash above the county's limit is no error, but the clerk should see it before the township does.
fn warn_about_cash(ui: &Ui, source: &DraftContext, book: &MonthBook) {
    let limit = source.info.facts.as_ref().and_then(|f| f.profile.as_ref()).map(|p| p.cash_limit_fen);
    let cash = balance(&book.closing, sanwu_schema::catalogue::account::CASH);
    if let Some(limit) = limit.filter(|l| cash > *l) {
        ui.say(&text!(
            "注意: 库存现金 {} 超过限额 {}",
            "note: cash of {} is above the limit of {}",
            yuan(cash),
            yuan(limit)
        ));
    }
}
