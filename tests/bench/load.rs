//! The load generator: connections on one thread, each with one request under way.
//!
//! It shares the cores with what it measures, so it does as little as it can: plain TCP with keep-alive, requests
//! written into buffers that stay, of an answer only status, length and, of an append, the index. What drives the
//! node drives its peers.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::wire::{Connection, get, post};

/// Bytes of a raw leaf, as other logs are measured with.
pub const LEAF_BYTES: usize = 1_024;

/// How often the published checkpoint is looked at while leaves are appended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A node that has not published this long after its last answer does not.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(10);

/// What is sent.
pub enum Work {
    /// `POST /add`, every leaf new and random.
    Leaves(Reply),
    /// Each connection takes these in turn, from another one on.
    Gets(Vec<Get>),
    /// Per connection what it sends, each once; every answer has to be 201.
    Prepared(Vec<Vec<Vec<u8>>>),
}

/// What a leaf is answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Index,
    /// The leaf again.
    Echo,
}

/// A GET.
#[derive(Clone)]
pub struct Get {
    pub request: Vec<u8>,
    /// Length of the answer.
    pub length: usize,
}

/// How long.
#[derive(Clone, Copy)]
pub enum Until {
    /// Answers count that come in within `measured`, after `warm_up`.
    Time { warm_up: Duration, measured: Duration },
    /// Everything is sent and counts.
    Done,
}

/// What a run gave.
pub struct Run {
    pub per_second: f64,
    /// From the request's first byte to the answer's last, ms, ascending.
    pub latencies_ms: Vec<f64>,
    /// From the request's first byte until a checkpoint covers the entry, ms, ascending; of appends.
    pub published_ms: Vec<f64>,
    /// The indices that were answered, each once, warm-up included; of appends.
    pub indices: Range<u64>,
}

/// One answered request.
struct Answered {
    sent: Instant,
    at: Instant,
    /// Of an append.
    index: u64,
}

/// A published checkpoint, as it was first seen.
struct Seen {
    at: Instant,
    size: u64,
}

/// The value below which a share of ascending values lies.
pub fn quantile(ascending: &[f64], share: f64) -> f64 {
    let at = (ascending.len().saturating_sub(1) as f64 * share) as usize;
    ascending.get(at).copied().unwrap_or(f64::NAN)
}

/// Runs the load. Any answer but the expected one, or an index met twice, is an error: then there is no figure.
pub fn run(address: SocketAddr, connections: usize, work: Work, until: Until) -> Result<Run, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("the generator's runtime: {error}"))?;
    runtime.block_on(drive(address, connections, Arc::new(work), until))
}

async fn drive(address: SocketAddr, connections: usize, work: Arc<Work>, until: Until) -> Result<Run, String> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    // The size that the published checkpoint has to reach; known when everything is answered.
    let reach = Arc::new(AtomicU64::new(u64::MAX));
    let looking = match *work {
        Work::Leaves(Reply::Index) => {
            let checkpoint = get(address, "/checkpoint");
            Some(tokio::spawn(look(Connection::open(address).await?, checkpoint, Arc::clone(&reach))))
        }
        _ => None,
    };
    let start = Instant::now();
    let (from, to) = match until {
        Until::Time { warm_up, measured } => (start + warm_up, Some(start + warm_up + measured)),
        Until::Done => (start, None),
    };
    let tasks: Vec<_> = open
        .into_iter()
        .enumerate()
        .map(|(number, connection)| {
            let leaf = Leaf::new(number, post(address, "/add", "", &[0; LEAF_BYTES]));
            tokio::spawn(one(connection, number, leaf, Arc::clone(&work), to))
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.map_err(|error| error.to_string())??);
    }
    let end = to.unwrap_or_else(Instant::now);
    let counted: Vec<&Answered> = all.iter().filter(|one| one.at >= from && one.at < end).collect();
    let mut run = Run {
        per_second: counted.len() as f64 / (end - from).as_secs_f64(),
        latencies_ms: ascending(counted.iter().map(|one| one.at - one.sent)),
        published_ms: Vec::new(),
        indices: 0..0,
    };
    if let Some(looking) = looking {
        run.indices = indices(&all)?;
        reach.store(run.indices.end, Ordering::Relaxed);
        let seen = tokio::time::timeout(PUBLISHED_WITHIN, looking).await;
        let seen = seen.map_err(|_| format!("no checkpoint of size {} was published", run.indices.end))?;
        let seen = seen.map_err(|error| error.to_string())??;
        run.published_ms = ascending(counted.iter().filter_map(|one| {
            let covering = seen.get(seen.partition_point(|seen| seen.size <= one.index))?;
            Some(covering.at - one.sent)
        }));
    }
    Ok(run)
}

/// One connection's requests, one after the other.
async fn one(
    mut connection: Connection,
    number: usize,
    mut leaf: Leaf,
    work: Arc<Work>,
    to: Option<Instant>,
) -> Result<Vec<Answered>, String> {
    let mut answered = Vec::new();
    let mut sent = Instant::now();
    for turn in 0.. {
        if to.is_some_and(|to| sent >= to) {
            break;
        }
        let index = match &*work {
            Work::Leaves(reply) => {
                let answer = connection.ask(leaf.next(), 200).await?;
                match reply {
                    Reply::Index => answer.number()?,
                    Reply::Echo => answer.of_length(LEAF_BYTES)?,
                }
            }
            Work::Gets(gets) => {
                let Some(get) = gets.get((number + turn) % gets.len()) else { break };
                connection.ask(&get.request, 200).await?.of_length(get.length)?
            }
            Work::Prepared(requests) => {
                let Some(request) = requests.get(number).and_then(|mine| mine.get(turn)) else { break };
                connection.ask(request, 201).await?;
                0
            }
        };
        let at = Instant::now();
        answered.push(Answered { sent, at, index });
        sent = at;
    }
    Ok(answered)
}

/// Looks at the published checkpoint until it covers `reach` entries; every size once, ascending.
async fn look(mut connection: Connection, request: Vec<u8>, reach: Arc<AtomicU64>) -> Result<Vec<Seen>, String> {
    let mut seen: Vec<Seen> = Vec::new();
    loop {
        let answer = connection.ask(&request, 200).await?;
        let size = answer.checkpoint_size()?;
        if seen.last().is_none_or(|last| last.size < size) {
            seen.push(Seen { at: Instant::now(), size });
        }
        if size >= reach.load(Ordering::Relaxed) {
            return Ok(seen);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The indices, if each was given once and none was left out.
fn indices(all: &[Answered]) -> Result<Range<u64>, String> {
    let mut indices: Vec<u64> = all.iter().map(|one| one.index).collect();
    indices.sort_unstable();
    match indices.array_windows().find(|[a, b]| a + 1 != *b) {
        Some([a, b]) if a == b => Err(format!("index {a} was given twice")),
        Some([a, b]) => Err(format!("no index between {a} and {b} was given")),
        None => Ok(indices.first().copied().unwrap_or_default()..indices.last().map_or(0, |last| last + 1)),
    }
}

fn ascending(durations: impl Iterator<Item = Duration>) -> Vec<f64> {
    let mut ms: Vec<f64> = durations.map(|one| one.as_secs_f64() * 1_000.0).collect();
    ms.sort_unstable_by(f64::total_cmp);
    ms
}

/// A request whose leaf is another random one each time (xorshift).
struct Leaf {
    state: u64,
    request: Vec<u8>,
}

impl Leaf {
    fn new(number: usize, request: Vec<u8>) -> Self {
        let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |now| now.as_nanos() as u64);
        Self { state: (seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1, request }
    }

    fn next(&mut self) -> &[u8] {
        let from = self.request.len() - LEAF_BYTES;
        for eight in self.request[from..].as_chunks_mut::<8>().0 {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            *eight = self.state.to_le_bytes();
        }
        &self.request
    }
}
