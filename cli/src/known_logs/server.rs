//! The server that a command names, and the log behind it as this machine knows it.

use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::PinnedLog;

use crate::error::Error;
use crate::known_logs::memory::Memory;
use crate::log_source::client::{Client, DOCUMENT_BYTES_MAX};
use crate::log_source::head::SignedHead;
use crate::log_source::ledger::{Known, Ledger};
use crate::log_source::trust::{ask_trust, read_trust};
use crate::text::{Text, text};
use crate::ui::Ui;

/// Where the server is, and what this machine trusts.
#[derive(Args, Clone, Debug)]
pub struct ServerArgs {
    /// 服务器地址, 例如 http://127.0.0.1:8420; 不写时用环境变量 SANWU_SERVER
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// 信任文件 (从镇里取得); 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
}

impl ServerArgs {
    /// Returns the server's address, from the option or the environment.
    pub fn client(&self) -> Result<Client, Error> {
        let url = self.server.clone().or_else(|| std::env::var("SANWU_SERVER").ok().filter(|v| !v.is_empty()));
        match url {
            Some(url) => Client::new(&url),
            None => Err(Error::new(ErrorCode::Usage)
                .because(text!("没有写服务器地址", "the server's address is missing"))
                .remedy(text!("加上 --server URL", "add --server URL"))),
        }
    }

    /// Returns the trust file, from the option or the environment.
    pub fn trust(&self) -> Option<PathBuf> {
        let set = || std::env::var_os("SANWU_TRUST").filter(|v| !v.is_empty()).map(PathBuf::from);
        self.trust.clone().or_else(set)
    }

    /// Returns the log behind the server.
    pub fn ledger(&self, ui: &Ui) -> Result<Ledger, Error> {
        open(ui, self.client()?, self.trust().as_deref())
    }
}

/// Opens the log behind a server: reads the trust file, checks the newest checkpoint, remembers it.
pub fn open(ui: &Ui, client: Client, trust: Option<&Path>) -> Result<Ledger, Error> {
    let (pinned, trusted) = match trust {
        Some(path) => (read_trust(path)?, true),
        None => (ask_trust(&client)?, false),
    };
    let memory = if trusted { Memory::trusting(&pinned) } else { Memory::of(&pinned.file.origin) };
    let remembered = memory.of_log(&pinned.file.genesis)?;
    let pinned = match (&remembered, trusted) {
        (Some(seen), false) => memory.recalled(pinned, seen)?,
        _ => pinned,
    };
    if !trusted && remembered.is_none() {
        ui.say(&text!(
            "第一次连接这本账 {}, 还没有信任文件: 账本身份由服务器自己说, 请和镇里公布的核对 (sanwu trust)",
            "first contact with the log {}, without a trust file: its identity is only what the server itself says (see sanwu trust)",
            pinned.file.origin
        ));
    }
    if memory.has_hearsay()? {
        ui.say(&text!(
            "这台电脑以前没有信任文件时记下的 {}, 不是信任文件里的钥匙签发的: 不算数了, 以信任文件为准",
            "what this machine remembered of {} without a trust file was not signed by a key of the trust file: it no longer counts",
            pinned.file.origin
        ));
    }
    let note = client.get("/checkpoint", DOCUMENT_BYTES_MAX)?;
    let head = match SignedHead::open(&pinned, &note) {
        Err(e) if e.code == ErrorCode::NoteUnsigned && !trusted && remembered.is_some() => {
            return Err(memory.other_key().within(client.base()));
        }
        opened => opened?,
    };
    Ledger::new(client, pinned, trusted, remembered.is_none(), Box::new(memory), head)
}

impl Known for Memory {
    fn keep(
        &self,
        pinned: &PinnedLog,
        head: &SignedHead,
        continues: &dyn Fn(&SignedHead) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            let seen = self.of_log(&pinned.file.genesis)?;
            if let Some(seen) = &seen {
                let checkpoint =
                    Checkpoint { size: seen.record.size, root: seen.record.root, ..head.checkpoint.clone() };
                continues(&SignedHead { checkpoint, note: seen.note.clone() })?;
            }
            // Another process may have remembered something in between, which is compared, too.
            if self.store(pinned, seen.as_ref(), &head.checkpoint, &head.note)? {
                return Ok(());
            }
        }
    }

    fn contradiction(&self, cause: Text, seen: &SignedHead, shown: &SignedHead, log_vkeys: &[Vkey]) -> Error {
        let sizes = [seen.checkpoint.size, shown.checkpoint.size];
        Memory::contradiction(self, cause, sizes, [&seen.note, &shown.note], log_vkeys)
    }

    fn knows(&self, chain: &ChainId, first: &StatementId) -> Result<bool, Error> {
        Memory::knows(self, chain, first)
    }

    fn opened(&self, chain: &ChainId, first: &StatementId) -> Result<(), Error> {
        Memory::opened(self, chain, first)
    }
}
