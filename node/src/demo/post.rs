//! Publishing over HTTP, as any client does: read the chain's position, draft, sign, post.

use std::time::{Duration, Instant};

use sanwu_schema::draft::{ChainInfo, Draft, Place, Template, build};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::from_json;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::note::Note;

use super::data::{broken, internal, random, time};
use super::keys::DemoKey;
use crate::commands::error::CommandError;
use sanwu_schema::crypto::hash::hex_encode;

type Result<T> = std::result::Result<T, CommandError>;

/// The node answers within a second; a loaded machine gets more.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// An answer with the receipts of a month.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A client that holds every key.
pub(super) struct Poster<'a> {
    base: String,
    agent: ureq::Agent,
    keys: &'a [DemoKey],
    size: u64,
}

impl<'a> Poster<'a> {
    pub(super) fn new(base: &str, keys: &'a [DemoKey]) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(REQUEST_TIME_MAX))
            .http_status_as_error(false)
            // The node is on this machine: a proxy set for the way out has no part in it.
            .proxy(None)
            .build();
        Self { base: base.to_owned(), agent: config.into(), keys, size: 0 }
    }

    /// Returns what a drafter must know of a chain.
    pub(super) fn info(&self, chain: &ChainId) -> Result<ChainInfo> {
        let bytes = self.get(&format!("/api/v1/chains/{chain}"))?;
        from_json(&bytes).map_err(|e| CommandError::new(e.code, e.place))
    }

    /// Drafts linked statements, has everyone sign, publishes. Returns their ids.
    pub(super) fn draft_and_publish(
        &mut self,
        place: &Place,
        templates: &[Template],
        at: &str,
    ) -> Result<Vec<StatementId>> {
        self.draft_and_publish_with(place, templates, at, &[])
    }

    /// Drafts, signs and publishes, with files.
    pub(super) fn draft_and_publish_with(
        &mut self,
        place: &Place,
        templates: &[Template],
        at: &str,
        files: &[Vec<u8>],
    ) -> Result<Vec<StatementId>> {
        let draft = build(place, "demo", templates, &time(at)?, &[]).map_err(broken)?;
        self.publish_with(draft, files)
    }

    /// Has everyone sign who must, and publishes.
    pub(super) fn publish(&mut self, draft: Draft) -> Result<Vec<StatementId>> {
        self.publish_with(draft, &[])
    }

    fn publish_with(&mut self, mut draft: Draft, files: &[Vec<u8>]) -> Result<Vec<StatementId>> {
        for missing in draft.missing().map_err(broken)? {
            let key = self.keys.iter().find(|k| k.keyid() == missing.keyid);
            let key = key.ok_or_else(|| CommandError::new(ErrorCode::KeyUnknown, missing.keyid))?;
            draft.sign(&key.secret()).map_err(broken)?;
        }
        let key = |id: &_| self.keys.iter().map(|k| k.secret().public()).find(|k| k.key_id() == *id);
        let package = draft.package(key).map_err(broken)?;
        let mut parts: Vec<(&str, &[u8])> = Vec::new();
        for (envelope, body) in &package {
            parts.push(("envelope", envelope));
            parts.push(("body", body));
        }
        parts.extend(files.iter().map(|file| ("attachment", file.as_slice())));
        self.post(&parts)?;
        self.size += package.len() as u64;
        Ok(draft.entries.iter().map(|e| e.id()).collect())
    }

    fn post(&self, parts: &[(&str, &[u8])]) -> Result<()> {
        // 128 random bits do not appear in a body by chance.
        let boundary = format!("sanwu-{}", hex_encode(&random::<16>()?));
        let mut form = Vec::new();
        for (name, bytes) in parts {
            let head =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n");
            form.extend_from_slice(head.as_bytes());
            form.extend_from_slice(bytes);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let answer = self
            .agent
            .post(format!("{}/api/v1/entries", self.base))
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .header("prefer", "return=minimal")
            .send(&form)
            .map_err(|error| CommandError::new(ErrorCode::Network, error))?;
        read(answer).map(|_| ())
    }

    /// Reads a path.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.agent.get(format!("{}{path}", self.base)).call();
        read(answer.map_err(|error| CommandError::new(ErrorCode::Network, error))?)
    }

    /// Waits until the published checkpoint covers everything; gives its size.
    pub(super) fn wait_until_published(&self) -> Result<u64> {
        let started = Instant::now();
        loop {
            let note = self.get("/checkpoint")?;
            let note = Note::parse(&note).map_err(|e| CommandError::new(e.code(), "checkpoint"))?;
            let checkpoint = Checkpoint::parse(note.text()).map_err(|e| CommandError::new(e.code(), "checkpoint"))?;
            if checkpoint.size >= self.size {
                return Ok(checkpoint.size);
            }
            if started.elapsed() > REQUEST_TIME_MAX {
                return Err(internal("checkpoint"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The answer's bytes, or the problem that it tells.
fn read(mut answer: ureq::http::Response<ureq::Body>) -> Result<Vec<u8>> {
    let status = answer.status();
    let bytes = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    let bytes = bytes.map_err(|error| CommandError::new(ErrorCode::Network, error))?;
    if status.is_success() {
        Ok(bytes)
    } else {
        Err(CommandError::new(ErrorCode::Internal, format!("{status} {}", String::from_utf8_lossy(&bytes))))
    }
}
