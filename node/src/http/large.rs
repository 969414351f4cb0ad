//! Large answers: attachments and entry bundles. A reader that takes its answer slowly has it kept in memory for as
//! long, so there are no more of them than there is room for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use sanwu_schema::code::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::error::ApiError;
use super::limits::{LARGE_ANSWERS_BYTES_MAX, LARGE_READS_MAX, SMALL_ANSWER_BYTES_MAX};
use crate::log::{ReadError, Reader};

/// Bytes per permit.
const GRAIN_BYTES: usize = 1 << 10;

/// How long an answer waits for room before its reader is told to come back.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The room. Cheap to clone.
#[derive(Clone)]
pub(super) struct LargeAnswers {
    /// Reads under way, of which it is not known yet how large they are.
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

    /// Counts bytes for as long as anybody holds them.
    async fn count(&self, bytes: Vec<u8>) -> Result<Bytes, ApiError> {
        if bytes.len() <= SMALL_ANSWER_BYTES_MAX {
            return Ok(bytes.into());
        }
        let grains = u32::try_from(bytes.len().div_ceil(GRAIN_BYTES)).unwrap_or(u32::MAX);
        let room = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.held).acquire_many_owned(grains)).await;
        match room {
            Ok(Ok(room)) => Ok(Bytes::from_owner(Counted { bytes, _room: room })),
            _ => Err(ApiError::new(Code::Busy, "answers")),
        }
    }
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
    /// As [`read`](Self::read), of bytes that may be many.
    pub(super) async fn read_large(
        &self,
        read: impl FnOnce(&Reader) -> Result<Option<Vec<u8>>, ReadError> + Send + 'static,
    ) -> Result<Option<Bytes>, ApiError> {
        let large = &self.inner.large;
        // Kept until there is room: what waits for it is held as well.
        let _turn = large.reads.acquire().await;
        match self.read(read).await? {
            Some(bytes) => large.count(bytes).await.map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_held_is_counted_until_the_last_holder_lets_go() {
        let large = LargeAnswers::with_room(1 << 20);
        let free = || large.held.available_permits() * GRAIN_BYTES;
        let small = large.count(vec![1; SMALL_ANSWER_BYTES_MAX]).await.unwrap();
        assert_eq!((free(), small.len()), (1 << 20, SMALL_ANSWER_BYTES_MAX));
        let first = large.count(vec![2; 700 << 10]).await.unwrap();
        assert_eq!(free(), 324 << 10);
        // A part of it, as a slow connection has it.
        let part = first.slice(10..20);
        drop(first);
        assert_eq!(free(), 324 << 10);
        let mut second = Box::pin(large.count(vec![3; 700 << 10]));
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut second).await.is_err(), "there was no room");
        assert_eq!(part, vec![2; 10]);
        drop(part);
        let second = second.await.unwrap();
        assert_eq!((second.len(), free()), (700 << 10, 324 << 10));
    }
}
