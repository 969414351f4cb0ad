//! The benchmark: `cargo run --release --bin sanwu-bench`, or with `-- statements` or `-- beside` one half of it.
//!
//! Every figure is printed beside its limit, measured in the same run on the same machine. Statements: the raw rate at
//! which all cores verify Ed25519 signatures, and the raw rate of synced RocksDB commits. Raw leaves and reads: axum
//! that only echoes, or serves the same bytes from memory. The load generator runs on the same cores.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod append;
mod compare;
mod limits;
mod load;
mod peer;
mod raw;
mod replay;
mod wire;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::ExitCode;

use self::compare::WRITERS;
use self::load::quantile;

/// Clients, each with a chain of its own and one entry under way.
const CLIENTS: usize = 64;
/// Entries a client publishes: with 64 clients some seconds of load.
const ENTRIES_EACH: usize = 400;

fn main() -> ExitCode {
    // The node, the CLI and the peer run as processes of their own: this program, started under another name.
    match std::env::args().next().as_deref().map(program_name) {
        Some("sanwu-node") => return sanwu_node::main_entry(),
        Some("sanwu") => return sanwu_cli::run(std::env::args_os(), sanwu_cli::Io::of_process()),
        Some("bench-peer") => return peer::serve(),
        _ => {}
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("no figures: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), String> {
    let part = std::env::args().nth(1);
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    if !wanted("statements") && !wanted("beside") {
        return Err("the parts are `statements` and `beside`".into());
    }
    limits::open_files(WRITERS)?;
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    for name in ["sanwu-node", "sanwu", "bench-peer"] {
        symlink(&me, dir.path().join(name)).map_err(|error| error.to_string())?;
    }
    if wanted("statements") {
        statements(dir.path())?;
    }
    if wanted("beside") {
        beside(dir.path())?;
    }
    Ok(())
}

fn statements(dir: &Path) -> Result<(), String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    eprintln!("preparing {} signed entries …", CLIENTS * ENTRIES_EACH);
    let mut log = append::Log::start(&dir.join("sanwu-node"), &dir.join("data"), CLIENTS, ENTRIES_EACH);
    let verify = raw::verify_strict_per_second(cores);
    let commits = raw::synced_commits_per_second(&dir.join("raw-1"), 1);
    let batched = raw::synced_commits_per_second(&dir.join("raw-64"), CLIENTS) * CLIENTS as f64;
    let run = log.run()?;
    let replayed = replay::run(&log.url, dir);

    println!("{cores} cores, load generator included; 1 signature and a body of {} B per entry", log.body_bytes);
    println!("| figure | per second | its limit in this run |");
    println!("|---|---:|---|");
    println!("| raw: Ed25519 verify_strict, all cores | {verify:.0} | – |");
    println!("| raw: synced WriteBatch of one entry | {commits:.0} | – |");
    println!("| raw: entries in synced WriteBatches of {CLIENTS} | {batched:.0} | – |");
    println!(
        "| durable appends over HTTP, {CLIENTS} clients, one entry each | {:.0} | {:.0} % of verify, {:.0} % of batched commits; {:.1} ms median, {:.1} ms 99th |",
        run.per_second,
        100.0 * run.per_second / verify,
        100.0 * run.per_second / batched,
        quantile(&run.latencies_ms, 0.5),
        quantile(&run.latencies_ms, 0.99),
    );
    println!(
        "| audit replay, {} entries, {} signatures | {:.0} | {:.0} % of verify ({:.0} signatures/s) |",
        replayed.entries,
        replayed.signatures,
        replayed.entries as f64 / replayed.seconds,
        100.0 * replayed.signatures as f64 / replayed.seconds / verify,
        replayed.signatures as f64 / replayed.seconds,
    );
    log.stop();
    Ok(())
}

fn beside(dir: &Path) -> Result<(), String> {
    let figures = compare::run(dir, dir)?;
    println!();
    println!(
        "the node and, in turns, axum that only echoes or serves the same bytes from memory; median (min–max) of the turns"
    );
    println!("| figure | node, per second | axum, per second | node to axum | node | axum |");
    println!("|---|---:|---:|---:|---|---|");
    for figure in &figures {
        println!(
            "| {} | {} | {} | {:.0} % | {} | {} |",
            figure.name,
            figure.node.rates(),
            figure.peer.rates(),
            100.0 * figure.node.rate() / figure.peer.rate(),
            figure.node.latency(),
            figure.peer.latency(),
        );
    }
    if let Some(appends) = figures.first() {
        println!();
        println!(
            "`/add`: {} different indices, every one given once and none left out; in a published checkpoint after {}",
            appends.node.indices,
            appends.node.published(),
        );
    }
    Ok(())
}

fn program_name(arg: &str) -> &str {
    arg.rsplit('/').next().unwrap_or(arg)
}
