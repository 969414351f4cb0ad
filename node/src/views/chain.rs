//! One chain as pages list it: its entries in order, its people, what its genesis says.

use std::collections::BTreeMap;

use sanwu_schema::catalogue::Affairs;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::{Date, Period};
use sanwu_schema::kinds::Control;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, OrgName, PersonName};
use sanwu_schema::record::statement::{ItemCode, Ref, StatementId};

use super::View;
use crate::log::LoggedEntry;

/// One entry of a chain, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryView {
    pub index: u64,
    pub id: StatementId,
    /// Its kind; of a correction, that of what it replaces.
    pub kind: Kind,
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

impl EntryView {
    /// Returns the affairs it belongs to; control entries belong to none.
    pub(crate) fn affairs(&self) -> Option<Affairs> {
        Affairs::of_kind(self.kind, self.code.as_ref())
    }
}

/// A chain, as pages know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChainView {
    pub unit_name: String,
    pub contact: Option<String>,
    pub organisations: Vec<OrgName>,
    /// The day of the opening balances, which are those of its end.
    pub opened: Option<Date>,
    /// By sequence number.
    pub entries: Vec<EntryView>,
    pub people: BTreeMap<KeyId, PersonName>,
    next_seq: u64,
}

impl ChainView {
    /// Returns the entry of a statement.
    pub(crate) fn by_id(&self, id: &StatementId) -> Option<&EntryView> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// Returns the decision or contract of that number; of several, the newest.
    pub(crate) fn by_number(&self, number: &str) -> Option<&EntryView> {
        self.entries.iter().rev().find(|entry| entry.number.as_deref() == Some(number))
    }

    /// Takes names from entries that register keys or open the chain.
    fn learn(&mut self, body: &Body, control: &Option<Control>) {
        match (body, control) {
            (Body::LogGenesis(b), _) => self.add_people(&b.keys),
            (Body::ChainGenesis(b), _) => {
                self.add_people(&b.keys);
                self.unit_name.clone_from(&b.unit_name);
                self.contact.clone_from(&b.contact);
                self.organisations.clone_from(&b.organisations);
                self.opened = Some(b.opening.date.clone());
            }
            (Body::Grant(b), Some(Control::Grant(grant))) => {
                let keyid = grant.key.key_id();
                self.add_people(&[PersonName { keyid, name: b.name.clone(), office: b.office.clone() }]);
            }
            _ => {}
        }
    }

    fn add_people(&mut self, people: &[PersonName]) {
        self.people.extend(people.iter().map(|person| (person.keyid, person.clone())));
    }
}

impl View for ChainView {
    fn cursor(&self) -> u64 {
        self.next_seq
    }

    fn apply(&mut self, logged: &LoggedEntry, body: Option<Body>) {
        let s = &logged.entry.statement;
        if let Some(body) = &body {
            self.learn(body, &s.control);
        }
        if let Some(earlier) = s.corrects().and_then(|id| self.entries.iter_mut().find(|entry| entry.id == id)) {
            earlier.corrected_by = Some(logged.index);
        }
        self.entries.push(EntryView {
            index: logged.index,
            id: logged.entry.id,
            kind: s.content_kind(),
            correction: s.kind == Kind::Correction,
            code: s.code.clone(),
            period: s.period.clone(),
            issued_at: s.issued_at.as_str().to_owned(),
            title: body.as_ref().map_or_else(|| s.kind.zh().to_owned(), |b| b.title().to_owned()),
            number: body.and_then(|b| b.effective(s).ok()).and_then(|b| b.number().map(str::to_owned)),
            refs: s.refs.clone().unwrap_or_default(),
            corrected_by: None,
        });
        self.next_seq = s.seq + 1;
    }
}
