//! What `--json` tells about a draft file.

use std::path::Path;

use sanwu_schema::draft::Draft;
use serde_json::{Value, json};

use crate::drafting::file::missing;
use crate::error::Error;
use crate::names::label;

/// Returns the JSON document about a draft file.
pub fn document(path: &Path, draft: &Draft) -> Result<Value, Error> {
    let mut statements = Vec::new();
    for entry in &draft.entries {
        let s = entry.parse()?;
        statements.push(json!({
            "id": entry.id().to_string(), "seq": s.seq, "kind": s.kind.as_str(),
            "code": s.code.as_ref().map(|c| c.as_str()), "period": s.period.as_ref().map(|p| p.as_str()),
            "what": label(&s).zh, "signatures": entry.signatures.len(), "signers": s.signers.len(),
        }));
    }
    let missing = missing(draft)?.into_iter().map(|m| {
        json!({
            "keyid": m.keyid.to_hex(), "statements": m.statements,
            "roles": m.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
        })
    });
    Ok(json!({
        "schema": "sanwu-draft-report-1", "ok": true, "exit": 0,
        "file": path.display().to_string(), "origin": draft.origin.as_str(), "chain": draft.chain.as_str(),
        "title": draft.title, "statements": statements, "missing": missing.collect::<Vec<_>>(),
    }))
}
