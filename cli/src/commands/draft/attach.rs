//! Files that go with a draft. Where one may hold personal data, 16 random bytes are put before it, so that
//! its digest tells nothing to somebody who guesses the file.

use std::path::{Path, PathBuf};

use sanwu_schema::catalogue::Pii;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::draft::AttachedFile;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Attachment;

use crate::entropy;
use crate::error::Error;
use crate::files;

/// Largest attachment that a server takes.
const ATTACHMENT_BYTES_MAX: usize = 20 << 20;

/// Describes the files for the body, and says where they lie, relative to the draft.
pub fn prepare(paths: &[PathBuf], draft: &Path, pii: Pii) -> Result<(Vec<Attachment>, Vec<AttachedFile>), Error> {
    let (mut listed, mut sent) = (Vec::new(), Vec::new());
    for (i, path) in paths.iter().enumerate() {
        let place = path.display().to_string();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| Error::new(ErrorCode::FileMissing).at(place.as_str()))?;
        let file = files::read(path)?;
        let salted = pii != Pii::None;
        let stored = if salted { [entropy::bytes::<16>()?.as_slice(), &file].concat() } else { file };
        if stored.len() > ATTACHMENT_BYTES_MAX {
            return Err(Error::new(ErrorCode::Length).at(place));
        }
        // A copy beside the draft travels with it and cannot change under it.
        let copy = files::beside(draft, &format!(".attachment-{}", i + 1));
        files::write(&copy, &stored)?;
        let digest = Hash::digest(&stored);
        listed.push(Attachment {
            digest,
            size: stored.len() as u64,
            media_type: media_type(&name).into(),
            name,
            salted,
        });
        let path = copy.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        sent.push(AttachedFile { digest, path });
    }
    Ok((listed, sent))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_lowercase).as_deref() {
        Some("pdf") => "application/pdf",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}
