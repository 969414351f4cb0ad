//! Secret keys in files: PKCS#8, encrypted with PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), in PEM.
//!
//! `openssl pkey -in FILE` reads what is written here, and a key that openssl wrote with its own
//! defaults is read here. Salt and IV come from the caller: nothing here draws random numbers.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use pkcs8::der::zeroize::{Zeroize, Zeroizing};
use pkcs8::pkcs5::{EncryptionScheme, pbes2};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use thiserror::Error;

use super::key::SecretKey;
use crate::error_code::ErrorCode;

/// The rounds that are written: OWASP's figure for PBKDF2-HMAC-SHA256; about half a second on a
/// clerk's PC.
pub const ROUNDS: u32 = 600_000;
/// The most rounds that are read, so that a hostile file costs seconds and not days.
pub const ROUNDS_MAX: u32 = 10_000_000;
/// The longest file that is read; a file with a key in it has less than 500 bytes.
pub const FILE_BYTES_MAX: usize = 16_384;

const LABEL: &str = "ENCRYPTED PRIVATE KEY";
const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The DER of an Ed25519 PrivateKeyInfo, version 1, up to its 32-byte seed.
const ED25519_DER: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Why a key file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// Not an encrypted key file at all, or a damaged one.
    #[error("not an encrypted key file")]
    Broken,
    /// Encrypted by another method than PBKDF2 and AES-256-CBC.
    #[error("the key file is encrypted by another method")]
    Method,
    /// More rounds than are ever needed.
    #[error("the key file asks for too many rounds")]
    Rounds,
    /// The passphrase does not open the file. A file damaged inside its encrypted part looks the same.
    #[error("wrong passphrase")]
    Passphrase,
    /// The file opens, but the key in it is not an Ed25519 key.
    #[error("the key is of another kind")]
    OtherKey,
    /// The library refused to encrypt.
    #[error("the key could not be encrypted")]
    Encrypt,
}

impl KeyFileError {
    /// Returns the stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Passphrase => ErrorCode::Passphrase,
            Self::Broken | Self::Method | Self::Rounds | Self::OtherKey | Self::Encrypt => ErrorCode::KeyFile,
        }
    }
}

/// Writes a key file. `salt` and `iv` have to be random and new for each file.
pub fn encrypt(key: &SecretKey, passphrase: &str, salt: [u8; 16], iv: [u8; 16]) -> Result<String, KeyFileError> {
    encrypt_with_rounds(key, passphrase, salt, iv, ROUNDS)
}

fn encrypt_with_rounds(
    key: &SecretKey,
    passphrase: &str,
    salt: [u8; 16],
    iv: [u8; 16],
    rounds: u32,
) -> Result<String, KeyFileError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(48));
    let mut seed = key.seed();
    plain.extend_from_slice(&ED25519_DER);
    plain.extend_from_slice(&seed);
    seed.zeroize();
    let parameters =
        pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(rounds, &salt, iv).map_err(|_| KeyFileError::Encrypt)?;
    let encrypted = parameters.encrypt(passphrase, &plain).map_err(|_| KeyFileError::Encrypt)?;
    let encrypted_data = pkcs8::der::asn1::OctetStringRef::new(&encrypted).map_err(|_| KeyFileError::Encrypt)?;
    let file = EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data };
    let document = SecretDocument::encode_msg(&file).map_err(|_| KeyFileError::Encrypt)?;
    Ok(document.to_pem(LABEL, LineEnding::LF).map_err(|_| KeyFileError::Encrypt)?.to_string())
}

/// Opens a key file.
pub fn decrypt(pem: &str, passphrase: &str) -> Result<SecretKey, KeyFileError> {
    if pem.len() > FILE_BYTES_MAX {
        return Err(KeyFileError::Broken);
    }
    let (label, document) = SecretDocument::from_pem(pem.trim()).map_err(|_| KeyFileError::Broken)?;
    if label != LABEL {
        return Err(KeyFileError::Broken);
    }
    let file: EncryptedPrivateKeyInfoRef<'_> = document.decode_msg().map_err(|_| KeyFileError::Broken)?;
    let EncryptionScheme::Pbes2(parameters) = &file.encryption_algorithm else {
        return Err(KeyFileError::Method);
    };
    let (Some(pbkdf2), pbes2::EncryptionScheme::Aes256Cbc { .. }) = (parameters.kdf.pbkdf2(), parameters.encryption)
    else {
        return Err(KeyFileError::Method);
    };
    if pbkdf2.prf != pbes2::Pbkdf2Prf::HmacWithSha256 {
        return Err(KeyFileError::Method);
    }
    if pbkdf2.iteration_count > ROUNDS_MAX {
        return Err(KeyFileError::Rounds);
    }
    let encrypted = file.encrypted_data.as_bytes();
    if encrypted.is_empty() || !encrypted.len().is_multiple_of(16) {
        return Err(KeyFileError::Broken);
    }
    let plain = parameters.decrypt(passphrase, encrypted).map_err(|_| KeyFileError::Passphrase)?;
    let plain = Zeroizing::new(plain);
    // One wrong passphrase in 256 leaves a valid padding; what it leaves is no PrivateKeyInfo.
    let inner = PrivateKeyInfoRef::try_from(plain.as_slice()).map_err(|_| KeyFileError::Passphrase)?;
    if inner.algorithm.oid != ED25519_OID {
        return Err(KeyFileError::OtherKey);
    }
    match inner.private_key.as_bytes() {
        [0x04, 0x20, seed @ ..] => {
            let mut seed: [u8; 32] = seed.try_into().map_err(|_| KeyFileError::OtherKey)?;
            let key = SecretKey::from_seed(seed);
            seed.zeroize();
            Ok(key)
        }
        _ => Err(KeyFileError::OtherKey),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_wrote_and_tells_what_is_wrong() {
        let key = SecretKey::from_seed([7; 32]);
        let pem = encrypt_with_rounds(&key, "口令", [1; 16], [2; 16], 10).unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert_eq!(decrypt(&pem, "口令").unwrap().public(), key.public());
        for wrong in 0..600 {
            let error = decrypt(&pem, &alloc::format!("{wrong}")).unwrap_err();
            assert_eq!(error, KeyFileError::Passphrase);
        }
        assert_eq!(decrypt("", "x").unwrap_err(), KeyFileError::Broken);
        assert_eq!(decrypt(&pem.replace("ENCRYPTED ", ""), "x").unwrap_err(), KeyFileError::Broken);
    }

    #[test]
    fn refuses_a_file_that_would_hang_it() {
        let key = SecretKey::from_seed([7; 32]);
        let pem = encrypt_with_rounds(&key, "p", [1; 16], [2; 16], 10).unwrap();
        let (_, document) = SecretDocument::from_pem(&pem).unwrap();
        let file: EncryptedPrivateKeyInfoRef<'_> = document.decode_msg().unwrap();
        let parameters =
            pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS_MAX + 1, &[1; 16], [2; 16]).unwrap();
        let file = EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), ..file };
        let pem = SecretDocument::encode_msg(&file).unwrap().to_pem(LABEL, LineEnding::LF).unwrap().to_string();
        assert_eq!(decrypt(&pem, "p").unwrap_err(), KeyFileError::Rounds);
    }

    /// A throw-away key, by `openssl genpkey -algorithm ed25519` and `openssl pkcs8 -topk8` 3.0.19.
    const OPENSSL: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhWJp1oYZ0MdAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEN2uhh5FyFDGkAKiYN/+J9sEQBRw
0mUvcmNalrc1gKzsbbSaXxuzmACwr4EGJ1QDEnnjsVB+WjRUMANbu4hlBWLmaFcx
6Dd8/jQeExQosXy31b4=
-----END ENCRYPTED PRIVATE KEY-----
";

    #[test]
    fn opens_a_file_of_openssl() {
        let key = decrypt(OPENSSL, "sanwu test").unwrap();
        let public = "fc2dc006b10866efc308ffc285d7929623c446d01a24341cea2155c93f0dbedc";
        assert_eq!(crate::crypto::hash::hex_encode(key.public().raw()), public);
    }
}
