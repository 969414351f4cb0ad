//! What `sanwu verify` is asked to verify.

use std::path::PathBuf;

use clap::Args;

use crate::error::Error;
use crate::known_logs::server::ServerArgs;
use crate::log_source::ledger::Ledger;
use crate::ui::Ui;

/// 核对: 内容、签名、账链、见证, 都由本程序自己算 (verify)
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// 回执或证明文件、.tlog-proof 文件、网址, 或第几条
    pub(super) what: String,
    #[command(flatten)]
    pub(super) server: ServerArgs,
    /// 不联网, 只用手头的文件
    #[arg(long)]
    pub(super) offline: bool,
    /// 一直核到账链的开头和总账的第一条
    #[arg(long, conflicts_with = "offline")]
    pub(super) deep: bool,
    /// .tlog-proof 所证明的那一条记录
    #[arg(long, value_name = "FILE")]
    pub(super) entry: Option<PathBuf>,
}

impl VerifyArgs {
    /// The log behind the server, if one is named and may be asked.
    pub(super) fn ledger(&self, ui: &Ui) -> Result<Option<Ledger>, Error> {
        match self.server.client() {
            Ok(_) if !self.offline => self.server.ledger(ui).map(Some),
            _ => Ok(None),
        }
    }
}
