//! `sanwu audit evidence`: checks a file that `audit compare --evidence` has written, without a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::compare::{called, tell_entry};
use crate::compare::{About, check};
use crate::drafting::ServerArgs;
use crate::error::Done;
use crate::files;
use crate::ledger::read_trust;
use crate::text::text;
use crate::ui::Ui;

/// Arguments of the command.
#[derive(Args, Debug)]
pub struct EvidenceArgs {
    /// audit compare --evidence 写的文件
    file: PathBuf,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Runs the command.
pub fn run(ui: &Ui, args: &EvidenceArgs) -> Done {
    let server = ServerArgs { server: None, trust: args.trust.clone() };
    let trust = server.trust().as_deref().map(read_trust).transpose()?;
    let place = args.file.display().to_string();
    let proven = check(&files::read(&args.file)?, trust.as_ref()).map_err(|e| e.within(&place))?;
    ui.print_text(&text!(
        "✔ 证据成立: {} 给过两种历史, 从第 {} 条起不一样",
        "✔ proved: {} has shown two histories, which differ from entry {} on",
        proven.origin,
        proven.index
    ));
    for (at, (checkpoint, entry)) in proven.checkpoints.iter().zip(&proven.entries).enumerate() {
        let name = called(at);
        ui.print_text(&text!(
            "  {name} 签发过 {} 条  {}",
            "  {name} signed {} entries  {}",
            checkpoint.size,
            checkpoint.root.to_base64()
        ));
        match entry.as_deref().and_then(About::read) {
            Some(about) => tell_entry(ui, name, proven.index, &about),
            None => ui.print_text(&text!("  {name} 读不出的记录", "  {name} an entry that cannot be read")),
        }
    }
    if trust.is_none() {
        ui.say(&text!(
            "没有信任文件: 公钥是文件自己说的, 请和镇里公布的核对",
            "without a trust file the keys are the file's own word: compare them with the published ones"
        ));
    }
    ui.document(&json!({
        "schema": "sanwu-evidence-1", "ok": true, "exit": 0, "origin": proven.origin.as_str(), "index": proven.index,
        "trusted": trust.is_some(),
        "checkpoints": proven.checkpoints.iter().map(|c| json!({ "size": c.size, "root": c.root.to_text() })).collect::<Vec<_>>(),
    }));
    Ok(0)
}
