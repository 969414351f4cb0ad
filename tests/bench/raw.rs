//! The limits: what the machine does when nothing else is in the way.

use std::path::Path;
use std::time::{Duration, Instant};

use rocksdb::{DB, Options, WriteBatch, WriteOptions};
use sanwu_schema::crypto::key::SecretKey;

const FOR: Duration = Duration::from_secs(3);

/// Strict Ed25519 verifications of a 700-byte message on all cores.
pub fn verify_strict_per_second(cores: usize) -> f64 {
    let secret = SecretKey::from_seed([7; 32]);
    let message = vec![1u8; 700];
    let (public, signature) = (secret.public(), secret.sign(&message));
    let start = Instant::now();
    let count: usize = std::thread::scope(|scope| {
        let thread = || {
            let mut n = 0;
            while start.elapsed() < FOR {
                public.verify(&message, &signature).expect("valid");
                n += 1;
            }
            n
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(thread)).collect();
        threads.into_iter().map(|t| t.join().expect("thread")).sum()
    });
    count as f64 / start.elapsed().as_secs_f64()
}

/// Synced WriteBatches of `entries` values of 2 KiB (an entry and its body).
pub fn synced_commits_per_second(path: &Path, entries: usize) -> f64 {
    let mut options = Options::default();
    options.create_if_missing(true);
    let db = DB::open(&options, path).expect("open");
    let mut sync = WriteOptions::default();
    sync.set_sync(true);
    let (start, mut commits) = (Instant::now(), 0u64);
    while start.elapsed() < FOR {
        let mut batch = WriteBatch::default();
        for i in 0..entries as u64 {
            batch.put((commits * entries as u64 + i).to_be_bytes(), [commits as u8; 2048]);
        }
        db.write_opt(batch, &sync).expect("write");
        commits += 1;
    }
    commits as f64 / start.elapsed().as_secs_f64()
}
