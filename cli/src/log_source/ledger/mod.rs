//! A log behind a server, all of it checked: checkpoints by the log's key, growth by consistency with what this
//! machine has seen, entries by their inclusion proofs, contents by their digests.

mod tiles;

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use sanwu_schema::api::chains::{ChainEntries, EntryRow};
use sanwu_schema::date::Period;
use sanwu_schema::draft::ChainInfo;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::json;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, MonthBook, Opening};
use sanwu_schema::record::dsse::statement_id;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, Seen, Statement, StatementId};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::build::{BuildError, consistency_proof, inclusion_proof};
use sanwu_schema::tlog::merkle::{verify_consistency, verify_inclusion};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::PinnedLog;

use crate::error::Error;
use crate::log_source::client::{Client, Content, DOCUMENT_BYTES_MAX};
use crate::log_source::head::SignedHead;
use crate::text::{Text, text};

pub use tiles::RemoteTiles;

/// Rows asked for in one page of a chain's entries; the server gives no more.
const PAGE: u64 = 200;
/// How often and how many times a newer checkpoint is asked for: the server publishes one within a second or, with
/// slow witnesses, a few.
const PUBLISH_POLL: Duration = Duration::from_millis(250);
const PUBLISH_POLLS: u32 = 20;
/// Entries that may be acknowledged and not yet published: beyond that an index is simply not there.
const PUBLISH_BACKLOG_MAX: u64 = 10_000;

/// One entry of a chain as the server lists it; the statement's id has been recomputed.
#[derive(Clone, Debug)]
pub struct ListedEntry {
    /// Its index, as the server says.
    pub index: u64,
    pub id: StatementId,
    pub statement: Statement,
}

/// What is known of a log from earlier, and where what is seen now is kept.
///
/// A ledger asks it before it accepts anything. `known_logs` implements it.
pub trait Known {
    /// Keeps a checkpoint unless a larger one is kept already.
    ///
    /// `continues` compares it with what was seen before; its error is returned, and nothing is kept.
    fn keep(
        &self,
        pinned: &PinnedLog,
        head: &SignedHead,
        continues: &dyn Fn(&SignedHead) -> Result<(), Error>,
    ) -> Result<(), Error>;
    /// Keeps two signed checkpoints that contradict each other as evidence, and returns the error that says so.
    fn contradiction(&self, cause: Text, seen: &SignedHead, shown: &SignedHead, log_vkeys: &[Vkey]) -> Error;
    /// Returns whether the first statement of a chain is known; an error if another one is known.
    fn knows(&self, chain: &ChainId, first: &StatementId) -> Result<bool, Error>;
    /// Keeps the first statement of a chain, proved to be in the log.
    fn opened(&self, chain: &ChainId, first: &StatementId) -> Result<(), Error>;
}

/// A log behind a server.
pub struct Ledger {
    pub client: Client,
    /// The pinned keys: from a trust file, or from the server on a first visit.
    pub pinned: PinnedLog,
    /// Whether they came from a trust file.
    pub trusted: bool,
    first_visit: bool,
    known: Box<dyn Known>,
    head: RefCell<SignedHead>,
}

impl Ledger {
    /// Returns the log behind a server, as of a checkpoint that was opened with the pinned keys.
    ///
    /// An error if the checkpoint does not continue what `known` has seen.
    pub fn new(
        client: Client,
        pinned: PinnedLog,
        trusted: bool,
        first_visit: bool,
        known: Box<dyn Known>,
        head: SignedHead,
    ) -> Result<Self, Error> {
        let ledger = Self { client, pinned, trusted, first_visit, known, head: RefCell::new(head.clone()) };
        ledger.remember(&head)?;
        Ok(ledger)
    }

    pub fn origin(&self) -> &Origin {
        &self.pinned.file.origin
    }

    /// Returns whether this machine had not seen the log before.
    pub fn is_first_visit(&self) -> bool {
        self.first_visit
    }

    /// Returns the newest checkpoint checked so far.
    pub fn head(&self) -> SignedHead {
        self.head.borrow().clone()
    }

    /// Asks for a newer checkpoint.
    pub fn refresh(&self) -> Result<SignedHead, Error> {
        let note = self.client.get("/checkpoint", DOCUMENT_BYTES_MAX)?;
        self.accept(&note)
    }

    /// Checks a signed checkpoint from any source by the log's key and all that was seen, and remembers it.
    pub fn accept(&self, note: &[u8]) -> Result<SignedHead, Error> {
        let head = SignedHead::open(&self.pinned, note)?;
        let before = self.head();
        self.consistent(&before, &head)?;
        if head.checkpoint.size > before.checkpoint.size {
            self.remember(&head)?;
            self.head.replace(head.clone());
        }
        Ok(head)
    }

    /// Keeps a checkpoint that continues all that this machine has seen, unless a larger one is kept already.
    fn remember(&self, head: &SignedHead) -> Result<(), Error> {
        self.known.keep(&self.pinned, head, &|seen| self.consistent(seen, head))
    }

    /// Whether a checkpoint continues what was seen, or was seen on the way to it.
    fn consistent(&self, seen: &SignedHead, shown: &SignedHead) -> Result<(), Error> {
        let (before, now) = (&seen.checkpoint, &shown.checkpoint);
        let contradiction = |cause: Text| self.known.contradiction(cause, seen, shown, &self.pinned.log_vkeys);
        let changed = || {
            contradiction(text!(
                "这本账和这台电脑上次看到的不是同一本: 以前的记录被改过",
                "this is not the log that this machine saw before: earlier entries were changed"
            ))
        };
        let (older, newer) = if before.size <= now.size { (before, now) } else { (now, before) };
        if older.size == newer.size || older.size == 0 {
            return if older.size == 0 || older.root == newer.root { Ok(()) } else { Err(changed()) };
        }
        let tiles = RemoteTiles::new(&self.client, newer.size);
        let proof = match consistency_proof(older.size, newer.size, &tiles) {
            Ok(proof) => proof,
            // The server does not have the larger tree, which the log has signed.
            Err(BuildError::Read(e)) if e.code.kind() == ErrorKind::NotFound => {
                let cause = if before.size > now.size {
                    text!(
                        "这本账变短了: 这台电脑看到过 {} 条, 服务器现在只有 {} 条",
                        "the log has become shorter: this machine has seen {} entries, the server now has {}",
                        before.size,
                        now.size
                    )
                } else {
                    text!(
                        "签发过 {} 条, 服务器只拿得出 {} 条",
                        "{} entries were signed, the server can show only {}",
                        now.size,
                        before.size
                    )
                };
                return Err(contradiction(cause).remedy(text!(
                    "如果这是一台还没跟上的副本, 过一会儿再试; 不是就保存证据, 报告上级",
                    "if this is a replica that lags behind, try again later; if not, keep the evidence and report it"
                )));
            }
            Err(e) => return Err(tiles::build_error(e)),
        };
        verify_consistency(older.size, newer.size, &older.root, &newer.root, &proof).map_err(|_| changed())
    }

    /// Checks that a state that was seen elsewhere is this log's at that size.
    pub fn was(&self, seen: &Seen) -> Result<(), Error> {
        let head = match seen.size.checked_sub(1) {
            Some(last) => self.head_covering(last)?,
            None => self.head(),
        };
        let (size, root) = (head.checkpoint.size, &head.checkpoint.root);
        let tiles = RemoteTiles::new(&self.client, size);
        let proof = consistency_proof(seen.size, size, &tiles).map_err(tiles::build_error)?;
        verify_consistency(seen.size, size, &seen.root, root, &proof).map_err(|e| Error::new(e.code()))
    }

    /// Returns what a drafter needs to know of a chain; `seen` is a checkpoint that was checked here.
    pub fn chain(&self, chain: &ChainId) -> Result<ChainInfo, Error> {
        let path = format!("/api/v1/chains/{chain}");
        let bytes = self.client.get(&path, DOCUMENT_BYTES_MAX)?;
        let mut info: ChainInfo = json::from_json(&bytes).map_err(|e| self.client.nonsense(&path, &e.to_string()))?;
        if info.origin != *self.origin() || info.chain != *chain {
            return Err(Error::new(ErrorCode::OtherLog).at(format!("{path}: {} {}", info.origin, info.chain)));
        }
        let head = self.accept(&info.checkpoint.0)?;
        info.seen = head.seen();
        if info.head.is_some() {
            self.begins_as_before(chain)?;
        }
        Ok(info)
    }

    /// A chain's first entry is the one that this machine has seen; on the first visit it is proved and remembered.
    fn begins_as_before(&self, chain: &ChainId) -> Result<(), Error> {
        let rows = self.rows(chain, 0, 1)?;
        let first = rows.first().filter(|row| row.statement.chain == *chain && row.statement.seq == 0);
        let first = first.ok_or_else(|| self.client.nonsense(&format!("/api/v1/chains/{chain}/entries"), "seq 0"))?;
        if self.known.knows(chain, &first.id)? {
            return Ok(());
        }
        match self.proved(first) {
            Ok(entry) => self.remember_chain(chain, &entry.id),
            // Opened a moment ago and not published yet: next time.
            Err(e) if e.code.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Keeps a chain's first statement, proved to be in this log.
    pub fn remember_chain(&self, chain: &ChainId, first: &StatementId) -> Result<(), Error> {
        self.known.opened(chain, first)
    }

    /// Returns an entry, proved to be in the log at this index.
    pub fn entry(&self, index: u64) -> Result<Entry, Error> {
        let head = self.head_covering(index)?;
        let bytes = self.client.get(&format!("/api/v1/entries/{index}"), DOCUMENT_BYTES_MAX)?;
        let entry = Entry::parse(&bytes)?;
        let tiles = RemoteTiles::new(&self.client, head.checkpoint.size);
        let proof = inclusion_proof(index, head.checkpoint.size, &tiles).map_err(tiles::build_error)?;
        verify_inclusion(index, head.checkpoint.size, &entry.leaf_hash(), &proof, &head.checkpoint.root)
            .map_err(|e| Error::new(e.code()).at(text!("第 {} 条", "entry {}", index)))?;
        Ok(entry)
    }

    /// A checkpoint that covers an index. An entry that was acknowledged a moment ago is published within seconds.
    fn head_covering(&self, index: u64) -> Result<SignedHead, Error> {
        let mut head = self.head();
        for _ in 0..PUBLISH_POLLS {
            if index < head.checkpoint.size {
                return Ok(head);
            }
            head = self.refresh()?;
            // An index far beyond the end will not be published soon.
            if index >= head.checkpoint.size.saturating_add(PUBLISH_BACKLOG_MAX) {
                break;
            }
            if index >= head.checkpoint.size {
                thread::sleep(PUBLISH_POLL);
            }
        }
        if index < head.checkpoint.size {
            return Ok(head);
        }
        Err(Error::new(ErrorCode::NoRecord).at(text!("第 {} 条", "entry {}", index)))
    }

    /// Returns an entry's body, checked by its digest and understood by its kind.
    pub fn body(&self, entry: &Entry) -> Result<Option<(Vec<u8>, Body)>, Error> {
        let Some(named) = &entry.statement.body else { return Ok(None) };
        match self.client.blob(&named.digest)? {
            Content::Here(bytes) => {
                let body = Body::parse(entry.statement.kind, &bytes)?;
                Ok(Some((bytes, body)))
            }
            Content::Gone => Ok(None),
            Content::Missing => Err(Error::new(ErrorCode::BlobMissing).at(named.digest.to_text())),
        }
    }

    /// Returns a page of a chain's entries from a place on.
    pub fn rows(&self, chain: &ChainId, from: u64, count: u64) -> Result<Vec<ListedEntry>, Error> {
        let path = format!("/api/v1/chains/{chain}/entries?from={from}&count={count}");
        let page: ChainEntries = self.client.document(&path)?;
        page.entries.iter().map(|row| read_row(row).ok_or_else(|| self.client.nonsense(&path, "entry"))).collect()
    }

    /// Returns the newest of a chain's entries that fits, from the head backwards.
    pub fn newest(
        &self,
        chain: &ChainId,
        head_seq: u64,
        fits: impl Fn(&Statement) -> bool,
    ) -> Result<Option<ListedEntry>, Error> {
        let mut end = head_seq + 1;
        while end > 0 {
            let from = end.saturating_sub(PAGE);
            let rows = self.rows(chain, from, end - from)?;
            if let Some(found) = rows.into_iter().rev().find(|row| fits(&row.statement)) {
                return Ok(Some(found));
            }
            end = from;
        }
        Ok(None)
    }

    /// Returns the effective month book of a period, proved and checked.
    pub fn month_book(&self, chain: &ChainId, head_seq: u64, period: &Period) -> Result<Option<MonthBook>, Error> {
        // Corrections form a line, so the last statement about a month is the effective one.
        let row =
            self.newest(chain, head_seq, |s| s.content_kind() == Kind::MonthBook && s.period.as_ref() == Some(period))?;
        let Some(row) = row else { return Ok(None) };
        let entry = self.proved(&row)?;
        let Some((_, body)) = self.body(&entry)? else { return Ok(None) };
        Ok(match body.effective(&entry.statement)? {
            Body::MonthBook(book) => Some(book),
            _ => None,
        })
    }

    /// Returns the opening balances of a chain and the month that they open, from its first entry.
    pub fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Opening)>, Error> {
        let rows = self.rows(chain, 0, 1)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let entry = self.proved(row)?;
        match self.body(&entry)? {
            Some((_, Body::ChainGenesis(genesis))) => Ok(genesis.opening.month().map(|m| (m, genesis.opening))),
            _ => Ok(None),
        }
    }

    /// Returns the listed entry itself, proved to be in the log and to be the one listed.
    pub fn proved(&self, row: &ListedEntry) -> Result<Entry, Error> {
        let entry = self.entry(row.index)?;
        if entry.id == row.id {
            Ok(entry)
        } else {
            Err(Error::new(ErrorCode::ServerAnswer).at(text!("第 {} 条", "entry {}", row.index)))
        }
    }
}

fn read_row(row: &EntryRow) -> Option<ListedEntry> {
    let signed = row.statement.canonical().ok()?;
    let statement = Statement::parse(&signed).ok()?;
    Some(ListedEntry { index: row.index, id: statement_id(&signed), statement })
}
