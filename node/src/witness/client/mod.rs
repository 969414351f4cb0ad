//! Asking witnesses: C2SP tlog-witness over HTTP, and the settings that say whom to ask.
//!
//! May import the settings and what the log says a witness is ([`Peer`]). Knows neither axum nor the witness of this node.

#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::note::NOTE_BYTES_MAX;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::witness::{self, AddCheckpoint};
use sanwu_schema::verify::trust::Operator;
use ureq::Agent;
use ureq::http::Response;

use crate::log::{Peer, PublishRule, RENEW_AFTER, Reach, WitnessAnswer, Witnessing};
use crate::settings::{ConfigError, Publish, Witnesses};

/// Finding and reaching a witness.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);

/// One answer: a witness syncs its record before it answers, a spinning disk and a slow line included.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

/// An answer with signature lines: some of 3.3 kB (ML-DSA-44), never more than a request.
const LINES_BYTES_MAX: usize = witness::REQUEST_BYTES_MAX;

/// What is kept of a refusal's text: one line for the operator.
const REASON_CHARS_MAX: usize = 200;

/// When a witness that answers 429 or 503 without `Retry-After` is asked again.
const BUSY_DEFAULT: Duration = Duration::from_secs(5);

/// A witness at an address.
struct HttpWitness {
    agent: Agent,
    /// Submission and monitoring prefix, without a slash at the end.
    prefix: String,
    /// `<hex sha256(origin)>`.
    origin_hash: String,
}

impl HttpWitness {
    fn new(url: &str, origin: &Origin) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME_MAX))
            .timeout_global(Some(ANSWER_TIME_MAX))
            .max_redirects(0)
            .user_agent(concat!("sanwu-node/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let origin_hash = Hash::digest(origin.as_str().as_bytes()).to_hex();
        Self { agent, prefix: url.trim_end_matches('/').to_owned(), origin_hash }
    }
}

impl Peer for HttpWitness {
    fn add_checkpoint(&mut self, request: &AddCheckpoint) -> WitnessAnswer {
        let url = format!("{}/add-checkpoint", self.prefix);
        let mut answer = match self.agent.post(&url).content_type("text/plain").send(request.to_text()) {
            Ok(answer) => answer,
            Err(error) => return WitnessAnswer::Unreachable(error.to_string()),
        };
        let status = answer.status().as_u16();
        let pause = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = match read(&mut answer, LINES_BYTES_MAX) {
            Ok(body) => body,
            Err(why) => return WitnessAnswer::Unreachable(why),
        };
        match status {
            200 => match witness::parse_cosignatures(&body) {
                Ok(lines) => WitnessAnswer::Cosigned(lines),
                Err(error) => WitnessAnswer::Refused(format!("its answer cannot be read: {error}")),
            },
            409 => match witness::parse_size(&body) {
                Some(size) => WitnessAnswer::Conflict(size),
                None => WitnessAnswer::Refused("409 without a size".into()),
            },
            429 | 503 => WitnessAnswer::Busy(pause.map_or(BUSY_DEFAULT, Duration::from_secs)),
            other => WitnessAnswer::Refused(format!("{other} {}", first_line(&body))),
        }
    }

    fn latest(&mut self) -> Result<Option<Vec<u8>>, String> {
        let url = format!("{}/{}/checkpoint", self.prefix, self.origin_hash);
        let mut answer = self.agent.get(&url).call().map_err(|error| error.to_string())?;
        match answer.status().as_u16() {
            200 => read(&mut answer, NOTE_BYTES_MAX).map(Some),
            404 => Ok(None),
            other => Err(format!("{other}")),
        }
    }
}

fn read(answer: &mut Response<ureq::Body>, bytes_max: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let limit = bytes_max as u64 + 1;
    let reader = answer.body_mut().with_config().limit(limit).reader();
    reader.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > bytes_max { Err("its answer is too long".into()) } else { Ok(bytes) }
}

/// The beginning of an answer, fit for a line of a log or a page.
fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect()
}

/// Returns the witnesses to ask, by the settings in a data directory; none without a `[witnesses]` section.
pub fn from_settings(settings: Option<&Witnesses>, data: &Path, origin: &Origin) -> Result<Witnessing, ConfigError> {
    let Some(settings) = settings else { return Ok(Witnessing::none()) };
    let path = data.join(&settings.policy);
    let shown = path.display().to_string();
    let broken = |detail: String| ConfigError::Content { path: shown.clone(), detail };
    let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Io { path: shown.clone(), source })?;
    let policy = Policy::parse(&text).map_err(|error| broken(error.to_string()))?;
    if let Some(unknown) =
        settings.operator.iter().find(|one| !policy.witnesses().iter().any(|w| w.name == one.witness))
    {
        return Err(broken(format!("no witness is named {}", unknown.witness)));
    }
    // One worker for each address: a witness with two keys is asked once for both.
    let mut reaches: Vec<(String, Reach)> = Vec::new();
    for witness in policy.witnesses() {
        let Some(url) = &witness.url else { continue };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(broken(format!("not an address: {url}")));
        }
        match reaches.iter_mut().find(|(known, _)| known == url) {
            Some((_, reach)) => reach.names.push(witness.name.clone()),
            None => {
                let peer = Box::new(HttpWitness::new(url, origin));
                reaches.push((url.clone(), Reach { names: vec![witness.name.clone()], peer }));
            }
        }
    }
    // Such a log would never be published at all.
    let asked = policy.witnesses().iter().filter(|witness| witness.url.is_some());
    if settings.publish == Publish::Closed && !policy.quorum(asked.map(|witness| (&witness.vkey, 1))).satisfied {
        return Err(broken("publish = \"closed\", but the witnesses with an address are no quorum".into()));
    }
    let is_witness_line = |line: &&str| {
        let first = line.split([' ', '\t']).find(|word| !word.is_empty()).unwrap_or_default();
        !first.is_empty() && !first.starts_with('#') && first != "log"
    };
    Ok(Witnessing {
        lines: text.lines().filter(is_witness_line).map(ToOwned::to_owned).collect(),
        policy,
        rule: match settings.publish {
            Publish::Closed => PublishRule::Closed,
            Publish::Wait => PublishRule::Wait(Duration::from_millis(settings.wait_ms)),
            Publish::Open => PublishRule::Open,
        },
        reaches: reaches.into_iter().map(|(_, reach)| reach).collect(),
        operators: settings
            .operator
            .iter()
            .map(|one| Operator { witness: one.witness.clone(), name: one.name.clone(), own: one.own.then_some(true) })
            .collect(),
        max_age_days: settings.max_age_days,
        renew_after: RENEW_AFTER,
    })
}
