//! What pages list: one shelf per chain, filled by following the chain from where it stopped last time.
//!
//! In memory only, droppable at any time; the log stays the one source.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use sanwu_schema::catalogue::Affairs;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::{Date, Period};
use sanwu_schema::kinds::Control;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, OrgName, PersonName};
use sanwu_schema::record::statement::{ChainId, ItemCode, Ref, StatementId};

use crate::log::{LoggedEntry, ReadError, Reader};

/// Shelves kept. A shelf of ten years has some 1,500 items of 400 bytes: 160 MB at most.
const SHELVES_MAX: usize = 256;

/// Entries read at once.
const STEP: usize = 256;

/// One entry of a chain, as lists show it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub index: u64,
    pub id: StatementId,
    /// What it is; of a correction, what it replaces.
    pub kind: Kind,
    /// Whether it is a correction.
    pub correction: bool,
    pub code: Option<ItemCode>,
    pub period: Option<Period>,
    pub issued_at: String,
    pub title: String,
    /// Number of a decision or contract.
    pub number: Option<String>,
    pub refs: Vec<Ref>,
    /// The index of what corrects it.
    pub corrected_by: Option<u64>,
}

impl Item {
    /// The affairs it belongs to; control entries belong to none.
    pub(super) fn affairs(&self) -> Option<Affairs> {
        match (&self.code, self.kind) {
            (Some(code), _) => Some(Affairs::of(code)),
            (None, Kind::MonthBook | Kind::Contract) => Some(Affairs::Finance),
            (None, _) => None,
        }
    }
}

/// A chain, as pages know it.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    pub unit_name: String,
    pub contact: Option<String>,
    pub organisations: Vec<OrgName>,
    /// The day at whose end the opening balances stood.
    pub opened: Option<Date>,
    pub items: Vec<Item>,
    pub people: BTreeMap<KeyId, PersonName>,
    next_seq: u64,
}

impl Shelf {
    /// The item of a statement.
    pub(super) fn by_id(&self, id: &StatementId) -> Option<&Item> {
        self.items.iter().find(|i| i.id == *id)
    }

    /// The decision or contract of that number; of several, the one now in force.
    pub(super) fn by_number(&self, number: &str) -> Option<&Item> {
        self.items.iter().rev().find(|i| i.number.as_deref() == Some(number))
    }

    fn add(&mut self, reader: &Reader, logged: &LoggedEntry) -> Result<(), ReadError> {
        let s = &logged.entry.statement;
        let body = reader.body(s)?.and_then(|bytes| Body::parse(s.kind, &bytes).ok());
        if let Some(body) = &body {
            self.learn(body, &s.control);
        }
        if let Some(earlier) = s.corrects().and_then(|id| self.items.iter_mut().find(|i| i.id == id)) {
            earlier.corrected_by = Some(logged.index);
        }
        self.items.push(Item {
            index: logged.index,
            id: logged.entry.id,
            kind: s.content_kind(),
            correction: s.kind == Kind::Correction,
            code: s.code.clone(),
            period: s.period.clone(),
            issued_at: s.issued_at.as_str().to_owned(),
            title: body.as_ref().map_or_else(|| s.kind.zh().to_owned(), |b| b.title().to_owned()),
            number: body.and_then(|b| b.effective(s).ok()).as_ref().and_then(number),
            refs: s.refs.clone().unwrap_or_default(),
            corrected_by: None,
        });
        self.next_seq = s.seq + 1;
        Ok(())
    }

    fn learn(&mut self, body: &Body, control: &Option<Control>) {
        match (body, control) {
            (Body::LogGenesis(b), _) => self.meet(&b.keys),
            (Body::ChainGenesis(b), _) => {
                self.meet(&b.keys);
                self.unit_name.clone_from(&b.unit_name);
                self.contact.clone_from(&b.contact);
                self.organisations.clone_from(&b.organisations);
                self.opened = Some(b.opening.date.clone());
            }
            (Body::Grant(b), Some(Control::Grant(grant))) => {
                let keyid = grant.key.key_id();
                self.meet(&[PersonName { keyid, name: b.name.clone(), office: b.office.clone() }]);
            }
            _ => {}
        }
    }

    fn meet(&mut self, people: &[PersonName]) {
        self.people.extend(people.iter().map(|p| (p.keyid, p.clone())));
    }
}

fn number(body: &Body) -> Option<String> {
    match body {
        Body::Decision(b) => Some(b.no.clone()),
        Body::Contract(b) => Some(b.no.clone()),
        _ => None,
    }
}

/// The shelves of the chains asked for lately.
#[derive(Default)]
pub(super) struct Shelves {
    kept: Mutex<HashMap<ChainId, Arc<Shelf>>>,
    /// Names by chain: they stand in the genesis and never change.
    names: Mutex<HashMap<ChainId, String>>,
}

impl Shelves {
    /// The shelf of a chain, up to its committed head; `None` if there is no such chain.
    pub(super) fn get(&self, reader: &Reader, chain: &ChainId) -> Result<Option<Arc<Shelf>>, ReadError> {
        let Some(state) = reader.chain(chain)? else { return Ok(None) };
        let next = state.head.seq + 1;
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(chain).cloned();
        if let Some(shelf) = known.as_ref().filter(|s| s.next_seq >= next) {
            return Ok(Some(Arc::clone(shelf)));
        }
        let mut shelf = known.map_or_else(Shelf::default, |s| (*s).clone());
        while shelf.next_seq < next {
            let entries = reader.chain_entries(chain, shelf.next_seq, STEP)?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                shelf.add(reader, entry)?;
            }
        }
        let shelf = Arc::new(shelf);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SHELVES_MAX && !kept.contains_key(chain) {
            kept.clear();
        }
        kept.insert(chain.clone(), Arc::clone(&shelf));
        Ok(Some(shelf))
    }

    /// A village's name.
    pub(super) fn name(&self, reader: &Reader, chain: &ChainId) -> Result<String, ReadError> {
        if let Some(name) = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(chain) {
            return Ok(name.clone());
        }
        let genesis = reader.chain_entries(chain, 0, 1)?;
        let mut name = chain.as_str().to_owned();
        if let Some(first) = genesis.first()
            && let Some(bytes) = reader.body(&first.entry.statement)?
            && let Ok(Body::ChainGenesis(body)) = Body::parse(Kind::ChainGenesis, &bytes)
        {
            name = body.unit_name;
        }
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(chain.clone(), name.clone());
        Ok(name)
    }
}
