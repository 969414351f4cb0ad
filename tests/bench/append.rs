//! Single-entry appends over HTTP by many clients, each waiting for its receipt before it sends the next.

use std::net::SocketAddr;
use std::path::Path;

use sanwu_schema::draft::{self, Place};
use sanwu_schema::record::statement::ChainId;
use sanwu_tests::client::{BOUNDARY, Client, multipart};
use sanwu_tests::process::Node;
use sanwu_tests::village::{Village, info, issued_at};

use crate::load::{self, Run, Until, Work};
use crate::wire::post;

/// A running log with one open chain per client and everything signed that will be sent.
pub struct Log {
    node: Node,
    pub url: String,
    /// Per client, the requests' bytes.
    requests: Vec<Vec<Vec<u8>>>,
    /// Length of each body.
    pub body_bytes: usize,
}

impl Log {
    /// Starts the node and prepares the load; nothing of this is measured.
    pub fn start(program: &Path, data: &Path, clients: usize, each: usize) -> Self {
        let first = Village::named("bench-0");
        first.init(program, data);
        let node = Node::serve(program, data);
        let client = Client::new(&node.url);
        first.open(data, &client);
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
            requests.push(package.iter().map(|(e, b)| request(node.address(), e, b)).collect());
        }
        Self { url: node.url.clone(), node, requests, body_bytes }
    }

    /// Sends everything; every answer has to be 201.
    pub fn run(&mut self) -> Result<Run, String> {
        let requests = std::mem::take(&mut self.requests);
        load::run(self.node.address(), requests.len(), Work::Prepared(requests), Until::Done)
    }

    /// Ends the node.
    pub fn stop(self) {
        self.node.stop();
    }
}

fn request(address: SocketAddr, envelope: &[u8], body: &[u8]) -> Vec<u8> {
    let headers = format!("prefer: return=minimal\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n");
    post(address, "/api/v1/entries", &headers, &multipart([("envelope", envelope), ("body", body)]))
}
