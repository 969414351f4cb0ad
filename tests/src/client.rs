//! HTTP as any client speaks it: multipart written out, answers as status and bytes.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Request, Response};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, lower-case names.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
    /// The stable code of a problem document.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_string()
    }
    /// A header's value.
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

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap_or_else(|e| panic!("GET {path}: {e}"))
    }

    /// GET that may find nobody listening.
    pub fn try_get(&self, path: &str) -> Result<Answer, ureq::Error> {
        self.agent.get(format!("{}{path}", self.url)).call().map(answer)
    }

    /// Any request with these headers, without a body.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !matches!(method, "GET" | "HEAD") {
            // A server that answers before it has read the body, if there is one, ends the connection (RFC 9112, 9.6);
            // the next request is not to find that out.
            request = request.header("connection", "close");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("request");
        self.agent.run(request).map(answer).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// POST of any body with this content type.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.try_post(path, content_type, body).unwrap_or_else(|e| panic!("POST {path}: {e}"))
    }

    /// POST that may find nobody listening.
    pub fn try_post(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", content_type);
        request.send(body).map(answer)
    }

    /// POST of a package: envelopes and bodies, exact bytes.
    pub fn publish(&self, package: &[(Vec<u8>, Vec<u8>)]) -> Answer {
        self.try_publish(package, false).unwrap_or_else(|e| panic!("POST: {e}"))
    }

    /// POST that may find nobody listening; `minimal` asks for short receipts.
    pub fn try_publish(&self, package: &[(Vec<u8>, Vec<u8>)], minimal: bool) -> Result<Answer, ureq::Error> {
        let parts = package.iter().flat_map(|(e, b)| [("envelope", e.as_slice()), ("body", b.as_slice())]);
        self.post_parts(parts, minimal)
    }

    /// POST of any parts.
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

/// Never stands in what is sent: bodies are JSON and base64.
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
