//! What the drafter saw of the log, compared with what the signer's machine has seen: no signature for another history.

use sanwu_schema::draft::Draft;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::record::statement::{ChainId, Seen, Statement, StatementId};

use crate::error::Error;
use crate::known_logs::memory::{KnownLog, Memory};
use crate::known_logs::server::ServerArgs;
use crate::log_source::ledger::Ledger;
use crate::log_source::trust::read_trust;
use crate::text::text;
use crate::ui::Ui;

/// How far a draft's `seen` could be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is the very state that this machine has seen.
    Same,
    /// The server proved that both are states of one log.
    Proved,
    /// Of another size, and no server was asked.
    OtherSize,
    /// This machine has not seen the log before, and no trust file says whose log it is.
    FirstSeen,
}

impl Compared {
    /// Returns the word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Proved => "proved",
            Self::OtherSize => "not_compared",
            Self::FirstSeen => "first_seen",
        }
    }
}

/// Refuses a draft that contradicts what this machine has seen; says so where it could not be compared.
pub fn check(ui: &Ui, draft: &Draft, args: &ServerArgs) -> Result<Compared, Error> {
    let trust = args.trust().as_deref().map(read_trust).transpose()?;
    let memory = match trust.as_ref().filter(|pinned| pinned.file.origin == draft.origin) {
        Some(pinned) => Memory::trusting(pinned),
        None => Memory::of(&draft.origin),
    };
    let mut statements = Vec::new();
    for entry in &draft.entries {
        statements.push((entry.id(), entry.parse()?));
    }
    for (id, statement) in &statements {
        if let Some((chain, first)) = beginning(*id, statement) {
            memory.knows(&chain, &first)?;
        }
    }
    let remembered = memory.load()?;
    if args.server.is_none() {
        return offline(ui, &memory, remembered.as_ref(), &statements);
    }
    // Without either the server proves that it agrees with itself, and no more.
    let known = remembered.is_some() || trust.is_some();
    // The ledger checks the server against the memory: what agrees with its tree agrees with all that was seen here.
    let ledger = args.ledger(ui)?;
    if *ledger.origin() != draft.origin {
        return Err(Error::new(ErrorCode::OtherLog).at(draft.origin.as_str()));
    }
    if statements.iter().all(|(_, s)| s.seq > 0) {
        ledger.chain(&draft.chain)?;
    }
    for (_, statement) in &statements {
        proved(&ledger, &statement.seen)?;
    }
    Ok(if known { Compared::Proved } else { Compared::FirstSeen })
}

/// Which chain begins with which statement, as far as a drafted statement tells.
fn beginning(id: StatementId, statement: &Statement) -> Option<(ChainId, StatementId)> {
    let first = match statement.seq {
        0 => Some(id),
        1 => statement.prev,
        _ => None,
    };
    Some((statement.chain.clone(), first?))
}

fn offline(
    ui: &Ui,
    memory: &Memory,
    remembered: Option<&KnownLog>,
    statements: &[(StatementId, Statement)],
) -> Result<Compared, Error> {
    let Some(KnownLog { record: known, .. }) = remembered else { return Ok(Compared::FirstSeen) };
    let mut compared = Compared::Same;
    for (_, statement) in statements {
        let seen = &statement.seen;
        if seen.size != known.size {
            compared = Compared::OtherSize;
        } else if seen.root != known.root {
            let kept =
                memory.place().map(|path| text!("看到过的签发文本在  {path}", "the checkpoint seen is in  {path}"));
            let error = contradiction(seen).at(text!(
                "{} 条: 草稿记的是 {}, 这台电脑看到的是 {}",
                "{} entries: the draft says {}, this machine has seen {}",
                seen.size,
                seen.root,
                known.root
            ));
            return Err(kept.into_iter().fold(error, Error::detail));
        }
    }
    if compared == Compared::OtherSize {
        let drafted = statements.first().map_or(0, |(_, s)| s.seen.size);
        ui.say(&text!(
            "拟稿时总账有 {drafted} 条, 这台电脑上次看到 {} 条, 没有联网没法比较 (加 --server 就会比较)",
            "the draft saw {drafted} entries, this machine {}: not compared offline (add --server to compare)",
            known.size
        ));
    }
    Ok(compared)
}

fn proved(ledger: &Ledger, seen: &Seen) -> Result<(), Error> {
    match ledger.was(seen) {
        Err(e) if e.code.kind() == ErrorKind::Mismatch => Err(contradiction(seen).at(ledger.client.base())),
        Err(e) if e.code.kind() == ErrorKind::NotFound => Err(Error::new(ErrorCode::Consistency)
            .because(text!(
                "拟稿人看到过 {} 条, 这台服务器只有 {} 条",
                "the drafter saw {} entries, this server has only {}",
                seen.size,
                ledger.head().checkpoint.size
            ))
            .at(ledger.client.base())
            .remedy(text!(
                "如果这是一台还没跟上的副本, 过一会儿再签; 不是就不要签, 报告上级",
                "if this is a replica that lags behind, sign later; if not, do not sign, and report it"
            ))),
        other => other,
    }
}

fn contradiction(seen: &Seen) -> Error {
    Error::new(ErrorCode::Consistency)
        .because(text!(
            "拟稿人看到的账和这台电脑看到的不是同一本 (前 {} 条就不一样)",
            "the drafter saw another log than this machine (its first {} entries differ)",
            seen.size
        ))
        .remedy(text!(
            "不要签; 保存草稿和这段文字, 报告上级",
            "do not sign; keep the draft and this text and report it"
        ))
}
