//! `sanwu show`: one entry and its content, proved to be in the log.

use clap::Args;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Body;
use sanwu_schema::labels::Field;
use sanwu_schema::record::check_code;
use serde_json::{Value, json};

use crate::error::{Done, Error};
use crate::known_logs::server::ServerArgs;
use crate::names::{label, short};
use crate::report::{labelled, month};
use crate::text::{Text, text};
use crate::ui::Ui;

/// 查看一条记录的内容 (show an entry)
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// 第几条
    index: u64,
    #[command(flatten)]
    server: ServerArgs,
}

pub fn run(ui: &Ui, args: &ShowArgs) -> Done {
    let ledger = args.server.ledger(ui)?;
    let entry = ledger.entry(args.index)?;
    let s = &entry.statement;
    let body = ledger.body(&entry)?;
    let title = body.as_ref().map(|(_, b)| b.title().to_owned()).unwrap_or_default();
    let what = label(s);
    ui.print_text(&text!("第 {} 条  {title}", "entry {}  {title}", args.index));
    ui.print_text(&Text { zh: format!("  {}", what.zh), en: format!("  {}", what.en) });
    ui.print_text(&text!("  账链 {} 第 {} 号  {}", "  chain {} no. {}  {}", s.chain, s.seq, s.issued_at));
    for signer in &s.signers {
        let who = short(&signer.keyid);
        let zh = signer.roles.iter().map(|r| r.zh()).collect::<Vec<_>>().join("、");
        let en = signer.roles.iter().map(|r| r.en()).collect::<Vec<_>>().join(", ");
        ui.print_text(&Text { zh: format!("  签名  {zh} ({who})"), en: format!("  signed  {en} ({who})") });
    }
    ui.print_text(&text!("  校验码  {}", "  check code  {}", check_code::of(&entry.id)));
    let show = |fields: &[Field<'_>]| {
        for line in labelled::lines(ui.lang, fields) {
            ui.print(line);
        }
    };
    let content: Option<Value> = match &body {
        Some((bytes, body)) => {
            if let Some(table) = month::summary(ui, [body]) {
                ui.print(table);
            }
            show(&body.fields());
            if matches!(body, Body::Correction(_)) {
                ui.print_text(&text!("更正后的内容:", "the content after correction:"));
                show(&body.clone().effective(s)?.fields());
            }
            Some(serde_json::from_slice(bytes).map_err(|e| Error::new(ErrorCode::JsonSyntax).at(e.to_string()))?)
        }
        None => {
            ui.print_text(&text!("  内容已按规定删除", "  the content was erased as the law requires"));
            None
        }
    };
    let statement: Value = serde_json::from_slice(&entry.envelope.payload).unwrap_or(Value::Null);
    ui.document(&json!({
        "schema": "sanwu-show-1", "ok": true, "exit": 0, "index": args.index, "id": entry.id.to_string(),
        "check_code": check_code::of(&entry.id), "statement": statement, "body": content,
    }));
    Ok(0)
}
