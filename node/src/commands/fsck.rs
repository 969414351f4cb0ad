//! `sanwu-node fsck`: everything re-derived from the entries and compared with what is stored.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use serde_json::json;

use super::Global;
use super::error::CommandError;
use crate::follow::pins;
use crate::log::{FsckReport, OpenError, fsck, fsck_replica};
use crate::settings::{Data, io};
use crate::storage::guard::Guard;
use crate::storage::{self, Access, AppendPolicy, Store};

/// Arguments of `fsck`.
#[derive(clap::Args)]
pub(super) struct FsckArgs {
    /// 数据目录(先停止服务) · data directory (stop the node first)
    #[arg(long)]
    data: PathBuf,
}

pub(super) fn run(global: &Global, args: &FsckArgs) -> Result<ExitCode, CommandError> {
    let data = Data::at(&args.data);
    let report = if data.replica_file().exists() { check_replica(&data)? } else { check_log(&data)? };
    let clean = report.findings.is_empty();
    let exit = if clean { 0 } else { ErrorKind::Mismatch.exit() };
    if global.json {
        let document = json!({ "schema": "sanwu-fsck-1", "ok": clean, "exit": exit, "report": report });
        println!("{document}");
    } else {
        print(global, &report);
    }
    Ok(ExitCode::from(exit))
}

/// Checks a log that is written here.
fn check_log(data: &Data) -> Result<FsckReport, CommandError> {
    let fixed = data.read_log_file()?;
    let _lock = data.lock()?;
    let keys = data.read_keys()?;
    let guard = Guard::open(&data.guard()).map_err(|error| io(&data.guard(), error))?;
    check(data, fixed.append_policy, |store| {
        let mut report = fsck(store, &keys, fixed.append_policy == AppendPolicy::Open);
        if let Some(note) = guard.note() {
            report.compare_guard(note, &keys);
        }
        report
    })
}

/// Checks a replica.
fn check_replica(data: &Data) -> Result<FsckReport, CommandError> {
    let file = data.read_replica_file()?.ok_or_else(|| CommandError::new(ErrorCode::DataDir, data.path().display()))?;
    let _lock = data.lock()?;
    let pins = pins(&file, &data.replica_file().display().to_string())?;
    check(data, file.append_policy, |store| fsck_replica(store, &pins, file.append_policy == AppendPolicy::Open))
}

/// Checks the store; one that does not open is a finding, and what is left of it is checked. `asked` is what
/// the directory says: the node would refuse to serve a store that was made otherwise.
fn check(
    data: &Data,
    asked: AppendPolicy,
    fsck: impl FnOnce(Arc<dyn Store>) -> FsckReport,
) -> Result<FsckReport, CommandError> {
    let (store, refused) = match storage::open(&data.storage(), &Access::Read) {
        Ok(store) => {
            let incomplete = store.check_indexed().err();
            (Some(store), incomplete)
        }
        Err(error @ storage::Error::Format(_)) => return Err(error.into()),
        Err(error) => (storage::open(&data.storage(), &Access::Damaged).ok(), Some(error)),
    };
    let mut report = FsckReport::default();
    if let Some(store) = store {
        let made = store.append_policy();
        if made != asked {
            return Err(OpenError::AppendPolicy { made, asked }.into());
        }
        report = fsck(store.into());
    }
    if let Some(error) = refused {
        report.refused(&error);
    }
    Ok(report)
}

fn print(global: &Global, report: &FsckReport) {
    let lang = global.lang();
    let FsckReport { size, entries, signatures, chains, blobs, checkpoints, .. } = report;
    println!(
        "{}",
        lang.pick(
            &format!("总数 {size}: 核对了 {entries} 条记录, {signatures} 个签名, {chains} 条账链, {blobs} 份内容, {checkpoints} 份签发文本"),
            &format!("size {size}: checked {entries} entries, {signatures} signatures, {chains} chains, {blobs} blobs, {checkpoints} checkpoints"),
        )
    );
    for finding in &report.findings {
        println!("✘ [{}] {}", finding.family, finding.detail);
    }
    if report.more_findings > 0 {
        let more = report.more_findings;
        println!("{}", lang.pick(&format!("… 还有 {more} 处"), &format!("… {more} more")));
    }
    if report.findings.is_empty() {
        println!("{}", lang.pick("✔ 全部对得上", "✔ everything fits"));
    } else {
        println!(
            "{}",
            lang.pick(
                "✘ 有对不上的地方: 停止使用, 从备份恢复, 或用 reindex 重建索引",
                "✘ something does not fit: stop using it, restore a backup, or rebuild with reindex"
            )
        );
    }
}
