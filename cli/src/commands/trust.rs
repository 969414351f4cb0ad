//! `sanwu trust`: gets a trust file, and the fingerprint to compare with a copy from elsewhere.

use std::path::PathBuf;

use clap::Args;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{to_canonical, to_text};
use sanwu_schema::record::statement::{ROOT_CHAIN, Role};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::{PinnedLog, Trust};
use serde_json::json;

use crate::audit::{self, Finding, Level, Options};
use crate::entropy;
use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::memory::Memory;
use crate::known_logs::server;
use crate::log_source::client::Client;
use crate::log_source::source::Remote;
use crate::log_source::trust::{ask_trust, read_trust};
use crate::text::{Text, text};
use crate::ui::Ui;

/// 取得信任文件, 显示要核对的指纹 (get the trust file)
#[derive(Args, Debug)]
pub struct TrustArgs {
    /// 服务器地址
    url: String,
    /// 信任文件写到哪里
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// 已经信任的旧文件: 总账换过签发钥匙后, 从第一条起整本核一遍, 由总账自己的记录得出新文件
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
}

pub fn run(ui: &Ui, args: &TrustArgs) -> Done {
    let client = Client::new(&args.url)?;
    let pinned = match &args.since {
        Some(old) => renewed(ui, client.clone(), &read_trust(old)?)?,
        None => ask_trust(&client)?,
    };
    // Keys may change, a log's first entry does not; and the log must continue what this machine has seen of it.
    let seen = Memory::of(&pinned.file.origin).of_log(&pinned.file.genesis)?;
    if seen.is_some() && args.since.is_none() {
        server::open(ui, client, None)?;
    }
    let bytes = to_canonical(&pinned.file);
    let print = fingerprint(&pinned.file);
    if args.out.exists() && fingerprint(&read_trust(&args.out)?.file) != print {
        return Err(Error::new(ErrorCode::FileExists)
            .because(text!("已有一份不一样的信任文件", "a different trust file is there already"))
            .at(args.out.display().to_string())
            .remedy(text!(
                "和镇里公布的指纹核对; 服务器现在给的是 {print}",
                "compare with the published fingerprint; the server now gives {print}"
            )));
    }
    files::write(&args.out, &bytes)?;
    let file = &pinned.file;
    let out = args.out.display();
    ui.print_text(&text!("✔ 信任文件  {out}", "✔ trust file  {out}"));
    ui.print_text(&Text {
        zh: format!("  账本  {} ({})", file.origin, file.purpose.zh()),
        en: format!("  log  {} ({})", file.origin, file.purpose.en()),
    });
    ui.print_text(&text!(
        "  根钥匙  {} 把, 要 {} 把一起签",
        "  root keys  {}, of which {} must sign",
        file.root_keys.len(),
        file.threshold
    ));
    let witnesses = pinned.policy.witnesses().len();
    ui.print_text(&text!("  见证人  {witnesses} 家", "  witnesses  {witnesses}"));
    ui.print_text(&text!("  指纹  {print}", "  fingerprint  {print}"));
    if args.since.is_none() {
        ui.say(&text!(
            "这份文件是服务器自己给的: 请把指纹和镇里张贴或网上公布的核对一遍, 一样才可信。",
        "This file is what the server itself says: compare the fingerprint with one published elsewhere before you rely on it."
        ));
    }
    ui.document(&json!({
        "schema": "sanwu-trust-report-1", "ok": true, "exit": 0, "file": out.to_string(), "origin": file.origin.as_str(),
        "purpose": file.purpose.as_str(), "genesis": file.genesis.to_string(), "threshold": file.threshold,
        "root_keys": file.root_keys, "log_vkeys": file.log_vkeys, "witnesses": witnesses, "fingerprint": print,
    }));
    Ok(0)
}

/// What an old trust file becomes through the log's own entries: the whole log is replayed from the pinned first entry,
/// and the keys now in force are those that its root-signed entries name. Witnesses stay as they were pinned.
fn renewed(ui: &Ui, client: Client, old: &PinnedLog) -> Result<PinnedLog, Error> {
    let bar = ui.progress(0, &text!("重核", "replay"));
    let options = Options { jobs: audit::jobs(None), trust: Some(old), remember: true };
    let report = audit::run(&Remote::new(client), &options, &|count| {
        bar.inc_length(count);
        bar.inc(count);
    });
    bar.finish_and_clear();
    let report = report?;
    // Missing or old cosignatures take nothing from the log's own entries.
    let wrong =
        |f: &&Finding| f.level >= Level::Undecided && !matches!(f.code, ErrorCode::WitnessQuorum | ErrorCode::Stale);
    if let Some(finding) = report.findings.iter().filter(wrong).max_by_key(|f| f.level) {
        return Err(Error::new(finding.code).at(finding.line(ui.lang)));
    }
    let facts = report.root.ok_or_else(|| Error::new(ErrorCode::ChainMissing).at(ROOT_CHAIN))?;
    let mut file = old.file.clone();
    file.log_vkeys = facts.log_vkeys.clone().unwrap_or_default();
    file.retired = facts.log_retired.clone();
    let mut root_keys = Vec::new();
    for (key, public) in facts.ring.keys.iter().zip(&facts.keys).filter(|(key, _)| key.roles.contains(&Role::Root)) {
        let vkey = Vkey::from_public_key(key.holder.as_str(), public);
        root_keys.push(vkey.map_err(|e| Error::new(e.code()).at(key.keyid.to_hex()))?.to_string());
    }
    file.root_keys = root_keys;
    let others = file.policy.iter().filter(|line| line.split_whitespace().next() != Some("log"));
    file.policy = file.log_vkeys.iter().map(|vkey| format!("log {vkey}")).chain(others.cloned()).collect();
    file.issued_at = entropy::now();
    Ok(Trust::parse(&to_canonical(&file))?)
}

/// Returns the first 128 bits of the digest of what is pinned, in groups of four, to be read aloud.
///
/// When the file was made is not part of it, so that two copies of the same trust have the same fingerprint.
pub fn fingerprint(file: &Trust) -> String {
    let mut text = to_text(file);
    if let Some(at) = text.rfind(",\"issued_at\":") {
        text.truncate(at);
        text.push('}');
    }
    let hex = Hash::digest(text.as_bytes()).to_hex().to_uppercase();
    let digits: Vec<char> = hex.chars().take(32).collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
