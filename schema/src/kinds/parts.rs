//! Parts that several bodies share.

use alloc::string::String;

use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::json::{record, shaped_text};

shaped_text! {
    /// A random 128-bit salt: 32 hex digits. It makes that a body's digest tells nothing about a content that one could
    /// guess.
    Salt, |t| t.len() == 32 && t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

record! {
    /// A file that belongs to a body.
    pub struct Attachment {
        /// SHA-256 of what is stored: the file, or 16 random bytes and the file when it may hold personal data.
        digest: Hash,
        /// Length of what is stored, bytes.
        size: u64,
        /// For example `application/pdf`.
        media_type: String,
        name: String,
        /// Whether 16 random bytes precede the file.
        salted: bool,
    }
}

record! {
    /// Name and office of a key's holder.
    pub struct PersonName {
        keyid "钥匙", "Key": KeyId,
        name "姓名", "Name": String,
        office "职务", "Office": String,
    }
}
