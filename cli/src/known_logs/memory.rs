//! What this machine has seen of each log, so that a log cannot take anything back unnoticed: its first entry, its
//! newest checkpoint with the keys that sign for it, and the first entry of every chain that was looked at.
//!
//! ```text
//! <origin>-<digest>.json     the record of one log
//! evidence/                  signed checkpoints that do not fit together; never overwritten
//! .lock                      held while a record is compared and replaced
//! ```
//!
//! The folder is `$SANWU_STATE_DIR`, `$XDG_STATE_HOME/sanwu` or `~/.local/state/sanwu` (`%LOCALAPPDATA%\sanwu` on
//! Windows). What a record means, and what contradicts it, `schema::verify` decides: here are files, locks and
//! evidence.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::PinnedLog;
use sanwu_schema::verify::{Beginning, KnownKeys, Remembered, is_hearsay};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::entropy;
use crate::error::Error;
use crate::files;
use crate::text::{Text, text};

const SCHEMA: &str = "sanwu-remembered-2";
/// Characters of the origin in the file's name; its digest makes the name unique, and both stay below the
/// 255 bytes that file systems allow.
const NAME_CHARS: usize = 80;
const EVIDENCE: &str = "evidence";
/// What an evidence file is, for the person who opens it.
const HOW: [&str; 2] = [
    "同一本账的两份签发文本 (C2SP signed-note, 公钥见 log_vkeys) 接不上: 以前看到的 (seen) 和后来给出的 (shown)。条数一样而根不一样, 就是两种历史; 条数不一样的, 用 sanwu audit compare 找出从哪一条起不一样, 也可能是服务器退回了旧数据。原样保存, 交给上级。",
    "Two checkpoints of one log (C2SP signed-note, keys in log_vkeys) that do not fit together: what was seen before and what was shown. Of the same size with different roots they are two histories; of different sizes, sanwu audit compare finds the first entry that differs, or the server has gone back to old data. Keep the file as it is and hand it over.",
];

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    origin: String,
    /// The signed note: evidence, should the log ever show another history.
    checkpoint: String,
    /// The log's keys; absent in files of before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<KeysDocument>,
    /// The members of the record, which are not read here.
    #[serde(flatten)]
    record: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct KeysDocument {
    trusted: bool,
    log_vkeys: Vec<String>,
    retired: Vec<RetiredDocument>,
}

#[derive(Serialize, Deserialize)]
struct RetiredDocument {
    vkey: String,
    size: u64,
}

/// What was seen of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLog {
    /// What later views of it are compared with.
    pub record: Remembered,
    /// The signed note of the newest checkpoint.
    pub note: String,
    /// The keys that sign for the log; none in a file of before they were kept.
    pub keys: Option<KnownKeys>,
}

/// The place where one log's memory is kept; none when the machine has no such folder.
pub struct Memory {
    path: Option<PathBuf>,
    origin: Origin,
    /// The caller's trust file.
    trust: Option<PinnedLog>,
}

impl Memory {
    /// Returns the memory of the log with this name, as it is.
    pub fn of(origin: &Origin) -> Self {
        let readable: String = origin.as_str().chars().take(NAME_CHARS).collect();
        let digest = Hash::digest(origin.as_str().as_bytes()).to_hex();
        let name = format!("{}-{}.json", readable.replace(['/', ':'], "_"), digest.get(..16).unwrap_or_default());
        Self { path: folder().map(|f| f.join(name)), origin: origin.clone(), trust: None }
    }

    /// Returns the memory of the log that a trust file pins.
    ///
    /// What was remembered without one counts for nothing then, unless a key of the trust file has signed it.
    pub fn trusting(pinned: &PinnedLog) -> Self {
        Self { trust: Some(pinned.clone()), ..Self::of(&pinned.file.origin) }
    }

    /// Returns what was seen; `None` on the first visit.
    pub fn load(&self) -> Result<Option<KnownLog>, Error> {
        let seen = self.read()?;
        Ok(seen.filter(|seen| !self.is_hearsay(seen)))
    }

    /// Returns where the record is, for people.
    pub fn place(&self) -> Option<String> {
        self.path.as_ref().map(|path| path.display().to_string())
    }

    /// Returns whether there is a record made on first use (TOFU) that the trust file replaces.
    pub fn has_hearsay(&self) -> Result<bool, Error> {
        Ok(self.read()?.is_some_and(|seen| self.is_hearsay(&seen)))
    }

    /// Returns what was seen of the log with this first statement.
    ///
    /// Another log of the same name is refused: nobody opens a log twice.
    pub fn of_log(&self, genesis: &StatementId) -> Result<Option<KnownLog>, Error> {
        match self.load()? {
            Some(seen) if !seen.record.is_of(genesis) => Err(self.another(
                text!(
                    "这是另一本账: 名称一样, 但第一条和这台电脑以前看到的不一样",
                    "this is another log: of the same name, but with another first entry than this machine has seen"
                ),
                &seen,
                seen.record.genesis,
                genesis,
            )),
            seen => Ok(seen),
        }
    }

    /// Returns whether a chain's first statement is known here; one that differs from what is known is refused.
    pub fn knows(&self, chain: &ChainId, genesis: &StatementId) -> Result<bool, Error> {
        let Some(seen) = self.load()? else { return Ok(false) };
        let beginning = Beginning { chain: chain.clone(), id: *genesis, index: None };
        match seen.record.begins(&beginning) {
            Some(false) => Err(self.another(
                text!(
                    "账链 {chain} 换了开头: 它的第一条和这台电脑以前看到的不一样",
                    "chain {chain} has another beginning: its first entry is not the one that this machine has seen"
                ),
                &seen,
                seen.record.first_of(chain),
                genesis,
            )),
            known => Ok(known.is_some()),
        }
    }

    /// Stores a checkpoint that was compared with `compared`, unless a larger one is known.
    ///
    /// `false` if another process has stored something else meanwhile, with which it has to be compared first.
    pub fn store(
        &self,
        pinned: &PinnedLog,
        compared: Option<&KnownLog>,
        checkpoint: &Checkpoint,
        note: &str,
    ) -> Result<bool, Error> {
        let head = |known: Option<&KnownLog>| known.map(KnownLog::head);
        let same = |now: Option<&KnownLog>| head(now) == head(compared);
        let next = |now: Option<&KnownLog>| {
            let record = Remembered::after(now.map(|known| &known.record), pinned.file.genesis, checkpoint);
            self.with(now, pinned, record, note)
        };
        // Mostly there is nothing to write.
        let now = self.of_log(&pinned.file.genesis)?;
        if same(now.as_ref()) && Some(next(now.as_ref())) == now {
            return Ok(true);
        }
        let _lock = self.lock()?;
        let now = self.of_log(&pinned.file.genesis)?;
        if !same(now.as_ref()) {
            return Ok(false);
        }
        self.replace(now.as_ref(), &next(now.as_ref())).map(|()| true)
    }

    /// Stores the record that a verdict left of what was remembered.
    ///
    /// What was stored meanwhile keeps its checkpoint, and is compared next time.
    pub fn keep(
        &self,
        pinned: &PinnedLog,
        compared: Option<&Remembered>,
        keep: &Remembered,
        note: &str,
    ) -> Result<(), Error> {
        let head = |record: &Remembered| (record.size, record.root);
        let next = |now: Option<&KnownLog>| match now {
            Some(known) if compared.map(head) != Some(head(&known.record)) => {
                let mut known = known.clone();
                known.record.open_all(keep);
                Some(known)
            }
            // Somebody has removed it.
            None if compared.is_some() => None,
            now => {
                let mut record = keep.clone();
                now.iter().for_each(|known| record.open_all(&known.record));
                Some(self.with(now, pinned, record, note))
            }
        };
        let now = self.of_log(&pinned.file.genesis)?;
        if next(now.as_ref()) == now {
            return Ok(());
        }
        let _lock = self.lock()?;
        let now = self.of_log(&pinned.file.genesis)?;
        next(now.as_ref()).map_or(Ok(()), |new| self.replace(now.as_ref(), &new))
    }

    /// Returns what is to be stored once a checkpoint was compared.
    fn with(&self, now: Option<&KnownLog>, pinned: &PinnedLog, record: Remembered, note: &str) -> KnownLog {
        let grown = now.is_none_or(|known| known.record.size < record.size);
        let known = now.and_then(|known| known.keys.as_ref());
        KnownLog {
            note: now.filter(|_| !grown).map_or_else(|| note.to_owned(), |known| known.note.clone()),
            keys: Some(KnownKeys::after(known, pinned, self.trust.is_some(), grown)),
            record,
        }
    }

    fn replace(&self, now: Option<&KnownLog>, new: &KnownLog) -> Result<(), Error> {
        if now == Some(new) { Ok(()) } else { self.write(new) }
    }

    /// Keeps the first statement of a chain, proved to be in the log that is remembered.
    pub fn opened(&self, chain: &ChainId, genesis: &StatementId) -> Result<(), Error> {
        // Mostly there is nothing to write.
        if self.knows(chain, genesis)? || chain.is_root() {
            return Ok(());
        }
        let _lock = self.lock()?;
        self.knows(chain, genesis)?;
        match self.load()? {
            Some(mut seen) => {
                seen.record.open(&Beginning { chain: chain.clone(), id: *genesis, index: None });
                self.write(&seen)
            }
            None => Ok(()),
        }
    }

    /// Returns what a client without a trust file pins: what the server says, but with the remembered keys of the log.
    ///
    /// From a file that names none, those count that have signed its checkpoint.
    pub fn recalled(&self, said: PinnedLog, seen: &KnownLog) -> Result<PinnedLog, Error> {
        let signers = || KnownKeys::signers_of(seen.note.as_bytes(), &said);
        let keys = seen.keys.clone().unwrap_or_else(signers);
        keys.over(said).ok_or_else(|| self.other_key())
    }

    /// Returns the error of a checkpoint that no remembered key has signed.
    pub fn other_key(&self) -> Error {
        Error::new(ErrorCode::NoteUnsigned)
            .because(text!(
                "签发这本账的钥匙, 不是这台电脑记得的那一把",
                "the log's checkpoint is not signed by a key that this machine remembers of it"
            ))
            .at(self.origin.as_str())
            .remedy(text!(
                "可能是冒充的网站。总账真的换了签发钥匙的, 从镇里取得新的信任文件 (或者用旧的换新的: sanwu trust --since), 加 --trust 再运行",
                "it may be an impostor; if the log has changed its keys, get its new trust file from the township (or renew yours: sanwu trust --since) and run this again with --trust"
            ))
    }

    /// Returns the error of two signed checkpoints that do not fit together. Both are written to a file of their own.
    pub fn contradiction(&self, cause: Text, sizes: [u64; 2], notes: [&str; 2], log_vkeys: &[Vkey]) -> Error {
        let [before, now] = sizes;
        let error = Error::new(ErrorCode::Consistency)
            .because(cause)
            .at(text!("上次看到 {before} 条, 现在 {now} 条", "seen before: {before} entries, now: {now}"));
        match self.write_evidence(sizes, notes, log_vkeys) {
            Ok(Some(path)) => {
                let path = path.display();
                error.detail(text!("两份签发文本存在  {path}", "both signed checkpoints are kept in  {path}"))
            }
            // A machine without a memory has no place for evidence either.
            Ok(None) => error,
            Err(e) => error.detail(Text {
                zh: format!("两份签发文本没有存下来: {}", e.short(crate::text::Lang::Zh)),
                en: format!("the two signed checkpoints could not be kept: {}", e.short(crate::text::Lang::En)),
            }),
        }
    }

    /// Writes two checkpoints down; the same two are written once.
    fn write_evidence(&self, sizes: [u64; 2], notes: [&str; 2], log_vkeys: &[Vkey]) -> Result<Option<PathBuf>, Error> {
        let Some((folder, stem)) = self.path.as_ref().and_then(|p| Some((p.parent()?, p.file_stem()?))) else {
            return Ok(None);
        };
        let ([before, now], [seen, shown]) = (sizes, notes);
        let digest = Hash::digest([seen, shown].join("\n").as_bytes()).to_hex();
        let digest = digest.get(..16).unwrap_or_default();
        let name = format!("{}-{before}-{now}-{digest}.json", stem.to_string_lossy());
        let path = folder.join(EVIDENCE).join(name);
        if path.exists() {
            return Ok(Some(path));
        }
        let document = json!({
            "schema": "sanwu-contradiction-1", "origin": self.origin.as_str(), "how": HOW, "noticed": entropy::now().as_str(),
            "log_vkeys": log_vkeys.iter().map(ToString::to_string).collect::<Vec<_>>(), "seen": seen, "shown": shown,
        });
        let mut bytes =
            serde_json::to_vec_pretty(&document).map_err(|e| Error::new(ErrorCode::Internal).at(e.to_string()))?;
        bytes.push(b'\n');
        files::write(&path, &bytes)?;
        Ok(Some(path))
    }

    fn is_hearsay(&self, seen: &KnownLog) -> bool {
        let hearsay = |trust| is_hearsay(trust, seen.keys.as_ref(), &seen.record, seen.note.as_bytes());
        self.trust.as_ref().is_some_and(hearsay)
    }

    fn read(&self) -> Result<Option<KnownLog>, Error> {
        let Some(path) = self.path.as_ref().filter(|p| p.exists()) else { return Ok(None) };
        let place = path.display().to_string();
        let document: Document = serde_json::from_slice(&files::read(path)?)
            .map_err(|e| Error::new(ErrorCode::JsonSyntax).at(format!("{place}: {e}")))?;
        document.read(&self.origin).map(Some).ok_or_else(|| Error::new(ErrorCode::JsonValue).at(place))
    }

    /// Keeps other processes from the folder's records until it is dropped; none where nothing is remembered.
    fn lock(&self) -> Result<Option<File>, Error> {
        let Some(dir) = self.path.as_deref().and_then(Path::parent) else { return Ok(None) };
        fs::create_dir_all(dir).map_err(|e| files::io_error(dir, &e))?;
        let path = dir.join(".lock");
        let file = File::create(&path).map_err(|e| files::io_error(&path, &e))?;
        match file.lock() {
            Ok(()) => Ok(Some(file)),
            // A file system without locks, or a network one whose lock service is away: as before there were any.
            Err(_) => Ok(None),
        }
    }

    fn another(&self, cause: Text, seen: &KnownLog, known: Option<StatementId>, shown: &StatementId) -> Error {
        let known = known.map(|id| id.to_string()).unwrap_or_default();
        let path = self.place().unwrap_or_default();
        let remedy = if self.trust.is_some() && !seen.keys.as_ref().is_some_and(|keys| keys.trusted) {
            text!(
                "保存证据, 报告上级; 以前的那一本是没有信任文件时记下的: 信任文件确实是镇里给的, 才可以删掉这台电脑记下的 {path}",
                "keep the evidence and report it; the earlier one was remembered without a trust file: if yours is the township's, you may remove {path}"
            )
        } else {
            text!(
                "保存证据, 报告上级; 只有演示账才会重新开立, 那时才可以删掉这台电脑记下的 {path}",
                "keep the evidence and report it; only a test log is ever made again, then remove {path}"
            )
        };
        Error::new(ErrorCode::Consistency)
            .because(cause)
            .at(text!("{}  以前 {known}  现在 {shown}", "{}  before {known}  now {shown}", self.origin))
            .remedy(remedy)
    }

    fn write(&self, seen: &KnownLog) -> Result<(), Error> {
        let Some(path) = &self.path else { return Ok(()) };
        let internal = |e: serde_json::Error| Error::new(ErrorCode::Internal).at(e.to_string());
        let document = Document {
            schema: SCHEMA.into(),
            origin: self.origin.to_string(),
            checkpoint: seen.note.clone(),
            keys: seen.keys.as_ref().map(KeysDocument::of),
            record: serde_json::from_slice(&seen.record.to_bytes()).map_err(internal)?,
        };
        files::write(path, &serde_json::to_vec_pretty(&document).map_err(internal)?)
    }
}

impl KnownLog {
    fn head(&self) -> (Option<StatementId>, u64, Hash) {
        (self.record.genesis, self.record.size, self.record.root)
    }
}

impl Document {
    fn read(self, origin: &Origin) -> Option<KnownLog> {
        if self.schema != SCHEMA || self.origin != origin.as_str() {
            return None;
        }
        let record = Remembered::parse(Value::Object(self.record).to_string().as_bytes()).ok()?;
        Some(KnownLog {
            // A program always knows whose log it is.
            record: Some(record).filter(|record| record.genesis.is_some())?,
            note: self.checkpoint,
            keys: match self.keys {
                Some(keys) => Some(keys.read()?),
                None => None,
            },
        })
    }
}

impl KeysDocument {
    fn of(keys: &KnownKeys) -> Self {
        let retired = keys.retired.iter().map(|(vkey, size)| RetiredDocument { vkey: vkey.to_string(), size: *size });
        Self {
            trusted: keys.trusted,
            log_vkeys: keys.log_vkeys.iter().map(ToString::to_string).collect(),
            retired: retired.collect(),
        }
    }

    fn read(self) -> Option<KnownKeys> {
        let log_vkeys = self.log_vkeys.iter().map(|text| Vkey::parse(text).ok());
        let retired = self.retired.iter().map(|old| Some((Vkey::parse(&old.vkey).ok()?, old.size)));
        Some(KnownKeys {
            trusted: self.trusted,
            log_vkeys: log_vkeys.collect::<Option<_>>()?,
            retired: retired.collect::<Option<_>>()?,
        })
    }
}

fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SANWU_STATE_DIR").filter(|v| !v.is_empty()) {
        return Some(named.into());
    }
    let base = etcetera::choose_base_strategy().ok()?;
    // Windows has no folder for state; what belongs to one machine is under %LOCALAPPDATA%, which is its cache folder.
    Some(base.state_dir().unwrap_or_else(|| base.cache_dir()).join("sanwu"))
}

#[cfg(test)]
mod tests {
    use sanwu_schema::tlog::vkey::{ED25519, SignerKey};
    use sanwu_schema::verify::trust::Trust;

    use super::*;

    const NAME: &str = "a.test/log";

    fn pinned() -> PinnedLog {
        pinned_to([7; 32])
    }

    fn pinned_to(seed: [u8; 32]) -> PinnedLog {
        let vkey = SignerKey::from_seed(NAME, ED25519, seed).unwrap().vkey().to_string();
        let file = json!({
            "format": "sanwu-trust-v1", "origin": NAME, "purpose": "test",
            "genesis": Hash::digest(b"first").to_text(), "root_keys": [], "threshold": 1, "log_vkeys": [vkey],
            "policy": ["quorum none"], "issued_at": "2026-02-01T09:00:00+08:00",
        });
        Trust::parse(file.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_another_process_remembered_in_between_is_compared_first() {
        let dir = std::env::temp_dir().join(format!("sanwu-memory-{}", std::process::id()));
        let (pinned, origin) = (pinned(), Origin::parse(NAME).unwrap());
        let memory = Memory { path: Some(dir.join("log.json")), origin: origin.clone(), trust: Some(pinned.clone()) };
        let at = |size: u64| Checkpoint { origin: origin.clone(), size, root: Hash::digest(&size.to_be_bytes()) };
        assert!(memory.store(&pinned, None, &at(1), "one").unwrap());
        let compared = memory.load().unwrap();
        // Another process, between this one's comparison and its store.
        assert!(memory.store(&pinned, compared.as_ref(), &at(2), "two").unwrap());
        assert!(!memory.store(&pinned, compared.as_ref(), &at(3), "three").unwrap());
        let now = memory.load().unwrap().unwrap();
        assert_eq!((now.record.size, now.note.as_str()), (2, "two"));
        // An older checkpoint, compared, changes nothing.
        assert!(memory.store(&pinned, Some(&now), &at(1), "one").unwrap());
        assert_eq!(memory.load().unwrap(), Some(now.clone()));
        // Nor does an older trust file with an older copy take back the keys; with a newer one it is as it says.
        let older = pinned_to([8; 32]);
        let elsewhere = Memory { path: memory.path.clone(), origin: origin.clone(), trust: Some(older.clone()) };
        assert!(elsewhere.store(&older, Some(&now), &at(1), "one").unwrap());
        assert_eq!(memory.load().unwrap(), Some(now.clone()));
        assert!(elsewhere.store(&older, Some(&now), &at(3), "three").unwrap());
        assert_eq!(memory.load().unwrap().unwrap().keys.unwrap().log_vkeys, older.log_vkeys);
        fs::remove_dir_all(dir).unwrap();
    }
}
