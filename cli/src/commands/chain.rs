//! `sanwu chains` lists a log's chains; `sanwu chain` shows one and saves its place for drafting offline.

use std::path::PathBuf;

use clap::Args;
use sanwu_schema::api::chains::{ChainRow, Chains};
use sanwu_schema::error_code::ErrorCode;
use serde_json::json;

use crate::drafting::{self, SavedPlace};
use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::server::ServerArgs;
use crate::names;
use crate::text::{Text, text};
use crate::ui::{Ui, table};

/// 列出一本账里的全部账链 (list the chains)
#[derive(Args, Debug)]
pub struct ChainsArgs {
    /// 服务器地址
    url: String,
}

/// 看一条账链: 走到第几号、谁有钥匙; 可存成位置文件供不联网拟稿 (show a chain)
#[derive(Args, Debug)]
pub struct ChainArgs {
    /// 服务器地址
    url: String,
    /// 账链
    chain: String,
    /// 信任文件
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// 位置文件写到哪里
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn list(ui: &Ui, args: &ChainsArgs) -> Done {
    // What a server lists counts for nothing if its log is not the one that this machine has seen.
    let client = ServerArgs { server: Some(args.url.clone()), trust: None }.ledger(ui)?.client;
    let mut rows: Vec<ChainRow> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let path = match &after {
            Some(after) => format!("/api/v1/chains?after={after}"),
            None => "/api/v1/chains".to_owned(),
        };
        let Chains { chains, next } = client.document(&path)?;
        // A server that gives the same page again and again must not keep us in the loop.
        let last = next.is_none() || next == after || chains.is_empty();
        rows.extend(chains);
        if last {
            break;
        }
        after = next;
    }
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| vec![row.chain.clone(), row.head.seq.saturating_add(1).to_string()]).collect();
    ui.print(table(&[ui.t("账链", "chain"), ui.t("条数", "entries")], &shown));
    ui.document(&json!({ "schema": "sanwu-chains-1", "ok": true, "exit": 0, "chains": rows }));
    Ok(0)
}

pub fn one(ui: &Ui, args: &ChainArgs) -> Done {
    let server = ServerArgs { server: Some(args.url.clone()), trust: args.trust.clone() };
    let ledger = server.ledger(ui)?;
    let info = ledger.chain(&drafting::chain_id(Some(&args.chain))?)?;
    let (Some(head), Some(facts)) = (info.head.clone(), info.facts.clone()) else {
        return Err(Error::new(ErrorCode::ChainMissing).at(args.chain.as_str()));
    };
    let place = SavedPlace::gather(&ledger, info)?;
    let info = &place.info;
    let name = info.unit_name.clone().unwrap_or_default();
    ui.print_text(&text!("{}  {name}", "{}  {name}", info.chain));
    ui.print_text(&text!("  条数 {}  最新一条 第 {} 条", "  entries {}  newest: entry {}", head.seq + 1, head.index));
    if let Some(book) = &place.month_book {
        ui.print_text(&text!("  最近的月账  {}", "  newest month book  {}", book.period));
    }
    for key in &facts.ring.keys {
        let who = names::person(info, &key.keyid);
        let zh = key.roles.iter().map(|r| r.zh()).collect::<Vec<_>>().join("、");
        let en = key.roles.iter().map(|r| r.en()).collect::<Vec<_>>().join(", ");
        ui.print_text(&Text { zh: format!("  钥匙  {who}  {zh}"), en: format!("  key  {who}  {en}") });
    }
    let document = place.to_json()?;
    if let Some(out) = &args.out {
        files::write(out, format!("{document}\n").as_bytes())?;
        let out = out.display();
        ui.print_text(&text!("✔ 位置文件  {out}", "✔ place file  {out}"));
    }
    let mut answer = json!({ "schema": "sanwu-chain-report-1", "ok": true, "exit": 0 });
    if let Some(members) = answer.as_object_mut() {
        members.insert("place".into(), document);
    }
    ui.document(&answer);
    Ok(0)
}
