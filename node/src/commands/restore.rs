//! `sanwu-node restore`: a data directory from a backup.
//!
//! Where the old data directory is still there, its store is set aside and its last-signed guard stays:
//! if the log had signed more than the backup holds, the node then only reads, because signing again
//! from an older state would fork the log.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Global;
use super::backup::copy;
use super::error::CommandError;
use crate::settings::{Data, DataError, io};

/// Arguments of `restore`.
#[derive(clap::Args)]
pub(super) struct RestoreArgs {
    /// 备份目录 · directory of the backup
    #[arg(long)]
    from: PathBuf,
    /// 数据目录 · data directory
    #[arg(long)]
    data: PathBuf,
}

pub(super) fn run(global: &Global, args: &RestoreArgs) -> Result<ExitCode, CommandError> {
    let (from, data) = (Data::at(&args.from), Data::at(&args.data));
    let _lock = from.lock()?;
    let size = if data.key().exists() { replace_store(global, &from, &data)? } else { copy(&from, &args.data)? };
    global.say(
        &format!("已恢复 {size} 条记录。启动前先运行 sanwu-node fsck"),
        &format!("{size} entries restored. Run sanwu-node fsck before you start the node"),
    );
    if global.json {
        println!("{}", serde_json::json!({ "schema": "sanwu-restore-1", "ok": true, "exit": 0, "size": size }));
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts the backup's store in the place of the present one, which is kept beside it.
fn replace_store(global: &Global, from: &Data, data: &Data) -> Result<u64, CommandError> {
    let _lock = data.lock()?;
    let fresh = data.path().join("restored");
    let size = copy(from, &fresh)?;
    if data.store().exists() {
        let aside = set_aside(data)?;
        global.say(
            &format!("原来的数据放在 {}", aside.display()),
            &format!("the old store is kept at {}", aside.display()),
        );
    }
    let store = Data::at(&fresh).store();
    std::fs::rename(&store, data.store()).map_err(|error| io(&store, error))?;
    std::fs::remove_dir_all(&fresh)
        .map_err(|error| DataError::Io { path: fresh.display().to_string(), source: error })?;
    Ok(size)
}

/// Moves the store out of the way, under a name that is free.
fn set_aside(data: &Data) -> Result<PathBuf, CommandError> {
    let free = (1..).map(|number| data.path().join(format!("store.old-{number}"))).find(|path| !path.exists());
    let aside = free.unwrap_or_else(|| data.path().join("store.old"));
    std::fs::rename(data.store(), &aside).map_err(|error| io(&data.store(), error))?;
    Ok(aside)
}
