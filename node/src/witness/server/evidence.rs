//! Evidence of a fork (equivocation): two notes of one log, of one size, both signed by it, with different roots.
//!
//! Nothing else proves equivocation by itself: a consistency proof that does not verify may be anybody's mistake.

use std::collections::BTreeMap;
use std::path::Path;

use sanwu_schema::tlog::vkey::Vkey;

use super::folder::is_log_hash;
use crate::clock::beijing_time;
use crate::durable::{Access, NotReplaced, replace};

/// A file's name in its two parts: the log's hash and the size.
fn split_name(name: &str) -> Option<(&str, u64)> {
    let (log, size) = name.strip_suffix(".txt")?.split_once('-')?;
    let number: u64 = size.parse().ok()?;
    (is_log_hash(log) && number.to_string() == size).then_some((log, number))
}

/// Returns whether a name is an evidence file's: nothing else of the folder is ever read.
pub(super) fn is_name(name: &str) -> bool {
    split_name(name).is_some()
}

/// Returns the evidence files by log.
pub(super) fn read_names(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<String>>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some((log, _)) = split_name(&name) {
            names.entry(log.to_owned()).or_default().push(name);
        }
    }
    names.values_mut().for_each(|files| files.sort());
    Ok(names)
}

/// Two notes that contradict each other, and what a reader has to know about them.
pub(super) struct ForkEvidence<'a> {
    pub(super) witness: &'a str,
    pub(super) origin: &'a str,
    /// The size that both name.
    pub(super) size: u64,
    /// The log's keys, as listed.
    pub(super) keys: &'a [Vkey],
    /// The note that was cosigned.
    pub(super) first: &'a str,
    /// The note that came now: text and verified signatures.
    pub(super) second: &'a str,
    /// When it came, seconds since 1970.
    pub(super) time: u64,
}

impl ForkEvidence<'_> {
    /// Writes the file, durably, and gives its name.
    pub(super) fn write(&self, folder: &Path, log: &str) -> Result<String, NotReplaced> {
        let name = format!("{log}-{}.txt", self.size);
        replace(&folder.join(&name), self.text().as_bytes(), Access::Public)?;
        Ok(name)
    }

    /// Made for handing over: what happened in plain words, then what is needed to check it again.
    fn text(&self) -> String {
        let Self { witness, origin, size, first, second, .. } = self;
        let time = beijing_time(self.time.saturating_mul(1_000));
        let keys: String = self.keys.iter().map(|key| format!("{key}\n")).collect();
        format!(
            "证据: 一本账给出了两个互相矛盾的版本\n\
             Evidence: one log has signed two trees that contradict each other\n\
             \n\
             账的名称 · log        {origin}\n\
             条数 · size           {size}\n\
             见证人 · witness      {witness}\n\
             发现时间 · found      {time}\n\
             \n\
             同一本账, 同样是 {size} 条, 却签发了两份内容不同的总账文本, 两份都有这本账自己的签名。\n\
             诚实的账不会这样: 有人给不同的人看了不同的账。从发现时起, 这个见证人不再为这本账作证。\n\
             请保留本文件, 交给乡镇纪委和办账单位的上级。\n\
             The same log, at the same size, has signed two different roots; both notes carry its own signature.\n\
             An honest log never does that: different people were shown different ledgers. Since then this witness\n\
             no longer cosigns the log. Keep this file and hand it over.\n\
             \n\
             怎么核对: 下面两份文本各有这本账的签名; 用列出的公钥, 任何支持 C2SP signed-note 的程序都能核对。\n\
             两份的第一行 (名称) 和第二行 (条数) 相同, 第三行不同, 就是证据。\n\
             To check: each note below is signed by the log; any C2SP signed-note program verifies it with the keys\n\
             listed. Equal first lines (origin) and second lines (size) with different third lines are the proof.\n\
             \n\
             ===== 账的公钥 · keys of the log =====\n\
             {keys}\n\
             ===== 第一份, 见证过的 · first note, cosigned before =====\n\
             {first}\n\
             ===== 第二份 · second note =====\n\
             {second}\n\
             ===== 完 · end =====\n"
        )
    }
}
