//! HTTP, and nothing else: addresses, limits, timeouts, retries. [`crate::log_source::ledger`] checks what the server answers.

use std::io::Read;
use std::thread;
use std::time::Duration;

use sanwu_schema::api::entries::ReceiptDoc;
use sanwu_schema::api::problem::{Problem, ProblemFinding};
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Response;

use crate::entropy;
use crate::error::Error;
use crate::text::{Text, text};

/// Resolving and connecting, slow rural lines included.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);
/// One answer: a full entry bundle (16 MB) over 1 Mbit/s is 134 s.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(150);
/// The longest time that a `Retry-After` is obeyed before asking again.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(30);
/// Tries of one request: with 0.5 s, 1 s, 2 s between, a restart of the server is bridged.
const TRIES: u32 = 4;
/// Connections kept open: one for each job of `--jobs`, up to this number.
const IDLE_CONNECTIONS_MAX: usize = 16;
/// A document: a bundle of an entry with a full body and a large ring is below 4 MB.
pub const DOCUMENT_BYTES_MAX: u64 = 16 << 20;
/// An entry bundle: 256 entries of 65,535 bytes and their lengths.
pub const TILE_BYTES_MAX: u64 = 256 * (65_535 + 2);
/// A body or attachment: the server takes at most 20 MiB.
pub const BLOB_BYTES_MAX: u64 = 21 << 20;

/// One part of a submission.
pub struct Part {
    /// `envelope`, `body` or `attachment`.
    pub name: &'static str,
    /// The exact bytes.
    pub bytes: Vec<u8>,
}

/// What the server answered to a package that it took.
pub struct Accepted {
    /// The receipt, not yet checked.
    pub receipt: ReceiptDoc,
    /// The answer's bytes, to be kept.
    pub bytes: Vec<u8>,
}

/// What a server has under a digest.
pub enum Content {
    Here(Vec<u8>),
    /// The server says that they were erased.
    Gone,
    /// The server has none.
    Missing,
}

/// A server.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    /// Returns a client of the server at this address; `http://` may be left out.
    pub fn new(url: &str) -> Result<Self, Error> {
        let base = url.trim().trim_end_matches('/');
        let base = if base.contains("://") { base.to_owned() } else { format!("http://{base}") };
        if !(base.starts_with("http://") || base.starts_with("https://")) || base.ends_with("://") {
            return Err(Error::new(ErrorCode::Usage)
                .because(text!("服务器地址不对", "not a server's address"))
                .at(url)
                .remedy(text!("写成 http://主机:端口", "write http://host:port")));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_resolve(Some(CONNECT_TIME_MAX))
            .timeout_connect(Some(CONNECT_TIME_MAX))
            .timeout_global(Some(ANSWER_TIME_MAX))
            .max_redirects(3)
            .max_idle_connections(IDLE_CONNECTIONS_MAX)
            .max_idle_connections_per_host(IDLE_CONNECTIONS_MAX)
            .user_agent(concat!("sanwu/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, base })
    }

    /// Returns the address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Gets a path's bytes.
    pub fn get(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, Error> {
        let url = format!("{}{path}", self.base);
        let mut answer = self.retry(&url, || self.agent.get(&url).call())?;
        let body = read(&mut answer, bytes_max, &url)?;
        if answer.status().is_success() { Ok(body) } else { Err(refusal(answer.status().as_u16(), &body, &url)) }
    }

    /// Gets one of the API's documents.
    pub fn document<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let bytes = self.get(path, DOCUMENT_BYTES_MAX)?;
        serde_json::from_slice(&bytes).map_err(|e| self.nonsense(path, &e.to_string()))
    }

    /// Gets a body or attachment and checks that it has the digest asked for.
    pub fn blob(&self, digest: &Hash) -> Result<Content, Error> {
        match self.blob_unchecked(digest)? {
            Content::Here(bytes) if Hash::digest(&bytes) != *digest => {
                Err(Error::new(ErrorCode::BodyDigest).at(format!("{}/api/v1/blobs/{}", self.base, digest.to_hex())))
            }
            other => Ok(other),
        }
    }

    /// Gets what the server has under a digest, for callers that check the content themselves.
    ///
    /// A web server that serves a mirror's folder has it under another path, and may have the same page for every name
    /// that it does not know, which is no content.
    pub fn blob_unchecked(&self, digest: &Hash) -> Result<Content, Error> {
        let right = |blob: &Content| matches!(blob, Content::Here(bytes) if Hash::digest(bytes) == *digest);
        let first = self.blob_at(&format!("/api/v1/blobs/{}", digest.to_hex()))?;
        if right(&first) || matches!(first, Content::Gone) {
            return Ok(first);
        }
        let second = self.blob_at(&format!("/blobs/{}", digest.to_hex()))?;
        Ok(match (first, second) {
            (_, second) if right(&second) => second,
            (Content::Here(one), Content::Here(other)) if one == other => Content::Missing,
            (Content::Missing, second) => second,
            (first, _) => first,
        })
    }

    fn blob_at(&self, path: &str) -> Result<Content, Error> {
        let url = format!("{}{path}", self.base);
        let mut answer = self.retry(&url, || self.agent.get(&url).call())?;
        match answer.status().as_u16() {
            404 => return Ok(Content::Missing),
            410 => return Ok(Content::Gone),
            _ => {}
        }
        let body = read(&mut answer, BLOB_BYTES_MAX, &url)?;
        if !answer.status().is_success() {
            return Err(refusal(answer.status().as_u16(), &body, &url));
        }
        Ok(Content::Here(body))
    }

    /// Publishes a package.
    ///
    /// `wait` asks the server to answer only when the witness quorum has seen it, or its own time limit is over.
    pub fn publish(&self, parts: &[Part], wait: bool) -> Result<Accepted, Error> {
        let boundary = format!("sanwu-{}", entropy::hex128()?);
        let mut form = Vec::new();
        for part in parts {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                part.name
            );
            form.extend_from_slice(head.as_bytes());
            form.extend_from_slice(&part.bytes);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let url = format!("{}/api/v1/entries{}", self.base, if wait { "?wait=witnessed" } else { "" });
        let kind = format!("multipart/form-data; boundary={boundary}");
        // Publishing the same statements twice is safe, so the request is repeated if its answer is lost.
        let mut answer = self.retry(&url, || self.agent.post(&url).content_type(&kind).send(form.as_slice()))?;
        let body = read(&mut answer, DOCUMENT_BYTES_MAX * 8, &url)?;
        if !answer.status().is_success() {
            return Err(refusal(answer.status().as_u16(), &body, &url));
        }
        let receipt = serde_json::from_slice(&body).map_err(|e| self.nonsense("/api/v1/entries", &e.to_string()))?;
        Ok(Accepted { receipt, bytes: body })
    }

    /// Returns an error for an answer that is not what the API promises.
    pub fn nonsense(&self, path: &str, why: &str) -> Error {
        Error::new(ErrorCode::ServerAnswer).at(format!("{}{path}: {why}", self.base))
    }

    fn retry(
        &self,
        url: &str,
        send: impl Fn() -> Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Response<ureq::Body>, Error> {
        let mut pause = Duration::from_millis(500);
        for left in (0..TRIES).rev() {
            match send() {
                Ok(answer) if matches!(answer.status().as_u16(), 429 | 503) && left > 0 => {
                    let asked = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
                    // Without the header another try is useless: the server is read-only or stopped.
                    let Some(asked) = asked else { return Ok(answer) };
                    thread::sleep(Duration::from_secs(asked).clamp(pause, RETRY_AFTER_MAX));
                }
                Ok(answer) => return Ok(answer),
                Err(e) if left == 0 || !worth_another_try(&e) => return Err(unreachable(url, &e)),
                Err(_) => thread::sleep(pause),
            }
            pause *= 2;
        }
        Err(Error::new(ErrorCode::Network).at(url))
    }
}

fn worth_another_try(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(e) => e.kind() != std::io::ErrorKind::ConnectionRefused,
        ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => true,
        _ => false,
    }
}

fn unreachable(url: &str, error: &ureq::Error) -> Error {
    Error::new(ErrorCode::Network).at(format!("{url}: {error}"))
}

fn read(answer: &mut Response<ureq::Body>, bytes_max: u64, url: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    answer
        .body_mut()
        .with_config()
        .limit(bytes_max + 1)
        .reader()
        .take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::new(ErrorCode::Network).at(format!("{url}: {e}")))?;
    if bytes.len() as u64 > bytes_max {
        return Err(Error::new(ErrorCode::ServerAnswer).at(format!("{url}: > {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// An answer that is an error: problem+json with a stable code, or just a status.
fn refusal(status: u16, body: &[u8], url: &str) -> Error {
    let problem = Problem::read(body).unwrap_or_default();
    let known = problem.error_code();
    let code = known.unwrap_or(match status {
        401 | 403 => ErrorCode::RoleMissing,
        404 => ErrorCode::NoRecord,
        413 => ErrorCode::Length,
        _ => ErrorCode::ServerAnswer,
    });
    let detail = &problem.detail;
    let mut error = Error::new(code).at(match problem.envelope {
        Some(n) => text!("{url} ({status}) 第 {} 份 {detail}", "{url} ({status}) statement {} {detail}", n + 1),
        None => text!("{url} ({status}) {detail}", "{url} ({status}) {detail}"),
    });
    if known.is_none() && !problem.code.is_empty() {
        error = error.detail(problem.code);
    }
    for ProblemFinding { code, title, title_en, detail } in problem.findings {
        error = error
            .detail(Text { zh: format!("{detail}  {title} ({code})"), en: format!("{detail}  {title_en} ({code})") });
    }
    error
}
