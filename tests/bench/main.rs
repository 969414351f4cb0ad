//! The benchmark: `cargo run --release --bin sanwu-bench`.
//!
//! Every figure stands beside its limit, measured in the same run on the same machine: the raw rate at which all
//! cores verify Ed25519 signatures, and the raw rate of synced RocksDB commits. The load generator runs on the same
//! cores as the node.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod append;
mod raw;
mod replay;

use std::process::ExitCode;

/// Clients, each with a chain of its own and one entry under way.
const CLIENTS: usize = 64;
/// Entries a client publishes: with 64 clients some seconds of load.
const ENTRIES_EACH: usize = 400;

fn main() -> ExitCode {
    // The node and the CLI run as processes of their own: this program, started again under another name.
    match std::env::args().next().as_deref().map(program_name) {
        Some("sanwu-node") => return sanwu_node::main_entry(),
        Some("sanwu") => return sanwu_cli::run(),
        _ => {}
    }
    let dir = tempfile::tempdir().expect("temporary directory");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    eprintln!("preparing {} signed entries …", CLIENTS * ENTRIES_EACH);
    let log = append::Log::start(dir.path(), CLIENTS, ENTRIES_EACH);
    let verify = raw::verify_strict_per_second(cores);
    let commits = raw::synced_commits_per_second(&dir.path().join("raw-1"), 1);
    let batched = raw::synced_commits_per_second(&dir.path().join("raw-64"), CLIENTS) * CLIENTS as f64;
    let run = log.run();
    let replayed = replay::run(&log.url, dir.path());

    println!("{cores} cores, load generator included; 1 signature and a body of {} B per entry", run.body_bytes);
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
        run.median_ms,
        run.p99_ms,
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
    ExitCode::SUCCESS
}

fn program_name(arg: &str) -> &str {
    arg.rsplit('/').next().unwrap_or(arg)
}
