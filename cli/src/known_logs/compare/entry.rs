//! What an entry says it is, for people who see two of them at one index.

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, Signer, StatementId};
use serde_json::{Value, json};

use crate::log_source::client::Content;
use crate::log_source::source::Source;
use crate::names::{label, short};
use crate::text::{Lang, Text};

/// What an entry says about itself; its signatures are not checked here.
pub struct EntrySummary {
    pub chain: ChainId,
    /// Its place in the chain.
    pub seq: u64,
    /// Kind, item and period.
    pub what: Text,
    /// The body's title, where the source has the body.
    pub title: Option<String>,
    pub id: StatementId,
    pub signers: Vec<Signer>,
}

impl EntrySummary {
    /// Reads an entry; `None` for leaves that are not sanwu entries.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let Entry { id, statement, .. } = Entry::parse(bytes).ok()?;
        Some(Self {
            what: label(&statement),
            title: None,
            id,
            chain: statement.chain,
            seq: statement.seq,
            signers: statement.signers,
        })
    }

    /// Reads an entry as [`read`](Self::read) does, with the title if the source has the body.
    pub fn of(source: &dyn Source, bytes: &[u8]) -> Option<Self> {
        let statement = Entry::parse(bytes).ok()?.statement;
        let body = statement.body.as_ref().and_then(|named| match source.blob(&named.digest) {
            Ok(Content::Here(bytes)) if Hash::digest(&bytes) == named.digest => Some(bytes),
            _ => None,
        });
        let body = body.and_then(|bytes| Body::parse(statement.kind, &bytes).ok());
        Some(Self { title: body.map(|b| b.title().to_owned()), ..Self::read(bytes)? })
    }

    /// Returns the signers, one after the other: `村务监督委员会主任 (ce4d6a25…)`.
    pub fn signed(&self, lang: Lang) -> String {
        let comma = lang.pick("、", ", ");
        let each = self.signers.iter().map(|signer| {
            let roles: Vec<&str> = signer.roles.iter().map(|r| lang.pick(r.zh(), r.en())).collect();
            format!("{} ({})", roles.join(comma), short(&signer.keyid))
        });
        each.collect::<Vec<_>>().join(comma)
    }

    /// Returns the members for documents.
    pub fn to_json(&self, lang: Lang) -> Value {
        let signers = self.signers.iter().map(
            |s| json!({ "keyid": s.keyid.to_hex(), "roles": s.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>() }),
        );
        json!({
            "chain": self.chain.as_str(), "seq": self.seq, "what": self.what.get(lang), "title": self.title,
            "id": self.id.to_string(), "signers": signers.collect::<Vec<_>>(),
        })
    }
}
