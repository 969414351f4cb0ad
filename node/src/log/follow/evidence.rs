//! Two signed checkpoints that cannot both be true, kept for handing over.
//!
//! The file can be checked with nothing but the log's key: both notes are signed by it; `proof` shows that
//! the larger tree had `root` at the smaller one's size (RFC 6962 consistency); the smaller note says
//! another root. Where both have one size, no proof is needed.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use sanwu_schema::hash::Hash;
use sanwu_schema::log::checkpoint::Origin;
use serde::{Deserialize, Serialize};

use super::step::Signed;

/// Names the format.
pub const FORMAT: &str = "sanwu-fork-v1";

/// The folder in the data directory.
const FOLDER: &str = "evidence";

/// An evidence file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Always [`FORMAT`].
    pub format: String,
    /// The log.
    pub origin: String,
    /// The log's verifier keys, as this node has them pinned.
    pub log_vkeys: Vec<String>,
    /// When this node met it, and where.
    pub found_at: String,
    /// The address that gave the one that does not fit.
    pub found_where: String,
    /// What it means, in Chinese.
    pub meaning: String,
    /// What it means, in English.
    pub meaning_en: String,
    /// The signed checkpoint of the smaller tree.
    pub smaller: String,
    /// The signed checkpoint of the larger tree.
    pub larger: String,
    /// How the two contradict; absent where this node cannot show it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

/// The proof that two checkpoints contradict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The larger tree's root at the smaller one's size, base64.
    pub root: String,
    /// The consistency proof between the two sizes in the larger tree, base64.
    pub proof: Vec<String>,
}

impl Evidence {
    /// Two checkpoints; the larger tree had `root` at the smaller one's size.
    pub(super) fn shown(smaller: &Signed, larger: &Signed, root: Hash, proof: Vec<Hash>) -> Self {
        let proof = proof.iter().map(Hash::to_base64).collect();
        Self { shown: Some(Shown { root: root.to_base64(), proof }), ..Self::bare(smaller, larger) }
    }

    /// Two checkpoints that this node has seen contradict, without what shows it.
    pub(super) fn bare(smaller: &Signed, larger: &Signed) -> Self {
        let text = |signed: &Signed| String::from_utf8_lossy(&signed.note).into_owned();
        Self {
            format: FORMAT.into(),
            origin: String::new(),
            log_vkeys: Vec::new(),
            found_at: String::new(),
            found_where: String::new(),
            meaning: "同一本账的钥匙签发了两份对不上的账: 至少有一份被改过。请把这个文件交给上级。".into(),
            meaning_en: "The log's key has signed two trees that cannot both be: one of them was rewritten. Hand this file over.".into(),
            smaller: text(smaller),
            larger: text(larger),
            shown: None,
        }
    }

    /// Writes the file, durable on return; gives its path within the data directory.
    pub(super) fn keep(
        mut self,
        data: &Path,
        upstream: &str,
        origin: &Origin,
        keys: Vec<String>,
    ) -> io::Result<String> {
        self.origin = origin.as_str().to_owned();
        self.log_vkeys = keys;
        self.found_at = crate::clock::beijing_time(crate::clock::now_ms());
        self.found_where = upstream.to_owned();
        let mut bytes = serde_json::to_vec_pretty(&self)?;
        bytes.push(b'\n');
        let folder = data.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let pair = Hash::digest_parts(&[self.smaller.as_bytes(), self.larger.as_bytes()]).to_hex();
        let name = format!("fork-{}.json", pair.get(..16).unwrap_or_default());
        let new = folder.join(format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, folder.join(&name))?;
        File::open(&folder)?.sync_all()?;
        File::open(data)?.sync_all()?;
        Ok(format!("{FOLDER}/{name}"))
    }
}

/// The evidence that a data directory holds: such a log is not followed any more.
pub(super) fn kept(data: &Path) -> io::Result<Option<String>> {
    let files = match std::fs::read_dir(data.join(FOLDER)) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for file in files {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.starts_with("fork-") && name.ends_with(".json") {
            names.push(format!("{FOLDER}/{name}"));
        }
    }
    names.sort();
    Ok(names.into_iter().next())
}
