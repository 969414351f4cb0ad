//! Writing files so that a crash leaves the old one or the new one, never a part of one.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use thiserror::Error;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Secret,
    /// Everyone on the machine, within the umask.
    Public,
}

impl Access {
    const fn mode(self) -> u32 {
        match self {
            Self::Secret => 0o600,
            Self::Public => 0o644,
        }
    }
}

/// How far the replacement of a file came.
#[derive(Debug, Error)]
pub(crate) enum NotReplaced {
    /// The old file is still in place.
    #[error("{0}")]
    Unchanged(io::Error),
    /// Old or new: the disk did not say.
    #[error("{0}")]
    Unknown(io::Error),
}

impl From<NotReplaced> for io::Error {
    fn from(error: NotReplaced) -> Self {
        match error {
            NotReplaced::Unchanged(error) | NotReplaced::Unknown(error) => error,
        }
    }
}

/// Writes or replaces a file: whole or not at all, durable on return.
///
/// One process at a time replaces a given file; the data directory's lock sees to it. The new bytes are written to
/// `<name>.new` beside it, which a killed process may leave behind and the next replacement removes. The folder's own
/// entry in its parent is the caller's to sync.
pub(crate) fn replace(path: &Path, bytes: &[u8], access: Access) -> Result<(), NotReplaced> {
    let (folder, name) = match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => (folder, name),
        _ => return Err(NotReplaced::Unchanged(io::Error::other("not the path of a file"))),
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut new = name.to_owned();
    new.push(".new");
    let prepared = remove_if_there(&folder.join(&new)).and_then(|()| {
        let mut file = tempfile::Builder::new()
            .prefix(&new)
            .rand_bytes(0)
            .permissions(Permissions::from_mode(access.mode()))
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        // All that has to be opened is open before anything is replaced: a process out of descriptors fails here.
        Ok((file, File::open(folder)?))
    });
    let (file, folder) = prepared.map_err(NotReplaced::Unchanged)?;
    let synced = file.as_file().sync_all().and_then(|()| Ok(file.persist(path)?));
    synced.and_then(|_| folder.sync_all()).map_err(NotReplaced::Unknown)
}

/// Writes a new file, synced; an error of kind `AlreadyExists` if there is one.
///
/// The folder's entry for it is the caller's to sync.
pub(crate) fn write_new(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(access.mode()).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_access_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        // What a killed process leaves behind.
        std::fs::write(folder.path().join("log.key.new"), "half").unwrap();
        for (bytes, access) in [("one", Access::Public), ("two", Access::Secret)] {
            replace(&path, bytes.as_bytes(), access).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), bytes);
            let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o077;
            assert!(access == Access::Public || mode == 0, "{mode:o}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_new(&path, b"three", Access::Public).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent").join("log.key");
        assert!(matches!(replace(&absent, b"", Access::Public), Err(NotReplaced::Unchanged(_))));
    }
}
