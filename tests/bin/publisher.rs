//! Publishes notices of one chain, one after the other, for as long as it is left running: the client of the
//! durability test, in a process of its own, so that a fault of the node cannot be a fault of what is compared.
//!
//! ```text
//! it-publisher URL-FILE ACKNOWLEDGED-FILE STOP-FILE
//! ```
//!
//! Every acknowledgement is written as a line `index id` and synced before the next statement is drafted. When
//! nobody listens, or the connection breaks, the same bytes are sent again to wherever the URL file then says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use sanwu_schema::draft::{self, ChainInfo, Place};
use sanwu_schema::json::from_canonical;
use sanwu_tests::client::{Answer, Client};
use sanwu_tests::village::{Village, issued_at};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (url, acknowledged, stop) = (Path::new(&args[1]), Path::new(&args[2]), Path::new(&args[3]));
    let village = Village::new();
    let mut file = OpenOptions::new().create(true).append(true).open(acknowledged).expect("acknowledged");
    for number in 0.. {
        let info = ask(url, |client| client.try_get(&format!("/api/v1/chains/{}", village.chain)));
        let info: ChainInfo = from_canonical(&info.body).expect("chain info");
        let place = Place::next(&info).expect("place");
        let notice = village.notice(&format!("第{number}条"));
        let draft = draft::build(&place, "通知", &[notice], &issued_at(), &[]).expect("draft");
        let package = village.package(draft);
        let answer = ask(url, |client| client.try_publish(&package, true));
        let placed = &answer.receipt().entries[0];
        file.write_all(format!("{} {}\n", placed.index, placed.id).as_bytes()).expect("write");
        file.sync_data().expect("sync");
        if stop.exists() {
            return;
        }
    }
}

/// Asks until there is an answer that is not about the node's own state.
fn ask(url: &Path, request: impl Fn(&Client) -> Result<Answer, ureq::Error>) -> Answer {
    loop {
        let client = Client::new(fs::read_to_string(url).expect("URL").trim());
        match request(&client) {
            Ok(answer) if answer.status < 300 => return answer,
            Ok(answer) if answer.status >= 500 => {}
            Ok(answer) => panic!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)),
            Err(_) => {}
        }
        sleep(Duration::from_millis(2));
    }
}
