//! Large answers: attachments and entry bundles.
//!
//! An answer is held in memory until its reader has taken it, however slowly, so their sum is bounded.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use sanwu_schema::error_code::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::error::ApiError;
use super::limits::{LARGE_ANSWERS_BYTES_MAX, LARGE_READS_MAX, SMALL_ANSWER_BYTES_MAX};
use crate::log::{ReadError, Reader};

/// Bytes per permit.
const GRAIN_BYTES: usize = 1 << 10;

/// How long an answer waits for room before its reader is asked to try again later.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The room. Cheap to clone.
#[derive(Clone)]
pub(super) struct LargeAnswers {
    /// Reads under way, whose size is not known yet.
    reads: Arc<Semaphore>,
    /// What was read and is still held, in grains.
    held: Arc<Semaphore>,
}

impl LargeAnswers {
    pub(super) fn new() -> Self {
        Self::with_room(LARGE_ANSWERS_BYTES_MAX)
    }

    fn with_room(bytes: usize) -> Self {
        let held = Arc::new(Semaphore::new(bytes / GRAIN_BYTES));
        Self { reads: Arc::new(Semaphore::new(LARGE_READS_MAX)), held }
    }

    /// Counts bytes until their last holder drops them. Returns `None` if there is no room now.
    fn count(&self, bytes: Vec<u8>) -> Option<Bytes> {
        if bytes.len() <= SMALL_ANSWER_BYTES_MAX {
            return Some(bytes.into());
        }
        let room = Arc::clone(&self.held).try_acquire_many_owned(grains(bytes.len())).ok()?;
        Some(Bytes::from_owner(Counted { bytes, _room: room }))
    }

    /// Waits for room for so many bytes.
    async fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let room = Arc::clone(&self.held).acquire_many_owned(grains(bytes));
        match tokio::time::timeout(WAIT_MAX, room).await {
            Ok(Ok(room)) => Ok(room),
            _ => Err(ApiError::new(ErrorCode::Busy, "answers")),
        }
    }
}

fn grains(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(GRAIN_BYTES)).unwrap_or(u32::MAX)
}

/// Bytes and the room that they take.
struct Counted {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl App {
    /// Runs a read as [`read`](Self::read) does, for bytes that may be many and never change: it may run twice.
    pub(super) async fn read_large(
        &self,
        read: impl Fn(&Reader) -> Result<Option<Vec<u8>>, ReadError> + Copy + Send + 'static,
    ) -> Result<Option<Bytes>, ApiError> {
        let large = &self.inner.large;
        let turn = large.reads.acquire().await;
        let Some(bytes) = self.read(read).await? else { return Ok(None) };
        let length = bytes.len();
        if let Some(counted) = large.count(bytes) {
            return Ok(Some(counted));
        }
        // While it waits for room it holds nothing: neither the bytes nor the turn, which small answers need as well.
        drop(turn);
        let room = large.room(length).await?;
        let _turn = large.reads.acquire().await;
        let bytes = self.read(read).await?;
        Ok(bytes.map(|bytes| Bytes::from_owner(Counted { bytes, _room: room })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_held_is_counted_until_the_last_holder_lets_go() {
        let large = LargeAnswers::with_room(1 << 20);
        let free = || large.held.available_permits() * GRAIN_BYTES;
        let small = large.count(vec![1; SMALL_ANSWER_BYTES_MAX]).unwrap();
        assert_eq!((free(), small.len()), (1 << 20, SMALL_ANSWER_BYTES_MAX));
        let first = large.count(vec![2; 700 << 10]).unwrap();
        assert_eq!(free(), 324 << 10);
        // A part of it, as a slow connection has it.
        let part = first.slice(10..20);
        drop(first);
        assert_eq!(free(), 324 << 10);
        assert_eq!(large.count(vec![3; 700 << 10]), None);
        let mut room = Box::pin(large.room(700 << 10));
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut room).await.is_err(), "there was no room");
        assert_eq!(part, vec![2; 10]);
        drop(part);
        let _room = room.await.unwrap();
        assert_eq!(free(), 324 << 10);
    }
}
