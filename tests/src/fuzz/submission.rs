//! `POST /api/v1/entries`: any bytes as a submission, to the router that serves, over a log in memory.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::{Error, Router};
use futures_util::stream;
use sanwu_node::http::{App, router};
use sanwu_node::log::{HeldKeys, Log, LogOptions, Submission, Threads, Witnessing};
use sanwu_node::storage::guard::Guard;
use sanwu_node::storage::{self, AppendPolicy, InMemory, Store};
use sanwu_schema::catalogue;
use sanwu_schema::draft::{self, ChainInfo, Draft, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::statement::{ChainId, Role};
use sanwu_schema::sample;
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::village::{ORIGIN, UNIT, Village, issued_at, salt, secret};

/// The `Content-Type` of seeds.
const CONTENT_TYPE: &str = "multipart/form-data; boundary=XX";
/// What a piece of a body holds that arrives in pieces: a prime, so that it ends everywhere once.
const PIECE_BYTES: usize = 61;
/// The statuses that the API document allows here, but for 503: nothing is busy and nothing is broken.
const REFUSED: &[u16] = &[400, 403, 404, 409, 413, 422];

/// A log with an open village, in memory.
struct Site {
    log: Log,
    threads: Threads,
    store: Arc<InMemory>,
    router: Router,
    /// Where the last-signed guard lies.
    _folder: TempDir,
}

/// Where every input finds the log, and the packages that lead there.
struct Bench {
    runtime: Runtime,
    /// Genesis of the log, its authorities, a village.
    history: Vec<Submission>,
    /// What may come next in the village.
    next: Vec<Submission>,
    site: Mutex<Option<Site>>,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let mut bench = Bench { runtime, history: Vec::new(), next: Vec::new(), site: Mutex::new(None) };
    let site = bench.open();
    let village = Village::new();
    let authority = |root: &ChainInfo, name| {
        let grant = village.grant_template(name, Role::Authority, sample::TOWNSHIP);
        build(&Place::next(root).expect("place"), &[grant])
    };
    let drafts: [&dyn Fn(&ChainInfo) -> Draft; 4] =
        [&|_| log_genesis(), &|root| authority(root, "authority-1"), &|root| authority(root, "authority-2"), &|root| {
            let place = Place::chain_genesis(root, village.chain.clone()).expect("place");
            build(&place, &[village.genesis(root)])
        }];
    for draft in drafts {
        let submission = package(&village, draft(&site.info(&ChainId::root())));
        bench.runtime.block_on(site.log.submit(submission.clone())).expect("the village's history");
        site.published();
        bench.history.push(submission);
    }
    let place = Place::next(&site.info(&village.chain)).expect("place");
    let month = village.month(village.january());
    for templates in [vec![village.notice("一")], vec![village.notice("二"), village.notice("三")], month] {
        bench.next.push(package(&village, build(&place, &templates)));
    }
    site.close();
    bench
});

impl Site {
    fn info(&self, chain: &ChainId) -> ChainInfo {
        self.log.reader().chain_info(chain).expect("chain info")
    }

    /// Waits until what is committed is published, so that the next draft has seen it.
    fn published(&self) {
        let reader = self.log.reader();
        while reader.published().map(|one| one.size) != Some(reader.committed().position.size) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn close(self) {
        drop((self.router, self.log));
        self.threads.join();
    }
}

impl Bench {
    /// A log with the history.
    fn open(&self) -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        let store = storage::in_memory(AppendPolicy::Statements);
        let options = LogOptions {
            publish_interval: Duration::ZERO,
            disk_reserve_bytes: 0,
            free_bytes: |_| None,
            data: folder.path().to_path_buf(),
            append_policy: AppendPolicy::Statements,
        };
        let keys = HeldKeys::new(vec![log_key()]).expect("log key");
        let guard = Guard::open(&folder.path().join("last-signed")).expect("guard");
        let (log, threads) =
            Log::open(Arc::clone(&store) as Arc<dyn Store>, guard, keys, Witnessing::none(), options).expect("log");
        for submission in &self.history {
            self.runtime.block_on(log.submit(submission.clone())).expect("the village's history");
        }
        let router = router(App::new(log.clone()), Router::new());
        Site { log, threads, store, router, _folder: folder }
    }

    fn post(&self, site: &Site, kind: &[u8], body: Body) -> Option<(StatusCode, Option<String>, Value)> {
        let request = Request::post("/api/v1/entries").header(header::CONTENT_TYPE, kind);
        // What is not a header value never gets here.
        let request = request.header("prefer", "return=minimal").body(body).ok()?;
        self.runtime.block_on(async {
            let response = site.router.clone().oneshot(request).await.expect("infallible");
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("an answer");
            let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| Some(kind.to_str().ok()?.to_owned()));
            Some((parts.status, kind, serde_json::from_slice(&bytes).expect("an answer in JSON")))
        })
    }
}

/// A submission (first line: its content type; the rest: its body) is answered as documented, and what is not
/// 201 leaves nothing behind.
pub fn submission(data: &[u8]) {
    let bench = &*BENCH;
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (kind, form) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let mut held = bench.site.lock().expect("site");
    let site = held.get_or_insert_with(|| bench.open());
    let before = (site.store.commits(), site.log.reader().committed().position);
    let Some((status, answered, json)) = bench.post(site, kind, Body::from(form.to_vec())) else { return };
    let after = (site.store.commits(), site.log.reader().committed().position);
    if status == StatusCode::CREATED {
        let places = json["entries"].as_array().expect("entries");
        let new = places.iter().filter(|place| place["new"] == true).count() as u64;
        assert!(new > 0 && after.1.size == before.1.size + new && after.0 == before.0 + 1);
        // The next input finds the log as this one did.
        held.take().expect("a site").close();
        return;
    }
    assert_eq!(after, before, "{status}, and something was stored");
    if status == StatusCode::OK {
        let places = json["entries"].as_array().expect("entries");
        assert!(!places.is_empty() && places.iter().all(|place| place["new"] == false));
    } else {
        assert!(REFUSED.contains(&status.as_u16()), "{status} {json}");
        assert_eq!(answered.as_deref(), Some("application/problem+json"));
        assert_eq!(json["status"], status.as_u16());
        assert!(ErrorCode::ALL.iter().any(|code| json["code"] == code.as_str()), "{json}");
    }
    // The same in pieces is the same.
    let pieces = form.chunks(PIECE_BYTES).map(|piece| Ok::<_, Error>(Bytes::copy_from_slice(piece)));
    let pieces = Body::from_stream(stream::iter(pieces.collect::<Vec<_>>()));
    let again = bench.post(site, kind, pieces).expect("as before");
    assert_eq!((again.0, &again.2), (status, &json), "in pieces");
    assert_eq!((site.store.commits(), site.log.reader().committed().position), before);
}

/// Seeds: what may come next, what is published already, what belongs to nothing.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let bench = &*BENCH;
    let mut seeds: Vec<Vec<u8>> = bench.history.iter().chain(&bench.next).map(form).collect();
    let first = &bench.next[0];
    seeds.push(form(&Submission { blobs: Vec::new(), ..first.clone() }));
    seeds.push(form(&Submission { envelopes: Vec::new(), ..first.clone() }));
    seeds.push(form(&Submission {
        envelopes: [first.envelopes.clone(), first.envelopes.clone()].concat(),
        ..first.clone()
    }));
    seeds.push(form(&Submission::default()));
    for name in ["rows", "attachment", "other"] {
        seeds.push(written(&[(name, b"x")]));
    }
    seeds
}

fn form(submission: &Submission) -> Vec<u8> {
    let envelopes = submission.envelopes.iter().map(|bytes| ("envelope", bytes.as_slice()));
    let parts: Vec<_> = envelopes.chain(submission.blobs.iter().map(|bytes| ("body", bytes.as_slice()))).collect();
    written(&parts)
}

fn written(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut seed = format!("{CONTENT_TYPE}\n").into_bytes();
    for (name, bytes) in parts {
        seed.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
        seed.extend_from_slice(bytes);
        seed.extend(b"\r\n");
    }
    seed.extend(b"--XX--\r\n");
    seed
}

fn log_key() -> SignerKey {
    SignerKey::new(ORIGIN, ED25519, secret("log")).expect("log key")
}

fn log_genesis() -> Draft {
    let root = sample::office("root-1");
    let keys = vec![root.seeded_grant()];
    let names = vec![root.person_name(keys[0].key.key_id())];
    let log_vkeys = vec![log_key().vkey().to_string()];
    let template = sample::log_genesis(salt("log genesis"), 1, keys, names, log_vkeys, catalogue::built_in());
    build(&Place::log_genesis(Origin::parse(ORIGIN).expect("origin")), &[template])
}

fn build(place: &Place, templates: &[Template]) -> Draft {
    draft::build(place, UNIT, templates, &issued_at(), &[]).expect("draft")
}

fn package(village: &Village, draft: Draft) -> Submission {
    let (envelopes, blobs) = village.package(draft).into_iter().unzip();
    Submission { envelopes, blobs }
}
