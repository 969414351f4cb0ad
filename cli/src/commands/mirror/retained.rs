//! The checkpoints that a server once published. With their cosignatures they prove when a notice was public.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::checkpoint::Checkpoint;

use super::job::Mirror;
use crate::error::Error;
use crate::known_logs::memory::Memory;
use crate::log_source::source::{RETAINED, Source};
use crate::log_source::tree::SignedTree;
use crate::text::text;

impl Mirror<'_> {
    /// Keeps every published checkpoint up to the tree's size: signed by the log, and its root the tree's at that size.
    ///
    /// From the folder's last checkpoint on, whose cosignatures may have come late. Returns how many are new.
    pub(super) fn retained(
        &self,
        remote: &dyn Source,
        tree: &SignedTree<'_>,
        before: Option<&Checkpoint>,
    ) -> Result<u64, Error> {
        let begun = self.folder.path().join(RETAINED).is_dir();
        let mut from = before.filter(|_| begun).map_or(0, |b| b.size);
        let mut kept = 0;
        loop {
            let page = remote.retained(from)?;
            let Some(last) = page.last().map(|one| one.size) else { return Ok(kept) };
            for one in page {
                // The log grows while it is copied.
                if one.size > tree.size() {
                    return Ok(kept);
                }
                kept += u64::from(self.keep(tree, one.size, &one.note)?);
            }
            from = last + 1;
        }
    }

    fn keep(&self, tree: &SignedTree<'_>, size: u64, note: &[u8]) -> Result<bool, Error> {
        let place = || format!("{}/api/v1/checkpoints {size}", self.client.base());
        let opened = self.pinned.open(note).map_err(|e| Error::new(e.code()).at(place()))?;
        if opened.checkpoint.size != size {
            return Err(Error::new(ErrorCode::ServerAnswer).at(place()));
        }
        let note = String::from_utf8_lossy(note);
        if tree.root_at(size).map_err(|e| e.at(&self.folder.name()))? != opened.checkpoint.root {
            let cause = text!(
                "服务器以前签发过另一本账: 前 {size} 条和现在的不一样",
                "the server once signed another log: its first {size} entries are not those of today"
            );
            let (sizes, notes) = ([size, tree.size()], [&*note, self.head.note.as_str()]);
            let memory = Memory::of(&self.head.checkpoint.origin);
            return Err(memory.contradiction(cause, sizes, notes, &self.pinned.log_vkeys).within(&place()));
        }
        self.folder.retain(size, &note)
    }
}
