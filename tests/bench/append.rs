//! Single-entry appends over HTTP by many clients, each waiting for its receipt before it sends the next.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use sanwu_schema::draft::{self, Place};
use sanwu_schema::statement::ChainId;
use sanwu_tests::client::{BOUNDARY, Client, multipart};
use sanwu_tests::process::Node;
use sanwu_tests::village::{Village, info, issued_at};

/// A running log with one open chain per client and everything signed that will be sent.
pub struct Log {
    node: Node,
    /// Its URL.
    pub url: String,
    /// Per client, the requests' bytes.
    requests: Vec<Vec<Vec<u8>>>,
    body_bytes: usize,
}

/// What a run gave.
pub struct Run {
    /// Acknowledged entries per second.
    pub per_second: f64,
    /// Latencies, milliseconds.
    pub median_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// Length of each body.
    pub body_bytes: usize,
}

impl Log {
    /// Starts the node and prepares the load; nothing of this is measured.
    pub fn start(dir: &Path, clients: usize, each: usize) -> Self {
        let me = std::env::current_exe().expect("own path");
        for name in ["sanwu-node", "sanwu"] {
            symlink(&me, dir.join(name)).expect("link");
        }
        let (program, data) = (dir.join("sanwu-node"), dir.join("data"));
        let first = Village::named("bench-0");
        first.init(&program, &data);
        let node = Node::serve(&program, &data);
        let client = Client::new(&node.url);
        first.open(&data, &client);
        let mut requests = Vec::new();
        let mut body_bytes = 0;
        for n in 0..clients {
            let village = Village::named(&format!("bench-{n}"));
            if n > 0 {
                village.open_chain(&client);
            }
            let place =
                Place::next(&info(&client, &ChainId::parse(&format!("bench-{n}")).expect("id"))).expect("place");
            let templates: Vec<_> = (0..each)
                .map(|i| {
                    village.notice(&format!(
                        "第 {n} 组第 {i} 条: 本村党支部于近日召开党员大会, 按照规定选举产生新一届支部委员会, 现予公布。"
                    ))
                })
                .collect();
            let draft = draft::build(&place, "load", &templates, &issued_at(), &[]).expect("draft");
            let package = village.package(draft);
            body_bytes = package.first().map_or(0, |p| p.1.len());
            requests.push(package.iter().map(|(e, b)| request(&node.url, e, b)).collect());
        }
        Self { url: node.url.clone(), node, requests, body_bytes }
    }

    /// Sends everything; every answer has to be 201.
    pub fn run(&self) -> Run {
        let address = self.url.trim_start_matches("http://");
        let start = Instant::now();
        let mut latencies: Vec<Duration> = std::thread::scope(|scope| {
            let clients: Vec<_> = self.requests.iter().map(|r| scope.spawn(move || one_client(address, r))).collect();
            clients.into_iter().flat_map(|c| c.join().expect("client")).collect()
        });
        let seconds = start.elapsed().as_secs_f64();
        latencies.sort_unstable();
        let at = |q: f64| latencies[((latencies.len() - 1) as f64 * q) as usize].as_secs_f64() * 1000.0;
        Run {
            per_second: latencies.len() as f64 / seconds,
            median_ms: at(0.5),
            p99_ms: at(0.99),
            body_bytes: self.body_bytes,
        }
    }

    /// Ends the node.
    pub fn stop(self) {
        self.node.stop();
    }
}

fn request(url: &str, envelope: &[u8], body: &[u8]) -> Vec<u8> {
    let content = multipart([("envelope", envelope), ("body", body)]);
    let host = url.trim_start_matches("http://");
    let mut out = format!(
        "POST /api/v1/entries HTTP/1.1\r\nhost: {host}\r\nprefer: return=minimal\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {}\r\n\r\n",
        content.len()
    )
    .into_bytes();
    out.extend_from_slice(&content);
    out
}

fn one_client(address: &str, requests: &[Vec<u8>]) -> Vec<Duration> {
    let stream = TcpStream::connect(address).expect("connect");
    stream.set_nodelay(true).expect("nodelay");
    let mut reader = BufReader::new(stream.try_clone().expect("clone"));
    let mut stream = stream;
    requests
        .iter()
        .map(|bytes| {
            let start = Instant::now();
            stream.write_all(bytes).expect("send");
            let status = answer(&mut reader);
            assert!(status.starts_with("HTTP/1.1 201"), "{status}");
            start.elapsed()
        })
        .collect()
}

/// Reads one answer with a content length; gives its status line.
fn answer(reader: &mut BufReader<TcpStream>) -> String {
    use std::io::BufRead;
    let (mut status, mut length) = (String::new(), 0usize);
    reader.read_line(&mut status).expect("status");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("header");
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("body");
    status
}
