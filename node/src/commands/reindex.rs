//! `sanwu-node reindex`: the index dropped and derived again from the journal.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Global;
use super::error::CommandError;
use crate::log::reindex;
use crate::settings::Data;
use crate::storage::{self, Access, AppendPolicy};

/// Arguments of `reindex`.
#[derive(clap::Args)]
pub(super) struct ReindexArgs {
    /// 数据目录(先停止服务) · data directory (stop the node first)
    #[arg(long)]
    data: PathBuf,
}

pub(super) fn run(global: &Global, args: &ReindexArgs) -> Result<ExitCode, CommandError> {
    let data = Data::at(&args.data);
    let _lock = data.lock()?;
    let keys = data.read_keys()?;
    let store = storage::open(&data.storage(), &Access::Write)?;
    let raw_leaves = store.append_policy() == AppendPolicy::Open;
    let size = reindex(store, &keys, raw_leaves)?;
    global.say(&format!("已重建 {size} 条记录的索引"), &format!("{size} entries reindexed"));
    if global.json {
        println!("{}", serde_json::json!({ "schema": "sanwu-reindex-1", "ok": true, "exit": 0, "size": size }));
    }
    Ok(ExitCode::SUCCESS)
}
