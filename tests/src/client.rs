//! A plain HTTP client: multipart written out, answers as status and bytes.

use std::io::Read;
use std::time::Duration;

use sanwu_schema::api::entries::ReceiptDoc;
use sanwu_schema::api::problem::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Request, Response};

/// An answer. Names of headers are in lower case.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads the body as one of the API's documents.
    #[track_caller]
    pub fn document<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Reads the body as any JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.document()
    }

    /// Reads the receipt of a submission.
    #[track_caller]
    pub fn receipt(&self) -> ReceiptDoc {
        self.document()
    }

    /// Reads a problem; every member that the node always writes must be there.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        self.document()
    }

    /// Returns the stable code of a problem; empty for any other document.
    pub fn code(&self) -> String {
        Problem::read(&self.body).unwrap_or_default().code
    }

    /// Returns a header's value; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// A client of one node.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    /// `http://127.0.0.1:port`.
    pub url: String,
}

impl Client {
    /// A client of the node at this URL.
    pub fn new(url: &str) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60))).build();
        Self { agent: config.new_agent(), url: url.to_string() }
    }

    /// Sends a GET; panics without an answer.
    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap_or_else(|e| panic!("GET {path}: {e}"))
    }

    /// Sends a GET to a node that may be down.
    pub fn try_get(&self, path: &str) -> Result<Answer, ureq::Error> {
        self.agent.get(format!("{}{path}", self.url)).call().map(answer)
    }

    /// Sends any request with these headers, without a body.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !matches!(method, "GET" | "HEAD") {
            // A server that answers before it has read the body ends the connection (RFC 9112, 9.6); the next request
            // must not run into that.
            request = request.header("connection", "close");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("request");
        self.agent.run(request).map(answer).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// Posts any body with this content type; panics without an answer.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.try_post(path, content_type, body).unwrap_or_else(|e| panic!("POST {path}: {e}"))
    }

    /// Posts any body to a node that may be down.
    pub fn try_post(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", content_type);
        request.send(body).map(answer)
    }

    /// Posts a package of envelopes and bodies; panics without an answer.
    pub fn publish(&self, package: &[(Vec<u8>, Vec<u8>)]) -> Answer {
        self.try_publish(package, false).unwrap_or_else(|e| panic!("POST: {e}"))
    }

    /// Posts a package to a node that may be down; `minimal` asks for short receipts.
    pub fn try_publish(&self, package: &[(Vec<u8>, Vec<u8>)], minimal: bool) -> Result<Answer, ureq::Error> {
        let parts = package.iter().flat_map(|(e, b)| [("envelope", e.as_slice()), ("body", b.as_slice())]);
        self.post_parts(parts, minimal)
    }

    /// Posts any parts as a submission.
    pub fn post_parts<'a>(
        &self,
        parts: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        minimal: bool,
    ) -> Result<Answer, ureq::Error> {
        let body = multipart(parts);
        let mut request = self
            .agent
            .post(format!("{}/api/v1/entries", self.url))
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        if minimal {
            request = request.header("prefer", "return=minimal");
        }
        request.send(&body[..]).map(answer)
    }
}

/// Does not occur in what is sent: bodies are JSON and base64.
pub const BOUNDARY: &str = "sanwu-tests-7MA4YWxkTrZu0gW";

/// A multipart/form-data document.
pub fn multipart<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in parts {
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    out
}

fn answer(response: Response<ureq::Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(n, v)| (n.as_str().to_string(), v.to_str().unwrap_or_default().to_string()))
        .collect();
    let mut bytes = Vec::new();
    body.into_reader().read_to_end(&mut bytes).expect("body");
    Answer { status: parts.status.as_u16(), headers, body: bytes }
}
