//! How records lie in RocksDB: one column family per [`Family`].
//!
//! | family | key | value |
//! |---|---|---|
//! | `meta` | `format` | version byte 0x01; with a second byte 0x01 if the log takes raw leaves |
//! | | `head` | size (8) ‖ root (32) ‖ signed note |
//! | | `indexed` | the index's cursor (8); only while it is behind the head |
//! | `entry` | index (8) | envelope, as it was posted |
//! | `statement` | statement id (32) | record, canonical JSON |
//! | `chain` | chain id | head record, canonical JSON |
//! | `facts` | chain id ‖ 0x00 ‖ seq (8) | facts record, canonical JSON; only where the facts changed |
//! | `chain_entry` | chain id ‖ 0x00 ‖ seq (8) | index (8) |
//! | `slot` | slot text | statement id (32) |
//! | `grant` | chain id ‖ 0x00 ‖ keyid (32) | empty |
//! | `corrected` | statement id (32) | id of the correcting statement (32) |
//! | `edge` | tile level (1) ‖ index (8) | hash (32) |
//! | `tile` | tile level (1) ‖ tile index (8) | 256 hashes (8,192) |
//! | `blob` | SHA-256 (32) | the bytes, nothing added |
//! | `checkpoint` | size (8) | published, ms since 1970 (8) ‖ signed note |
//!
//! Numbers are big endian, so that RocksDB's order is ours. A chain id holds no 0x00.
//!
//! A hash is in `edge` until its tile is full; then the tile's 256 hashes move to `tile` in the
//! same commit. So a full tile is one read, and an append writes 32 bytes, not a tile.
//!
//! Every value but a blob ends in an 8-byte seal, the start of SHA-256 over family, key and value: a
//! flipped byte, a record under a foreign key or in a foreign family is seen when it is read, also
//! when it went in through RocksDB itself. A blob's key is its digest.

use sanwu_schema::crypto::hash::Hash;

use crate::storage::{AppendPolicy, Error, Family, Head, Position, Published, TILE_WIDTH};

/// The format version written by this program, and the only one it reads.
const FORMAT_VERSION: u8 = 1;

/// Behind the version in a store of a log that takes raw leaves.
const FORMAT_OPEN: u8 = 1;

/// Key of the format version in `meta`.
pub(super) const KEY_FORMAT: &[u8] = b"format";

/// Key of the committed head in `meta`.
pub(super) const KEY_HEAD: &[u8] = b"head";

/// Key of the index's cursor in `meta`.
pub(super) const KEY_CURSOR: &[u8] = b"indexed";

/// 64 bits: a random flip passes once in 2^64; a deliberate change is met by the signed root.
const SEAL_BYTES: usize = 8;

/// Between a chain id and what follows it in a key.
const SEPARATOR: u8 = 0;

/// Returns the value with its seal.
pub(super) fn seal(family: Family, key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(value.len() + SEAL_BYTES);
    sealed.extend_from_slice(value);
    sealed.extend(seal_of(family, key, value));
    sealed
}

/// Returns the value without its seal, if the seal fits.
pub(super) fn unseal(family: Family, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let (value, seal) =
        sealed.split_last_chunk::<SEAL_BYTES>().ok_or_else(|| damaged(family, key, "shorter than its seal"))?;
    if *seal != seal_of(family, key, value) {
        return Err(damaged(family, key, "the seal does not fit the record"));
    }
    Ok(value.to_vec())
}

fn seal_of(family: Family, key: &[u8], value: &[u8]) -> [u8; SEAL_BYTES] {
    let length = (key.len() as u64).to_be_bytes();
    let digest = Hash::digest_parts(&[family.as_str().as_bytes(), &[SEPARATOR], &length, key, value]);
    let [a, b, c, d, e, f, g, h, ..] = digest.0;
    [a, b, c, d, e, f, g, h]
}

/// Returns the error for a record that does not fit.
pub(super) fn damaged(family: Family, key: &[u8], detail: impl Into<String>) -> Error {
    Error::Damaged { family, key: readable(family, key), detail: detail.into() }
}

/// Returns a key as a person can read it.
pub(super) fn readable(family: Family, key: &[u8]) -> String {
    match (family, key) {
        (Family::Entry | Family::Checkpoint, key) => number(key).map_or_else(|| hex(key), |number| number.to_string()),
        (Family::Edge | Family::Tile, [level, index @ ..]) => {
            number(index).map_or_else(|| hex(key), |index| format!("level {level} index {index}"))
        }
        (Family::Facts | Family::ChainEntry, key) => match key.iter().position(|&byte| byte == SEPARATOR) {
            Some(at) => {
                let (chain, seq) = key.split_at(at);
                let seq = number(seq.get(1..).unwrap_or_default()).unwrap_or_default();
                format!("{} seq {seq}", String::from_utf8_lossy(chain))
            }
            None => hex(key),
        },
        (Family::Meta | Family::Chain | Family::Slot, key) => String::from_utf8_lossy(key).into_owned(),
        _ => hex(key),
    }
}

fn hex(key: &[u8]) -> String {
    sanwu_schema::crypto::hash::hex_encode(key)
}

/// Returns an index or size as a key or value.
pub(super) fn number_key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// Reads an index or size.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// Returns the key of a tile, or of a hash at the edge.
pub(super) fn tree_key(level: u8, index: u64) -> [u8; 9] {
    let mut key = [level; 9];
    if let Some(tail) = key.last_chunk_mut::<8>() {
        *tail = index.to_be_bytes();
    }
    key
}

/// Returns the index of the first hash of a tile.
pub(super) fn first_of_tile(tile: u64) -> u64 {
    tile.saturating_mul(TILE_WIDTH)
}

/// Returns the key of what belongs to a chain and one of its entries.
pub(super) fn chain_key(chain: &str, seq: u64) -> Vec<u8> {
    let mut key = chain_prefix(chain);
    key.extend(seq.to_be_bytes());
    key
}

/// Returns the row key of a public key that was granted in a chain.
pub(super) fn grant_key(chain: &str, keyid: &Hash) -> Vec<u8> {
    let mut key = chain_prefix(chain);
    key.extend(keyid.0);
    key
}

/// Returns the beginning of all keys of a chain.
pub(super) fn chain_prefix(chain: &str) -> Vec<u8> {
    let mut key = chain.as_bytes().to_vec();
    key.push(SEPARATOR);
    key
}

/// Returns the value of the format version, and with it how the log was made.
pub(super) fn format_value(policy: AppendPolicy) -> &'static [u8] {
    match policy {
        AppendPolicy::Statements => &[FORMAT_VERSION],
        AppendPolicy::Open => &[FORMAT_VERSION, FORMAT_OPEN],
    }
}

/// Reads the format version, and with it how the log was made.
pub(super) fn read_format(value: &[u8]) -> Result<AppendPolicy, Error> {
    match value {
        [FORMAT_VERSION] => Ok(AppendPolicy::Statements),
        [FORMAT_VERSION, FORMAT_OPEN] => Ok(AppendPolicy::Open),
        other => Err(Error::Format(format!("store format {other:?}; this program reads version {FORMAT_VERSION}"))),
    }
}

/// Returns the value of the committed head.
pub(super) fn head_value(head: &Head) -> Vec<u8> {
    let mut value = number_key(head.position.size).to_vec();
    value.extend(head.position.root.0);
    value.extend(&head.note);
    value
}

/// Reads the committed head.
pub(super) fn read_head(value: &[u8]) -> Option<Head> {
    let (size, rest) = value.split_first_chunk::<8>()?;
    let (root, note) = rest.split_first_chunk::<32>()?;
    let position = Position { size: u64::from_be_bytes(*size), root: Hash(*root) };
    Some(Head { position, note: note.to_vec() })
}

/// Returns the value of a published checkpoint.
pub(super) fn published_value(published: &Published) -> Vec<u8> {
    let mut value = number_key(published.published_ms).to_vec();
    value.extend(&published.note);
    value
}

/// Reads a published checkpoint.
pub(super) fn read_published(key: &[u8], value: &[u8]) -> Option<Published> {
    let (published_ms, note) = value.split_first_chunk::<8>()?;
    Some(Published { size: number(key)?, published_ms: u64::from_be_bytes(*published_ms), note: note.to_vec() })
}
