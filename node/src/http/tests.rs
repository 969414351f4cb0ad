//! The HTTP surface over a log in memory: paths, bytes, headers, problems.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::draft::ChainInfo;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::tlog::merkle::leaf_hash;
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::tile::parse_bundle;
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::verify::trust::Trust;
use serde_json::Value;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::limits::SMALL_UPLOAD_BYTES_MAX;
use super::*;
use crate::log::Submission;
use crate::log::tests::Bed;
use crate::log::tests::village::{self, CHAIN};
use crate::storage::AppendPolicy;

struct Site {
    bed: Bed,
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and content type of a problem.
    fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        (self.status.as_u16(), json["code"].as_str().unwrap().to_owned())
    }
}

impl Site {
    async fn new() -> Self {
        Self::over(Bed::with_village().await)
    }

    fn over(bed: Bed) -> Self {
        let router = router(App::new(bed.log().clone()), Router::new());
        Self { bed, router }
    }

    async fn add(&self, leaf: impl Into<Body>) -> Answer {
        self.send(Request::post("/add").body(leaf.into()).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, submission: &Submission, headers: &[(&str, &str)]) -> Answer {
        self.form(&parts(submission), headers).await
    }

    async fn form(&self, parts: &[(&str, &[u8])], headers: &[(&str, &str)]) -> Answer {
        let mut body = Vec::new();
        for (name, bytes) in parts {
            body.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--XX--\r\n");
        let mut request = Request::post("/api/v1/entries").header("content-type", "multipart/form-data; boundary=XX");
        request = request.header("content-length", body.len());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// A part's name and bytes.
type Part<'a> = (&'a str, &'a [u8]);

fn parts(submission: &Submission) -> Vec<Part<'_>> {
    let envelopes = submission.envelopes.iter().map(|bytes| ("envelope", bytes.as_slice()));
    envelopes.chain(submission.blobs.iter().map(|bytes| ("body", bytes.as_slice()))).collect()
}

#[tokio::test]
async fn a_package_is_published_and_read_back() {
    let site = Site::new().await;
    let package = village::notices(site.bed.reader(), &["1", "2"]);
    let created = site.post(&package, &[]).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let receipt = created.json();
    assert_eq!(receipt["format"], "sanwu-receipt-v1");
    assert_eq!(receipt["origin"], village::ORIGIN);
    let entry = &receipt["entries"][1];
    assert_eq!((&entry["index"], &entry["new"]), (&4.into(), &true.into()));
    let bundle = Bundle::parse(&serde_json::to_vec(&entry["bundle"]).unwrap()).unwrap();
    assert_eq!(bundle.entry.0, package.envelopes[1]);

    // The same again, in short.
    let again = site.post(&package, &[("prefer", "return=minimal")]).await;
    assert_eq!(again.status, StatusCode::OK);
    let short = &again.json()["entries"][1];
    assert_eq!((&short["index"], &short["new"], &short["bundle"]), (&4.into(), &false.into(), &Value::Null));
    let proof = TlogProof::parse(short["proof"].as_str().unwrap().as_bytes()).unwrap();
    let policy = format!("log {}\nquorum none\n", village::log_key().vkey());
    proof.verify(&leaf_hash(&package.envelopes[1]), &Policy::parse(&policy).unwrap()).unwrap();

    assert_eq!(site.get("/api/v1/entries/4").await.body, package.envelopes[1]);
    let digest = Hash::digest(&package.blobs[1]);
    for path in [format!("/api/v1/blobs/{}", digest.to_hex()), format!("/api/v1/blobs/{}", digest.to_text())] {
        let blob = site.get(&path).await;
        assert_eq!(blob.body, package.blobs[1]);
        assert_eq!(blob.header("content-type"), "application/octet-stream");
        assert_eq!(blob.header("x-content-type-options"), "nosniff");
        assert_eq!(blob.header("access-control-allow-origin"), "*");
    }
    site.bed.published().await;
    let proof = TlogProof::parse(&site.get("/api/v1/entries/4/proof").await.body).unwrap();
    assert_eq!(proof.index, 4);
    assert_eq!(site.get("/api/v1/entries/4/proof?size=5").await.status, StatusCode::OK);
    assert_eq!(site.get("/api/v1/entries/4/proof?size=4").await.problem().0, 404);
    let bundle = Bundle::parse(&site.get("/api/v1/entries/4/bundle?since=2").await.body).unwrap();
    assert_eq!(bundle.since.unwrap().size, 2);
    Trust::parse(&site.get("/api/v1/trust").await.body).unwrap();
    assert_eq!(site.get("/api/v1/vkey").await.text().trim_end(), village::log_key().vkey().to_string());
}

#[tokio::test]
async fn chains_and_checkpoints_are_listed() {
    let site = Site::new().await;
    site.post(&village::notices(site.bed.reader(), &["1", "2", "3"]), &[]).await;
    site.bed.published().await;
    let chains = site.get("/api/v1/chains?count=1").await.json();
    assert_eq!((&chains["chains"][0]["chain"], &chains["next"]), (&CHAIN.into(), &CHAIN.into()));
    let chains = site.get(&format!("/api/v1/chains?after={CHAIN}")).await.json();
    assert_eq!((&chains["chains"][0]["chain"], &chains["next"]), (&"root".into(), &Value::Null));
    let info: ChainInfo =
        sanwu_schema::json::from_json(&site.get(&format!("/api/v1/chains/{CHAIN}")).await.body).unwrap();
    assert_eq!(info.head.unwrap().seq, 3);
    let entries = site.get(&format!("/api/v1/chains/{CHAIN}/entries?from=1&count=2")).await.json();
    assert_eq!(entries["entries"][0]["statement"]["seq"], 1);
    assert_eq!(entries["entries"].as_array().unwrap().len(), 2);
    assert_eq!(entries["next"], 3);
    let checkpoints = site.get("/api/v1/checkpoints?from=6").await.json();
    assert_eq!(checkpoints["checkpoints"][0]["size"], 6);
    for (path, want) in [
        ("/api/v1/chains/nothing-here", (404, "E-CHAIN-MISSING")),
        ("/api/v1/chains/nothing-here/entries", (404, "E-CHAIN-MISSING")),
        ("/api/v1/chains/UPPER", (400, "E-PARAMETER")),
        ("/api/v1/chains?count=x", (400, "E-PARAMETER")),
        ("/api/v1/entries/99", (404, "E-NOT-FOUND")),
        ("/api/v1/entries/99/bundle", (404, "E-NOT-FOUND")),
        ("/api/v1/entries/99/proof", (404, "E-NOT-FOUND")),
        ("/api/v1/entries/-1", (400, "E-PARAMETER")),
        ("/api/v1/entries/18446744073709551616", (400, "E-PARAMETER")),
        ("/api/v1/entries/18446744073709551615/bundle", (404, "E-NOT-FOUND")),
        ("/api/v1/blobs/00", (400, "E-PARAMETER")),
        ("/api/v1/nothing", (404, "E-NOT-FOUND")),
    ] {
        assert_eq!(site.get(path).await.problem(), (want.0, want.1.to_owned()), "{path}");
    }
    // Raw leaves are for logs made for them.
    assert_eq!(site.add("leaf").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tiles_are_exactly_those_of_the_tree() {
    let site = Site::new().await;
    let names: Vec<String> = (0..60).map(|name| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for _ in 0..5 {
        let answer = site.post(&village::notices(site.bed.reader(), &names), &[("prefer", "return=minimal")]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        site.bed.published().await;
    }
    let checkpoint = site.get("/checkpoint").await;
    assert!(checkpoint.text().starts_with("log.example/village\n303\n"));
    assert_eq!(checkpoint.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(site.get("/village/checkpoint").await.body, checkpoint.body);
    for (path, bytes) in [
        ("/tile/0/000", Some(8_192)),
        ("/tile/0/000.p/255", Some(8_160)),
        ("/tile/0/001.p/47", Some(47 * 32)),
        ("/village/tile/0/001.p/1", Some(32)),
        ("/tile/1/000.p/1", Some(32)),
        ("/tile/0/001.p/48", None),
        ("/tile/0/001", None),
        ("/tile/0/000.p/256", None),
        ("/tile/0/000.p/0", None),
        ("/tile/1/000", None),
        ("/tile/1/000.p/2", None),
        ("/tile/2/000.p/1", None),
        ("/tile/64/000", None),
        ("/tile/0/0", None),
        ("/tile/0/x000/000", None),
        ("/tile/entries/001.p/48", None),
        ("/tile/0/x999/x999/x999/x999/x999/x999/999", None),
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status == StatusCode::OK, bytes.is_some(), "{path}");
        if let Some(bytes) = bytes {
            assert_eq!(
                (answer.body.len(), answer.header("content-type")),
                (bytes, "application/octet-stream"),
                "{path}"
            );
            assert!(answer.header("cache-control").contains("immutable"));
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
    let entries = site.get("/tile/entries/001.p/47").await;
    let parsed = parse_bundle(&entries.body, 47).unwrap();
    assert_eq!(Entry::parse(parsed[46]).unwrap().statement.seq, 300);
    let head = site.send(Request::head("/tile/0/000").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (StatusCode::OK, "8192", 0));
}

#[tokio::test]
async fn refusals_have_a_code_a_place_and_the_chains_head() {
    let site = Site::new().await;
    let info = site.bed.reader().chain_info(&village::chain()).unwrap();
    site.post(&village::notices(site.bed.reader(), &["1"]), &[]).await;
    let size = site.bed.reader().committed().position.size;
    let stale = site.post(&village::notices_at(&info, &["2"]), &[]).await;
    assert_eq!(stale.problem(), (409, "E-SEQ".to_owned()));
    assert_eq!(stale.json()["head"]["seq"], 1);
    site.bed.published().await;
    let package = village::notices(site.bed.reader(), &["2"]);
    let (envelope, body) = (&package.envelopes[0][..], &package.blobs[0][..]);
    let big = vec![b' '; limits::ENVELOPE_BYTES_MAX + 1];
    let many: Vec<(&str, &[u8])> = vec![("body", b"x"); limits::PARTS_MAX + 1];
    let cases: &[(&str, &[Part], (u16, &str))] = &[
        ("no part", &[], (422, "E-JSON-MISSING")),
        ("no body", &[("envelope", envelope)], (422, "E-BODY-MISSING")),
        ("another body", &[("envelope", envelope), ("body", b"{}")], (422, "E-BODY-DIGEST")),
        ("unknown part", &[("envelope", envelope), ("file", body)], (400, "E-MULTIPART")),
        ("too large", &[("envelope", &big)], (413, "E-LENGTH")),
        ("too many", &many, (413, "E-LENGTH")),
        ("junk", &[("envelope", b"junk"), ("body", body)], (422, "E-JSON-SYNTAX")),
        ("rows", &[("envelope", envelope), ("rows", b"x")], (422, "E-ROWS")),
    ];
    for (name, parts, want) in cases {
        assert_eq!(site.form(parts, &[]).await.problem(), (want.0, want.1.to_owned()), "{name}");
    }
    let no_form = Request::post("/api/v1/entries").body(Body::from("x")).unwrap();
    assert_eq!(site.send(no_form).await.problem(), (400, "E-MULTIPART".to_owned()));
    let cut = Request::post("/api/v1/entries").header("content-type", "multipart/form-data; boundary=XX");
    let cut = cut.body(Body::from("--XX\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nabc")).unwrap();
    assert_eq!(site.send(cut).await.problem(), (400, "E-MULTIPART".to_owned()));
    let huge = Request::post("/api/v1/entries").header("content-length", u64::MAX).body(Body::empty()).unwrap();
    assert_eq!(site.send(huge).await.problem(), (413, "E-LENGTH".to_owned()));
    let method = Request::delete("/checkpoint").body(Body::empty()).unwrap();
    assert_eq!(site.send(method).await.problem(), (405, "E-METHOD".to_owned()));
    assert_eq!(site.bed.reader().committed().position.size, size);
}

#[tokio::test]
async fn a_busy_node_says_when_to_come_back() {
    let site = Site::new().await;
    let app = App::new(site.bed.log().clone());
    let take = |pool: &Arc<Semaphore>| {
        Arc::clone(pool).try_acquire_many_owned(u32::try_from(pool.available_permits()).unwrap()).unwrap()
    };
    let _large = take(&app.inner.uploads.large);
    let busy = Site { router: router(app.clone(), Router::new()), bed: site.bed };
    // Large ones keep no small one out.
    let answer = busy.form(&[("attachment", &vec![0; SMALL_UPLOAD_BYTES_MAX + 1])], &[]).await;
    assert_eq!(answer.problem(), (503, "E-BUSY".to_owned()));
    assert_eq!(busy.post(&village::notices(busy.bed.reader(), &["0"]), &[]).await.status, StatusCode::CREATED);
    let _small = take(&app.inner.uploads.small);
    let answer = busy.post(&village::notices(busy.bed.reader(), &["1"]), &[]).await;
    assert_eq!(answer.problem(), (503, "E-BUSY".to_owned()));
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn raw_leaves_are_answered_with_their_index() {
    let site = Site::over(Bed::made_for(AppendPolicy::Open));
    let longest = vec![b'x'; 65_535];
    for (index, leaf) in [b"leaf".as_slice(), b"leaf", b"\x00", &longest].into_iter().enumerate() {
        let answer = site.add(leaf.to_vec()).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, index.to_string().as_str()));
    }
    assert_eq!(site.add("").await.problem(), (413, "E-LENGTH".to_owned()));
    assert_eq!(site.add(vec![b'x'; 65_536]).await.problem(), (413, "E-LENGTH".to_owned()));
    let bundle = site.get("/tile/entries/000.p/4").await;
    assert_eq!(parse_bundle(&bundle.body, 4).unwrap(), [b"leaf".as_slice(), b"leaf", b"\x00", &longest]);
    // A statement that nobody has checked never gets in by this door.
    let statement = village::log_genesis().envelopes.remove(0);
    assert_eq!(site.add(statement).await.problem(), (422, "E-PAYLOAD-TYPE".to_owned()));
    assert_eq!(site.get("/add").await.problem(), (405, "E-METHOD".to_owned()));
    // A raw leaf can be proved, and says nothing that a bundle could hold.
    assert_eq!(site.get("/api/v1/entries/3").await.body, longest);
    assert_eq!(TlogProof::parse(&site.get("/api/v1/entries/3/proof").await.body).unwrap().index, 3);
    assert_eq!(site.get("/api/v1/entries/3/bundle").await.problem(), (404, "E-NOT-FOUND".to_owned()));
    assert_eq!(site.bed.reader().committed().position.size, 4);
}

#[tokio::test]
async fn a_full_queue_pushes_raw_leaves_back() {
    let site = Site::over(Bed::made_for(AppendPolicy::Open));
    let held = site.bed.fill_queue();
    let answer = site.add("leaf").await;
    assert_eq!(answer.problem(), (503, "E-BUSY".to_owned()));
    assert_eq!(answer.header("retry-after"), "1");
    drop(held);
    assert_eq!(site.add("leaf").await.text(), "0");
}

#[tokio::test]
async fn the_tiles_stand_under_any_path_that_an_origin_may_have() {
    let bed = Bed::with_village().await;
    let app = App::new(bed.log().clone());
    for (origin, checkpoint) in [
        ("log.example", "/checkpoint"),
        ("log.example/village", "/village/checkpoint"),
        ("log.example:8420/a/b", "/a/b/checkpoint"),
        ("log.example/:a/..b", "/:a/..b/checkpoint"),
        ("log.example/tile", "/tile/checkpoint"),
        ("log.example/checkpoint", "/checkpoint/checkpoint"),
    ] {
        let router = router_of(&Origin::parse(origin).unwrap(), app.clone(), Router::new());
        let request = Request::get(checkpoint).body(Body::empty()).unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), StatusCode::OK, "{origin}");
    }
}

#[tokio::test]
async fn health_and_the_api_document() {
    let site = Site::new().await;
    assert_eq!(site.get("/livez").await.text(), "ok\n");
    assert_eq!(site.get("/readyz").await.text(), "ok\n");
    assert_eq!(site.get("/version").await.json()["name"], "sanwu-node");
    let document = site.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert!(paths.iter().any(|path| *path == "/api/v1/entries/{index}/bundle"), "{paths:?}");
    site.bed.fail();
    assert_eq!(
        site.post(&village::notices(site.bed.reader(), &["1"]), &[]).await.problem(),
        (503, "E-STOPPED".to_owned())
    );
    let ready = site.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.get("/checkpoint").await.status, StatusCode::OK);
}
