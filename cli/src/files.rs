//! Reading and writing files so that a crash leaves the old file or the new one, never half of one.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sanwu_schema::error_code::ErrorCode;

use crate::error::Error;
use crate::text::text;

/// Largest document that is read whole: a draft of a month with 2,000 vouchers is about 3 MB.
pub const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

/// An error of the file system at a path.
pub fn io_error(path: &Path, error: &std::io::Error) -> Error {
    let place = path.display().to_string();
    match error.kind() {
        ErrorKind::NotFound => Error::new(ErrorCode::FileMissing).at(place),
        ErrorKind::AlreadyExists => Error::new(ErrorCode::FileExists).at(place),
        _ => Error::new(ErrorCode::FileIo).at(text!("{place}: {error}", "{place}: {error}")),
    }
}

/// Reads a file of at most [`DOCUMENT_BYTES_MAX`].
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| io_error(path, &e))?;
    file.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|e| io_error(path, &e))?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(Error::new(ErrorCode::Length).at(path.display().to_string()));
    }
    Ok(bytes)
}

/// As [`read`], as text.
pub fn read_text(path: &Path) -> Result<String, Error> {
    String::from_utf8(read(path)?).map_err(|e| {
        Error::new(ErrorCode::JsonString).at(text!(
            "{} 第 {} 字节",
            "{} byte {}",
            path.display(),
            e.utf8_error().valid_up_to()
        ))
    })
}

/// Writes a file whole or not at all: a temporary file beside it, synced, then renamed over it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let dir = folder_of(path);
    fs::create_dir_all(&dir).map_err(|e| io_error(&dir, &e))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = dir.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    written.map_err(|e| {
        let _ = fs::remove_file(&temporary);
        io_error(path, &e)
    })
}

/// As [`write`], but leaves it to the system when the bytes reach the disk, or to [`sync`]: for many files that are
/// checked again whenever they are read. The temporary file stands in `scratch`, a folder on the same disk.
pub fn write_soon(path: &Path, bytes: &[u8], scratch: &Path) -> Result<(), Error> {
    let dir = folder_of(path);
    fs::create_dir_all(&dir).map_err(|e| io_error(&dir, &e))?;
    // Two workers may bring the same blob: each has a temporary file of its own.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let temporary = scratch.join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
    fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path)).map_err(|e| io_error(path, &e))
}

/// Writes a new file that only its owner may read; refuses to write over an existing one.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let dir = folder_of(path);
    fs::create_dir_all(&dir).map_err(|e| io_error(&dir, &e))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = (|| {
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    })();
    written.map_err(|e| io_error(path, &e))
}

/// Waits until a file written by [`write_soon`] has reached the disk.
pub fn sync(path: &Path) -> Result<(), Error> {
    // Windows flushes only what may be written.
    OpenOptions::new().write(true).open(path).and_then(|file| file.sync_all()).map_err(|e| io_error(path, &e))
}

/// Makes the names in a folder durable.
pub fn sync_folder(dir: &Path) -> Result<(), Error> {
    // Windows cannot open a folder as a file and makes renames durable by itself.
    #[cfg(unix)]
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| io_error(dir, &e))?;
    let _ = dir;
    Ok(())
}

/// A path with another text appended to its whole name: `三月.draft.json` → `三月.draft.json.receipt`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
