//! Records: entries and bodies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use sanwu_schema::admission;
use sanwu_schema::catalogue::Pii;
use sanwu_schema::crypto::hash::{Hash, b64_decode};
use sanwu_schema::crypto::key::{KeyId, PublicKey};
use sanwu_schema::date::Period;
use sanwu_schema::json::{Value, from_canonical, to_canonical};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive;
use sanwu_schema::kinds::{AccountBalance, Body, MonthBook};
use sanwu_schema::kinds::{Control, CorrectionOf};
use sanwu_schema::record::check_code;
use sanwu_schema::record::dsse::statement_id;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::rows;
use sanwu_schema::record::statement::{BodyRef, ChainId, RowsRef, Statement, StatementId};

use super::Bytes;
use super::known::{BUNDLES_LOG, ENTRY_CASES};

/// The statements of the vectors, and the keys that are in them.
struct Signed {
    ids: BTreeSet<StatementId>,
    keys: BTreeMap<KeyId, PublicKey>,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let mut signed = Signed { ids: BTreeSet::new(), keys: BTreeMap::new() };
    let cases = ENTRY_CASES.iter().filter_map(|case| b64_decode(case.text("entry")?));
    for bytes in cases.chain(BUNDLES_LOG.entries.iter().map(|(_, entry)| entry.clone())) {
        let Ok(entry) = Entry::parse(&bytes) else { continue };
        let grants = entry.statement.grants();
        signed.keys.extend(grants.iter().map(|grant| (grant.key.key_id(), grant.key.clone())));
        signed.ids.insert(entry.id);
    }
    signed
});

/// An entry and its statement are written as they were read; nobody's signature is under another statement.
pub fn entry(data: &[u8]) {
    let Ok(entry) = Entry::parse(data) else { return };
    assert_eq!(entry.envelope.to_bytes(), data);
    let again = to_canonical(&entry.statement);
    assert_eq!(again, entry.envelope.payload);
    assert_eq!(Statement::parse(&again).as_ref(), Ok(&entry.statement));
    assert_eq!(entry.id, statement_id(&again));
    let code = check_code::parse(&check_code::of(&entry.id)).expect("a check code reads back");
    assert!(check_code::matches(&entry.id, &code));
    let (id, listed) = (entry.id, entry.statement.signers.len());
    if let Ok(signed) = entry.verify_signatures(|keyid| SIGNED.keys.get(keyid).cloned()) {
        assert!(SIGNED.ids.contains(&id), "a forged statement");
        assert_eq!(signed.entry().envelope.signatures.len(), listed);
    }
}

/// Earlier books as a hostile log may hold them: the body itself takes the place of every month.
struct Books(Option<MonthBook>);

impl admission::Books for Books {
    type Error = std::convert::Infallible;

    fn month_book(&self, _: &ChainId, _: &Period) -> Result<Option<MonthBook>, Self::Error> {
        Ok(self.0.clone())
    }

    fn opening(&self, _: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Self::Error> {
        Ok(self.0.as_ref().map(|book| (book.period.clone(), book.opening.clone())))
    }
}

/// A body of any kind (first byte) is written as it was read; admission and derivation answer, whatever the
/// figures are.
pub fn body(data: &[u8]) {
    let mut bytes = Bytes(data);
    let kind = Kind::ALL[usize::from(bytes.u8()) % Kind::ALL.len()];
    let data = bytes.0;
    if let Ok(value) = from_canonical::<Value>(data) {
        assert_eq!(to_canonical(&value), data);
    }
    let named = RowsRef { root: Hash::digest(data), count: 1 };
    assert!(rows::check(&named, data).is_err(), "a root that nobody made");
    let Ok(body) = Body::parse(kind, data) else { return };
    assert_eq!(body.to_bytes(), data);
    assert!(body.to_value().is_ok());
    assert!(body.attachments().len() <= data.len() && body.title().len() <= data.len());
    let book = match &body {
        Body::MonthBook(book) => Some(book.clone()),
        Body::Correction(correction) => match correction.replacement(Kind::MonthBook) {
            Ok(Body::MonthBook(book)) => Some(book),
            _ => None,
        },
        _ => None,
    };
    if let Some(book) = &book {
        derived(book);
    }
    for of in Kind::ALL {
        // Only a correction asks what it replaces.
        if kind == Kind::Correction || *of == kind {
            admit(kind, *of, &body, Books(book.clone()));
        }
    }
}

/// What follows from a book's vouchers adds up.
fn derived(book: &MonthBook) {
    let closing = derive::closing(&book.opening, &book.vouchers);
    assert!(closing.iter().all(|balance| balance.fen != 0));
    let cash = derive::cash_statement(book, book.salt.clone());
    assert!(cash.accounts.len() >= 2);
    for flow in [derive::receipts(book, book.salt.clone()), derive::payments(book, book.salt.clone())] {
        assert!(flow.is_none_or(|flow| !flow.lines.is_empty()));
    }
}

/// A statement of the log's vectors that could name the body.
fn admit(kind: Kind, of: Kind, body: &Body, books: Books) {
    static STATEMENT: LazyLock<Statement> = LazyLock::new(|| {
        let entries = BUNDLES_LOG.entries.iter().filter_map(|(_, bytes)| Entry::parse(bytes).ok());
        let dated = entries.map(|entry| entry.statement).find(|statement| statement.period.is_some());
        dated.expect("a statement with a period")
    });
    let bytes = body.to_bytes();
    let mut statement = Statement { kind, ..STATEMENT.clone() };
    statement.control = (kind == Kind::Correction).then_some(Control::Correction(CorrectionOf { of }));
    statement.body = Some(BodyRef { digest: Hash::digest(&bytes), size: bytes.len() as u64 });
    for pii in [Pii::None, Pii::P2] {
        match admission::check(&statement, &bytes, pii, &books) {
            Ok(admitted) => assert_eq!(admitted, *body),
            Err(admission::Rejected::Findings(findings)) => assert!(!findings.is_empty()),
        }
    }
}
