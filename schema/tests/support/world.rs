//! A log in memory, replayed as it grows: entries, bodies, and proofs of them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::{KeyId, SecretKey};
use sanwu_schema::date::IssuedAt;
use sanwu_schema::draft::{self, Draft, Place, Template};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::{Bytes, to_canonical};
use sanwu_schema::kinds::Kind;
use sanwu_schema::proof::bundle::{Bundle, Proved, Since};
use sanwu_schema::proof::{ProofSource, ProofTarget, assemble};
use sanwu_schema::record::dsse::{Envelope, Signature, pae, statement_id};
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::record::statement::{BodyRef, ChainId, Role, Seen, Signer, Statement, StatementId, sort_roles};
use sanwu_schema::replay::{self, Growing as _, Leaf, LogState, ParsedLeaf, Past as _, Refused};
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::cosignature;
use sanwu_schema::tlog::merkle::build::{consistency_proof, inclusion_proof};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::tlog::vkey::{ED25519, SignerKey};
use sanwu_schema::validity::ring::Ring;
use sanwu_schema::validity::{ChainFacts, ChainState, History as _};
use sanwu_schema::verify::trust::Trust;

use super::village::{Cast, ISSUED_AT, Name};

/// When the first witness saw every checkpoint; the second saw it one second later.
pub const WITNESSED: u64 = 1_768_000_000;

/// An entry of the log, with the state before it.
#[derive(Clone)]
pub struct Logged {
    pub entry: Entry,
    pub body: Option<Vec<u8>>,
    /// The state against which its signers were checked: its chain's, or `root`'s for a chain's genesis.
    pub standing: Option<ChainState>,
}

#[derive(Clone)]
pub struct World {
    pub cast: Cast,
    pub origin: Origin,
    pub log: Vec<Logged>,
    state: LogState,
}

impl World {
    pub fn empty(cast: Cast, origin: &str) -> Self {
        let origin = Origin::parse(origin).unwrap();
        Self { cast, state: LogState::new(origin.clone()), origin, log: Vec::new() }
    }

    /// The log as it was replayed so far.
    pub fn replayed(&self) -> &LogState {
        &self.state
    }

    // ---- the log

    pub fn size(&self) -> u64 {
        self.state.size()
    }

    pub fn root(&self) -> Hash {
        self.root_of(self.size())
    }

    pub fn root_of(&self, size: u64) -> Hash {
        let Ok(root) = self.state.root_at(size);
        root.unwrap()
    }

    pub fn seen(&self) -> Seen {
        Seen { size: self.size(), root: self.root() }
    }

    pub fn entries(&self) -> Vec<Vec<u8>> {
        self.log.iter().map(|l| l.entry.bytes.clone()).collect()
    }

    pub fn state(&self, chain: &str) -> &ChainState {
        self.chain(chain).unwrap()
    }

    fn chain(&self, chain: &str) -> Option<&ChainState> {
        self.state.changes().chain(&chain_id(chain))
    }

    pub fn heads(&self) -> impl Iterator<Item = (&ChainId, &ChainState)> {
        self.state.changes().chains()
    }

    pub fn id(&self, index: u64) -> StatementId {
        self.log[index as usize].entry.id
    }

    /// Appends an entry as a node would; says why not.
    pub fn append(&mut self, bytes: &[u8], body: Option<Vec<u8>>) -> Result<u64, Invalid> {
        let index = self.size();
        let leaf = ParsedLeaf::parse(bytes)?;
        let statement = &leaf.entry().statement;
        let ring = if statement.kind == Kind::ChainGenesis { ChainId::root() } else { statement.chain.clone() };
        let standing = self.state.changes().chain(&ring).cloned();
        let stepped = replay::step(Leaf::Entry(Box::new(leaf)), &mut self.state).map_err(|e| match e {
            Refused::Invalid(e) => e,
            Refused::History(never) => match never {},
        })?;
        let (entry, _) = stepped.unwrap();
        self.log.push(Logged { entry, body, standing });
        Ok(index)
    }

    /// Appends an entry as a dishonest node would: without a check. Nothing may follow it.
    pub fn force(&mut self, statement: &Statement) -> u64 {
        let bytes = self.sign(statement);
        let entry = Entry::parse(&bytes).unwrap();
        let standing = self.state.changes().chain(&entry.statement.chain).cloned();
        self.state.append(entry.leaf_hash());
        self.log.push(Logged { entry, body: Some(b"{}".to_vec()), standing });
        self.size() - 1
    }

    // ---- drafting by the rules

    pub fn place(&self, chain: &str) -> Place {
        let state = self.state(chain);
        Place {
            origin: self.origin.clone(),
            chain: chain_id(chain),
            seq: state.head.seq + 1,
            prev: Some(state.head.id),
            parent: None,
            seen: self.seen(),
            facts: Some((*state.facts).clone()),
        }
    }

    pub fn draft(&self, place: &Place, templates: &[Template]) -> Draft {
        draft::build(place, "草稿", templates, &issued_at(), &[]).unwrap()
    }

    /// Drafts, has everyone sign, and appends the package; gives the first index.
    pub fn publish(&mut self, place: &Place, templates: &[Template]) -> u64 {
        let draft = self.draft(place, templates);
        self.publish_draft(draft)
    }

    pub fn publish_draft(&mut self, mut draft: Draft) -> u64 {
        for missing in draft.missing().unwrap() {
            let secret = self.cast.secret(&missing.keyid).clone();
            draft.sign(&secret).unwrap();
        }
        let first = self.size();
        for (entry, body) in draft.package(|id| self.state.key(&ChainId::root(), id).unwrap()).unwrap() {
            self.append(&entry, Some(body)).unwrap();
        }
        first
    }

    // ---- statements by hand, also wrong ones

    /// The next statement of a chain, unsigned, with a body of which only the digest matters.
    pub fn next(&self, chain: &str, kind: Kind) -> Statement {
        let state = self.chain(chain);
        let root = self.chain("root");
        let parent = root.filter(|_| kind == Kind::ChainGenesis);
        let ring = match (kind, state) {
            (Kind::LogGenesis, _) => Ring::empty(),
            (Kind::ChainGenesis, _) | (_, None) => root.map_or_else(Ring::empty, |r| r.facts.ring.clone()),
            (_, Some(state)) => state.facts.ring.clone(),
        };
        let body = b"{}";
        Statement {
            origin: self.origin.clone(),
            chain: chain_id(chain),
            seq: state.map_or(0, |s| s.head.seq + 1),
            prev: state.map(|s| s.head.id),
            parent: parent.map(|p| p.head.id),
            kind,
            issuer: None,
            code: None,
            period: None,
            issued_at: issued_at(),
            seen: self.seen(),
            keyring: ring.digest(),
            signers: Vec::new(),
            control: None,
            body: Some(BodyRef { digest: Hash::digest(body), size: body.len() as u64 }),
            rows: None,
            refs: None,
        }
    }

    /// Lists who signs in which roles.
    pub fn signers(&self, list: &[(Name, &[Role])]) -> Vec<Signer> {
        let mut signers: Vec<Signer> = list
            .iter()
            .map(|(name, roles)| {
                let mut roles = roles.to_vec();
                sort_roles(&mut roles);
                Signer { keyid: self.cast.key_id(*name), roles }
            })
            .collect();
        signers.sort_by_key(|s| s.keyid);
        signers
    }

    /// Signs a statement with the keys that it lists.
    pub fn sign(&self, statement: &Statement) -> Vec<u8> {
        self.seal(to_canonical(statement), statement.signers.iter().map(|s| s.keyid))
    }

    /// Signs any payload with any keys.
    pub fn seal(&self, payload: Vec<u8>, keys: impl Iterator<Item = KeyId>) -> Vec<u8> {
        let message = pae(&payload);
        let sign = |keyid| Signature { keyid, sig: Bytes(self.cast.secret(&keyid).sign(&message)) };
        Envelope { signatures: keys.map(sign).collect(), payload }.to_bytes()
    }

    // ---- bundles

    pub fn secret(&self, name: Name) -> &SecretKey {
        self.cast.secret(&self.cast.key_id(name))
    }

    /// The checkpoint of a size, with the log's signature and those of both witnesses.
    pub fn checkpoint(&self, size: u64, witnesses: usize) -> String {
        self.checkpoint_by(&[self.cast.log_key(&self.origin)], size, witnesses)
    }

    /// The same, signed by these keys of the log.
    pub fn checkpoint_by(&self, log: &[SignerKey], size: u64, witnesses: usize) -> String {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root: self.root_of(size) };
        let mut note = Note::new(checkpoint.to_text()).unwrap();
        for key in log {
            match key.vkey().algorithm() {
                ED25519 => note.sign(key).unwrap(),
                _ => note.add(cosignature::sign(key, &checkpoint.to_text(), WITNESSED).unwrap()),
            }
        }
        for (i, witness) in self.cast.witnesses().iter().take(witnesses).enumerate() {
            note.add(cosignature::sign(witness, &checkpoint.to_text(), WITNESSED + i as u64).unwrap());
        }
        note.to_text()
    }

    /// The proof bundle of an entry, all of it to the checkpoint of `size`.
    pub fn bundle(&self, index: u64, size: u64) -> Bundle {
        let to = ProofTarget { size, note: self.checkpoint(size, 2).into_bytes() };
        assemble(self, index, to, None).unwrap().unwrap()
    }

    pub fn proved(&self, index: u64, size: u64) -> Proved {
        let logged = &self.log[index as usize];
        Proved {
            index,
            entry: Bytes(logged.entry.bytes.clone()),
            body: logged.body.clone().map(Bytes),
            inclusion: inclusion_proof(index, size, &self.state).unwrap(),
        }
    }

    pub fn since(&self, old: u64, size: u64) -> Since {
        Since { size: old, proof: consistency_proof(old, size, &self.state).unwrap() }
    }

    fn located(&self, id: &StatementId) -> u64 {
        self.state.changes().located(id).unwrap().index
    }

    /// The trust file, with a quorum of one witness of two.
    pub fn trust(&self) -> String {
        let quorum = self.cast.policy(&self.origin, "any");
        self.trust_with(&quorum)
    }

    pub fn trust_with(&self, policy: &[String]) -> String {
        sanwu_schema::json::to_text(&self.trust_file(policy))
    }

    /// The trust file with one thing changed.
    pub fn trust_but(&self, edit: impl FnOnce(&mut Trust)) -> String {
        let mut file = self.trust_file(&self.cast.policy(&self.origin, "any"));
        edit(&mut file);
        sanwu_schema::json::to_text(&file)
    }

    fn trust_file(&self, policy: &[String]) -> Trust {
        Trust {
            format: sanwu_schema::verify::trust::FORMAT.to_owned(),
            origin: self.origin.clone(),
            purpose: sanwu_schema::kinds::Purpose::Test,
            genesis: self.id(0),
            root_keys: self.cast.root_vkeys(),
            threshold: 2,
            log_vkeys: vec![self.cast.log_key(&self.origin).vkey().to_string()],
            retired: None,
            policy: policy.to_vec(),
            operators: None,
            max_age_days: None,
            issued_at: issued_at(),
        }
    }
}

pub fn chain_id(text: &str) -> ChainId {
    ChainId::parse(text).unwrap()
}

pub fn issued_at() -> IssuedAt {
    IssuedAt::parse(ISSUED_AT).unwrap()
}

/// Replays entries from nothing; the index and code of the first that is refused. Logs that begin alike are replayed
/// once up to their last entry.
pub fn replay(cast: &Cast, origin: &str, entries: &[Vec<u8>]) -> Result<World, (u64, ErrorCode)> {
    static DONE: Mutex<BTreeMap<Hash, World>> = Mutex::new(BTreeMap::new());
    let Some((last, before)) = entries.split_last() else { return Ok(World::empty(cast.clone(), origin)) };
    let key = Hash::digest(&before.concat());
    let known = DONE.lock().unwrap().get(&key).cloned();
    let mut world = match known {
        Some(world) => world,
        None => replay(cast, origin, before)?,
    };
    DONE.lock().unwrap().insert(key, world.clone());
    world.append(last, None).map_err(|e| (world.size(), e.code))?;
    Ok(world)
}

impl ProofSource for World {
    type Error = Infallible;
    fn origin(&self) -> &Origin {
        &self.origin
    }
    fn entry(&self, index: u64) -> Result<Option<Entry>, Infallible> {
        Ok(self.log.get(index as usize).map(|logged| logged.entry.clone()))
    }
    fn index_of(&self, id: &StatementId) -> Result<Option<u64>, Infallible> {
        Ok(self.state.changes().located(id).map(|located| located.index))
    }
    fn opened_at(&self, chain: &ChainId) -> Result<Option<u64>, Infallible> {
        let first = |l: &Logged| l.entry.statement.chain == *chain && l.entry.statement.seq == 0;
        Ok(self.log.iter().position(first).map(|index| index as u64))
    }
    fn facts_before(&self, index: u64, _: &Entry) -> Result<Option<Arc<ChainFacts>>, Infallible> {
        Ok(self.log[index as usize].standing.as_ref().map(|state| state.facts.clone()))
    }
    fn body(&self, statement: &Statement) -> Result<Option<Vec<u8>>, Infallible> {
        let id = statement_id(&to_canonical(statement));
        let index = self.log.iter().position(|logged| logged.entry.id == id).unwrap();
        let erased = self.state.changes().erasures(&id).last().is_some();
        Ok(self.log[index].body.clone().filter(|_| !erased))
    }
    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Infallible> {
        Ok(self.state.changes().corrected_by(id))
    }
    fn erased_by(&self, id: &StatementId) -> Result<Option<StatementId>, Infallible> {
        Ok(self.state.changes().erasures(id).last().map(|erasure| erasure.by))
    }
    fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Infallible> {
        Ok(inclusion_proof(index, size, &self.state).unwrap())
    }
    fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Infallible> {
        Ok(consistency_proof(old, new, &self.state).unwrap())
    }
}
