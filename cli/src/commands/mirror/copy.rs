//! The order of a run: bundles, tiles, contents, earlier checkpoints, and the checkpoint last.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::Checkpoint;

use super::blobs::Contents;
use super::job::Mirror;
use crate::error::Error;
use crate::log_source::source::{FolderSource, Remote};
use crate::log_source::tree::SignedTree;
use crate::text::text;

/// What a run has added.
pub(super) struct Copied {
    pub new_entries: u64,
    pub contents: Contents,
    pub checkpoints: u64,
}

impl Mirror<'_> {
    /// Copies bundles, tiles, contents and earlier checkpoints, and the checkpoint last.
    pub(super) fn copy(&self, before: Option<&Checkpoint>) -> Result<Copied, Error> {
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
