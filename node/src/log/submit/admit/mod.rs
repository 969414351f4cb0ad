//! What is checked before anything queues: bytes, signatures, contents. No position is needed for it,
//! so it runs on the submitters' threads, many at a time.

mod books;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sanwu_schema::admission::{self, Rejected};
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::kinds::Body;
use sanwu_schema::record::entry::{Entry, Invalid, SignedEntry};
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::validity::{self, ChainFacts, Effect, Refused};

use self::books::PastBooks;
use super::answer::{Placed, SubmitError, SubmitRefusal, refuse, refuse_all};
use super::overlay::{Layer, Overlay};
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
    Signed(Vec<SignedEntry>),
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
    /// To be placed.
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
    let mut entries = Vec::with_capacity(envelopes.len());
    for (number, envelope) in envelopes.iter().enumerate() {
        entries.push(Entry::parse(envelope).map_err(|invalid| refuse(number, invalid))?);
    }
    let ids: Vec<StatementId> = entries.iter().map(|entry| entry.id).collect();
    if let Some(placed) = known(state, &ids)? {
        return Ok(Admitted::Known(placed));
    }
    match check_all(state, heads, entries, blobs) {
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
    entries: Vec<Entry>,
    blobs: Vec<Vec<u8>>,
) -> Result<Package, SubmitError> {
    let mut contents = Contents::new(blobs);
    let mut keys = Keys { state, own: BTreeMap::new() };
    let mut books = PastBooks::new(state);
    let mut accepted = Layer::default();
    let mut signed = Vec::with_capacity(entries.len());
    for (number, entry) in entries.into_iter().enumerate() {
        let entry = keys.verify(number, entry)?;
        if state.locate(&entry.entry().id)?.is_none() {
            let facts = position(state, heads, number, &entry, &accepted)?;
            let body = contents.check(number, entry.entry(), &facts.state.facts, state, &books)?;
            books.remember(entry.entry(), body);
            accepted.add(entry.entry(), entry.entry().leaf_hash(), facts);
        } else {
            contents.named(entry.entry());
        }
        signed.push(entry);
    }
    Ok(Package { content: Leaves::Signed(signed), blobs: contents.into_blobs()? })
}

/// Checks an entry after the committed log and the package's earlier entries.
fn position(
    state: &ReadState,
    heads: &Heads,
    number: usize,
    entry: &SignedEntry,
    accepted: &Layer,
) -> Result<Effect, SubmitError> {
    let none = Layer::default();
    let past = Overlay { state, head: heads.committed().position, batch: &none, package: accepted };
    match validity::check(entry, past.next_index(), &past) {
        Ok(effect) => Ok(effect),
        Err(Refused::History(error)) => Err(error.into()),
        Err(Refused::Invalid(Invalid { code, place })) => {
            let head = match code.kind() {
                ErrorKind::Conflict => state.chain(&entry.entry().statement.chain)?.map(|state| state.head),
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

/// Finds the bytes of signers' keys. A keyid is the digest of the key, so any source will do.
struct Keys<'a> {
    state: &'a ReadState,
    /// Keys granted by earlier entries of this package.
    own: BTreeMap<KeyId, PublicKey>,
}

impl Keys<'_> {
    fn verify(&mut self, number: usize, entry: Entry) -> Result<SignedEntry, SubmitError> {
        let chain = entry.statement.chain.clone();
        let ring = match self.state.chain(&chain)? {
            Some(state) => Some(state),
            // A chain's genesis is signed by keys of the root chain.
            None => self.state.chain(&ChainId::root())?,
        };
        let granted = entry.statement.grants().to_vec();
        let find = |keyid: &KeyId| {
            let ring = ring.as_ref().and_then(|state| state.facts.key(keyid));
            ring.or_else(|| self.own.get(keyid)).cloned()
        };
        let signed = match entry.verify_signatures(find) {
            Ok(signed) => signed,
            Err(invalid) => return Err(refuse(number, self.revoked(&chain, invalid)?)),
        };
        self.own.extend(granted.into_iter().map(|grant| (grant.key.key_id(), grant.key)));
        Ok(signed)
    }

    /// A key that is not in the ring any more is revoked, not unknown.
    fn revoked(&self, chain: &ChainId, invalid: Invalid) -> Result<Invalid, ReadError> {
        if invalid.code == ErrorCode::KeyUnknown
            && let Some(keyid) = KeyId::from_hex(&invalid.place)
            && self.state.was_granted(chain, &keyid)?
        {
            return Ok(Invalid { code: ErrorCode::KeyRevoked, ..invalid });
        }
        Ok(invalid)
    }
}

/// The bytes handed in, by digest.
struct Contents {
    blobs: BTreeMap<Hash, Vec<u8>>,
    /// Which of them an entry names.
    named: BTreeSet<Hash>,
}

impl Contents {
    fn new(blobs: Vec<Vec<u8>>) -> Self {
        let blobs = blobs.into_iter().map(|bytes| (Hash::digest(&bytes), bytes)).collect();
        Self { blobs, named: BTreeSet::new() }
    }

    /// Checks that what the entry names is there, and that the body may be published.
    fn check(
        &mut self,
        number: usize,
        entry: &Entry,
        facts: &ChainFacts,
        state: &ReadState,
        books: &PastBooks<'_>,
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
                let found = state.store.blob(&reference.digest).map_err(ReadError::from)?;
                stored = found.ok_or_else(|| self.missing(number, "body", &reference.digest))?;
                &stored
            }
        };
        let body =
            admission::check(statement, bytes, facts.catalogue.pii_of(statement), books).map_err(|rejected| {
                match rejected {
                    Rejected::Books(error) => error.into(),
                    Rejected::Findings(mut findings) if !findings.is_empty() => {
                        let first = findings.remove(0);
                        refuse_all(number, first, findings)
                    }
                    Rejected::Findings(_) => refuse(number, Invalid::new(ErrorCode::JsonValue, "body")),
                }
            })?;
        self.named.insert(reference.digest);
        for attachment in body.attachments() {
            match self.blobs.get(&attachment.digest) {
                Some(bytes) if bytes.len() as u64 != attachment.size => {
                    return Err(refuse(number, Invalid::new(ErrorCode::BodyDigest, "attachments.size")));
                }
                Some(_) => {}
                None if state.store.has_blob(&attachment.digest).map_err(ReadError::from)? => {}
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
