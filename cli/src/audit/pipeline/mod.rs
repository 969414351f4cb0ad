//! The order of work. Batches of entries are read, parsed and their signatures verified by all jobs; one more thread
//! then places entry after entry, while the next batch is on its way.

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::replay::ParsedLeaf;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::leaf_hash;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind, parse_bundle};
use sanwu_schema::verify::trust::PinnedLog;

use super::parallel;
use super::report::{Finding, Level, Report};
use crate::error::Error;
use crate::known_logs::memory::Memory;
use crate::log_source::client::Content;
use crate::log_source::source::{RETAINED, Source};
use crate::text::text;

mod judge;
mod leaf;

use judge::Judge;
pub use judge::ReplayedLog;
use leaf::{About, FetchedBody, ReadyLeaf};

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
    pub trust: Option<&'a PinnedLog>,
    /// Whether the log is compared with what this machine has seen of it, and remembered.
    pub remember: bool,
}

/// A leaf that was read from its bundle.
struct ReadLeaf {
    index: u64,
    hash: Hash,
    entry: Result<ParsedLeaf, Invalid>,
}

/// Replays a whole log. An error means that it could not be read; everything else is in the report.
pub fn run(source: &dyn Source, options: &Options<'_>, progress: &(dyn Fn(u64) + Sync)) -> Result<Report, Error> {
    Ok(replay(source, options, None, progress)?.report)
}

/// Replays a whole log and keeps its state, with what a proof of the entry at `index` needs.
pub fn replay(
    source: &dyn Source,
    options: &Options<'_>,
    index: Option<u64>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<ReplayedLog, Error> {
    let note = source.checkpoint()?;
    let claimed = claimed(&note)?;
    let mut judge = Judge::new(source.name(), claimed.clone(), options.trust, index);
    let mut keys: HashMap<KeyId, PublicKey> = HashMap::new();
    let read: Result<Judge, Error> = thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel::<Vec<ReadyLeaf>>(BATCHES_WAITING);
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

/// What the checkpoint says, before its signature is trusted.
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
) -> Result<Vec<ReadyLeaf>, Error> {
    let read = parallel::map(jobs, bundles.collect(), |n| bundle(source, size, n));
    let mut parsed: Vec<ReadLeaf> = Vec::new();
    for bundle in read {
        parsed.extend(bundle?);
    }
    // A key's id is the digest of its bytes, so any grant states them truly; whether the key may sign is decided by
    // position, later.
    for entry in parsed.iter().filter_map(|p| p.entry.as_ref().ok()) {
        let grants = entry.entry().statement.grants();
        keys.extend(grants.iter().map(|g| (g.key.key_id(), g.key.clone())));
    }
    let mut tasks: Vec<Vec<ReadLeaf>> = Vec::new();
    let mut rest = parsed.into_iter().peekable();
    while rest.peek().is_some() {
        tasks.push(rest.by_ref().take(ENTRIES_PER_TASK).collect());
    }
    let keys = &*keys;
    let leaves = parallel::map(jobs, tasks, |task| {
        task.into_iter().map(|read| leaf(source, read, keys)).collect::<Result<Vec<ReadyLeaf>, Error>>()
    });
    let mut all = Vec::new();
    for task in leaves {
        all.extend(task?);
    }
    Ok(all)
}

fn bundle(source: &dyn Source, size: u64, n: u64) -> Result<Vec<ReadLeaf>, Error> {
    let tile =
        Tile::at_size(TileKind::Entries, n, size).ok_or_else(|| Error::new(ErrorCode::TreeRange).at(n.to_string()))?;
    let lost = |code: ErrorCode| Error::new(code).at(format!("{} {}", source.name(), tile.path()));
    let bytes = source.tile(tile)?.ok_or_else(|| lost(ErrorCode::BlobMissing))?;
    let entries = parse_bundle(&bytes, tile.width()).map_err(|e| lost(e.code()))?;
    let first = n * u64::from(TILE_WIDTH);
    Ok(entries
        .into_iter()
        .zip(first..)
        .map(|(bytes, index)| {
            let entry = ParsedLeaf::parse(bytes);
            let hash = entry.as_ref().map_or_else(|_| leaf_hash(bytes), ParsedLeaf::hash);
            ReadLeaf { index, hash, entry }
        })
        .collect())
}

fn leaf(source: &dyn Source, read: ReadLeaf, keys: &HashMap<KeyId, PublicKey>) -> Result<ReadyLeaf, Error> {
    let ReadLeaf { index, hash, entry } = read;
    let leaf = match entry {
        Ok(leaf) => leaf,
        Err(e) => return Ok(ReadyLeaf { index, hash, about: None, entry: Err(e) }),
    };
    let about = Some(About::of(leaf.entry()));
    let body = match &leaf.entry().statement.body {
        None => FetchedBody::Unnamed,
        Some(named) => match source.blob(&named.digest)? {
            Content::Here(bytes) if bytes.len() as u64 == named.size && Hash::digest(&bytes) == named.digest => {
                FetchedBody::Right(bytes)
            }
            Content::Here(_) => FetchedBody::Wrong,
            Content::Gone => FetchedBody::Gone,
            Content::Missing => FetchedBody::Missing,
        },
    };
    let entry = leaf.verify(|id| keys.get(id).cloned()).map(|verified| (verified, body));
    Ok(ReadyLeaf { index, hash, about, entry })
}

/// Compares every tile of hashes with the tree made from the leaves.
fn tiles(source: &dyn Source, claimed: &Checkpoint, judge: &mut Judge) -> Result<(), Error> {
    for level in 0..8u8 {
        let mut n = 0;
        while let Some(tile) = Tile::at_size(TileKind::Hashes(level), n, claimed.size) {
            let own = judge.state().level(usize::from(level) * 8);
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
