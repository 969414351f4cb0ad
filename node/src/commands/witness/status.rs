//! `sanwu-node witness status`: what a witness has recorded, also while it runs.

use std::path::PathBuf;
use std::process::ExitCode;

use sanwu_schema::error_code::ErrorKind;
use serde_json::{Value, json};

use super::Global;
use crate::clock::beijing_time;
use crate::commands::error::CommandError;
use crate::witness::{LogStatus, WitnessFolder, survey};

/// Arguments of `witness status`.
#[derive(clap::Args)]
pub(super) struct StatusArgs {
    /// 见证人的数据目录 · the witness's data directory
    #[arg(long)]
    data: PathBuf,
}

pub(super) fn run(global: &Global, args: &StatusArgs) -> Result<ExitCode, CommandError> {
    let folder = WitnessFolder::at(&args.data);
    let signers = folder.signers()?;
    let vkeys: Vec<String> = signers.iter().map(|signer| signer.vkey().to_string()).collect();
    let name = signers.first().map_or("", |signer| signer.vkey().name());
    let logs = survey(&folder)?;
    // A fork is what a witness is there to find: it is never ignored.
    let forked = logs.iter().any(|log| log.frozen);
    let exit = if forked { ErrorKind::Mismatch.exit() } else { 0 };
    if global.json {
        let logs: Vec<Value> = logs.iter().map(document).collect();
        let document = json!({
            "schema": "sanwu-witness-status-1", "ok": !forked, "exit": exit, "name": name, "vkeys": vkeys, "logs": logs,
        });
        println!("{document}");
    } else {
        print(global, name, &vkeys, &logs);
    }
    Ok(ExitCode::from(exit))
}

fn document(log: &LogStatus) -> Value {
    let LogStatus { origin, log, listed, contact, size, time, frozen, evidence } = log;
    json!({
        "origin": origin, "log": log, "listed": listed, "contact": contact, "size": size, "time": time,
        "frozen": frozen, "evidence": evidence,
    })
}

fn print(global: &Global, name: &str, vkeys: &[String], logs: &[LogStatus]) {
    let lang = global.lang();
    println!("{} {name}", lang.pick("见证人", "witness"));
    vkeys.iter().for_each(|vkey| println!("  {vkey}"));
    if logs.is_empty() {
        println!("{}", lang.pick("名单里还没有账", "no logs are listed yet"));
    }
    for log in logs {
        let mark = if log.frozen { "✘" } else { "✔" };
        let origin = if log.origin.is_empty() { &log.log } else { &log.origin };
        let seen = match log.size.zip(log.time) {
            Some((size, time)) => {
                let time = beijing_time(time.saturating_mul(1_000));
                lang.pick(&format!("{size} 条, {time}"), &format!("{size} entries, {time}")).to_owned()
            }
            None => lang.pick("还没有见证过", "not cosigned yet").to_owned(),
        };
        let gone = if log.listed { "" } else { lang.pick(" (已从名单删去)", " (no longer listed)") };
        println!("{mark} {origin}  {seen}{gone}");
        for file in &log.evidence {
            println!("  {} evidence/{file}", lang.pick("证据, 不再作证:", "evidence, cosigned no more:"));
        }
    }
}
