//! The ring: which keys may sign in a chain, in which roles. Every statement carries its digest.

use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::crypto::key::KeyId;
use crate::json::{record, to_canonical};
use crate::record::statement::{HolderId, Role, Scope, StatementId};

record! {
    /// A key in force. Its bytes are in the grant; the keyid is their digest.
    pub struct RingKey {
        keyid: KeyId,
        /// Sorted.
        roles: Vec<Role>,
        scope [opt]: Scope,
        holder: HolderId,
        /// The statement that granted it.
        grant: StatementId,
    }
}

record! {
    /// A chain's ring before an entry.
    pub struct Ring {
        /// Digest of the catalogue in force.
        catalogue [opt]: Hash,
        /// Digest of the profile in force.
        profile [opt]: Hash,
        /// In `root`: how many root keys must sign.
        threshold [opt]: u64,
        /// Sorted by keyid.
        keys: Vec<RingKey>,
    }
}

impl Ring {
    /// Returns the ring before a log's first entry.
    pub const fn empty() -> Self {
        Self { catalogue: None, profile: None, threshold: None, keys: Vec::new() }
    }

    /// Returns the SHA-256 of the canonical JSON.
    pub fn digest(&self) -> Hash {
        Hash::digest(&to_canonical(self))
    }

    /// Returns the key of that id.
    pub fn key(&self, keyid: &KeyId) -> Option<&RingKey> {
        self.keys.iter().find(|k| k.keyid == *keyid)
    }

    /// Adds a key at its place.
    pub fn insert(&mut self, key: RingKey) {
        let at = self.keys.partition_point(|k| k.keyid < key.keyid);
        self.keys.insert(at, key);
    }

    /// Returns how many different persons hold a role.
    pub fn holders(&self, role: Role) -> usize {
        let mut holders: Vec<&HolderId> =
            self.keys.iter().filter(|k| k.roles.contains(&role)).map(|k| &k.holder).collect();
        holders.sort_unstable();
        holders.dedup();
        holders.len()
    }
}
