//! The JSON forms of the small types: digests, key ids, byte strings, texts of a fixed shape.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Canon, JsonError, Value, write_str};
use crate::crypto::hash::{Hash, b64_decode, b64_encode};
use crate::crypto::key::{KeyId, PublicKey};
use crate::error_code::ErrorCode;
use crate::tlog::checkpoint::Origin;

fn bad_value() -> JsonError {
    JsonError::new(ErrorCode::JsonValue, "")
}

impl Canon for Hash {
    fn read(value: &Value) -> Result<Self, JsonError> {
        Hash::from_text(&String::read(value)?).ok_or_else(bad_value)
    }
    fn write(&self, out: &mut String) {
        write_str(&self.to_text(), out);
    }
}

impl Canon for KeyId {
    fn read(value: &Value) -> Result<Self, JsonError> {
        KeyId::from_hex(&String::read(value)?).ok_or_else(bad_value)
    }
    fn write(&self, out: &mut String) {
        write_str(&self.to_hex(), out);
    }
}

impl Canon for PublicKey {
    fn read(value: &Value) -> Result<Self, JsonError> {
        let bytes = Bytes::read(value)?;
        PublicKey::from_bytes(&bytes.0).map_err(|e| JsonError::new(e.code(), ""))
    }
    fn write(&self, out: &mut String) {
        write_str(&b64_encode(self.as_bytes()), out);
    }
}

impl Canon for Origin {
    fn read(value: &Value) -> Result<Self, JsonError> {
        Origin::parse(&String::read(value)?).map_err(|e| JsonError::new(e.code(), ""))
    }
    fn write(&self, out: &mut String) {
        write_str(self.as_str(), out);
    }
}

/// A byte string: standard base64 with padding.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl Canon for Bytes {
    fn read(value: &Value) -> Result<Self, JsonError> {
        b64_decode(&String::read(value)?).map(Bytes).ok_or_else(|| JsonError::new(ErrorCode::Base64, ""))
    }
    fn write(&self, out: &mut String) {
        write_str(&b64_encode(&self.0), out);
    }
}

/// Declares a text newtype whose `parse` decides which texts are allowed.
macro_rules! shaped_text {
    ($(#[$meta:meta])* $name:ident, $check:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(alloc::string::String);

        impl $name {
            /// Returns the text, when it has the shape.
            pub fn parse(text: &str) -> Option<Self> {
                let check: fn(&str) -> bool = $check;
                check(text).then(|| Self(alloc::string::String::from(text)))
            }
            /// Returns the text.
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { f.write_str(&self.0) }
        }

        impl $crate::json::Canon for $name {
            fn read(value: &$crate::json::Value) -> Result<Self, $crate::json::JsonError> {
                let text = <alloc::string::String as $crate::json::Canon>::read(value)?;
                Self::parse(&text).ok_or_else(|| $crate::json::JsonError::new($crate::error_code::ErrorCode::JsonValue, ""))
            }
            fn write(&self, out: &mut alloc::string::String) { $crate::json::write_str(&self.0, out); }
        }
    };
}
pub(crate) use shaped_text;
