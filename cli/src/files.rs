//! Reading and writing files so that a crash leaves the old file or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use sanwu_schema::error_code::ErrorCode;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::text::text;

/// Largest document that is read whole: a draft of a month with 2,000 vouchers is about 3 MB.
pub const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

/// Returns an error of the file system at a path.
pub fn io_error(path: &Path, error: &io::Error) -> Error {
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

/// Reads a file as [`read`] does, as UTF-8 text.
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

/// Writes a file whole or not at all, durably: a temporary file beside it, synced, renamed over it, the folder synced.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let dir = made(path)?;
    let written = temporary(&dir, Reader::Everybody, bytes).and_then(|file| {
        file.as_file().sync_all()?;
        Ok(file.persist(path)?)
    });
    written.map_err(|e| io_error(path, &e))?;
    sync_folder(&dir)
}

/// As [`write`], but leaves it to the system when the bytes reach the disk, or to [`sync`]: for many files that are
/// checked again whenever they are read.
///
/// The temporary file is made in `scratch`, a folder on the same disk.
pub fn write_soon(path: &Path, bytes: &[u8], scratch: &Path) -> Result<(), Error> {
    made(path)?;
    let written = temporary(scratch, Reader::Everybody, bytes).and_then(|file| Ok(file.persist(path)?));
    written.map(drop).map_err(|e| io_error(path, &e))
}

/// Writes as [`write`] does, a new file that only its owner may read; an existing file is an error.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let dir = made(path)?;
    let written = temporary(&dir, Reader::Owner, bytes).and_then(|file| {
        file.as_file().sync_all()?;
        Ok(file.persist_noclobber(path)?)
    });
    written.map_err(|e| io_error(path, &e))?;
    sync_folder(&dir)
}

/// Who may read a new file.
enum Reader {
    /// Everybody whom the process's umask lets.
    Everybody,
    Owner,
}

/// A temporary file with these bytes, which goes away unless it is kept under another name.
fn temporary(dir: &Path, reader: Reader, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".tmp");
    #[cfg(unix)]
    if let Reader::Everybody = reader {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let _ = reader;
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(bytes)?;
    Ok(file)
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

/// Returns a path with another text appended to its whole name: `三月.draft.json` → `三月.draft.json.receipt`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder of a path, made if it is not there.
fn made(path: &Path) -> Result<PathBuf, Error> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_path_buf(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&dir).map_err(|e| io_error(&dir, &e))?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_a_secret_never() {
        let dir = tempfile::tempdir().unwrap();
        let (open, secret) = (dir.path().join("deep/open"), dir.path().join("deep/secret"));
        write(&open, b"one").unwrap();
        write(&open, b"two").unwrap();
        write_soon(&open, b"three", dir.path()).unwrap();
        write_secret(&secret, b"key").unwrap();
        assert_eq!(write_secret(&secret, b"other").unwrap_err().code, ErrorCode::FileExists);
        assert_eq!((read(&open).unwrap(), read(&secret).unwrap()), (b"three".to_vec(), b"key".to_vec()));
        assert_eq!(fs::read_dir(dir.path().join("deep")).unwrap().count(), 2, "no temporary file is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let usual = dir.path().join("usual");
            fs::write(&usual, b"").unwrap();
            assert_eq!((mode(&open), mode(&secret)), (mode(&usual), 0o600));
        }
    }
}
