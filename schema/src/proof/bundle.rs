//! The proof bundle, which is also the receipt: one JSON with all that an offline check needs.

use alloc::string::String;
use alloc::vec::Vec;

use crate::catalogue::{Catalogue, Profile};
use crate::crypto::hash::Hash;
use crate::error_code::ErrorCode;
use crate::json::{Bytes, from_json, record};
use crate::record::entry::Invalid;
use crate::tlog::checkpoint::Origin;
use crate::validity::ring::Ring;

/// Names the format.
pub const FORMAT: &str = "sanwu-bundle-v1";
/// Largest bundle: body 1.2 MB and entries in base64, and room for the grants of 16 signers.
pub const BUNDLE_BYTES_MAX: usize = 4 << 20;

record! {
    /// Another entry of the log, proved to be in it.
    pub struct Proved {
        index: u64,
        entry: Bytes,
        /// Its body, where it tells names.
        body [opt]: Bytes,
        /// Inclusion proof to the bundle's checkpoint.
        inclusion: Vec<Hash>,
    }
}

record! {
    /// Consistency with what a client remembers.
    pub struct Since {
        /// The size it remembers.
        size: u64,
        /// Consistency proof from there to the bundle's checkpoint.
        proof: Vec<Hash>,
    }
}

record! {
    /// A proof bundle.
    pub struct Bundle {
        format: String,
        origin: Origin,
        index: u64,
        entry: Bytes,
        /// The body's bytes; absent when erased.
        body [opt]: Bytes,
        /// The ring whose digest the statement carries.
        ring: Ring,
        /// The catalogue that the ring names.
        catalogue [opt]: Catalogue,
        /// The profile that the ring names.
        profile [opt]: Profile,
        /// Inclusion proof to the checkpoint.
        inclusion: Vec<Hash>,
        /// The entries that granted the signers' keys, and the chain's genesis.
        grants: Vec<Proved>,
        /// Consistency proof from the statement's `seen` to the checkpoint.
        seen: Vec<Hash>,
        /// The entry that corrects this one.
        correction [opt]: Proved,
        /// The entry that erased the body.
        erasure [opt]: Proved,
        /// Consistency with what the client remembers.
        since [opt]: Since,
        /// The signed checkpoint to which all proofs lead, with its cosignatures.
        checkpoint: Bytes,
    }
}

impl Bundle {
    /// Parses a bundle.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(Invalid::new(ErrorCode::Length, "bundle"));
        }
        let bundle: Self = from_json(bytes)?;
        if bundle.format != FORMAT {
            return Err(Invalid::new(ErrorCode::JsonValue, "format"));
        }
        Ok(bundle)
    }
}
