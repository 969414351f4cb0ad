//! The node beside axum that does nothing else: raw leaves, tiles, bundles, checkpoint. The same generator, the same
//! bytes, in turns, since other work on the machine comes and goes.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use sanwu_schema::tlog::tile::{TILE_WIDTH, Tile, TileKind};
use sanwu_tests::client::Client;
use sanwu_tests::process::Node;
use sanwu_tests::village::{ORIGIN, Village};

use crate::load::{self, Get, LEAF_BYTES, Reply, Run, Until, Work, quantile};
use crate::wire;

/// Connections that append; each has one leaf under way.
pub const WRITERS: usize = 1_024;
/// Connections that read.
const READERS: usize = 64;
/// Turns of node and peer.
const ROUNDS: usize = 5;
/// What a turn takes: connections and caches warm up, then it counts.
const TURN: Until = Until::Time { warm_up: Duration::from_millis(500), measured: Duration::from_secs(3) };
/// Before a turn: what the other one left to be done in the background gets done.
const QUIET: Duration = Duration::from_millis(500);
/// Different full tiles that are read: 4 MiB.
const TILES_MAX: u64 = 512;
/// Different full bundles that are read: 32 MiB.
const BUNDLES_MAX: u64 = 128;

/// One kind of request, answered by both.
pub struct Figure {
    /// What is asked.
    pub name: String,
    pub node: Turns,
    pub peer: Turns,
}

/// The turns of one server.
#[derive(Default)]
pub struct Turns {
    per_second: Vec<f64>,
    median_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    published_median_ms: Vec<f64>,
    published_p99_ms: Vec<f64>,
    /// Different indices answered with, over all turns.
    pub indices: u64,
}

impl Turns {
    fn add(&mut self, run: &Run) {
        self.per_second.push(run.per_second);
        self.median_ms.push(quantile(&run.latencies_ms, 0.5));
        self.p99_ms.push(quantile(&run.latencies_ms, 0.99));
        self.published_median_ms.push(quantile(&run.published_ms, 0.5));
        self.published_p99_ms.push(quantile(&run.published_ms, 0.99));
        self.indices += run.indices.end - run.indices.start;
    }

    /// The turns' median rate.
    pub fn rate(&self) -> f64 {
        median(&self.per_second)
    }

    /// `12345 (12000–13000)`: median, smallest and largest turn.
    pub fn rates(&self) -> String {
        let ends = |pick: fn(f64, f64) -> f64| self.per_second.iter().copied().reduce(pick).unwrap_or(f64::NAN);
        format!("{:.0} ({:.0}–{:.0})", self.rate(), ends(f64::min), ends(f64::max))
    }

    /// Latencies: the turns' medians.
    pub fn latency(&self) -> String {
        format!("{:.1} ms median, {:.1} ms 99th", median(&self.median_ms), median(&self.p99_ms))
    }

    /// The same until a published checkpoint covers the entry.
    pub fn published(&self) -> String {
        format!("{:.0} ms median, {:.0} ms 99th", median(&self.published_median_ms), median(&self.published_p99_ms))
    }
}

/// Measures everything; `programs` holds `sanwu-node` and `bench-peer`.
pub fn run(programs: &Path, dir: &Path) -> Result<Vec<Figure>, String> {
    let (data, files) = (dir.join("open"), dir.join("files"));
    fs::create_dir(&files).map_err(|error| error.to_string())?;
    let (node, peer) = (programs.join("sanwu-node"), programs.join("bench-peer"));
    Village::named("bench").init_with(&node, &data, ORIGIN, &["--admission", "open"]);
    let node = Node::serve(&node, &data);
    let echo = Node::serve(&peer, &files);
    let mut figures = vec![appends(&node, &echo)?];
    drop(echo);

    let client = Client::new(&node.url);
    let size = figures[0].node.indices;
    let tiles = full_tiles(TileKind::Hashes(0), size, TILES_MAX);
    let bundles = full_tiles(TileKind::Entries, size, BUNDLES_MAX);
    let mut kinds = Vec::new();
    for (name, paths) in [
        (format!("hash tile GETs, {} full tiles of 8 KiB", tiles.len()), tiles),
        (format!("entry bundle GETs, {} full bundles of {} KiB", bundles.len(), LEAF_BYTES * 256 / 1_024), bundles),
        ("checkpoint GETs".to_string(), vec!["/checkpoint".to_string()]),
    ] {
        let paths: Vec<(String, usize)> =
            paths.into_iter().map(|path| keep(&client, &files, path)).collect::<Result<_, _>>()?;
        kinds.push((name, paths));
    }
    let memory = Node::serve(&peer, &files);
    for (name, paths) in kinds {
        eprintln!("{name} …");
        let gets = |server: &Node| {
            let address = server.address();
            Work::Gets(paths.iter().map(|(path, length)| get(address, path, *length)).collect())
        };
        figures.push(in_turns(name, &node, &memory, READERS, gets)?);
    }
    node.stop();
    Ok(figures)
}

fn appends(node: &Node, echo: &Node) -> Result<Figure, String> {
    let name = format!("`/add` of {LEAF_BYTES} B, {WRITERS} connections");
    eprintln!("{name} …");
    let (mut figure, mut next) = (Figure { name, node: Turns::default(), peer: Turns::default() }, 0);
    for _ in 0..ROUNDS {
        let run = turn(node, WRITERS, Work::Leaves(Reply::Index))?;
        // Nobody else appends: every turn goes on where the one before ended.
        if run.indices.start != next {
            return Err(format!("index {} follows {next}", run.indices.start));
        }
        next = run.indices.end;
        figure.node.add(&run);
        figure.peer.add(&turn(echo, WRITERS, Work::Leaves(Reply::Echo))?);
    }
    Ok(figure)
}

fn in_turns(
    name: String,
    node: &Node,
    peer: &Node,
    connections: usize,
    work: impl Fn(&Node) -> Work,
) -> Result<Figure, String> {
    let mut figure = Figure { name, node: Turns::default(), peer: Turns::default() };
    for _ in 0..ROUNDS {
        figure.node.add(&turn(node, connections, work(node))?);
        figure.peer.add(&turn(peer, connections, work(peer))?);
    }
    Ok(figure)
}

fn turn(server: &Node, connections: usize, work: Work) -> Result<Run, String> {
    std::thread::sleep(QUIET);
    load::run(server.address(), connections, work, TURN)
}

/// The paths of the first full tiles.
fn full_tiles(kind: TileKind, size: u64, max: u64) -> Vec<String> {
    let full = (size / u64::from(TILE_WIDTH)).min(max);
    (0..full).filter_map(|index| Tile::new(kind, index, TILE_WIDTH)).map(|tile| format!("/{}", tile.path())).collect()
}

/// Fetches a path from the node and keeps it for the peer; gives the path and its length.
fn keep(client: &Client, files: &Path, path: String) -> Result<(String, usize), String> {
    let answer = client.get(&path);
    if answer.status != 200 {
        return Err(format!("GET {path}: status {}", answer.status));
    }
    let file = files.join(path.trim_start_matches('/'));
    let folder = file.parent().ok_or("a path without a folder")?;
    fs::create_dir_all(folder).and_then(|()| fs::write(&file, &answer.body)).map_err(|error| error.to_string())?;
    Ok((path, answer.body.len()))
}

fn get(address: SocketAddr, path: &str, length: usize) -> Get {
    Get { request: wire::get(address, path), length }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    quantile(&values, 0.5)
}
