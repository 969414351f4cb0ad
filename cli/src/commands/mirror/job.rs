//! One run of the command.

use sanwu_schema::verify::trust::PinnedLog;

use super::folder::MirrorFolder;
use crate::log_source::client::Client;
use crate::log_source::head::SignedHead;
use crate::ui::Ui;

/// What is copied from where to where.
pub(super) struct Mirror<'a> {
    pub ui: &'a Ui,
    pub client: &'a Client,
    pub pinned: &'a PinnedLog,
    pub head: &'a SignedHead,
    pub folder: &'a MirrorFolder,
    pub jobs: usize,
}
