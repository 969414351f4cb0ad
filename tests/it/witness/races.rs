//! Many at once, and the process killed in the middle: no two cosignatures contradict, no answer is forgotten.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::tlog::checkpoint::Head;
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::witness::{SIZE_TYPE, parse_size};
use sanwu_tests::client::Client;
use sanwu_tests::witness::{TestLog, Witness, ask, checkpoint_text, cosigned};

use super::{Bench, seen};
use crate::support::programs;

/// What the issue asks for.
const UPDATERS: u64 = 100;

/// How often the process is killed.
const KILLS: u64 = 20;

/// What was cosigned: size, root, time.
type Cosigned = (u64, Hash, u64);

/// One root per size, and who was cosigned later is not smaller.
fn no_contradiction(mut all: Vec<Cosigned>) {
    let mut roots = BTreeMap::new();
    for (size, root, _) in &all {
        assert_eq!(*roots.entry(*size).or_insert(*root), *root, "two roots of size {size}");
    }
    all.sort_by_key(|(size, _, time)| (*time, *size));
    for pair in all.windows(2) {
        let [(size, _, time), (next, _, later)] = pair else { unreachable!() };
        assert!(time == later || size <= next, "{size} at {time}, but {next} at {later}");
    }
}

/// The size that a witness says it has recorded.
fn recorded(client: &Client, log: &TestLog) -> Option<u64> {
    let answer = client.get(&format!("/{}/checkpoint", log.hash()));
    (answer.status == 200).then(|| Head::parse(Note::parse(&answer.body).expect("note").text()).expect("head").size)
}

#[test]
fn a_hundred_updates_at_once_never_contradict() {
    let log = Arc::new(TestLog::new("log.example", 400));
    let bench = Bench::following(&[&log]);
    let (start, all) = (Arc::new(Barrier::new(UPDATERS as usize)), Arc::new(Mutex::new(Vec::new())));
    let updaters: Vec<_> = (0..UPDATERS)
        .map(|updater| {
            let (log, start, all) = (Arc::clone(&log), Arc::clone(&start), Arc::clone(&all));
            let (client, keys) = (bench.witness.client(), bench.keys.clone());
            thread::spawn(move || {
                start.wait();
                // Each grows the log once and has the tree of then cosigned again; most are late and start again.
                let (mut known, mut steps) = (0, [1 + updater % 4, 0].into_iter().peekable());
                while let Some(step) = steps.peek() {
                    let size = known + step;
                    let answer = ask(&client, "", log.request(known, size).to_text().as_bytes());
                    if answer.status == 409 {
                        assert_eq!(seen(&answer).1, SIZE_TYPE);
                        let size = parse_size(&answer.body).expect("a size");
                        assert!(size > known, "the witness went back from {known} to {size}");
                        known = size;
                        continue;
                    }
                    let (_, time) = cosigned(&answer, &log.text(size), &keys);
                    all.lock().expect("lock").push((size, log.root(size), time));
                    known = size;
                    steps.next();
                }
            })
        })
        .collect();
    updaters.into_iter().for_each(|updater| updater.join().expect("updater"));
    let all = Arc::into_inner(all).expect("all have ended").into_inner().expect("lock");
    assert_eq!(all.len() as u64, 2 * UPDATERS);
    assert_eq!(recorded(&bench.witness.client(), &log), all.iter().map(|one| one.0).max());
    no_contradiction(all);
}

#[test]
fn of_two_histories_sent_at_once_only_one_is_cosigned() {
    let honest = TestLog::new("log.example", 50);
    let histories = [Arc::new(honest.forked(0)), Arc::new(honest)];
    let bench = Bench::following(&[&histories[1]]);
    let (start, all) = (Arc::new(Barrier::new(UPDATERS as usize)), Arc::new(Mutex::new(Vec::new())));
    let updaters: Vec<_> = (0..UPDATERS)
        .map(|updater| {
            let log = Arc::clone(&histories[updater as usize % 2]);
            let (start, all) = (Arc::clone(&start), Arc::clone(&all));
            let (client, keys) = (bench.witness.client(), bench.keys.clone());
            thread::spawn(move || {
                start.wait();
                for size in [1 + updater % 10, 20 + updater % 10] {
                    let first = ask(&client, "", log.request(0, size).to_text().as_bytes());
                    let old = parse_size(&first.body).filter(|old| first.status == 409 && *old <= size);
                    let answer = match old {
                        Some(old) => ask(&client, "", log.request(old, size).to_text().as_bytes()),
                        None => first,
                    };
                    if answer.status == 200 {
                        let (_, time) = cosigned(&answer, &log.text(size), &keys);
                        all.lock().expect("lock").push((size, log.root(size), time));
                    } else {
                        assert!([400, 403, 409, 422].contains(&answer.status), "{:?}", seen(&answer));
                    }
                }
            })
        })
        .collect();
    updaters.into_iter().for_each(|updater| updater.join().expect("updater"));
    let all = Arc::into_inner(all).expect("all have ended").into_inner().expect("lock");
    assert!(!all.is_empty());
    let of = |log: &TestLog| all.iter().filter(|(size, root, _)| log.root(*size) == *root).count();
    let counts = (of(&histories[0]), of(&histories[1]));
    assert!(counts == (all.len(), 0) || counts == (0, all.len()), "both were cosigned: {counts:?}");
    no_contradiction(all);
}

#[test]
fn no_answer_is_ahead_of_the_disk_after_kill_9() {
    let log = Arc::new(TestLog::new("log.example", 20_000));
    let Bench { witness, keys, dir } = Bench::following(&[&log]);
    let data = witness.data.clone();
    let url = Arc::new(Mutex::new(witness.url.clone()));
    // The largest size that an answer has cosigned, and everything cosigned.
    let (acknowledged, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let all: Arc<Mutex<Vec<Cosigned>>> = Arc::default();
    let updater = {
        let (log, url, acknowledged, done, all) =
            (Arc::clone(&log), Arc::clone(&url), Arc::clone(&acknowledged), Arc::clone(&done), Arc::clone(&all));
        thread::spawn(move || {
            let mut known = 0;
            while !done.load(Ordering::SeqCst) && known < log.size() {
                let client = Client::new(&url.lock().expect("lock").clone());
                let body = log.request(known, known + 1).to_text();
                let Ok(answer) = client.try_post("/add-checkpoint", "text/plain", body.as_bytes()) else {
                    thread::sleep(Duration::from_millis(1));
                    continue;
                };
                if answer.status == 409 {
                    // An update whose answer was lost is on the disk or not; nothing answered is missing.
                    let size = parse_size(&answer.body).expect("a size");
                    assert!(size == known || size == known + 1, "{size} is recorded, {known} was answered");
                    known = size;
                    continue;
                }
                known += 1;
                let (_, time) = cosigned(&answer, &log.text(known), &keys);
                all.lock().expect("lock").push((known, log.root(known), time));
                acknowledged.store(known, Ordering::SeqCst);
            }
        })
    };
    let mut witness = witness;
    for round in 0..KILLS {
        let (before, started) = (acknowledged.load(Ordering::SeqCst), Instant::now());
        while acknowledged.load(Ordering::SeqCst) < before + 3 + round % 5 {
            assert!(
                !updater.is_finished() && started.elapsed() < Duration::from_secs(60),
                "nothing is cosigned any more"
            );
            thread::sleep(Duration::from_micros(300));
        }
        thread::sleep(Duration::from_micros(700 * round));
        witness.kill();
        let answered = acknowledged.load(Ordering::SeqCst);
        // What is on the disk now, before anyone looks at it through the witness.
        let file = std::fs::read(data.join("state").join(log.hash()).join("checkpoint")).expect("a record");
        let note = Note::parse(&file).expect("a whole note");
        let head = Head::parse(note.text()).expect("a head");
        assert!(head.size >= answered, "{} on the disk, {answered} was answered", head.size);
        assert_eq!(note.text(), checkpoint_text(&log.origin, head.size, &log.root(head.size)));
        witness = Witness::serve(&programs().node, &data);
        assert_eq!(recorded(&witness.client(), &log), Some(head.size));
        *url.lock().expect("lock") = witness.url.clone();
    }
    done.store(true, Ordering::SeqCst);
    updater.join().expect("updater");
    // One more may be recorded than was answered: the update that the last kill has cut off.
    let (now, answered) = (recorded(&witness.client(), &log).expect("a record"), acknowledged.load(Ordering::SeqCst));
    assert!(now == answered || now == answered + 1, "{now} is recorded, {answered} was answered");
    no_contradiction(std::mem::take(&mut *all.lock().expect("lock")));
    assert_eq!(witness.stop(), Some(0));
    drop(dir);
}
