//! Builds the verifier that pages bring to a phone: `sanwu-schema` as WASM, into `OUT_DIR/verifier.wasm`.
//!
//! Where the wasm target is not installed the file is empty and the pages say that they cannot check; with
//! `CI=true` that is an error. The build is reproducible: no path of this machine gets into the bytes.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for watched in ["schema/src", "schema/Cargo.toml", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=assets");
    println!("cargo:rerun-if-env-changed=CI");

    // Only the pages bring it to anyone.
    if env::var_os("CARGO_FEATURE_SERVER").is_none() {
        return Ok(());
    }
    let verifier = out.join("verifier.wasm");
    let standard_library = target_libdir()?;
    // Installing the target later is reason enough to build again.
    println!("cargo:rerun-if-changed={}", standard_library.display());
    let installed = fs::read_dir(&standard_library).is_ok_and(|mut files| files.next().is_some());
    if installed {
        let built = build(&root, &out)?;
        fs::copy(built, verifier)?;
    } else if env::var("CI").is_ok_and(|ci| ci == "true") {
        return Err(format!("{TARGET} is not installed: rustup target add {TARGET}").into());
    } else {
        // Files that rustup unpacks are older than this build, so their dates tell nothing: a path that never
        // exists makes Cargo ask again each time, which costs nothing while there is nothing to build.
        println!("cargo:rerun-if-changed=no-such-file");
        println!(
            "cargo:warning=no browser verifier: rustup target add {TARGET}; pages will say that they cannot check"
        );
        fs::write(verifier, [])?;
    }
    Ok(())
}

/// Where the target's standard library is, if it is installed.
fn target_libdir() -> Result<PathBuf> {
    let rustc = env::var("RUSTC")?;
    let printed = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output()?;
    Ok(PathBuf::from(String::from_utf8(printed.stdout)?.trim()))
}

/// Cargo inside cargo: an own target directory, because the outer cargo holds the lock of its own.
fn build(root: &Path, out: &Path) -> Result<PathBuf> {
    let target_dir = out.join("wasm-target");
    let cargo_home = env::var("CARGO_HOME").or_else(|_| env::var("HOME").map(|home| format!("{home}/.cargo")))?;
    let flags = [
        format!("--remap-path-prefix={}=/src", root.display()),
        format!("--remap-path-prefix={cargo_home}=/cargo"),
        // SHA-2 in its short form: a twentieth of the download, and a phone hashes a few dozen times only.
        "--cfg=sha2_backend=\"soft\"".to_owned(),
        "--cfg=sha2_backend_soft=\"compact\"".to_owned(),
    ];
    let mut command = Command::new(env::var("CARGO")?);
    command
        .current_dir(root)
        .args(["rustc", "--locked", "--package", "sanwu-schema", "--lib", "--crate-type", "cdylib"])
        .args(["--profile", PROFILE, "--target", TARGET, "--target-dir"])
        .arg(&target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    // `cargo clippy` and outer flags would change the bytes; an outer target directory would be locked.
    for outer in [
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
        "CARGO_INCREMENTAL",
    ] {
        command.env_remove(outer);
    }
    let status = command.status()?;
    if !status.success() {
        return Err(format!("building the verifier for {TARGET} failed: {status}").into());
    }
    Ok(target_dir.join(TARGET).join(PROFILE).join("sanwu_schema.wasm"))
}
