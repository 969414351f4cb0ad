//! Connections: how many at a time, and when a silent one ends.
//!
//! Every connection takes a file descriptor, and so does every file of the store and of a witness. Connections that
//! cost a peer nothing must not take the last one.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::serve::Listener;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;

/// Open connections at most: at 20 KB each, an estimate, they are 160 MB. A village has some hundreds of phones.
const CONNECTIONS_MAX: usize = 8_192;

/// The share of the process's file descriptors that connections may take, one in so many; the rest is for the store,
/// of whose tables every one is a file.
const DESCRIPTORS_SHARE: u64 = 2;

/// How long a peer may send nothing, unless it is taking an answer. Longer than it may wait for an answer: 30 s for
/// witnesses, and what is before it in the queue.
const SILENCE_MAX: Duration = Duration::from_secs(75);

/// How long a peer may take nothing of an answer: what it does not take is kept in memory for it.
const STALL_MAX: Duration = Duration::from_secs(30);

/// How slowly a peer may take an answer, bytes per second after the first `STALL_MAX`: a quarter of the slowest phone
/// line. The largest attachment (20 MiB) takes 85 minutes then.
const TAKEN_MIN: u64 = 4 << 10;

/// A listener whose connections are few enough and end when nothing comes any more.
pub(crate) struct Connections {
    listener: TcpListener,
    room: Arc<Semaphore>,
    silence_max: Duration,
    stall_max: Duration,
}

impl Connections {
    /// Takes the connections of a bound socket. Raises the process's limit of open files as far as it may.
    pub(crate) fn of(listener: TcpListener) -> Self {
        let room = usize::try_from(open_files() / DESCRIPTORS_SHARE).unwrap_or(usize::MAX).min(CONNECTIONS_MAX);
        let room = Arc::new(Semaphore::new(room));
        Self { listener, room, silence_max: SILENCE_MAX, stall_max: STALL_MAX }
    }
}

/// The number of files that this process may have open, raised to the most that it may ask for.
fn open_files() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit = raised,
            Err(error) => tracing::warn!(%error, "the limit of open files stays as it is: {error}"),
        }
    }
    limit.current.unwrap_or(u64::MAX)
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // A peer that finds no room waits outside, in the system's own queue.
        let room = Arc::clone(&self.room).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let mut stream = Box::pin(TimeoutStream::new(stream));
        stream.as_mut().set_read_timeout_pinned(Some(self.silence_max));
        stream.as_mut().set_write_timeout_pinned(Some(self.stall_max));
        let limits = Limits { silence_max: self.silence_max, stall_max: self.stall_max };
        (Connection { stream, limits, answer: None, _room: room }, address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection, and its place among those there may be.
pub(crate) struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    limits: Limits,
    /// What was written since the last byte that came in.
    answer: Option<Written>,
    _room: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Copy)]
struct Limits {
    silence_max: Duration,
    stall_max: Duration,
}

/// An answer on its way.
struct Written {
    began: Instant,
    last: Instant,
    bytes: u64,
}

impl Connection {
    /// Whether the peer has been taking less of the answer than it may.
    fn is_too_slow(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| {
            let taking = answer.began.elapsed();
            taking > self.limits.stall_max && answer.bytes < taking.as_secs().saturating_mul(TAKEN_MIN)
        })
    }

    /// Writes by `write`, and counts what the peer takes.
    fn write(
        &mut self,
        write: impl FnOnce(Pin<&mut TimeoutStream<TcpStream>>) -> Poll<std::io::Result<usize>>,
    ) -> Poll<std::io::Result<usize>> {
        if self.is_too_slow() {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        let written = write(self.stream.as_mut());
        if let Poll::Ready(Ok(bytes)) = &written {
            let now = Instant::now();
            let answer = self.answer.get_or_insert(Written { began: now, last: now, bytes: 0 });
            (answer.last, answer.bytes) = (now, answer.bytes.saturating_add(*bytes as u64));
        }
        written
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        loop {
            let read = self.stream.as_mut().poll_read(context, buffer);
            let is_taking = || self.answer.as_ref().is_some_and(|one| one.last.elapsed() < self.limits.silence_max);
            match &read {
                // The server listens while it answers: a peer that still takes has no need to say anything. The next
                // round restarts the time.
                Poll::Ready(Err(error)) if error.kind() == ErrorKind::TimedOut && is_taking() => continue,
                Poll::Ready(Ok(())) if buffer.filled().len() > before => self.answer = None,
                _ => {}
            }
            return read;
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.write(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.write(|stream| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Result;

    use axum::Router;
    use axum::routing::get;

    use super::*;

    async fn read(connection: &mut Connection) -> Result<usize> {
        let mut bytes = [0; 16];
        poll_fn(|context| {
            let mut buffer = ReadBuf::new(&mut bytes);
            Pin::new(&mut *connection).poll_read(context, &mut buffer).map_ok(|()| buffer.filled().len())
        })
        .await
    }

    async fn write(connection: &mut Connection, bytes: &[u8]) -> Result<usize> {
        poll_fn(|context| Pin::new(&mut *connection).poll_write(context, bytes)).await
    }

    async fn bound(room: usize) -> (Connections, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let room = Arc::new(Semaphore::new(room));
        (Connections { room, ..Connections::of(listener) }, address)
    }

    #[tokio::test]
    async fn there_are_no_more_than_there_is_room_for() {
        let (mut connections, address) = bound(1).await;
        let _peers = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        let (first, _) = connections.accept().await;
        let second = tokio::time::timeout(Duration::from_millis(100), connections.accept()).await;
        assert!(second.is_err(), "a second one is let in");
        drop(first);
        tokio::time::timeout(Duration::from_secs(20), connections.accept()).await.expect("there is room again");
    }

    #[tokio::test]
    async fn a_peer_that_says_nothing_or_takes_nothing_is_let_go() {
        let (mut connections, address) = bound(2).await;
        (connections.silence_max, connections.stall_max) = (Duration::from_millis(50), Duration::from_millis(50));
        let peer = TcpStream::connect(address).await.unwrap();
        let (mut connection, _) = connections.accept().await;
        peer.writable().await.unwrap();
        assert_eq!(peer.try_write(b"x").unwrap(), 1);
        assert_eq!(read(&mut connection).await.unwrap(), 1);
        assert_eq!(read(&mut connection).await.unwrap_err().kind(), ErrorKind::TimedOut);
        let bytes = vec![0; 1 << 20];
        let stalled = loop {
            if let Err(error) = write(&mut connection, &bytes).await {
                break error;
            }
        };
        assert_eq!(stalled.kind(), ErrorKind::TimedOut);
    }

    /// An answer that takes longer than a peer may be silent, under a server that listens meanwhile.
    #[tokio::test]
    async fn a_slow_download_is_not_silence() {
        let (mut connections, address) = bound(1).await;
        (connections.silence_max, connections.stall_max) = (Duration::from_millis(200), Duration::from_secs(20));
        const BYTES: usize = 16 << 20;
        let router = Router::new().route("/", get(async || vec![7u8; BYTES]));
        tokio::spawn(async move { axum::serve(connections, router).await });
        let peer = TcpStream::connect(address).await.unwrap();
        peer.writable().await.unwrap();
        peer.try_write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let (mut taken, mut piece) = (0, vec![0; 256 << 10]);
        let began = Instant::now();
        while taken < BYTES {
            peer.readable().await.unwrap();
            match peer.try_read(&mut piece) {
                Ok(0) => panic!("cut after {taken} bytes"),
                Ok(bytes) => taken += bytes,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(began.elapsed() > Duration::from_millis(600), "too fast to show anything");
    }

    #[tokio::test]
    async fn an_answer_that_trickles_away_ends() {
        let (mut connections, address) = bound(1).await;
        connections.stall_max = Duration::from_millis(50);
        let _peer = TcpStream::connect(address).await.unwrap();
        let (mut connection, _) = connections.accept().await;
        assert_eq!(write(&mut connection, b"x").await.unwrap(), 1);
        let hour = Duration::from_secs(3_600);
        connection.answer.as_mut().unwrap().began = Instant::now().checked_sub(hour).unwrap();
        assert_eq!(write(&mut connection, b"x").await.unwrap_err().kind(), ErrorKind::TimedOut);
        // One that goes on well does not.
        connection.answer.as_mut().unwrap().bytes = hour.as_secs() * TAKEN_MIN * 2;
        assert_eq!(write(&mut connection, b"x").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn the_store_keeps_its_share_of_the_open_files() {
        let (connections, _) = bound(1).await;
        let most = usize::try_from(open_files() / DESCRIPTORS_SHARE).unwrap().min(CONNECTIONS_MAX);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        let room = Connections::of(connections.listener).room.available_permits();
        assert_eq!(room, most);
    }
}
