//! A witness's directory and its files.

use std::io;
use std::path::{Path, PathBuf};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::vkey::{ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, SignerKey};

use super::error::WitnessError;
use crate::durable::Access;
use crate::settings::{self, Data, DataError, Lock};

/// The list of logs as `init` writes it.
const LIST_TEMPLATE: &str = "\
# 这个见证人看着哪些账。改过以后马上生效, 不用重新启动。
# Which logs this witness follows. A change takes effect at once, without a restart.
#
# 每本账写这样几行 (前面不要 #); vkey 是账的公钥, 可以有几个 (换钥匙的时候, 一本账写两段)。
# For each log these lines without the #; one more block with the same origin where a log has another key.
#
#   vkey sanwu.example.gov.cn/379999100+9cac7f18+Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY
#   origin none          账的名称; none 就是公钥里的名字 · the log's name; none: the name in the key
#   qpd 86400            一天最多见证多少次 · how many cosignatures a day
#   contact …            怎么联系办账的人 · how to reach the operator of the log
logs/v0
";

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFile {
    /// Type 0x04: every witness has it.
    Ed25519,
    /// Type 0x06: if the file is there.
    MlDsa,
}

impl KeyFile {
    const ALL: [Self; 2] = [Self::Ed25519, Self::MlDsa];

    fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "witness.key",
            Self::MlDsa => "witness-mldsa.key",
        }
    }

    /// Returns the note signature type of the key in the file.
    pub(crate) fn algorithm(self) -> u8 {
        match self {
            Self::Ed25519 => ED25519_COSIGNATURE,
            Self::MlDsa => MLDSA44_COSIGNATURE,
        }
    }
}

/// The directory, not opened.
#[derive(Clone, Debug)]
pub(crate) struct WitnessFolder {
    path: PathBuf,
}

impl WitnessFolder {
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// Returns the list of logs.
    pub(crate) fn list(&self) -> PathBuf {
        self.path.join("logs.txt")
    }

    /// Returns the folder with a folder per log.
    pub(super) fn states(&self) -> PathBuf {
        self.path.join("state")
    }

    /// Returns the folder of the log with this hash.
    pub(super) fn state(&self, log: &str) -> PathBuf {
        self.states().join(log)
    }

    /// Returns the folder of evidence files.
    pub(super) fn evidence(&self) -> PathBuf {
        self.path.join("evidence")
    }

    /// Takes the directory for this process.
    pub(crate) fn lock(&self) -> Result<Lock, DataError> {
        Data::at(&self.path).lock()
    }

    /// Writes a new witness's keys and an empty list into an empty directory.
    pub(crate) fn init(&self, keys: &[(KeyFile, SignerKey)]) -> Result<(), DataError> {
        let data = Data::at(&self.path);
        for folder in [self.states(), self.evidence()] {
            std::fs::create_dir(&folder).map_err(|error| settings::io(&folder, error))?;
        }
        for (file, key) in keys {
            let text = format!("{}\n", key.to_text());
            data.write_new(&self.path.join(file.name()), text.as_bytes(), Access::Secret)?;
        }
        data.write_new(&self.list(), LIST_TEMPLATE.as_bytes(), Access::Public)
    }

    /// Returns the keys: Ed25519 first, then ML-DSA-44 if there is one.
    pub(crate) fn signers(&self) -> Result<Vec<SignerKey>, WitnessError> {
        let mut signers: Vec<SignerKey> = Vec::new();
        for file in KeyFile::ALL {
            let path = self.path.join(file.name());
            let text = match std::fs::read_to_string(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && file != KeyFile::Ed25519 => continue,
                read => read.map_err(|error| settings::io(&path, error))?,
            };
            let content = |detail: String| DataError::Content { path: path.display().to_string(), detail };
            let signer = SignerKey::parse(text.trim_end()).map_err(|error| content(error.to_string()))?;
            if signer.vkey().algorithm() != file.algorithm() {
                return Err(content(format!("the key is not of type {:#04x}", file.algorithm())).into());
            }
            if signers.first().is_some_and(|first| first.vkey().name() != signer.vkey().name()) {
                return Err(content("the key has another name than witness.key".into()).into());
            }
            signers.push(signer);
        }
        Ok(signers)
    }
}

/// Returns the name of a log in paths: lower-case hex SHA-256 of its origin.
pub(super) fn log_hash(origin: &str) -> String {
    Hash::digest(origin.as_bytes()).to_hex()
}

/// Returns whether a word is the name of some log in paths.
pub(super) fn is_log_hash(word: &str) -> bool {
    Hash::from_hex(word).is_some()
}
