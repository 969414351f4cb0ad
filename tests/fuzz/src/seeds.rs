//! Writes every seed into the folder of its target below the folder that `SANWU_SEEDS` names. Instrumented as all
//! is here, it has to be a fuzz program, too: `cargo fuzz run seeds -- -runs=0`.

#![no_main]

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

libfuzzer_sys::fuzz_target!(init: write().expect("the seeds' folder"), |_data: &[u8]| {});

fn write() -> std::io::Result<()> {
    let folder = std::env::var_os("SANWU_SEEDS").map(PathBuf::from).ok_or(std::io::ErrorKind::NotFound)?;
    for (target, input) in sanwu_fuzz::fuzz::seeds() {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let folder = folder.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("seed-{:016x}", hasher.finish())), input)?;
    }
    Ok(())
}
