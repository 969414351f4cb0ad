//! `sanwu audit evidence`: checks a file that `audit compare --evidence` has written, without a network.

use std::path::PathBuf;

use clap::Args;
use sanwu_schema::error_code::ErrorCode;
use serde_json::json;

use super::compare::{called, tell_entry};
use crate::error::Done;
use crate::files;
use crate::known_logs::compare::{EntrySummary, KeysFrom, check};
use crate::known_logs::server::ServerArgs;
use crate::log_source::trust::read_trust;
use crate::text::text;
use crate::ui::Ui;

#[derive(Args, Debug)]
pub struct EvidenceArgs {
    /// audit compare --evidence 写的文件
    file: PathBuf,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

pub fn run(ui: &Ui, args: &EvidenceArgs) -> Done {
    let server = ServerArgs { server: None, trust: args.trust.clone() };
    let trust = server.trust().as_deref().map(read_trust).transpose()?;
    let place = args.file.display().to_string();
    let proven = check(&files::read(&args.file)?, trust.as_ref()).map_err(|e| e.within(&place))?;
    let (origin, index) = (&proven.origin, proven.index);
    // Anyone can sign two histories with keys of his own making and write those keys into the file.
    ui.print_text(&if trust.is_some() {
        text!(
            "✔ 证据成立: {origin} 给过两种历史, 从第 {index} 条起不一样",
            "✔ proved: {origin} has shown two histories, which differ from entry {index} on"
        )
    } else {
        text!(
            "? 没法下结论: 有人用文件自己写的公钥签发过两种历史, 从第 {index} 条起不一样; 是不是 {origin} 的公钥, 没有信任文件没法核 (加 --trust)",
            "? undecided: somebody has signed two histories, which differ from entry {index} on, with the keys that the file itself names; whether they are those of {origin} only a trust file tells (--trust)"
        )
    });
    for (at, (checkpoint, entry)) in proven.checkpoints.iter().zip(&proven.entries).enumerate() {
        let name = called(at);
        ui.print_text(&text!(
            "  {name} 签发过 {} 条  {}",
            "  {name} signed {} entries  {}",
            checkpoint.size,
            checkpoint.root.to_base64()
        ));
        match entry.as_deref().and_then(EntrySummary::read) {
            Some(about) => tell_entry(ui, name, proven.index, &about),
            None => ui.print_text(&text!("  {name} 读不出的记录", "  {name} an entry that cannot be read")),
        }
    }
    let missing = trust.is_none().then_some(ErrorCode::TrustMissing);
    let exit = missing.map_or(0, |code| code.kind().exit());
    ui.document(&json!({
        "schema": "sanwu-evidence-1", "ok": exit == 0, "exit": exit, "origin": origin.as_str(), "index": index,
        "trusted": trust.is_some(), "keys_from": if trust.is_some() { KeysFrom::Trust } else { KeysFrom::Sources }.as_str(),
        "error": missing.map(|code| json!({ "code": code.as_str(), "cause": ui.t(code.zh(), code.en()) })),
        "checkpoints": proven.checkpoints.iter().map(|c| json!({ "size": c.size, "root": c.root.to_text() })).collect::<Vec<_>>(),
    }));
    Ok(exit)
}
