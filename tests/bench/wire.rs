//! HTTP/1.1 as the load generator speaks it: one connection, one request under way, no copies but the kernel's.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Read at once: a whole hash tile with its head; an entry bundle takes a few.
const BUFFER_BYTES: usize = 64 << 10;

/// The longest head: the node's have some 400 bytes.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// A GET.
pub fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes()
}

/// A POST; `headers` are whole lines.
pub fn post(address: SocketAddr, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A keep-alive connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer with the expected status.
pub struct Answer<'a> {
    length: usize,
    /// The body's bytes that came with the head or fit behind it.
    body: &'a [u8],
}

impl Answer<'_> {
    /// The body as a decimal number.
    pub fn number(&self) -> Result<u64, String> {
        decimal(self.body).filter(|_| self.body.len() == self.length).ok_or_else(|| "not an index".into())
    }

    /// The size in a checkpoint: its second line.
    pub fn checkpoint_size(&self) -> Result<u64, String> {
        let line = self.body.split(|byte| *byte == b'\n').nth(1);
        line.and_then(decimal).ok_or_else(|| "not a checkpoint".into())
    }

    /// Nothing, if the body has this length.
    pub fn of_length(&self, length: usize) -> Result<u64, String> {
        if self.length == length { Ok(0) } else { Err(format!("{} bytes instead of {length}", self.length)) }
    }
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("connecting: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        // Pages that are never touched cost nothing.
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Sends a request and reads its answer, which has to have this status.
    pub async fn ask(&mut self, request: &[u8], status: u16) -> Result<Answer<'_>, String> {
        let mut rest = request;
        while !rest.is_empty() {
            let sent = poll_fn(|cx| Pin::new(&mut self.stream).poll_write(cx, rest)).await;
            rest = rest.split_at(sent.map_err(|error| format!("sending: {error}"))?).1;
        }
        let mut filled = 0;
        let head = loop {
            filled += self.read(filled).await?;
            if let Some(end) = self.buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if filled >= HEAD_BYTES_MAX {
                return Err("the answer's head is too long".into());
            }
        };
        let (given, length) = read_head(&self.buffer[..head])?;
        let mut missing = length.checked_sub(filled - head).ok_or("more bytes than announced")?;
        while missing > 0 {
            // What does not fit behind the head is read over what came before: only its length counts.
            if filled == self.buffer.len() {
                filled = head;
            }
            let more = self.read(filled).await?;
            filled += more;
            missing = missing.checked_sub(more).ok_or("more bytes than announced")?;
        }
        let body = &self.buffer[head..filled.min(head + length)];
        if given != status {
            return Err(format!("status {given} instead of {status}: {}", String::from_utf8_lossy(body)));
        }
        Ok(Answer { length, body })
    }

    async fn read(&mut self, at: usize) -> Result<usize, String> {
        let mut into = ReadBuf::new(&mut self.buffer[at..]);
        let read = poll_fn(|cx| Pin::new(&mut self.stream).poll_read(cx, &mut into)).await;
        match read.map(|()| into.filled().len()) {
            Ok(0) => Err("the connection was closed".into()),
            Ok(read) => Ok(read),
            Err(error) => Err(format!("receiving: {error}")),
        }
    }
}

/// Status and content length.
fn read_head(head: &[u8]) -> Result<(u16, usize), String> {
    let unreadable = || format!("an answer that is not understood: {}", String::from_utf8_lossy(head));
    let status = head.strip_prefix(b"HTTP/1.1 ").and_then(|rest| decimal(rest.get(..3)?)).ok_or_else(unreadable)?;
    let length = head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(15)?;
        name.eq_ignore_ascii_case(b"content-length:").then(|| decimal(value.trim_ascii()))?
    });
    Ok((status as u16, length.ok_or_else(unreadable)? as usize))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}
