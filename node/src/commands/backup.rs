//! `sanwu-node backup`: a copy that `restore` takes, made beside a running node.
//!
//! The copy is made record by record through the storage contract from one consistent view, and proves
//! itself while it is made: it is the rebuilt log, with the same signed root.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use sanwu_schema::error_code::ErrorCode;

use super::Global;
use super::error::CommandError;
use crate::durable::Access as FileAccess;
use crate::log::rebuild;
use crate::settings::{Data, DataError, io};
use crate::storage::guard::Guard;
use crate::storage::{self, Access, AppendPolicy, Store};

/// Arguments of `backup`.
#[derive(clap::Args)]
pub(super) struct BackupArgs {
    /// 数据目录 · data directory
    #[arg(long)]
    data: PathBuf,
    /// 备份目录, 还不存在 · directory of the backup, not there yet
    #[arg(long)]
    to: PathBuf,
}

pub(super) fn run(global: &Global, args: &BackupArgs) -> Result<ExitCode, CommandError> {
    let size = copy(&Data::at(&args.data), &args.to)?;
    global.say(
        &format!("已备份 {size} 条记录。备份里有总账的签名钥匙, 请妥善保管"),
        &format!("{size} entries backed up. The backup holds the log's signing key: keep it safe"),
    );
    if global.json {
        println!("{}", serde_json::json!({ "schema": "sanwu-backup-1", "ok": true, "exit": 0, "size": size }));
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies a data directory, also one that a node is working on.
pub(super) fn copy(from: &Data, to: &Path) -> Result<u64, CommandError> {
    let keys = from.read_keys()?;
    if to.exists() {
        return Err(DataError::Exists(to.display().to_string()).into());
    }
    std::fs::create_dir_all(to).map_err(|error| io(to, error))?;
    let copy = Data::at(to);
    let _lock = copy.lock()?;
    // For the engine's own files of the view; it is removed when the backup is made.
    let scratch = to.join("scratch");
    std::fs::create_dir(&scratch).map_err(|error| io(&scratch, error))?;
    let old = storage::open(&from.storage(), &Access::Beside { scratch: scratch.clone() })?;
    let new: Arc<dyn Store> = storage::create(&copy.storage(), old.append_policy())?.into();
    let size = rebuild(&*old, Arc::clone(&new), &keys, old.append_policy() == AppendPolicy::Open)?;
    drop(old);
    std::fs::remove_dir_all(&scratch).map_err(|error| io(&scratch, error))?;
    for (file, access) in [
        (Data::config as fn(&Data) -> PathBuf, FileAccess::Public),
        (Data::log_file, FileAccess::Public),
        (Data::key, FileAccess::Secret),
    ] {
        let path = file(from);
        let bytes = std::fs::read(&path).map_err(|error| io(&path, error))?;
        copy.write_new(&file(&copy), &bytes, access)?;
    }
    // The guard says what the copy contains, not what the node signs meanwhile.
    let head = new.head()?.ok_or_else(|| CommandError::new(ErrorCode::Store, "head"))?;
    let mut guard = Guard::open(&copy.guard()).map_err(|error| io(&copy.guard(), error))?;
    guard.record(&head.note).map_err(|error| io(&copy.guard(), error))?;
    Ok(size)
}
