//! The replayer: one answer in memory and in layers, nothing left of what is rolled back, no guess where the past cannot
//! be read.

use std::convert::Infallible;

use sanwu_schema::admission::Books;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::Period;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{AccountBalance, MonthBook};
use sanwu_schema::record::entry::Invalid;
use sanwu_schema::record::statement::{ChainId, Role, StatementId};
use sanwu_schema::replay::{
    BookKeeper, Growing, Layer, LayerParts, Leaf, LeafRule, LogState, ParsedLeaf, Past, Refused, admit, place, read,
    step,
};
use sanwu_schema::tlog::checkpoint::Origin;
use sanwu_schema::tlog::merkle::{Tree, leaf_hash};
use sanwu_schema::validity::{ChainState, History, Located, Slot};

use crate::support::village::{CHAIN, Cast, Name, Story, period, story, with_chain};
use crate::support::world::{World, chain_id};

/// Takes entries from..to with their contents; gives the findings by index.
fn take<S>(world: &World, range: std::ops::Range<u64>, state: &mut S) -> Vec<(u64, Invalid)>
where
    S: Growing<Error = Infallible> + BookKeeper + Books<Error = Infallible>,
{
    let mut findings = Vec::new();
    for index in range {
        let logged = &world.log[index as usize];
        assert_eq!(Past::size(state), index);
        let leaf = read(&logged.entry.bytes, LeafRule::Entries).unwrap();
        let Ok(Some((entry, effect))) = step(leaf, state) else { panic!("entry {index}") };
        let Some(body) = &logged.body else { continue };
        let Ok(content) = admit(&entry.statement, body, Some(&effect.state.facts), state);
        findings.extend(content.findings.into_iter().map(|found| (index, found)));
        if let Some(body) = content.body {
            state.keep(&entry.statement, body);
        }
    }
    findings
}

/// All that validity and admission can ask of the two is the same.
fn assert_same(story: &Story, one: &LogState, other: &(impl Past<Error = Infallible> + Books<Error = Infallible>)) {
    assert_eq!(Past::size(one), Past::size(other));
    assert_eq!(one.tree().unwrap(), other.tree().unwrap());
    for size in 0..=Past::size(one) + 1 {
        assert_eq!(one.root_at(size), other.root_at(size), "root at {size}");
    }
    for logged in &story.world.log {
        let statement = &logged.entry.statement;
        assert_eq!(one.chain(&statement.chain), other.chain(&statement.chain));
        assert_eq!(one.locate(&logged.entry.id), other.locate(&logged.entry.id));
        assert_eq!(one.corrected_by(&logged.entry.id), other.corrected_by(&logged.entry.id));
        for signer in &statement.signers {
            assert_eq!(
                one.was_granted(&statement.chain, &signer.keyid),
                other.was_granted(&statement.chain, &signer.keyid)
            );
            assert_eq!(one.key(&statement.chain, &signer.keyid), other.key(&statement.chain, &signer.keyid));
        }
        if let Some(period) = &statement.period {
            let what = statement.code.as_ref().map_or(statement.kind.as_str(), |code| code.as_str()).to_owned();
            let slot = Slot { chain: statement.chain.clone(), what, period: period.clone() };
            assert_eq!(one.slot(&slot), other.slot(&slot));
            assert_eq!(one.month_book(&statement.chain, period), other.month_book(&statement.chain, period));
        }
        assert_eq!(one.opening(&statement.chain), other.opening(&statement.chain));
    }
}

#[test]
fn layers_answer_as_one_state_does() {
    let story = story();
    let size = story.last + 1;
    let mut whole = LogState::new(story.world.origin.clone());
    let findings = take(&story.world, 0..size, &mut whole);
    for split in [0, 1, 4, 9, story.correction, story.revocation, size] {
        let mut below = LogState::new(story.world.origin.clone());
        let mut found = take(&story.world, 0..split, &mut below);
        let before = below.clone();
        {
            let mut batch = Layer::new(&below);
            let mut next = split;
            while next < size {
                // Packages of three entries, each merged into the batch.
                let to = size.min(next + 3);
                let mut package = Layer::new(&batch);
                found.extend(take(&story.world, next..to, &mut package));
                let parts = package.into_parts();
                batch.merge(parts);
                next = to;
            }
            assert_same(story, &whole, &batch);
            // Put aside and taken up again.
            let batch = Layer::resume(&below, batch.into_parts());
            assert_same(story, &whole, &batch);
        }
        assert_eq!(found, findings, "split at {split}");
        assert_same(story, &before, &below);
    }
    assert!(findings.is_empty(), "{findings:?}");
    assert!(whole.month_book(&chain_id(CHAIN), &period("2026-03")).unwrap().is_some());
}

#[test]
fn a_dropped_layer_leaves_nothing() {
    let story = story();
    let mut state = LogState::new(story.world.origin.clone());
    take(&story.world, 0..story.revocation, &mut state);
    let before = state.clone();
    let mut batch = Layer::new(&state);
    {
        let mut package = Layer::new(&batch);
        take(&story.world, story.revocation..story.last + 1, &mut package);
        assert!(package.parts().changes.chains().next().is_some());
    }
    assert_same(story, &before, &batch);
    // The same package goes in afterwards.
    take(&story.world, story.revocation..story.last + 1, &mut batch);
}

#[test]
fn an_entry_that_is_not_valid_changes_nothing() {
    let story = story();
    let mut state = LogState::new(story.world.origin.clone());
    take(&story.world, 0..story.last, &mut state);
    let before = state.clone();
    // The first entry of the last package again, its content and its leaf with it.
    let again = ParsedLeaf::parse(&story.world.log[story.months[4] as usize].entry.bytes).unwrap();
    let verified = again.verify_at(&state).unwrap();
    let Err(Refused::Invalid(invalid)) = place(&verified, &mut state) else { panic!("placed") };
    assert_eq!(invalid.code, ErrorCode::Seq);
    assert_same(story, &before, &state);
    // Its leaf is in the tree all the same, if a log has it there.
    state.append(verified.hash());
    assert_eq!(Past::size(&state), story.last + 1);
}

#[test]
fn leaves_without_statements() {
    let world = with_chain(&Cast::new());
    assert_eq!(read(b"any", LeafRule::Entries).unwrap_err().code, ErrorCode::JsonSyntax);
    let Ok(Leaf::Raw(hash)) = read(b"any", LeafRule::Any) else { panic!("an entry") };
    assert_eq!(hash, leaf_hash(b"any"));
    let mut state = LogState::new(world.origin.clone());
    take(&world, 0..world.size(), &mut state);
    assert!(matches!(step(Leaf::Raw(hash), &mut state), Ok(None)));
    assert_eq!(Past::size(&state), world.size() + 1);
    // An entry is an entry, also where any leaf is taken.
    assert!(matches!(read(&world.log[0].entry.bytes, LeafRule::Any), Ok(Leaf::Entry(_))));
}

/// A past of which one thing cannot be read.
struct Unreadable<'a> {
    world: &'a World,
    what: &'static str,
    parts: LayerParts,
}

impl Unreadable<'_> {
    fn read<T>(&self, what: &'static str, found: Result<T, Infallible>) -> Result<T, &'static str> {
        if what == self.what {
            return Err(what);
        }
        let Ok(found) = found;
        Ok(found)
    }
}

impl History for Unreadable<'_> {
    type Error = &'static str;
    fn origin(&self) -> &Origin {
        &self.world.origin
    }
    fn root_at(&self, size: u64) -> Result<Option<Hash>, Self::Error> {
        self.read("root", self.world.replayed().root_at(size))
    }
    fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, Self::Error> {
        self.read("chain", self.world.replayed().chain(chain))
    }
    fn locate(&self, id: &StatementId) -> Result<Option<Located>, Self::Error> {
        self.read("located", self.world.replayed().locate(id))
    }
    fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, Self::Error> {
        self.read("slot", self.world.replayed().slot(slot))
    }
    fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, Self::Error> {
        self.read("granted", self.world.replayed().was_granted(chain, keyid))
    }
    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Self::Error> {
        self.read("corrected", self.world.replayed().corrected_by(id))
    }
}

impl Past for Unreadable<'_> {
    fn size(&self) -> u64 {
        self.world.size() + self.parts.leaves.len() as u64
    }
    fn tree(&self) -> Result<Tree, Self::Error> {
        self.read("tree", self.world.replayed().tree())
    }
}

impl Growing for Unreadable<'_> {
    fn apply(&mut self, _: &sanwu_schema::record::entry::Entry, _: &sanwu_schema::validity::Effect) {
        panic!("what cannot be checked is not taken over");
    }
    fn append(&mut self, leaf: Hash) {
        self.parts.leaves.push(leaf);
    }
}

impl Books for Unreadable<'_> {
    type Error = &'static str;
    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Self::Error> {
        self.read("books", self.world.replayed().month_book(chain, period))
    }
    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Self::Error> {
        self.read("books", self.world.replayed().opening(chain))
    }
}

#[test]
fn what_cannot_be_read_is_never_not_valid() {
    let story = story();
    // Per entry, all that its check has to read.
    let cases = [
        (story.months[0], &["chain", "root", "slot"][..]),
        (story.correction, &["chain", "root", "located", "corrected", "slot"]),
        (story.new_chair, &["chain", "root", "granted"]),
    ];
    for (index, reads) in cases {
        let mut world = World::empty(Cast::new(), story.world.origin.as_str());
        for logged in &story.world.log[..index as usize] {
            world.append(&logged.entry.bytes, None).unwrap();
        }
        let logged = &story.world.log[index as usize];
        for what in reads {
            let mut past = Unreadable { world: &world, what, parts: LayerParts::default() };
            let leaf = read(&logged.entry.bytes, LeafRule::Entries).unwrap();
            let Err(Refused::History(told)) = step(leaf, &mut past) else { panic!("{index} {what}") };
            assert_eq!(told, *what);
            assert!(past.parts.leaves.is_empty());
        }
    }
    let book = &story.world.log[story.months[1] as usize];
    let past = Unreadable { world: &story.world, what: "books", parts: LayerParts::default() };
    let body = book.body.as_ref().unwrap();
    assert_eq!(admit(&book.entry.statement, body, None, &past).unwrap_err(), "books");
}

#[test]
fn a_revoked_key_is_not_unknown() {
    let story = story();
    // The chair was replaced: a key that the past does not give any more.
    struct RingOnly<'a>(&'a LogState);
    impl History for RingOnly<'_> {
        type Error = Infallible;
        fn origin(&self) -> &Origin {
            self.0.origin()
        }
        fn root_at(&self, size: u64) -> Result<Option<Hash>, Infallible> {
            self.0.root_at(size)
        }
        fn chain(&self, chain: &ChainId) -> Result<Option<ChainState>, Infallible> {
            self.0.chain(chain)
        }
        fn locate(&self, id: &StatementId) -> Result<Option<Located>, Infallible> {
            self.0.locate(id)
        }
        fn slot(&self, slot: &Slot) -> Result<Option<StatementId>, Infallible> {
            self.0.slot(slot)
        }
        fn was_granted(&self, chain: &ChainId, keyid: &KeyId) -> Result<bool, Infallible> {
            self.0.was_granted(chain, keyid)
        }
        fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Infallible> {
            self.0.corrected_by(id)
        }
    }
    impl Past for RingOnly<'_> {
        fn size(&self) -> u64 {
            Past::size(self.0)
        }
        fn tree(&self) -> Result<Tree, Infallible> {
            self.0.tree()
        }
    }
    let past = RingOnly(story.world.replayed());
    for (name, code) in [(Name::Chair, ErrorCode::KeyRevoked), (Name::Stranger, ErrorCode::KeyUnknown)] {
        let mut statement = story.world.log[story.notice as usize].entry.statement.clone();
        statement.signers = story.world.signers(&[(name, &[Role::SupervisionChair])]);
        let leaf = ParsedLeaf::parse(&story.world.sign(&statement)).unwrap();
        let Err(Refused::Invalid(invalid)) = leaf.verify_at(&past) else { panic!("{name:?}") };
        assert_eq!((invalid.code, invalid.place), (code, story.world.cast.key_id(name).to_hex()));
    }
}
