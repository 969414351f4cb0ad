//! The replay's order of work. Batches of entries are read, parsed and their signatures verified by all jobs; one
//! more thread then judges entry after entry, while the next batch is on its way.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::thread;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::date::Period;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::{Entry, Invalid, SignedEntry};
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::leaf_hash;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, parse_bundle};
use sanwu_schema::validity::ChainFacts;
use sanwu_schema::verify::trust::Pinned;

use super::history::Past;
use super::parallel;
use super::report::{Finding, Level, Report};
use crate::error::Error;
use crate::memory::Memory;
use crate::source::{Bytes, RETAINED, Source};
use crate::text::{Text, text};

mod judge;

use judge::Judge;

/// Entry bundles per batch: 4,096 entries keep every thread busy and stay below 300 MB at the worst.
const BUNDLES_PER_BATCH: u64 = 16;
/// Entries that one job takes at a time.
const ENTRIES_PER_TASK: usize = 32;
/// Batches that may wait for the judge: memory, not speed, is the limit.
const BATCHES_WAITING: usize = 1;

/// How to replay.
pub struct Options<'a> {
    /// Threads that verify signatures.
    pub jobs: usize,
    /// What is pinned.
    pub trust: Option<&'a Pinned>,
    /// Whether the log is held against what this machine has seen of it, and remembered.
    pub remember: bool,
}

/// What an entry says it is, kept for findings about it.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub chain: ChainId,
    pub period: Option<Period>,
    pub what: Text,
}

impl About {
    fn of(entry: &Entry) -> Self {
        Self {
            chain: entry.statement.chain.clone(),
            period: entry.statement.period.clone(),
            what: crate::drafting::label(&entry.statement),
        }
    }
}

/// An entry's body, compared with its digest.
pub(super) enum Body {
    Absent,
    Right(Vec<u8>),
    Wrong,
    Gone,
    Missing,
}

/// A leaf with everything that can be said without its position.
pub(super) struct Leaf {
    pub index: u64,
    pub hash: Hash,
    pub about: Option<About>,
    pub entry: Result<(SignedEntry, Body), Invalid>,
}

struct Parsed {
    index: u64,
    hash: Hash,
    entry: Result<Entry, Invalid>,
}

/// A log that was replayed.
pub struct Replayed {
    /// What was found.
    pub report: Report,
    /// The log's past.
    pub past: Past,
    /// The facts before the entry asked for and before those that correct it or erase its body, by index.
    pub facts: HashMap<u64, Arc<ChainFacts>>,
}

/// Replays a whole log. An error means that it could not be read; everything else stands in the report.
pub fn run(source: &dyn Source, options: &Options<'_>, progress: &(dyn Fn(u64) + Sync)) -> Result<Report, Error> {
    Ok(replay(source, options, None, progress)?.report)
}

/// Replays a whole log and keeps its past, with what a proof of the entry at `index` needs.
pub fn replay(
    source: &dyn Source,
    options: &Options<'_>,
    index: Option<u64>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Replayed, Error> {
    let note = source.checkpoint()?;
    let claimed = claimed(&note)?;
    let mut judge = Judge::new(source.name(), claimed.clone(), options.trust, index);
    let mut keys: HashMap<KeyId, PublicKey> = HashMap::new();
    let read: Result<Judge, Error> = thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel::<Vec<Leaf>>(BATCHES_WAITING);
        let judging = scope.spawn(move || {
            for batch in receive {
                let count = batch.len() as u64;
                batch.into_iter().for_each(|leaf| judge.take(leaf));
                progress(count);
            }
            judge
        });
        let bundles = claimed.size.div_ceil(u64::from(TILE_WIDTH));
        let mut from = 0;
        let mut failed = None;
        while from < bundles {
            let to = bundles.min(from + BUNDLES_PER_BATCH);
            match batch(source, claimed.size, from..to, options.jobs, &mut keys) {
                // The judge only stops receiving when it panics, which the join tells.
                Ok(leaves) => drop(send.send(leaves)),
                Err(e) => {
                    failed = Some(e);
                    break;
                }
            }
            from = to;
        }
        drop(send);
        match (judging.join(), failed) {
            (Ok(judge), None) => Ok(judge),
            (_, Some(e)) => Err(e),
            (Err(panic), None) => std::panic::resume_unwind(panic),
        }
    });
    let mut judge = read?;
    tiles(source, &claimed, &mut judge)?;
    judge.conclude(&note);
    let memory = match options.trust {
        Some(pinned) => Memory::trusting(pinned),
        None => Memory::of(&claimed.origin),
    };
    let seen = if options.remember { memory.load() } else { Ok(None) };
    if let Ok(Some(seen)) = &seen {
        let is_older_copy = seen.record.size > claimed.size && source.is_copy();
        judge.remembered(&seen.record, is_older_copy, &memory.place().unwrap_or_default());
    }
    retained(source, &claimed, &mut judge)?;
    // Without a trust file nobody has said whose log it is.
    let keep = options.remember && options.trust.is_some() && judge.is_sound();
    let kept = match (&seen, judge.pinned().filter(|_| keep)) {
        // What another process has remembered in between is compared next time.
        (Ok(seen), Some(pinned)) => memory.store(pinned, seen.as_ref(), &claimed, &String::from_utf8_lossy(&note)),
        _ => Ok(true),
    };
    let mut replayed = judge.into_replayed();
    // A machine that cannot remember can replay all the same.
    replayed.report.memory_trouble = seen.err().or(kept.err());
    Ok(replayed)
}

/// Every checkpoint that the source says it once published, against the tree just replayed.
fn retained(source: &dyn Source, claimed: &Checkpoint, judge: &mut Judge) -> Result<(), Error> {
    let mut from = 0;
    loop {
        let page = source.retained(from)?;
        let Some(last) = page.last().map(|one| one.size) else { return Ok(()) };
        for one in page {
            if one.size > claimed.size {
                // A log may have grown meanwhile; one that has not shows less than it once signed.
                let grown = self::claimed(&source.checkpoint()?)?.size >= one.size;
                let place = format!("{RETAINED}/{}", one.size);
                judge.found((!grown).then(|| Finding::of_log(Level::Undecided, ErrorCode::OlderThanRemembered, place)));
                return Ok(());
            }
            judge.retained(&one);
        }
        from = last + 1;
    }
}

/// What the checkpoint says, before its signature is believed.
fn claimed(note: &[u8]) -> Result<Checkpoint, Error> {
    let note = Note::parse(note).map_err(|e| Error::new(e.code()).at("checkpoint"))?;
    Checkpoint::parse(note.text()).map_err(|e| Error::new(e.code()).at("checkpoint"))
}

fn batch(
    source: &dyn Source,
    size: u64,
    bundles: std::ops::Range<u64>,
    jobs: usize,
    keys: &mut HashMap<KeyId, PublicKey>,
) -> Result<Vec<Leaf>, Error> {
    let read = parallel::map(jobs, bundles.collect(), |n| bundle(source, size, n));
    let mut parsed: Vec<Parsed> = Vec::new();
    for bundle in read {
        parsed.extend(bundle?);
    }
    // A key's id is the digest of its bytes, so whoever states it states it truly; whether it may sign is a
    // question of position, and the judge's.
    for entry in parsed.iter().filter_map(|p| p.entry.as_ref().ok()) {
        let grants = entry.statement.control.as_ref().map_or(&[][..], |c| c.grants());
        keys.extend(grants.iter().map(|g| (g.key.key_id(), g.key.clone())));
    }
    let mut tasks: Vec<Vec<Parsed>> = Vec::new();
    let mut rest = parsed.into_iter().peekable();
    while rest.peek().is_some() {
        tasks.push(rest.by_ref().take(ENTRIES_PER_TASK).collect());
    }
    let keys = &*keys;
    let leaves = parallel::map(jobs, tasks, |task| {
        task.into_iter().map(|parsed| leaf(source, parsed, keys)).collect::<Result<Vec<Leaf>, Error>>()
    });
    let mut all = Vec::new();
    for task in leaves {
        all.extend(task?);
    }
    Ok(all)
}

fn bundle(source: &dyn Source, size: u64, n: u64) -> Result<Vec<Parsed>, Error> {
    let tile =
        Tile::at_size(TileKind::Entries, n, size).ok_or_else(|| Error::new(ErrorCode::TreeRange).at(n.to_string()))?;
    let lost = |code: ErrorCode| Error::new(code).at(format!("{} {}", source.name(), tile.path()));
    let bytes = source.tile(tile)?.ok_or_else(|| lost(ErrorCode::BlobMissing))?;
    let entries = parse_bundle(&bytes, tile.width()).map_err(|e| lost(e.code()))?;
    let first = n * u64::from(TILE_WIDTH);
    Ok(entries
        .into_iter()
        .zip(first..)
        .map(|(bytes, index)| Parsed { index, hash: leaf_hash(bytes), entry: Entry::parse(bytes) })
        .collect())
}

fn leaf(source: &dyn Source, parsed: Parsed, keys: &HashMap<KeyId, PublicKey>) -> Result<Leaf, Error> {
    let Parsed { index, hash, entry } = parsed;
    let entry = match entry {
        Ok(entry) => entry,
        Err(e) => return Ok(Leaf { index, hash, about: None, entry: Err(e) }),
    };
    let about = Some(About::of(&entry));
    let body = match &entry.statement.body {
        None => Body::Absent,
        Some(named) => match source.blob(&named.digest)? {
            Bytes::Here(bytes) if bytes.len() as u64 == named.size && Hash::digest(&bytes) == named.digest => {
                Body::Right(bytes)
            }
            Bytes::Here(_) => Body::Wrong,
            Bytes::Gone => Body::Gone,
            Bytes::Missing => Body::Missing,
        },
    };
    let entry = entry.verify_signatures(|id| keys.get(id).cloned()).map(|signed| (signed, body));
    Ok(Leaf { index, hash, about, entry })
}

/// Compares every tile of hashes with the tree made from the leaves.
fn tiles(source: &dyn Source, claimed: &Checkpoint, judge: &mut Judge) -> Result<(), Error> {
    for level in 0..8u8 {
        let mut n = 0;
        while let Some(tile) = Tile::at_size(TileKind::Hashes(level), n, claimed.size) {
            let own = judge.past().level(usize::from(level) * 8);
            let from = usize::try_from(n * u64::from(TILE_WIDTH)).unwrap_or(usize::MAX);
            let own: Vec<Hash> = own.iter().skip(from).take(usize::from(tile.width())).copied().collect();
            let finding = match source.tile(tile)? {
                None => Some(Finding::of_log(Level::Undecided, ErrorCode::BlobMissing, tile.path())),
                Some(bytes) => match tile.hashes(&bytes) {
                    Ok(theirs) if theirs == own => None,
                    Ok(theirs) => {
                        let at = theirs.iter().zip(&own).take_while(|(a, b)| a == b).count() as u64;
                        let mut finding = Finding::of_log(Level::Mismatch, ErrorCode::Inclusion, tile.path());
                        if level == 0 {
                            finding.index = Some(n * u64::from(TILE_WIDTH) + at);
                            finding.what =
                                text!("这一条的字节和总账分块不一样", "the entry's bytes are not those of the tile");
                        }
                        Some(finding)
                    }
                    Err(e) => Some(Finding::of_log(Level::Mismatch, e.code(), tile.path())),
                },
            };
            judge.found(finding);
            n += 1;
        }
    }
    Ok(())
}
