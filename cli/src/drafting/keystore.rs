//! Key files: an encrypted PKCS#8 file that only its owner may read, and beside it the public key text.
//!
//! ```text
//! 会计.pem        -----BEGIN ENCRYPTED PRIVATE KEY-----
//! 会计.pem.pub    张三+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
//! ```

use std::path::{Path, PathBuf};

use sanwu_schema::crypto::key::SecretKey;
use sanwu_schema::crypto::keyfile;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::vkey::{Vkey, valid_name};

use crate::entropy;
use crate::error::Error;
use crate::files;
use crate::text::text;
use crate::ui::Ui;

/// Shortest passphrase that is taken for a new key.
pub const PASSPHRASE_CHARS_MIN: usize = 8;

/// Returns the file that holds the public key text of a key file.
pub fn public_path(path: &Path) -> PathBuf {
    files::beside(path, ".pub")
}

/// Makes a key, and writes both files.
pub fn create(ui: &Ui, path: &Path, name: &str, passphrase_file: Option<&Path>) -> Result<Vkey, Error> {
    if !valid_name(name) {
        return Err(Error::new(ErrorCode::Vkey)
            .because(text!("名字里不能有空格和加号", "the name must have no white space and no plus sign"))
            .at(name)
            .remedy(text!("改用别的写法, 例如 柳溪村-会计", "write it another way, such as liuxi-accountant")));
    }
    let public = public_path(path);
    for taken in [path, &public] {
        if taken.exists() {
            return Err(Error::new(ErrorCode::FileExists).at(taken.display().to_string()));
        }
    }
    let passphrase = new_passphrase(ui, passphrase_file)?;
    let secret = SecretKey::from_seed(entropy::bytes()?);
    let vkey = Vkey::from_public_key(name, &secret.public()).map_err(|e| Error::new(e.code()).at(name))?;
    let pem = keyfile::encrypt(&secret, &passphrase, entropy::bytes()?, entropy::bytes()?)
        .map_err(|e| Error::new(e.code()).at(path.display().to_string()))?;
    files::write_secret(path, pem.as_bytes())?;
    files::write(&public, format!("{vkey}\n").as_bytes())?;
    Ok(vkey)
}

/// Opens a key file.
pub fn open(ui: &Ui, path: &Path, passphrase_file: Option<&Path>) -> Result<SecretKey, Error> {
    let place = path.display().to_string();
    let pem = files::read_text(path)?;
    let passphrase = match passphrase_file {
        Some(file) => from_file(file)?,
        None => ui.passphrase(&text!("{place} 的口令: ", "passphrase of {place}: "))?,
    };
    keyfile::decrypt(&pem, &passphrase).map_err(|e| Error::new(e.code()).at(place))
}

/// Returns the public key text beside a key file.
pub fn public(path: &Path) -> Result<Vkey, Error> {
    vkey(files::read_text(&public_path(path))?.trim())
}

/// Reads a public key: the text itself, or a file that holds it.
pub fn vkey_or_file(given: &str) -> Result<Vkey, Error> {
    if let Ok(vkey) = Vkey::parse(given.trim()) {
        return Ok(vkey);
    }
    let path = Path::new(given);
    // A key file itself may be named instead of its public half.
    let beside = public_path(path);
    let file = if beside.exists() { beside } else { path.to_path_buf() };
    // Every key text has a plus sign; what has none was meant as a file.
    if !file.exists() && given.contains('+') {
        return vkey(given.trim());
    }
    vkey(files::read_text(&file)?.trim())
}

fn vkey(text: &str) -> Result<Vkey, Error> {
    Vkey::parse(text).map_err(|e| Error::new(e.code()).at(text))
}

fn new_passphrase(ui: &Ui, file: Option<&Path>) -> Result<String, Error> {
    let passphrase = match file {
        Some(file) => from_file(file)?,
        None => {
            let first = ui.passphrase(&text!("给钥匙设一个口令: ", "a passphrase for the key: "))?;
            let second = ui.passphrase(&text!("再输入一次: ", "once more: "))?;
            if first != second {
                return Err(Error::new(ErrorCode::Passphrase)
                    .because(text!("两次输入的口令不一样", "the two passphrases differ")));
            }
            first
        }
    };
    if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(Error::new(ErrorCode::Passphrase)
            .because(text!("口令太短", "the passphrase is too short"))
            .remedy(text!("至少 {} 个字", "use at least {} characters", PASSPHRASE_CHARS_MIN)));
    }
    Ok(passphrase)
}

/// The first line of a file, without its end.
fn from_file(file: &Path) -> Result<String, Error> {
    let text = files::read_text(file)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
