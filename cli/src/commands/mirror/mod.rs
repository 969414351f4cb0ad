//! `sanwu mirror`: copies a log into a folder that any web server can serve as a C2SP tlog-tiles log.
//!
//! ```text
//! checkpoint                     written last: what it covers is complete and was checked
//! tile/<L>/…  tile/entries/…     each checked by the signed root before it is written
//! checkpoints/<size>             earlier published checkpoints with their cosignatures: when a notice was public
//! blobs/<sha256>
//! .tmp/  .lock                   files on their way; one mirror at a time
//! ```
//!
//! Killed at any point, the next run goes on: a file is there whole or not at all, and what was checked is only ever
//! replaced by what the same root covers. All of it has reached the disk before the checkpoint does.

mod blobs;
mod bundles;
mod copy;
mod folder;
mod job;
mod retained;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use sanwu_schema::error_code::ErrorCode;
use serde_json::json;

use crate::error::Done;
use crate::known_logs::server::ServerArgs;
use crate::text::text;
use crate::ui::Ui;

use blobs::Contents;
use copy::Copied;
use folder::MirrorFolder;
use job::Mirror;

/// Requests at the same time: enough to hide a slow line's latency, too few to trouble a server.
const JOBS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// 把整本账抄到一个文件夹, 边抄边核; 中断后再运行同一条命令就接着抄 (mirror)
#[derive(Args, Debug)]
pub struct MirrorArgs {
    /// 服务器地址
    url: String,
    /// 文件夹
    dir: PathBuf,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// 同时抄几份
    #[arg(long, value_name = "N", default_value_t = JOBS)]
    jobs: NonZeroUsize,
}

pub fn run(ui: &Ui, args: &MirrorArgs) -> Done {
    let server = ServerArgs { server: Some(args.url.clone()), trust: args.trust.clone() };
    let ledger = server.ledger(ui)?;
    let head = ledger.head();
    let folder = MirrorFolder::open(&args.dir)?;
    let before = folder.checkpoint(&ledger.pinned)?;
    let jobs = args.jobs.get();
    let mirror = Mirror { ui, client: &ledger.client, pinned: &ledger.pinned, head: &head, folder: &folder, jobs };
    let copied = mirror.copy(before.as_ref())?;
    let size = head.checkpoint.size;
    let dir = args.dir.display();
    ui.print_text(&text!("✔ 镜像齐了  {dir}", "✔ mirrored  {dir}"));
    let Copied { new_entries, contents, checkpoints } = copied;
    let Contents { fetched: blobs, missing, unproved } = contents;
    ui.print_text(&text!(
        "  {size} 条, 这次新抄 {new_entries} 条, 内容 {blobs} 份",
        "  {size} entries, {new_entries} of them new, {blobs} contents fetched"
    ));
    for (index, digest) in &missing {
        ui.print_text(&text!(
            "  ? 第 {index} 条的内容服务器没有给: {}",
            "  ? the server has no content for entry {index}: {}",
            digest.to_hex()
        ));
    }
    for id in &unproved {
        ui.print_text(&text!(
            "  ! 有一条记录说要删除 {id} 的内容, 但核对不成立: 没有删",
            "  ! an entry says to erase the content of {id}, but was not proved valid: it was kept"
        ));
    }
    let exit = if missing.is_empty() { 0 } else { ErrorCode::BlobMissing.kind().exit() };
    ui.document(&json!({
        "schema": "sanwu-mirror-1", "ok": exit == 0, "exit": exit, "dir": dir.to_string(), "origin": head.checkpoint.origin.as_str(),
        "size": size, "root": head.checkpoint.root.to_text(), "new_entries": new_entries, "blobs": blobs,
        "checkpoints": checkpoints,
        "unproved_erasures": unproved.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "missing": missing.iter().map(|(i, d)| json!({ "index": i, "digest": d.to_text() })).collect::<Vec<_>>(),
    }));
    if exit == 0 {
        ui.say(&text!("下一步:  sanwu audit replay {dir}", "next:  sanwu audit replay {dir}"));
    }
    Ok(exit)
}
