//! A log with two histories: found out by its own signatures, kept as evidence, cosigned no more.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::note::open;
use sanwu_schema::tlog::witness::AddCheckpoint;
use sanwu_tests::client::Answer;
use sanwu_tests::witness::{TestLog, Witness, ask, checkpoint_text, cosigned, signed};

use super::{Bench, seen};
use crate::support::{programs, sanwu_node};

/// The log's cosigned history, and another that parts from it after four leaves.
fn histories() -> (TestLog, TestLog) {
    let log = TestLog::new("log.example/1", 10);
    let other = log.forked(4);
    (log, other)
}

/// A witness that has cosigned sizes 6 and 8 of the log, and another log's.
fn bench(log: &TestLog, bystander: &TestLog) -> Bench {
    let bench = Bench::following(&[log, bystander]);
    let client = bench.witness.client();
    cosigned(&ask(&client, "", log.request(0, 6).to_text().as_bytes()), &log.text(6), &bench.keys);
    cosigned(&ask(&client, "", log.request(6, 8).to_text().as_bytes()), &log.text(8), &bench.keys);
    bench
}

fn send(bench: &Bench, request: &AddCheckpoint) -> Answer {
    ask(&bench.witness.client(), "", request.to_text().as_bytes())
}

/// The two notes of an evidence file, as anyone cuts them out.
fn notes(file: &str) -> [String; 2] {
    let part = |head: &str| {
        let after = file.split_once(head).expect("a heading").1.split_once("=====\n").expect("its end").1;
        format!("{}\n", after.split_once("\n\n=====").expect("the next heading").0)
    };
    [part("===== 第一份"), part("===== 第二份")]
}

#[test]
fn what_reveals_a_fork_and_what_does_not() {
    let (log, other) = histories();
    let bystander = TestLog::new("bystander.example", 3);
    let note = |size| other.note(size);
    let request = |old, proof, size| AddCheckpoint { old, proof, checkpoint: note(size) };
    let reveals = [
        ("the recorded size", request(8, vec![], 8), 422, 8),
        ("the recorded size, with a proof", request(8, vec![Hash([1; 32])], 8), 422, 8),
        ("the recorded size, asking", request(0, vec![], 8), 409, 8),
        ("the recorded size, from an older one", other.request(6, 8), 409, 8),
        ("an older size, from the recorded one", request(8, vec![], 6), 400, 6),
        ("an older size again", request(6, vec![], 6), 409, 6),
        ("an older size, asking", request(0, vec![], 6), 409, 6),
    ];
    for (name, request, status, size) in reveals {
        let bench = bench(&log, &bystander);
        // What the request itself is answered is the specification's.
        assert_eq!(send(&bench, &request).status, status, "{name}");
        let evidence = format!("{}-{size}.txt", log.hash());
        let fork = ErrorCode::LogFork;
        let frozen = format!("{} {} · {}\nevidence/{evidence}\n", fork.as_str(), fork.zh(), fork.en());
        let answer = send(&bench, &log.request(8, 9));
        assert_eq!(seen(&answer), (403, "text/plain; charset=utf-8".to_string(), frozen), "{name}");
        let file = seen(&bench.witness.client().get(&format!("/evidence/{evidence}"))).2;
        let opened = notes(&file).map(|note| open(note.as_bytes(), &log.vkeys()).expect("signed by the log").text);
        assert_eq!(opened, [log.text(size), other.text(size)], "{name}");
    }
    let silent = [
        ("a wrong proof", AddCheckpoint { proof: vec![Hash([1; 32])], ..log.request(8, 9) }, 422),
        ("another history, of a size never cosigned", other.request(8, 9), 422),
        ("of a smaller size never cosigned", request(8, vec![], 7), 400),
        ("of a size before they part", request(0, vec![], 4), 409),
        (
            "another root that only a stranger signed",
            AddCheckpoint {
                old: 8,
                proof: vec![],
                checkpoint: signed(&other.text(8), &TestLog::new("stranger.example", 0).signers),
            },
            403,
        ),
        (
            "another root under the other log's name",
            AddCheckpoint {
                old: 0,
                proof: vec![],
                checkpoint: signed(&checkpoint_text("bystander.example", 8, &other.root(8)), &log.signers),
            },
            403,
        ),
    ];
    let bench = bench(&log, &bystander);
    for (name, request, status) in silent {
        assert_eq!(send(&bench, &request).status, status, "{name}");
        assert_eq!(std::fs::read_dir(bench.witness.data.join("evidence")).expect("folder").count(), 0, "{name}");
    }
    assert_eq!(send(&bench, &log.request(8, 9)).status, 200);
}

#[test]
fn a_forked_log_stays_frozen_and_is_shown() {
    let (log, other) = histories();
    let bystander = TestLog::new("bystander.example", 3);
    let bench = bench(&log, &bystander);
    let data = bench.witness.data.to_str().expect("path").to_string();
    let status =
        |args: &[&str]| sanwu_node(bench.dir.path(), &[&["witness", "status", "--data", &data], args].concat());
    let before = status(&["--json"]).exits(0).json();
    assert_eq!((before["ok"].as_bool(), before["logs"][0]["frozen"].as_bool()), (Some(true), Some(false)));
    assert_eq!(send(&bench, &other.request(8, 8)).status, 422);

    let evidence = format!("{}-8.txt", log.hash());
    let after = status(&["--json"]).exits(3).json();
    let logs = after["logs"].as_array().expect("logs");
    assert_eq!(logs[0]["origin"], "bystander.example");
    assert_eq!((&logs[1]["frozen"], &logs[1]["evidence"][0]), (&true.into(), &evidence.as_str().into()));
    assert_eq!(logs[1]["size"], 8);
    assert!(status(&[]).exits(3).stdout.contains(&format!("✘ {}", log.origin)));
    let page = seen(&bench.witness.client().get("/"));
    assert_eq!((page.0, page.1.as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.2.contains(&format!("<a href=\"/evidence/{evidence}\">")), "{}", page.2);

    // The evidence says in plain words what happened, first in Chinese.
    let file = seen(&bench.witness.client().get(&format!("/evidence/{evidence}"))).2;
    for said in [
        "证据: 一本账给出了两个互相矛盾的版本\nEvidence: ",
        &log.origin,
        "witness.example/w1",
        &log.vkeys()[0].to_string(),
    ] {
        assert!(file.contains(said), "{said} is not in {file}");
    }
    assert!(!file.contains("哈希"));
    let witnesses = [log.vkeys(), bench.keys.clone()].concat();
    let [first, second] = notes(&file);
    assert_eq!(open(first.as_bytes(), &witnesses).expect("note").verified.len(), 3);
    assert_eq!(open(second.as_bytes(), &witnesses).expect("note").verified.len(), 1);

    // After a new start, too; others go on.
    let Bench { witness, keys, dir } = bench;
    let data = witness.data.clone();
    assert_eq!(witness.stop(), Some(0));
    let bench = Bench { witness: Witness::serve(&programs().node, &data), keys, dir };
    for request in [log.request(8, 9), log.request(8, 8), other.request(8, 9), log.request(0, 9)] {
        assert_eq!(send(&bench, &request).status, 403);
    }
    let answer = send(&bench, &bystander.request(0, 3));
    cosigned(&answer, &bystander.text(3), &bench.keys);
    // What was cosigned before is still shown, as it was.
    let served = bench.witness.client().get(&format!("/{}/checkpoint", log.hash()));
    assert!(seen(&served).2.starts_with(&log.text(8)));
}
