//! A replica's way to the log that it follows: HTTP, and the data directory's pins.
//!
//! Reads a node as well as a folder of files as `sanwu mirror` lays it out, behind any web server: then
//! contents are at `/blobs/<sha256>`, and there are no retained checkpoints. What the bytes are worth is
//! checked by [`crate::log::replica`].

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::tlog::note::NOTE_BYTES_MAX;
use sanwu_schema::tlog::tile::{Tile, TileKind};
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::verify::trust::Trust;
use thiserror::Error;
use ureq::Agent;

use crate::http::limits::ROWS_MAX;
use crate::log::replica::{BLOB_BYTES_MAX, BUNDLE_BYTES_MAX, FetchError, HASHES_BYTES_MAX, Pins, Upstream};
use crate::settings::{self, Data, DataError, PinnedBy, ReplicaFile, io};
use crate::storage::{self, AppendPolicy, Published};
use sanwu_schema::api::checkpoints::Checkpoints;

/// Finding and reaching the server, slow rural lines included.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);

/// One answer: a full entry bundle (16 MB) over 1 Mbit/s is 134 s.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(150);

/// The trust file and the line of a verifier key.
const TRUST_BYTES_MAX: u64 = 1 << 20;

/// A page of [`ROWS_MAX`] checkpoints: with ten post-quantum cosignatures each (3.3 KB) it is 7 MB.
const CHECKPOINTS_BYTES_MAX: u64 = 64 << 20;

/// Why a replica was not set up.
#[derive(Debug, Error)]
pub enum FollowError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("{0}: not an http:// or https:// address")]
    Address(String),
    /// Upstream could not be asked which log it is.
    #[error("{address}: {source}")]
    Upstream { address: String, source: FetchError },
    /// Upstream's or the operator's trust file, or the pins, are not what they should be.
    #[error("{place}: {invalid}")]
    Trust {
        place: String,
        /// What is wrong.
        invalid: Invalid,
    },
    /// The trust file is of another log than the directory.
    #[error("{0}")]
    OtherLog(String),
}

/// How `serve --follow` was asked to follow.
#[derive(Clone, Debug)]
pub struct Follow {
    pub url: String,
    /// A trust file's bytes with its name.
    pub trust: Option<(String, Vec<u8>)>,
    /// Whether the log takes raw leaves.
    pub append_policy: AppendPolicy,
}

/// A replica ready to be opened.
pub struct Replica {
    /// Where it reads.
    pub upstream: Arc<HttpUpstream>,
    pub pins: Pins,
    /// Whether raw leaves are taken over.
    pub append_policy: AppendPolicy,
    /// Whether the log's identity was taken from upstream just now, unchecked (TOFU).
    pub first_use: bool,
}

/// A server that a log is read from.
pub struct HttpUpstream {
    agent: Agent,
    base: String,
    /// Whether contents were found where a mirror has them.
    files: AtomicBool,
}

impl HttpUpstream {
    /// Returns the server at this address.
    pub fn new(url: &str) -> Result<Self, FollowError> {
        let base = url.trim().trim_end_matches('/');
        if !(base.starts_with("http://") || base.starts_with("https://")) || base.ends_with(':') {
            return Err(FollowError::Address(url.to_owned()));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_resolve(Some(CONNECT_TIME_MAX))
            .timeout_connect(Some(CONNECT_TIME_MAX))
            .timeout_global(Some(ANSWER_TIME_MAX))
            .max_redirects(3)
            .user_agent(concat!("sanwu-node/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, base: base.to_owned(), files: AtomicBool::new(false) })
    }

    fn get(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, FetchError> {
        let url = format!("{}{path}", self.base);
        let unreachable = |error: ureq::Error| FetchError::Unreachable(format!("{url}: {error}"));
        let mut answer = self.agent.get(&url).call().map_err(unreachable)?;
        match answer.status().as_u16() {
            200 => {}
            404 | 410 => return Err(FetchError::Missing(url)),
            status => return Err(FetchError::Unreachable(format!("{url}: {status}"))),
        }
        let mut bytes = Vec::new();
        // The client's own limit counts what comes over the line, compressed as it may be.
        let reader = answer.body_mut().with_config().limit(bytes_max.saturating_add(1)).reader();
        reader
            .take(bytes_max.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| FetchError::Unreachable(format!("{url}: {error}")))?;
        if bytes.len() as u64 > bytes_max {
            return Err(FetchError::Answer(format!("{url}: > {bytes_max} bytes")));
        }
        Ok(bytes)
    }

    /// The trust file as upstream would give it, or for a log without a first entry its key alone.
    fn identity(&self, append_policy: AppendPolicy) -> Result<ReplicaFile, FollowError> {
        let failed = |source| FollowError::Upstream { address: self.base.clone(), source };
        let file = ReplicaFile { pinned: PinnedBy::FirstUse, append_policy, trust: None, vkeys: None };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
        match self.get("/api/v1/trust", TRUST_BYTES_MAX) {
            Ok(bytes) => Ok(ReplicaFile { trust: Some(text(bytes)), ..file }),
            Err(FetchError::Missing(_)) if append_policy == AppendPolicy::Open => {
                let bytes = self.get("/api/v1/vkey", TRUST_BYTES_MAX).map_err(failed)?;
                let keys = text(bytes).lines().map(str::to_owned).collect();
                Ok(ReplicaFile { vkeys: Some(keys), ..file })
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl Upstream for HttpUpstream {
    fn address(&self) -> &str {
        &self.base
    }

    fn checkpoint(&self) -> Result<Vec<u8>, FetchError> {
        self.get("/checkpoint", NOTE_BYTES_MAX as u64)
    }

    fn tile(&self, tile: Tile) -> Result<Vec<u8>, FetchError> {
        let bytes_max = match tile.kind() {
            TileKind::Hashes(_) => HASHES_BYTES_MAX,
            TileKind::Entries => BUNDLE_BYTES_MAX,
        };
        self.get(&format!("/{}", tile.path()), bytes_max)
    }

    fn blob(&self, digest: &Hash) -> Result<Vec<u8>, FetchError> {
        let (api, file) = (format!("/api/v1/blobs/{}", digest.to_hex()), format!("/blobs/{}", digest.to_hex()));
        let files = self.files.load(Ordering::Relaxed);
        let (first, second) = if files { (file, api) } else { (api, file) };
        // A server of files may answer anything under a name that it does not know.
        match self.get(&first, BLOB_BYTES_MAX) {
            Ok(bytes) if Hash::digest(&bytes) == *digest => return Ok(bytes),
            Err(error @ FetchError::Unreachable(_)) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let bytes = self.get(&second, BLOB_BYTES_MAX)?;
        self.files.store(!files, Ordering::Relaxed);
        Ok(bytes)
    }

    fn checkpoints(&self, from: u64) -> Result<Option<Vec<Published>>, FetchError> {
        let path = format!("/api/v1/checkpoints?from={from}&count={ROWS_MAX}");
        let bytes = match self.get(&path, CHECKPOINTS_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(FetchError::Missing(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok(page) = serde_json::from_slice::<Checkpoints>(&bytes) else { return Ok(None) };
        let published = page.checkpoints.into_iter();
        let published = published.map(|one| Published {
            size: one.size,
            published_ms: one.published_ms,
            note: one.note.into_bytes(),
        });
        Ok(Some(published.collect()))
    }
}

/// Makes or takes a replica's data directory: settings, pins, an empty store. The caller holds its lock.
pub fn prepare(data: &Data, follow: &Follow) -> Result<Replica, FollowError> {
    let upstream = HttpUpstream::new(&follow.url)?;
    let known = data.read_replica_file()?;
    let place = data.replica_file().display().to_string();
    let append_policy = known.as_ref().map_or(follow.append_policy, |known| known.append_policy);
    let given = follow.trust.as_ref().map(|(place, bytes)| {
        let trust = Some(String::from_utf8_lossy(bytes).into_owned());
        let file = ReplicaFile { pinned: PinnedBy::TrustFile, append_policy, trust, vkeys: None };
        pins(&file, place).map(|pins| (file, pins))
    });
    let given = given.transpose()?;
    let first_use = known.is_none() && given.is_none();
    let (file, pins) = match (known, given) {
        (Some(known), None) => {
            let pins = pins(&known, &place)?;
            (known, pins)
        }
        (Some(known), Some((file, given))) => {
            let known = pins(&known, &place)?;
            if known.origin != given.origin || known.genesis.is_some_and(|id| Some(id) != given.genesis) {
                let dir = data.path().display();
                return Err(FollowError::OtherLog(format!("{dir}: {} · --trust: {}", known.origin, given.origin)));
            }
            write(data, &file)?;
            (file, given)
        }
        (None, Some((file, given))) => {
            write_first(data, &file)?;
            (file, given)
        }
        (None, None) => {
            let file = upstream.identity(follow.append_policy)?;
            let pins = pins(&file, &follow.url)?;
            write_first(data, &file)?;
            (file, pins)
        }
    };
    if !data.config().exists() {
        data.replace(&data.config(), settings::TEMPLATE.as_bytes())?;
    }
    make_store(data, file.append_policy)?;
    Ok(Replica { upstream: Arc::new(upstream), pins, append_policy: file.append_policy, first_use })
}

/// Returns what a replica's file says.
pub fn pins(file: &ReplicaFile, place: &str) -> Result<Pins, FollowError> {
    let wrong = |invalid| FollowError::Trust { place: place.to_owned(), invalid };
    match (&file.trust, &file.vkeys) {
        (Some(trust), None) => Ok(Pins::trusting(Trust::parse(trust.as_bytes()).map_err(wrong)?)),
        (None, Some(texts)) => {
            let vkeys: Result<Vec<Vkey>, _> = texts.iter().map(|text| Vkey::parse(text)).collect();
            let vkeys = vkeys.map_err(|error| wrong(Invalid::new(error.code(), "vkeys")))?;
            Pins::bare(vkeys).ok_or_else(|| wrong(Invalid::new(ErrorCode::LogOrigin, "vkeys")))
        }
        _ => Err(wrong(Invalid::new(ErrorCode::JsonMissing, "trust"))),
    }
}

/// The first file of a new replica: from here on the directory is one. Others' directories are left alone.
fn write_first(data: &Data, file: &ReplicaFile) -> Result<(), FollowError> {
    let path = data.path();
    for found in std::fs::read_dir(path).map_err(|error| io(path, error))? {
        let name = found.map_err(|error| io(path, error))?.file_name();
        if !["lock", "config.toml", "config.toml.new", "replica.toml.new", "witness"].iter().any(|own| name == *own) {
            return Err(DataError::Exists(path.display().to_string()).into());
        }
    }
    write(data, file)
}

fn write(data: &Data, file: &ReplicaFile) -> Result<(), FollowError> {
    let text = toml::to_string(file)
        .map_err(|error| DataError::Content { path: "replica.toml".into(), detail: error.to_string() })?;
    Ok(data.replace(&data.replica_file(), text.as_bytes())?)
}

/// An empty store, whole or not at all.
fn make_store(data: &Data, append_policy: AppendPolicy) -> Result<(), DataError> {
    if data.store().exists() {
        return Ok(());
    }
    let fresh = data.path().join("store.new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).map_err(|error| io(&fresh, error))?;
    }
    drop(storage::create(&storage::Settings { folder: fresh.clone() }, append_policy)?);
    rename(&fresh, &data.store())
}

fn rename(from: &Path, to: &Path) -> Result<(), DataError> {
    std::fs::rename(from, to).map_err(|error| io(from, error))
}
