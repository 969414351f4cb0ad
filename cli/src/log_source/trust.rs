//! Trust files: read from a disk, or as the server itself would give one.

use std::path::Path;

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::verify::trust::{PinnedLog, Trust};

use crate::error::Error;
use crate::files;
use crate::log_source::client::{Client, DOCUMENT_BYTES_MAX};
use crate::text::text;

/// Reads a trust file.
pub fn read_trust(path: &Path) -> Result<PinnedLog, Error> {
    Trust::parse(&files::read(path)?).map_err(|e| Error::from(e).within(&path.display().to_string()))
}

/// Returns the trust file as the server would give it.
pub fn ask_trust(client: &Client) -> Result<PinnedLog, Error> {
    let path = "/api/v1/trust";
    let bytes = client.get(path, DOCUMENT_BYTES_MAX).map_err(|e| match e.code {
        ErrorCode::NotFound => e.because(text!("这里还没有开立总账", "no log has been opened here yet")).remedy(text!(
            "先签好、公布开立总账的草稿 (genesis.draft), 或检查网址",
            "sign and publish genesis.draft first, or check the address"
        )),
        _ => e,
    })?;
    Trust::parse(&bytes).map_err(|e| client.nonsense(path, &e.to_string()))
}
