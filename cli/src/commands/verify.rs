//! `sanwu verify`: the verdict on a receipt, a proof bundle, or an entry of a server.

mod deep;

use std::path::{Path, PathBuf};

use clap::Args;
use sanwu_schema::bundle::Bundle;
use sanwu_schema::code::Code;
use sanwu_schema::entry::Entry;
use sanwu_schema::log::checkpoint::Checkpoint;
use sanwu_schema::log::merkle::{leaf_hash, verify_inclusion};
use sanwu_schema::log::tlog_proof::TlogProof;
use sanwu_schema::statement::{ChainId, StatementId};
use sanwu_schema::trust::Pinned;
use sanwu_schema::verify::{CheckCode, CheckState, Remembered, State, Verdict};
use serde_json::{Value, json};

use crate::client::{Client, DOCUMENT_BYTES_MAX};
use crate::drafting::ServerArgs;
use crate::error::{Done, Error};
use crate::files;
use crate::ledger::{Ledger, read_trust};
use crate::memory::Memory;
use crate::text::text;
use crate::ui::Ui;
use crate::verdict;

/// 核对: 内容、签名、账链、见证, 都由本程序自己算 (verify)
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// 回执或证明文件、.tlog-proof 文件、网址, 或第几条
    what: String,
    #[command(flatten)]
    server: ServerArgs,
    /// 不联网, 只用手头的文件
    #[arg(long)]
    offline: bool,
    /// 一直核到账链的开头和总账的第一条
    #[arg(long, conflicts_with = "offline")]
    deep: bool,
    /// .tlog-proof 所证明的那一条记录
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
}

/// Runs the command.
pub fn run(ui: &Ui, args: &VerifyArgs) -> Done {
    let trust = args.server.trust().as_deref().map(read_trust).transpose()?;
    let found = find(ui, args, trust.as_ref())?;
    let Found { bundles, ledger, remembered } = found;
    let mut worst = State::Ok;
    let mut documents = Vec::new();
    for bundle in &bundles {
        let known = match &remembered {
            Some(remembered) => Some(remembered.clone()),
            None => known(bundle, ledger.as_ref(), trust.as_ref())?,
        };
        let verdict = verdict::of(bundle, trust.as_ref(), known.as_ref())?;
        let verdict = match &trust {
            Some(pinned) => against_memory(verdict, bundle, pinned)?,
            None => verdict,
        };
        if let (State::Ok | State::OkSuperseded, Some(pinned)) = (verdict.state, &trust) {
            remember(bundle, &verdict, pinned)?;
        }
        let walked = match (&ledger, args.deep, verdict.state) {
            (_, false, _) | (_, _, State::Mismatch) => None,
            (Some(ledger), true, _) => Some(deep::walk(ui, ledger, &verdict)?),
            (None, true, _) => return Err(no_server()),
        };
        let verdict = deepened(verdict, walked.as_ref());
        if !documents.is_empty() {
            ui.print("");
        }
        let told = walked.as_ref().map(|w| w.told.get(ui.lang));
        let max_age_days = trust.as_ref().and_then(|t| t.file.max_age_days);
        verdict::tell(ui, &verdict, told, max_age_days);
        worst = worse(worst, verdict.state);
        let mut document = verdict::document(&verdict, ui.lang)?;
        if let Some(members) = document.as_object_mut() {
            members.extend(told.map(|told| ("deep".into(), json!(told))));
            members.extend(max_age_days.map(|days| ("max_age_days".into(), json!(days))));
        }
        documents.push(document);
    }
    if trust.is_none() {
        ui.say(&text!(
            "没有信任文件, 所以不能下结论。从镇里取得信任文件, 或: sanwu trust 网址 --out 信任.json (再核对指纹)",
            "Without a trust file nothing can be concluded. Get one from the township, or: sanwu trust URL --out FILE (then compare its fingerprint)"
        ));
    }
    let exit = verdict::exit(worst);
    ui.document(&json!({
        "schema": "sanwu-verify-1", "ok": exit == 0, "exit": exit, "verdict": worst.as_str(), "records": documents,
    }));
    Ok(exit)
}

/// What is to be verified.
struct Found {
    bundles: Vec<Vec<u8>>,
    ledger: Option<Ledger>,
    remembered: Option<Remembered>,
}

fn find(ui: &Ui, args: &VerifyArgs, trust: Option<&Pinned>) -> Result<Found, Error> {
    let what = args.what.as_str();
    if what.contains("://") {
        if args.offline {
            return Err(no_server());
        }
        let (base, index) = split_url(what)?;
        return online(ui, args, Client::new(&base)?, index, trust);
    }
    if let Ok(index) = what.parse::<u64>()
        && !Path::new(what).exists()
    {
        if args.offline {
            return Err(no_server());
        }
        return online(ui, args, args.server.client()?, index, trust);
    }
    let path = Path::new(what);
    let bytes = files::read(path)?;
    if bytes.starts_with(b"c2sp.org/tlog-proof@") {
        return from_tlog_proof(ui, args, path, &bytes, trust);
    }
    let bundles = bundles_in(&bytes).map_err(|e| e.within(what))?;
    let ledger = match args.server.client() {
        Ok(_) if !args.offline => Some(args.server.ledger(ui)?),
        _ => None,
    };
    Ok(Found { bundles, ledger, remembered: None })
}

/// What this machine knows that the bundle's checkpoint can be held against: with a server, that the checkpoint
/// continues or precedes what was seen; without, that it is the very one that was seen.
fn known(bundle: &[u8], ledger: Option<&Ledger>, trust: Option<&Pinned>) -> Result<Option<Remembered>, Error> {
    let Some(trust) = trust else { return Ok(None) };
    let Some((checkpoint, note)) = checkpoint_in(bundle, trust) else { return Ok(None) };
    let own = Remembered { size: checkpoint.size, root: checkpoint.root };
    if let Some(ledger) = ledger.filter(|l| !l.is_first_visit()) {
        ledger.accept(&note)?;
        return Ok(Some(own));
    }
    let seen = Memory::of(&trust.file.origin).of_log(&trust.file.genesis)?;
    // A file that is older or newer than the memory proves nothing about it, either way.
    Ok(seen.filter(|s| s.size == own.size).map(|s| Remembered { size: s.size, root: s.root }))
}

/// Keeps the checkpoint of a good bundle when nothing newer is known, and how the entry's chain begins.
fn remember(bundle: &[u8], verdict: &Verdict, trust: &Pinned) -> Result<(), Error> {
    let memory = Memory::of(&trust.file.origin);
    let genesis = &trust.file.genesis;
    match checkpoint_in(bundle, trust) {
        Some((checkpoint, note)) if memory.of_log(genesis)?.is_none() => {
            memory.store(genesis, &checkpoint, &String::from_utf8_lossy(&note))?;
        }
        _ => {}
    }
    match beginning(bundle, verdict) {
        Some((chain, first)) => memory.opened(&chain, &first),
        None => Ok(()),
    }
}

/// The chain of a bundle's entry and the first statement of that chain: the entry itself, or one that the bundle
/// brings along and whose proof the verdict has checked.
fn beginning(bundle: &[u8], verdict: &Verdict) -> Option<(ChainId, StatementId)> {
    let chain = verdict.chain.clone()?;
    let bundle = Bundle::parse(bundle).ok()?;
    let brought = std::iter::once(&bundle.entry).chain(bundle.grants.iter().map(|g| &g.entry));
    let entries = brought.filter_map(|bytes| Entry::parse(&bytes.0).ok());
    let mut firsts = entries.filter(|e| e.statement.chain == chain && e.statement.seq == 0);
    firsts.next().map(|first| (chain, first.id))
}

/// A chain that begins otherwise than this machine has seen makes any verdict a mismatch.
fn against_memory(mut verdict: Verdict, bundle: &[u8], trust: &Pinned) -> Result<Verdict, Error> {
    let Some((chain, first)) = beginning(bundle, &verdict) else { return Ok(verdict) };
    let Err(other) = Memory::of(&trust.file.origin).knows(&chain, &first) else { return Ok(verdict) };
    if other.code != Code::Consistency {
        return Err(other);
    }
    if let Some(check) = verdict.checks.iter_mut().find(|c| c.code == CheckCode::ClientConsistency) {
        check.state = CheckState::Mismatch;
        check.error = Some(other.code.as_str().to_owned());
        check.place = Some(format!("genesis {first}"));
    }
    verdict.state = State::Mismatch;
    Ok(verdict)
}

fn checkpoint_in(bundle: &[u8], trust: &Pinned) -> Option<(Checkpoint, Vec<u8>)> {
    let note = Bundle::parse(bundle).ok()?.checkpoint.0;
    Some((trust.open(&note).ok()?.checkpoint, note))
}

/// A bundle, or a receipt that holds several.
fn bundles_in(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    // Our own reader tells the byte at which a file breaks off.
    sanwu_schema::canon::parse(bytes)?;
    let document: Value = serde_json::from_slice(bytes).map_err(|e| Error::new(Code::JsonSyntax).at(e.to_string()))?;
    if document.get("format").and_then(Value::as_str) != Some("sanwu-receipt-v1") {
        return Ok(vec![bytes.to_vec()]);
    }
    let entries = document.get("entries").and_then(Value::as_array).filter(|e| !e.is_empty());
    let entries = entries.ok_or_else(|| Error::new(Code::JsonMissing).at("entries"))?;
    entries
        .iter()
        .enumerate()
        .map(|(i, entry)| {
            let bundle =
                entry.get("bundle").ok_or_else(|| Error::new(Code::JsonMissing).at(format!("entries[{i}].bundle")))?;
            Ok(bundle.to_string().into_bytes())
        })
        .collect()
}

/// Asks a server for the bundle, to be proved from what this machine remembers of the log.
fn online(ui: &Ui, args: &VerifyArgs, client: Client, index: u64, trust: Option<&Pinned>) -> Result<Found, Error> {
    let remembered = match trust {
        Some(pinned) => Memory::of(&pinned.file.origin).of_log(&pinned.file.genesis)?,
        None => None,
    };
    let remembered = remembered.map(|r| Remembered { size: r.size, root: r.root });
    let since = remembered.as_ref().map_or(String::new(), |r| format!("?since={}", r.size));
    let bundle = client.get(&format!("/api/v1/entries/{index}/bundle{since}"), DOCUMENT_BYTES_MAX)?;
    // With a trust file the newest checkpoint is checked and remembered, too; without one nothing is worth remembering.
    let ledger = match trust {
        Some(_) => Some(Ledger::open(ui, client, args.server.trust().as_deref())?),
        None => None,
    };
    Ok(Found { bundles: vec![bundle], ledger, remembered })
}

/// A C2SP proof and its entry say less than a bundle: with a server at hand its bundle is asked for.
fn from_tlog_proof(
    ui: &Ui,
    args: &VerifyArgs,
    path: &Path,
    bytes: &[u8],
    trust: Option<&Pinned>,
) -> Result<Found, Error> {
    let place = path.display().to_string();
    let proof = TlogProof::parse(bytes).map_err(|e| Error::new(e.code()).at(place.as_str()))?;
    let Some(entry) = &args.entry else {
        if args.offline {
            return Err(Error::new(Code::BodyMissing)
                .because(text!("证明文件里没有内容", "a proof file holds no content"))
                .at(place)
                .remedy(text!("加 --entry 记录文件, 或去掉 --offline", "add --entry FILE, or leave out --offline")));
        }
        return online(ui, args, args.server.client()?, proof.index, trust);
    };
    let trust = trust.ok_or_else(|| Error::new(Code::TrustMissing).at(place.as_str()))?;
    let note = proof.checkpoint.to_text();
    let opened = trust.open(note.as_bytes()).map_err(|e| Error::new(e.code()).at(place.as_str()))?;
    let checkpoint = opened.checkpoint;
    let (size, leaf) = (checkpoint.size, leaf_hash(&files::read(entry)?));
    verify_inclusion(proof.index, size, &leaf, &proof.proof, &checkpoint.root)
        .map_err(|e| Error::new(e.code()).at(place))?;
    ui.print_text(&text!(
        "✔ 这条记录在总账里: 第 {} 条, 共 {size} 条。签名和内容请用回执或网址核对。",
        "✔ the entry is in the log: entry {} of {size}. Verify a receipt or an address for signatures and content.",
        proof.index
    ));
    Ok(Found { bundles: Vec::new(), ledger: None, remembered: None })
}

/// The server and the entry that an address names: a page `/r/187`, or an API address.
fn split_url(url: &str) -> Result<(String, u64), Error> {
    let wrong =
        || Error::new(Code::Usage).at(url).remedy(text!("网址写成 http://主机/r/第几条", "write http://host/r/INDEX"));
    let plain = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/').trim_end_matches("/bundle");
    for middle in ["/r/", "/api/v1/entries/"] {
        if let Some((base, index)) = plain.split_once(middle) {
            return Ok((base.to_owned(), index.parse().map_err(|_| wrong())?));
        }
    }
    Err(wrong())
}

/// After a walk to the beginning nothing is left open about revocations, and what it found counts.
fn deepened(mut verdict: Verdict, walked: Option<&deep::Walk>) -> Verdict {
    if let Some(walk) = walked {
        verdict.state = worse(verdict.state, walk.state);
        verdict.not_checked.retain(|w| w != "revocation.between");
    }
    verdict
}

fn worse(a: State, b: State) -> State {
    let rank = |s: State| match s {
        State::Ok => 0,
        State::OkSuperseded => 1,
        State::Partial => 2,
        State::Cannot => 3,
        State::Mismatch => 4,
    };
    if rank(b) > rank(a) { b } else { a }
}

fn no_server() -> Error {
    Error::new(Code::Usage)
        .because(text!("这样核对要联网", "this way of checking needs the server"))
        .remedy(text!("去掉 --offline, 加上 --server URL", "leave out --offline and add --server URL"))
}
