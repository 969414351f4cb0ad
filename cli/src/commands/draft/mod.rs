//! `sanwu draft`: from vouchers and plain JSON to statements that only need their signatures.

mod attach;
mod examples;
mod genesis;
mod log_key;
mod month;
mod notice;

use std::path::Path;

use clap::{Args, Subcommand};
use sanwu_schema::draft::Draft;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::derive;
use serde_json::{Value, json};

use crate::entropy;
use crate::error::{Done, Error};
use crate::names::label;
use crate::tables::money::yuan;
use crate::ui::{Ui, table};

pub(super) use notice::record;

/// 拟稿: 月账、决议、合同、公开事项、零报告、规则、开账 (drafts)
#[derive(Args, Debug)]
pub struct DraftCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// 从凭证表生成一个月的账: 凭证、收入明细、支出明细、收支结余表 (a month's books)
    Month(month::MonthArgs),
    /// 四议两公开决议 (a decision)
    Decision(notice::DecisionArgs),
    /// 经济合同 (a contract)
    Contract(notice::ContractArgs),
    /// 其他公开事项: 文字和表格 (any other item)
    Notice(notice::NoticeArgs),
    /// 零报告: 这一期没有 (a nil return)
    Nil(notice::NilArgs),
    /// 县级规则 (a county profile)
    Profile(genesis::ProfileArgs),
    /// 改用总账链上的新公开目录 (adopt the new catalogue)
    Rules(genesis::RulesArgs),
    /// 更换总账的签发钥匙 (change the keys that sign checkpoints)
    LogKey(log_key::LogKeyArgs),
    /// 开立一条村账链 (open a chain)
    Chain(genesis::ChainArgs),
    /// 开立一本账 (open a log)
    Log(genesis::LogArgs),
    /// 打印各种草稿的 JSON 样例 (print an example to fill in)
    Example(examples::ExampleArgs),
}

/// Runs the command.
pub fn run(ui: &Ui, args: DraftCommand) -> Done {
    match args.what {
        What::Month(args) => month::run(ui, &args),
        What::Decision(args) => notice::decision(ui, &args),
        What::Contract(args) => notice::contract(ui, &args),
        What::Notice(args) => notice::notice(ui, &args),
        What::Nil(args) => notice::nil(ui, &args),
        What::Profile(args) => genesis::profile(ui, &args),
        What::Rules(args) => genesis::rules(ui, &args),
        What::LogKey(args) => log_key::run(ui, &args),
        What::Chain(args) => genesis::chain(ui, &args),
        What::Log(args) => genesis::log(ui, &args),
        What::Example(args) => examples::run(ui, &args),
    }
}

/// The JSON document about a draft file.
pub fn document(path: &Path, draft: &Draft) -> Result<Value, Error> {
    let mut statements = Vec::new();
    for entry in &draft.entries {
        let s = entry.parse()?;
        statements.push(json!({
            "id": entry.id().to_string(), "seq": s.seq, "kind": s.kind.as_str(),
            "code": s.code.as_ref().map(|c| c.as_str()), "period": s.period.as_ref().map(|p| p.as_str()),
            "what": label(&s).zh, "signatures": entry.signatures.len(), "signers": s.signers.len(),
        }));
    }
    let missing = crate::drafting::missing(draft)?.into_iter().map(|m| {
        json!({
            "keyid": m.keyid.to_hex(), "statements": m.statements,
            "roles": m.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
        })
    });
    Ok(json!({
        "schema": "sanwu-draft-report-1", "ok": true, "exit": 0,
        "file": path.display().to_string(), "origin": draft.origin.as_str(), "chain": draft.chain.as_str(),
        "title": draft.title, "statements": statements, "missing": missing.collect::<Vec<_>>(),
    }))
}

/// The table that a month is read by: before, in, out, after, per account.
pub fn summary<'a>(ui: &Ui, bodies: impl IntoIterator<Item = &'a Body>) -> Option<String> {
    let bodies: Vec<&Body> = bodies.into_iter().collect();
    let stated = bodies.iter().find_map(|b| match b {
        Body::CashStatement(statement) => Some(statement.clone()),
        _ => None,
    });
    let statement = match stated {
        Some(statement) => statement,
        None => bodies.iter().find_map(|b| match b {
            Body::MonthBook(book) => Some(derive::cash_statement(book, entropy::salt().ok()?)),
            _ => None,
        })?,
    };
    let mut rows: Vec<Vec<String>> = statement
        .accounts
        .iter()
        .map(|a| {
            let name = sanwu_schema::catalogue::account::account_of(&a.account)
                .map_or(a.account.as_str(), |known| ui.t(known.zh, known.en));
            let name = match &a.sub {
                Some(sub) => format!("{name}-{sub}"),
                None => name.to_owned(),
            };
            let transfers = a.transfers_in_fen.saturating_sub(a.transfers_out_fen);
            vec![
                name,
                yuan(a.opening_fen),
                yuan(a.receipts_fen),
                yuan(a.payments_fen),
                yuan(transfers),
                yuan(a.closing_fen),
            ]
        })
        .collect();
    let t = &statement.total;
    rows.push(vec![
        ui.t("合计", "together").to_owned(),
        yuan(t.opening_fen),
        yuan(t.receipts_fen),
        yuan(t.payments_fen),
        yuan(0),
        yuan(t.closing_fen),
    ]);
    let head = [
        ui.t("货币资金(元)", "money (yuan)"),
        ui.t("上期结余", "before"),
        ui.t("本期收入", "received"),
        ui.t("本期支出", "paid"),
        ui.t("内部划转", "transfers"),
        ui.t("本期结余", "after"),
    ];
    Some(table(&head, &rows))
}
