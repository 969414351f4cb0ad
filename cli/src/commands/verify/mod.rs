//! `sanwu verify`: the verdict on a receipt, a proof bundle, or an entry of a server.

mod args;
mod deep;
mod proof;

use std::path::Path;

pub use args::VerifyArgs;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::proof::receipt;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::verify::trust::PinnedLog;
use sanwu_schema::verify::{Asked, Outcome, Remembered, State};
use serde_json::json;

use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::memory::Memory;
use crate::known_logs::server;
use crate::log_source::client::{Client, DOCUMENT_BYTES_MAX};
use crate::log_source::ledger::Ledger;
use crate::log_source::source::Remote;
use crate::log_source::tree::{SignedTree, TreeError};
use crate::log_source::trust::read_trust;
use crate::report::verdict;
use crate::text::text;
use crate::ui::Ui;

/// Runs the command.
pub fn run(ui: &Ui, args: &VerifyArgs) -> Done {
    let trust = args.server.trust().as_deref().map(read_trust).transpose()?;
    let Some(found) = find(ui, args, trust.as_ref())? else { return proof::run(ui, args, trust.as_ref()) };
    let mut worst = State::Ok;
    let mut documents = Vec::new();
    for bundle in &found.bundles {
        let known = found.known(bundle, trust.as_ref())?;
        // Without a server nobody was asked for a proof from what this machine remembers.
        let asked = if found.ledger.is_none() { Asked::File } else { Asked::Log };
        let outcome = verdict::of(bundle, trust.as_ref(), known.as_ref(), asked)?;
        if let (Some(keep), Some(pinned)) = (&outcome.keep, &trust) {
            let note = checkpoint_in(bundle, pinned).map(|(_, note)| note).unwrap_or_default();
            Memory::trusting(pinned).keep(pinned, known.as_ref(), keep, &String::from_utf8_lossy(&note))?;
        }
        let walked = match (&found.ledger, args.deep, outcome.verdict.state) {
            (_, false, _) | (_, _, State::Mismatch) => None,
            (Some(ledger), true, _) => Some(deep::walk(ui, ledger, bundle, &outcome.verdict)?),
            (None, true, _) => return Err(no_server()),
        };
        let outcome = deepened(outcome, walked.as_ref());
        if !documents.is_empty() {
            ui.print("");
        }
        let told = walked.as_ref().map(|w| w.told.get(ui.lang));
        verdict::tell(ui, &outcome, told);
        worst = worst.max(outcome.verdict.state);
        let mut document = verdict::document(&outcome, ui.lang)?;
        if let Some(members) = document.as_object_mut() {
            members.extend(told.map(|told| ("deep".into(), json!(told))));
        }
        documents.push(document);
    }
    if trust.is_none() {
        ui.say(&text!(
            "没有信任文件, 所以不能下结论。从镇里取得信任文件, 或: sanwu trust 网址 --out 信任.json (再核对指纹)",
            "Without a trust file nothing can be concluded. Get one from the township, or: sanwu trust URL --out FILE (then compare its fingerprint)"
        ));
    }
    let exit = worst.exit();
    ui.document(&json!({
        "schema": "sanwu-verify-1", "ok": exit == 0, "exit": exit, "verdict": worst.as_str(), "records": documents,
    }));
    Ok(exit)
}

/// What is to be verified.
struct ToVerify {
    bundles: Vec<Vec<u8>>,
    ledger: Option<Ledger>,
    /// What this machine had seen before the server was asked, from which the server's bundle proves its growth.
    before: Option<Remembered>,
}

impl ToVerify {
    /// What a bundle is compared with; `None` on the first visit. A server's bundles are compared with all that was
    /// seen of its log, on a first visit, too: what it publishes and what it hands out are of one log.
    fn known(&self, bundle: &[u8], trust: Option<&PinnedLog>) -> Result<Option<Remembered>, Error> {
        let Some(ledger) = &self.ledger else { return trust.map_or(Ok(None), seen) };
        // What no known key has signed is for the verdict to tell.
        let Some((checkpoint, note)) = checkpoint_in(bundle, &ledger.pinned) else { return Ok(None) };
        ledger.accept(&note)?;
        if self.before.is_some() || ledger.is_first_visit() {
            return Ok(self.before.clone());
        }
        // The server has just proved that the bundle's checkpoint and what was seen are of one log.
        let chains = trust.map_or(Ok(None), seen)?.and_then(|seen| seen.chains);
        let genesis = Some(ledger.pinned.file.genesis);
        Ok(Some(Remembered { size: checkpoint.size, root: checkpoint.root, genesis, chains }))
    }
}

/// What this machine has seen of a log.
fn seen(trust: &PinnedLog) -> Result<Option<Remembered>, Error> {
    Ok(Memory::trusting(trust).of_log(&trust.file.genesis)?.map(|seen| seen.record))
}

/// Finds the bundles to verify; none if it is a proof file that comes with its entry.
fn find(ui: &Ui, args: &VerifyArgs, trust: Option<&PinnedLog>) -> Result<Option<ToVerify>, Error> {
    let what = args.what.as_str();
    if what.contains("://") {
        if args.offline {
            return Err(no_server());
        }
        let (base, index) = split_url(what)?;
        return online(ui, args, Client::new(&base)?, index, trust).map(Some);
    }
    if let Ok(index) = what.parse::<u64>()
        && !Path::new(what).exists()
    {
        if args.offline {
            return Err(no_server());
        }
        return online(ui, args, args.server.client()?, index, trust).map(Some);
    }
    let bytes = files::read(Path::new(what))?;
    if bytes.starts_with(b"c2sp.org/tlog-proof@") {
        let proof = TlogProof::parse(&bytes).map_err(|e| Error::new(e.code()).at(what))?;
        return match (&args.entry, args.offline) {
            (Some(_), _) => Ok(None),
            (None, true) => Err(Error::new(ErrorCode::BodyMissing)
                .because(text!("证明文件里没有内容", "a proof file holds no content"))
                .at(what)
                .remedy(text!("加 --entry 记录文件, 或去掉 --offline", "add --entry FILE, or leave out --offline"))),
            // It says less than a bundle: with a server at hand its bundle is asked for.
            (None, false) => online(ui, args, args.server.client()?, proof.index, trust).map(Some),
        };
    }
    let bundles = receipt::bundles(&bytes).map_err(|e| Error::from(e).within(what))?;
    Ok(Some(ToVerify { bundles, ledger: args.ledger(ui)?, before: None }))
}

fn checkpoint_in(bundle: &[u8], trust: &PinnedLog) -> Option<(Checkpoint, Vec<u8>)> {
    let note = Bundle::parse(bundle).ok()?.checkpoint.0;
    Some((trust.open(&note).ok()?.checkpoint, note))
}

/// Asks a server for the bundle, to be proved from what this machine remembers of the log.
fn online(
    ui: &Ui,
    args: &VerifyArgs,
    client: Client,
    index: u64,
    trust: Option<&PinnedLog>,
) -> Result<ToVerify, Error> {
    let before = trust.map_or(Ok(None), seen)?;
    // First of all the newest checkpoint is compared with what was seen: a log that was rolled back is not merely one
    // without this record. Without a trust file nothing is worth remembering.
    let ledger = match trust {
        Some(_) => Some(server::open(ui, client.clone(), args.server.trust().as_deref())?),
        None => None,
    };
    let since = before.as_ref().map_or(String::new(), |r| format!("?since={}", r.size));
    let bundle = client.get(&format!("/api/v1/entries/{index}/bundle{since}"), DOCUMENT_BYTES_MAX);
    let bundle = match (bundle, &ledger) {
        (Err(e), Some(ledger)) if e.code.kind() == ErrorKind::NotFound => return Err(withheld(ledger, index, e)),
        (bundle, _) => bundle?,
    };
    // What cannot be parsed is for the verdict to tell.
    let given = Bundle::parse(&bundle).map_or(index, |bundle| bundle.index);
    if given != index {
        return Err(Error::new(ErrorCode::Inclusion)
            .because(text!(
                "问的是第 {index} 条, 网站给的是第 {given} 条的证明",
                "asked for entry {index}, the server gave the proof of entry {given}"
            ))
            .at(client.base()));
    }
    Ok(ToVerify { bundles: vec![bundle], ledger, before })
}

/// Why a server has no bundle for an entry: there is none of that number, or it is a mirror that has the entry and
/// makes no proofs, or it does not show what the log has signed.
fn withheld(ledger: &Ledger, index: u64, absent: Error) -> Error {
    let head = ledger.head();
    if index >= head.checkpoint.size {
        return absent;
    }
    let remote = Remote::new(ledger.client.clone());
    let entry = SignedTree::open(&remote, &head.checkpoint).and_then(|tree| tree.entry(index));
    match entry {
        Ok(Some(_)) => absent.remedy(text!(
            "这里只有抄本, 不会出证明: 到办账的网站核对, 或: sanwu audit replay {}",
            "this is a mirror, which makes no proofs: ask the log's own server, or: sanwu audit replay {}",
            ledger.client.base()
        )),
        Err(TreeError::Read(e)) => e,
        Ok(None) | Err(_) => Error::new(ErrorCode::Consistency)
            .because(text!(
                "签发过的账有 {} 条, 服务器却说没有第 {index} 条",
                "the log has signed {} entries, but the server says that there is no entry {index}",
                head.checkpoint.size
            ))
            .at(format!("{}/r/{index}", ledger.client.base())),
    }
}

/// The server and the entry that an address names: a page `/r/187`, or an API address.
fn split_url(url: &str) -> Result<(String, u64), Error> {
    let wrong = || {
        Error::new(ErrorCode::Usage).at(url).remedy(text!("网址写成 http://主机/r/第几条", "write http://host/r/INDEX"))
    };
    let plain = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/').trim_end_matches("/bundle");
    for middle in ["/r/", "/api/v1/entries/"] {
        if let Some((base, index)) = plain.split_once(middle) {
            return Ok((base.to_owned(), index.parse().map_err(|_| wrong())?));
        }
    }
    Err(wrong())
}

/// After a walk to the beginning nothing is left open about revocations, and what it found counts.
fn deepened(mut outcome: Outcome, walked: Option<&deep::Walk>) -> Outcome {
    if let Some(walk) = walked {
        let verdict = &mut outcome.verdict;
        verdict.state = verdict.state.max(walk.state);
        if walk.is_complete {
            verdict.not_checked.retain(|w| w != "revocation.between");
        }
    }
    outcome
}

fn no_server() -> Error {
    Error::new(ErrorCode::Usage)
        .because(text!("这样核对要联网", "this way of checking needs the server"))
        .remedy(text!("去掉 --offline, 加上 --server URL", "leave out --offline and add --server URL"))
}
