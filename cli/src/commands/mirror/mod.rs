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
mod folder;
mod retained;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::verify::trust::Pinned;
use serde_json::json;

use crate::error::{Done, Error};
use crate::known_logs::server::ServerArgs;
use crate::log_source::client::Client;
use crate::log_source::head::SignedHead;
use crate::log_source::source::{FolderSource, Remote};
use crate::log_source::tree::SignedTree;
use crate::text::text;
use crate::ui::Ui;

use blobs::Contents;
use folder::MirrorFolder;

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

/// Runs the command.
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

/// What a run has added.
struct Copied {
    new_entries: u64,
    contents: Contents,
    checkpoints: u64,
}

struct Mirror<'a> {
    ui: &'a Ui,
    client: &'a Client,
    pinned: &'a Pinned,
    head: &'a SignedHead,
    folder: &'a MirrorFolder,
    jobs: usize,
}

impl Mirror<'_> {
    /// Copies bundles, tiles, contents and earlier checkpoints, and the checkpoint last.
    fn copy(&self, before: Option<&Checkpoint>) -> Result<Copied, Error> {
        let checkpoint = &self.head.checkpoint;
        let remote = Remote::new(self.client.clone());
        let tree = SignedTree::open(&remote, checkpoint).map_err(|e| e.at(self.client.base()))?;
        // Before anything is written: the folder's own earlier state must be the beginning of what the server has.
        if let Some(before) = before {
            self.continues(&tree, before)?;
        }
        let bundles = self.bundles(&remote, &tree)?;
        self.hash_tiles(&tree)?;
        let local = FolderSource::new(self.folder.path());
        let contents = self.blobs(&local, checkpoint.size, &bundles)?;
        let own = SignedTree::open(&local, checkpoint).map_err(|e| e.at(&self.folder.name()))?;
        let mut checkpoints = self.retained(&remote, &own, before)?;
        // A server that tells of no earlier ones has at least this one.
        checkpoints += u64::from(self.folder.retain(checkpoint.size, &self.head.note)?);
        self.folder.publish(&self.head.note)?;
        self.folder.close(before, checkpoint.size);
        let new_entries = checkpoint.size - before.map_or(0, |b| b.size);
        Ok(Copied { new_entries, contents, checkpoints })
    }

    fn continues(&self, tree: &SignedTree<'_>, before: &Checkpoint) -> Result<(), Error> {
        if before.size > tree.size() {
            return Err(Error::new(ErrorCode::Consistency)
                .because(text!(
                    "镜像里已有 {} 条, 服务器只有 {} 条",
                    "the mirror has {} entries, the server only {}",
                    before.size,
                    tree.size()
                ))
                .at(self.folder.name()));
        }
        let now = tree.root_at(before.size).map_err(|e| e.at(self.client.base()))?;
        if now == before.root {
            return Ok(());
        }
        let (dir, url) = (self.folder.name(), self.client.base());
        Err(Error::new(ErrorCode::Consistency)
            .because(text!(
                "镜像里抄下的和服务器现在给的不是同一本账; 镜像没有动",
                "the mirror and the server do not hold the same log; the mirror was left as it is"
            ))
            .at(text!("{dir} 前 {} 条", "{dir}, first {} entries", before.size))
            .command(format!("sanwu audit compare {dir} {url} --evidence FILE")))
    }
}
