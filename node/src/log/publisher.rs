//! Turns the committed head into the published checkpoint, at most once per interval, and watches the
//! disk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::Options;
use super::state::{Shared, Status};
use crate::storage::Published;

/// How often the disk is looked at while nothing happens.
const IDLE: Duration = Duration::from_secs(5);

/// The reason given while the disk reserve is touched.
const DISK: &str = "the disk is almost full";

/// Starts the thread. It ends when the sequencer has ended.
pub(super) fn start(
    shared: Arc<Shared>,
    options: Options,
    woken: Receiver<()>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("publisher".into()).spawn(move || {
        loop {
            watch_disk(&shared, &options);
            publish(&shared);
            let published = Instant::now();
            let ended = matches!(woken.recv_timeout(IDLE), Err(RecvTimeoutError::Disconnected));
            if ended {
                // What was answered last is published before the process ends.
                publish(&shared);
                break;
            }
            std::thread::sleep(options.publish_interval.saturating_sub(published.elapsed()));
        }
    })
}

/// Publishes the committed head, unless it is published already. Retained first, visible then.
fn publish(shared: &Shared) {
    if matches!(shared.status(), Status::ReadOnly(why) if why != DISK) {
        // An old copy was put back: showing its head would look like a log that shrank.
        return;
    }
    let committed = shared.committed();
    let size = committed.position.size;
    if shared.published().is_some_and(|published| published.size >= size) {
        return;
    }
    let published = Published { size, published_ms: crate::clock::now_ms(), note: committed.note.clone() };
    match shared.store.publish(&published) {
        Ok(()) => shared.set_published(published),
        Err(error) => {
            tracing::error!(%error, size, "publishing failed: {error}");
            shared.set_status(Status::Stopped(error.to_string()));
        }
    }
}

/// Stops admission while the reserve is touched: a log that cannot write its last words loses them.
fn watch_disk(shared: &Shared, options: &Options) {
    let Some(free) = (options.free_bytes)(&options.data) else { return };
    let low = free < options.disk_reserve_bytes;
    match (low, shared.status()) {
        (true, Status::Running) => {
            tracing::error!(free_bytes = free, reserve_bytes = options.disk_reserve_bytes, "{DISK}: read-only");
            shared.set_status(Status::ReadOnly(DISK.into()));
        }
        (false, Status::ReadOnly(why)) if why == DISK => {
            tracing::info!(free_bytes = free, "the disk has room again");
            shared.set_status(Status::Running);
        }
        _ => {}
    }
}
