//! What is checked before anything queues: bytes, signatures, contents. No position is needed for it,
//! so it runs on the submitters' threads, many at a time.

mod books;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::record::statement::StatementId;
use sanwu_schema::replay::{self, BookKeeper as _, Layer, ParsedLeaf, Refused, VerifiedLeaf};
use sanwu_schema::validity::{ChainFacts, Effect};

use super::answer::{Placed, SubmitError, SubmitRefusal, refuse, refuse_all};
use super::overlay::CommittedPast;
use crate::log::state::{Heads, ReadError, ReadState};
use crate::storage::Blob;

/// Entries in one package: a village's month has four, with the decisions and contracts of a busy month
/// some 40.
pub const PACKAGE_ENTRIES_MAX: usize = 64;

/// What is handed in: envelopes and the bytes that they name.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// The envelopes, in package order. More than one: all or nothing.
    pub envelopes: Vec<Vec<u8>>,
    /// Bodies and attachments in any order; each is known by its SHA-256.
    pub blobs: Vec<Vec<u8>>,
}

impl Submission {
    pub(in crate::log) fn bytes(&self) -> usize {
        self.envelopes.iter().chain(&self.blobs).map(Vec::len).sum()
    }
}

/// What the sequencer places.
pub(in crate::log) struct Package {
    pub(in crate::log) content: Leaves,
    /// The bytes that the entries name, each once.
    pub(in crate::log) blobs: Vec<Blob>,
}

/// The leaves of a package.
pub(in crate::log) enum Leaves {
    /// Entries whose signatures verify, in package order.
    Signed(Vec<VerifiedLeaf>),
    /// One leaf without a statement, in a test log that takes such.
    Raw(Arc<[u8]>),
}

impl Package {
    pub(in crate::log) fn raw(leaf: Arc<[u8]>) -> Self {
        Self { content: Leaves::Raw(leaf), blobs: Vec::new() }
    }

    pub(in crate::log) fn len(&self) -> u64 {
        match &self.content {
            Leaves::Signed(entries) => entries.len() as u64,
            Leaves::Raw(_) => 1,
        }
    }

    pub(in crate::log) fn bytes(&self) -> usize {
        let entries = match &self.content {
            Leaves::Signed(entries) => entries.iter().map(|entry| entry.entry().bytes.len()).sum(),
            Leaves::Raw(leaf) => leaf.len(),
        };
        self.blobs.iter().fold(entries, |sum, blob| sum + blob.bytes.len())
    }
}

/// What became of a submission before the queue.
pub(in crate::log) enum Admitted {
    /// Every statement is in the log already.
    Known(Vec<Placed>),
    New(Package),
}

/// Checks everything that needs no position.
pub(in crate::log) fn admit(state: &ReadState, heads: &Heads, submission: Submission) -> Result<Admitted, SubmitError> {
    let Submission { envelopes, blobs } = submission;
    if envelopes.is_empty() {
        return Err(refuse(0, Invalid::new(ErrorCode::JsonMissing, "envelope")));
    }
    if envelopes.len() > PACKAGE_ENTRIES_MAX {
        return Err(refuse(PACKAGE_ENTRIES_MAX, Invalid::new(ErrorCode::Length, "envelopes")));
    }
    let mut leaves = Vec::with_capacity(envelopes.len());
    for (number, envelope) in envelopes.iter().enumerate() {
        leaves.push(ParsedLeaf::parse(envelope).map_err(|invalid| refuse(number, invalid))?);
    }
    let ids: Vec<StatementId> = leaves.iter().map(|leaf| leaf.entry().id).collect();
    if let Some(placed) = known(state, &ids)? {
        return Ok(Admitted::Known(placed));
    }
    match check_all(state, heads, leaves, blobs) {
        Err(SubmitError::Refused(refusal)) if refusal.code.kind() == ErrorKind::Conflict => {
            // The same package may have been committed meanwhile, from another connection.
            match known(state, &ids)? {
                Some(placed) => Ok(Admitted::Known(placed)),
                None => Err(SubmitError::Refused(refusal)),
            }
        }
        checked => checked.map(Admitted::New),
    }
}

/// Checks every entry at the position that it would get now. The sequencer checks positions again: only there it is
/// known what comes before. So an entry is refused early, with the chain's head, and the books that its
/// content is compared with are those right before it: had the chain moved meanwhile, its `seq` would
/// not fit any more.
fn check_all(
    state: &ReadState,
    heads: &Heads,
    leaves: Vec<ParsedLeaf>,
    blobs: Vec<Vec<u8>>,
) -> Result<Package, SubmitError> {
    let mut contents = Contents::new(state, blobs);
    let past = CommittedPast::new(state, heads.committed().position);
    let mut package = Layer::new(&past);
    let mut verified = Vec::with_capacity(leaves.len());
    for (number, leaf) in leaves.into_iter().enumerate() {
        let leaf = leaf.verify_at(&package).map_err(|refused| match refused {
            Refused::Invalid(invalid) => refuse(number, invalid),
            Refused::History(error) => error.into(),
        })?;
        let entry = leaf.entry();
        if state.locate(&entry.id)?.is_none() {
            let effect = place(state, number, &leaf, &mut package)?;
            let body = contents.check(number, entry, &effect.state.facts, &package)?;
            package.keep(&entry.statement, body);
        } else {
            contents.named(entry);
        }
        verified.push(leaf);
    }
    Ok(Package { content: Leaves::Signed(verified), blobs: contents.into_blobs()? })
}

/// Places an entry after the committed log and the package's earlier entries.
fn place(
    state: &ReadState,
    number: usize,
    leaf: &VerifiedLeaf,
    package: &mut Layer<'_, CommittedPast<'_>>,
) -> Result<Effect, SubmitError> {
    match replay::place(leaf, package) {
        Ok(effect) => Ok(effect),
        Err(Refused::History(error)) => Err(error.into()),
        Err(Refused::Invalid(Invalid { code, place })) => {
            let head = match code.kind() {
                ErrorKind::Conflict => state.chain(&leaf.entry().statement.chain)?.map(|state| state.head),
                _ => None,
            };
            Err(SubmitError::Refused(Box::new(SubmitRefusal {
                envelope: number,
                code,
                place,
                findings: Vec::new(),
                head,
            })))
        }
    }
}

/// Places of statements that are all in the log already; `None` if one does not.
fn known(state: &ReadState, ids: &[StatementId]) -> Result<Option<Vec<Placed>>, ReadError> {
    let mut placed = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(located) = state.locate(id)? else { return Ok(None) };
        placed.push(Placed { index: located.index, id: *id, new: false });
    }
    Ok(Some(placed))
}

/// The bytes handed in, by digest.
struct Contents<'a> {
    state: &'a ReadState,
    blobs: BTreeMap<Hash, Vec<u8>>,
    /// Which of them an entry names.
    named: BTreeSet<Hash>,
}

impl<'a> Contents<'a> {
    fn new(state: &'a ReadState, blobs: Vec<Vec<u8>>) -> Self {
        let blobs = blobs.into_iter().map(|bytes| (Hash::digest(&bytes), bytes)).collect();
        Self { state, blobs, named: BTreeSet::new() }
    }

    /// Checks that what the entry names is there, and that the body may be published.
    fn check(
        &mut self,
        number: usize,
        entry: &Entry,
        facts: &ChainFacts,
        package: &Layer<'_, CommittedPast<'_>>,
    ) -> Result<Body, SubmitError> {
        let statement = &entry.statement;
        if statement.rows.is_some() {
            // The wire form is there; taking lists of people needs erasure, which is not served yet.
            return Err(refuse(number, Invalid::new(ErrorCode::Rows, "rows")));
        }
        let Some(reference) = &statement.body else {
            return Err(refuse(number, Invalid::new(ErrorCode::BodyMissing, "body")));
        };
        let stored;
        let bytes = match self.blobs.get(&reference.digest) {
            Some(bytes) => bytes,
            None => {
                let found = self.state.store.blob(&reference.digest).map_err(ReadError::from)?;
                stored = found.ok_or_else(|| self.missing(number, "body", &reference.digest))?;
                &stored
            }
        };
        let content = replay::admit(statement, bytes, Some(facts), package)?;
        let mut findings = content.findings.into_iter();
        let body = match (findings.next(), content.body) {
            (Some(first), _) => return Err(refuse_all(number, first, findings.collect())),
            (None, Some(body)) => body,
            (None, None) => return Err(refuse(number, Invalid::new(ErrorCode::JsonValue, "body"))),
        };
        self.named.insert(reference.digest);
        for attachment in body.attachments() {
            match self.blobs.get(&attachment.digest) {
                Some(bytes) if bytes.len() as u64 != attachment.size => {
                    return Err(refuse(number, Invalid::new(ErrorCode::BodyDigest, "attachments.size")));
                }
                Some(_) => {}
                None if self.state.store.has_blob(&attachment.digest).map_err(ReadError::from)? => {}
                None => return Err(self.missing(number, "attachments", &attachment.digest)),
            }
            self.named.insert(attachment.digest);
        }
        Ok(body)
    }

    /// Takes note that the bytes of an entry that is in the log already may be handed in again.
    fn named(&mut self, entry: &Entry) {
        let Some(reference) = &entry.statement.body else { return };
        let body = self.blobs.get(&reference.digest).and_then(|bytes| Body::parse(entry.statement.kind, bytes).ok());
        self.named.insert(reference.digest);
        self.named.extend(body.iter().flat_map(|body| body.attachments()).map(|attachment| attachment.digest));
    }

    /// Something else was handed in than what was signed, or nothing.
    fn missing(&self, number: usize, what: &str, digest: &Hash) -> SubmitError {
        let other = self.blobs.keys().any(|digest| !self.named.contains(digest));
        let code = if other { ErrorCode::BodyDigest } else { ErrorCode::BodyMissing };
        refuse(number, Invalid::new(code, format!("{what} {digest}")))
    }

    /// The bytes to store; bytes that no entry names are refused, so that nobody stores files here.
    fn into_blobs(self) -> Result<Vec<Blob>, SubmitError> {
        if let Some(digest) = self.blobs.keys().find(|digest| !self.named.contains(digest)) {
            return Err(refuse(0, Invalid::new(ErrorCode::BodyDigest, digest)));
        }
        Ok(self.blobs.into_iter().map(|(digest, bytes)| Blob { digest, bytes: bytes.into() }).collect())
    }
}
