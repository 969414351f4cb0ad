//! Two signed checkpoints that cannot both be true, as a file made for handing over.
//!
//! The same layout as a witness's evidence. Two notes of one size need nothing more. Of two sizes, the file
//! also has the root that the larger tree had at the smaller size, with the consistency proof from there
//! (RFC 6962): so the larger note itself says another root than the smaller one, and neither this node nor
//! its upstream has to be trusted.

use std::fs::File;
use std::io;
use std::path::Path;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::Vkey;

use super::signed::Signed;
use crate::durable::{self, Access};

/// The folder in the data directory.
const FOLDER: &str = "evidence";

/// Two checkpoints that contradict each other.
pub(super) struct Evidence<'a> {
    /// Of the smaller tree.
    smaller: &'a Signed,
    /// Of the larger tree, or of one of the same size.
    larger: &'a Signed,
    /// The larger tree's root at the smaller size, and the consistency proof from there.
    shown: Option<(Hash, Vec<Hash>)>,
}

impl<'a> Evidence<'a> {
    /// Returns the evidence of two checkpoints, with what shows that they contradict.
    pub(super) fn shown(smaller: &'a Signed, larger: &'a Signed, root: Hash, proof: Vec<Hash>) -> Self {
        Self { smaller, larger, shown: Some((root, proof)) }
    }

    /// Returns the evidence of two checkpoints that this node has seen contradict, while what would show it is not here.
    pub(super) fn bare(smaller: &'a Signed, larger: &'a Signed) -> Self {
        Self { smaller, larger, shown: None }
    }

    /// Writes the file, durable on return; gives its path within the data directory.
    pub(super) fn keep(&self, data: &Path, upstream: &str, origin: &Origin, keys: &[Vkey]) -> io::Result<String> {
        let folder = data.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let log = Hash::digest(origin.as_str().as_bytes()).to_hex();
        let (small, large) = (self.smaller.checkpoint.size, self.larger.checkpoint.size);
        let sizes = if small == large { small.to_string() } else { format!("{small}-{large}") };
        let name = format!("{log}-{sizes}.txt");
        durable::replace(&folder.join(&name), self.text(upstream, origin, keys).as_bytes(), Access::Public)?;
        File::open(data)?.sync_all()?;
        Ok(format!("{FOLDER}/{name}"))
    }

    /// What happened in plain words, then what is needed to check it again.
    fn text(&self, upstream: &str, origin: &Origin, keys: &[Vkey]) -> String {
        let (small, large) = (self.smaller.checkpoint.size, self.larger.checkpoint.size);
        let time = crate::clock::beijing_time(crate::clock::now_ms());
        let keys: String = keys.iter().map(|key| format!("{key}\n")).collect();
        let note = |signed: &Signed| String::from_utf8_lossy(&signed.note).into_owned();
        let mut text = format!(
            "证据: 一本账给出了两个互相矛盾的版本\n\
             Evidence: one log has signed two trees that contradict each other\n\
             \n\
             账的名称 · log        {origin}\n\
             条数 · sizes          {small}, {large}\n\
             副本跟的网址 · from   {upstream}\n\
             发现时间 · found      {time}\n\
             \n\
             同一本账签发了两份总账文本, 两份都有这本账自己的签名, 但它们的前 {small} 条不一样。\n\
             诚实的账不会这样: 有人改了已经公布的账, 或者给不同的人看了不同的账。从发现时起, 这个副本不再跟这本账。\n\
             请保留本文件, 交给乡镇纪委和办账单位的上级。\n\
             The same log has signed two notes, both with its own signature, whose first {small} entries differ.\n\
             An honest log never does that: what was published was changed, or different people were shown different\n\
             ledgers. Since then this replica no longer follows the log. Keep this file; hand it to\n\
             the township's discipline inspection office and to the authority above the log's operator.\n\
             \n\
             怎么核对: 下面两份文本各有这本账的签名; 用列出的公钥, 任何支持 C2SP signed-note 的程序都能核对。\n\
             条数相同时, 第三行不同就是证据。条数不同时, 最后一段的第一行是第二份自己的账在 {small} 条时的根, 以下各行\n\
             证明它 (RFC 6962 consistency); 它和第一份的第三行不同, 就是证据。\n\
             To check: each note below is signed by the log; any C2SP signed-note program verifies it with the keys\n\
             listed. At equal sizes, different third lines are the proof. At different sizes, the last part's first\n\
             line is the root that the second note's own tree had at size {small}, proved by the lines after it (RFC\n\
             6962 consistency proof); that it is not the first note's third line is the proof.\n\
             \n\
             ===== 账的公钥 · keys of the log =====\n\
             {keys}\
             ===== 第一份 · first note =====\n\
             {}\
             ===== 第二份 · second note =====\n\
             {}",
            note(self.smaller),
            note(self.larger)
        );
        if let Some((root, proof)) = self.shown.as_ref().filter(|_| small != large) {
            text.push_str("===== 第二份的账在较小条数时的根和证明 · the second tree's root at the smaller size, and its proof =====\n");
            [root].into_iter().chain(proof).for_each(|hash| text.push_str(&format!("{}\n", hash.to_base64())));
        }
        text.push_str("===== 完 · end =====\n");
        text
    }
}

/// Returns the evidence that a data directory holds: such a log is not followed any more.
pub(super) fn kept(data: &Path) -> io::Result<Option<String>> {
    let files = match std::fs::read_dir(data.join(FOLDER)) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for file in files {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".txt") {
            names.push(format!("{FOLDER}/{name}"));
        }
    }
    names.sort();
    Ok(names.into_iter().next())
}
