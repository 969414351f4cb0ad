//! `sanwu-node reindex`: every derived record made anew from entries and bodies.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::Global;
use super::error::CommandError;
use crate::data::{Data, io};
use crate::log::rebuild;
use crate::storage::rocks::Rocks;
use crate::storage::{Admission, Store};

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
    let fresh = data.path().join("store.new");
    if fresh.exists() {
        // Left behind by an interrupted run; nothing in it was ever used.
        std::fs::remove_dir_all(&fresh).map_err(|error| io(&fresh, error))?;
    }
    let old = Rocks::open_read_only(&data.store())?;
    let new = Arc::new(Rocks::create(&fresh, old.admission())?);
    let size = rebuild(&old, Arc::<Rocks>::clone(&new), &keys, old.admission() == Admission::Open)?;
    drop((old, new));
    let aside = set_aside(&data)?;
    std::fs::rename(&fresh, data.store()).map_err(|error| io(&fresh, error))?;
    global.say(
        &format!("已重建 {size} 条记录的索引; 原来的数据放在 {}", aside.display()),
        &format!("{size} entries reindexed; the old store is kept at {}", aside.display()),
    );
    if global.json {
        println!("{}", serde_json::json!({ "schema": "sanwu-reindex-1", "ok": true, "exit": 0, "size": size }));
    }
    Ok(ExitCode::SUCCESS)
}

/// Moves the store out of the way, under a name that is free.
pub(super) fn set_aside(data: &Data) -> Result<PathBuf, CommandError> {
    let free = (1..).map(|number| data.path().join(format!("store.old-{number}"))).find(|path| !path.exists());
    let aside = free.unwrap_or_else(|| data.path().join("store.old"));
    std::fs::rename(data.store(), &aside).map_err(|error| io(&data.store(), error))?;
    Ok(aside)
}
