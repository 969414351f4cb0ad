//! A key for every office, in encrypted files that `sanwu` opens.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::JoinHandle;

use sanwu_schema::crypto::hash::{Hash, hex_encode};
use sanwu_schema::crypto::key::{KeyId, SecretKey};
use sanwu_schema::crypto::keyfile;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{KeyGrant, PersonName};
use sanwu_schema::record::statement::{ChainId, HolderId, Role};
use sanwu_schema::sample::{OFFICES, Office};
use sanwu_schema::tlog::vkey::Vkey;

use super::Folder;
use super::data::{LateKey, internal, random};
use crate::commands::error::CommandError;
use crate::durable::Access;
use crate::settings::io;

type Result<T> = std::result::Result<T, CommandError>;

/// One key.
pub(super) struct DemoKey {
    seed: [u8; 32],
    /// Drawn per person; with the chain it gives the holder.
    person: [u8; 16],
    pub office: &'static Office,
    /// Absent for a key that is in the genesis of its chain.
    pub late: Option<LateKey>,
}

/// Draws all keys.
pub(super) fn new(late: &[LateKey]) -> Result<Vec<DemoKey>> {
    let mut persons: Vec<(&str, [u8; 16])> = Vec::new();
    let mut keys = Vec::new();
    for office in &OFFICES {
        let person = match persons.iter().find(|(name, _)| *name == office.person) {
            Some((_, drawn)) => *drawn,
            None => {
                let drawn = random()?;
                persons.push((office.person, drawn));
                drawn
            }
        };
        keys.push(DemoKey {
            seed: random()?,
            person,
            office,
            late: late.iter().find(|late| late.key == office.key).cloned(),
        });
    }
    Ok(keys)
}

impl DemoKey {
    pub(super) fn secret(&self) -> SecretKey {
        SecretKey::from_seed(self.seed)
    }

    pub(super) fn keyid(&self) -> KeyId {
        self.secret().public().key_id()
    }

    /// Returns the public key text; its name is the holder's.
    pub(super) fn vkey_text(&self) -> Result<String> {
        let vkey = Vkey::from_public_key(self.office.name, &self.secret().public());
        Ok(vkey.map_err(|e| CommandError::new(e.code(), self.office.name))?.to_string())
    }

    /// Returns the grant of this key in a chain.
    ///
    /// The holder is random per person and chain, so that nobody can tell from two chains that the same person signs in
    /// both.
    pub(super) fn grant(&self, chain: &ChainId) -> Result<KeyGrant> {
        let mixed = Hash::digest_parts(&[&self.person, chain.as_str().as_bytes()]);
        let holder = HolderId::parse(mixed.to_hex().get(..32).unwrap_or_default());
        Ok(self.office.grant(self.secret().public(), holder.ok_or_else(|| internal("holder"))?))
    }

    pub(super) fn role(&self) -> Role {
        self.office.role
    }

    pub(super) fn person_name(&self) -> PersonName {
        self.office.person_name(self.keyid())
    }
}

/// Key files on their way to the disk.
pub(super) struct KeyFiles(Vec<JoinHandle<Result<()>>>);

impl KeyFiles {
    /// Waits for them.
    pub(super) fn finish(self) -> Result<()> {
        for writer in self.0 {
            writer.join().map_err(|_| internal("key file"))??;
        }
        Ok(())
    }
}

/// Writes all key files under one passphrase, on as many threads as there are processors.
pub(super) fn write_files(folder: &Folder, keys: &[DemoKey]) -> Result<KeyFiles> {
    let keys_folder = folder.keys();
    std::fs::create_dir_all(&keys_folder).map_err(|error| io(&keys_folder, error))?;
    let passphrase = hex_encode(&random::<12>()?);
    write(&folder.passphrase(), format!("{passphrase}\n").as_bytes(), Access::Secret)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut shares: Vec<Vec<_>> = (0..threads).map(|_| Vec::new()).collect();
    for (number, key) in keys.iter().enumerate() {
        if let Some(share) = shares.get_mut(number % threads) {
            share.push((key.secret(), keys_folder.join(format!("{}.pem", key.office.key)), key.vkey_text()?));
        }
    }
    let writers = shares.into_iter().map(|share| {
        let passphrase = passphrase.clone();
        std::thread::spawn(move || {
            for (secret, path, vkey) in share {
                let pem = keyfile::encrypt(&secret, &passphrase, random()?, random()?)
                    .map_err(|e| CommandError::new(e.code(), path.display()))?;
                write(&path, pem.as_bytes(), Access::Secret)?;
                let mut beside = path.into_os_string();
                beside.push(".pub");
                write(Path::new(&beside), format!("{vkey}\n").as_bytes(), Access::Public)?;
            }
            Ok(())
        })
    });
    Ok(KeyFiles(writers.collect()))
}

/// Writes a new file.
pub(super) fn write(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    let mode = match access {
        Access::Secret => 0o600,
        Access::Public => 0o644,
    };
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => CommandError::new(ErrorCode::FileExists, path.display()),
        _ => io(path, error).into(),
    })
}
