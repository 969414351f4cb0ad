//! The kept inputs of the fuzz targets, and the golden vectors, with the ordinary toolchain: what was found once
//! is never lost. `.ci/fuzz` looks for more.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use sanwu_tests::fuzz::{TARGETS, Target, seeds};

use crate::support::repository;

/// What the corpus may take in a clone.
const CORPUS_BYTES_MAX: u64 = 600_000;
/// Likewise.
const CORPUS_FILES_MAX: usize = 400;

fn fuzz() -> PathBuf {
    repository().join("tests/fuzz")
}

fn names(folder: PathBuf) -> BTreeSet<String> {
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// Runs one input; a failure says which.
fn run(what: &str, target: Target, input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) {
        eprintln!("this was {what}");
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn every_kept_input_passes() {
    let (mut files, mut bytes) = (0, 0);
    for (name, target) in TARGETS {
        let folder = fuzz().join("corpus").join(name);
        let inputs = names(folder.clone());
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for file in &inputs {
            let input = fs::read(folder.join(file)).unwrap();
            run(&format!("tests/fuzz/corpus/{name}/{file}"), *target, &input);
            bytes += input.len() as u64;
        }
        files += inputs.len();
        println!("{name}: {} inputs", inputs.len());
    }
    assert!(files > 0 && files <= CORPUS_FILES_MAX && bytes <= CORPUS_BYTES_MAX, "{files} files, {bytes} bytes");
}

#[test]
fn every_vector_is_an_input_that_passes() {
    let mut run_of = BTreeSet::new();
    for (i, (name, input)) in seeds().iter().enumerate() {
        let (_, target) = TARGETS.iter().find(|(target, _)| target == name).unwrap();
        run(&format!("seed {i} of {name}"), *target, input);
        run_of.insert(*name);
    }
    let all: BTreeSet<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(run_of, all);
}

#[test]
fn every_target_is_a_program_and_has_a_corpus() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(fuzz().join("corpus")), targets);
    let programs: BTreeSet<String> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(fuzz().join("fuzz_targets")), programs);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &targets {
        let program = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("fuzz::{name}(data)")), "{program}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built");
    }
}
