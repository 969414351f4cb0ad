//! The chain that a draft is made for: its place, its facts, its earlier books.

use sanwu_schema::admission::Books;
use sanwu_schema::crypto::key::KeyId;
use sanwu_schema::date::Period;
use sanwu_schema::draft::{ChainInfo, Place};
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::{AccountBalance, Kind, MonthBook};
use sanwu_schema::record::statement::{ChainId, Issuer, ItemCode, OrgKind};
use sanwu_schema::validity::ChainFacts;

use crate::drafting::args::DraftArgs;
use crate::drafting::given::chain_id;
use crate::drafting::place::SavedPlace;
use crate::error::Error;
use crate::log_source::ledger::Ledger;
use crate::names::person;
use crate::ui::Ui;

/// A chain's state and what was published before: from the server, or from a saved file.
pub struct DraftContext {
    ledger: Option<Ledger>,
    saved: Option<SavedPlace>,
    /// What a drafter must know of the chain.
    pub info: ChainInfo,
}

impl DraftContext {
    /// Finds the chain's place as the options say.
    pub fn open(ui: &Ui, args: &DraftArgs) -> Result<Self, Error> {
        if let Some(path) = &args.place {
            let saved = SavedPlace::read(path)?;
            if let Some(chain) = &args.chain
                && *chain != saved.info.chain.as_str()
            {
                return Err(Error::new(ErrorCode::ChainMissing).at(format!(
                    "{}: {}",
                    path.display(),
                    saved.info.chain
                )));
            }
            return Ok(Self { ledger: None, info: saved.info.clone(), saved: Some(saved) });
        }
        let ledger = args.server.ledger(ui)?;
        let info = ledger.chain(&chain_id(args.chain.as_deref())?)?;
        Ok(Self { ledger: Some(ledger), saved: None, info })
    }

    /// Returns a source of a chain that the caller has looked up already.
    pub fn online(ledger: Ledger, info: ChainInfo) -> Self {
        Self { ledger: Some(ledger), saved: None, info }
    }

    /// Returns the facts of an open chain.
    pub fn facts(&self) -> Result<&ChainFacts, Error> {
        self.info.facts.as_ref().ok_or_else(|| Error::new(ErrorCode::ChainMissing).at(self.info.chain.as_str()))
    }

    /// Returns the log, when online.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Returns the place of the chain's next statement.
    pub fn next(&self) -> Result<Place, Error> {
        Ok(Place::next(&self.info)?)
    }

    /// Returns the issuer asked for, or the first organisation that may issue the item.
    pub fn issuer(&self, asked: Option<&str>, kind: Kind, code: Option<&ItemCode>) -> Result<Issuer, Error> {
        let facts = self.facts()?;
        let item = facts
            .catalogue
            .governing(kind, code)
            .ok_or_else(|| Error::new(ErrorCode::Item).at(code.map_or(kind.as_str(), |c| c.as_str())))?;
        let wanted: Vec<OrgKind> = match asked {
            Some(word) => vec![OrgKind::parse(word).ok_or_else(|| Error::new(ErrorCode::Issuer).at(word))?],
            None => item.issuers.clone(),
        };
        let found = wanted.iter().find_map(|kind| facts.organisations.iter().find(|o| o.kind == *kind));
        found.cloned().ok_or_else(|| Error::new(ErrorCode::Issuer).at(item.code.as_str()))
    }

    /// Returns who signed the chain's last notice: the same persons are asked again unless others are named.
    pub fn last_signers(&self) -> Result<Vec<KeyId>, Error> {
        let (Some(ledger), Some(head)) = (&self.ledger, &self.info.head) else { return Ok(Vec::new()) };
        let last = ledger.newest(&self.info.chain, head.seq, |s| s.issuer.is_some())?;
        Ok(last.map(|row| row.statement.signers.iter().map(|s| s.keyid).collect()).unwrap_or_default())
    }

    /// Returns `张三(村会计)` where the chain tells it, else the key's short id.
    pub fn person(&self, keyid: &KeyId) -> String {
        person(&self.info, keyid)
    }
}

impl Books for DraftContext {
    type Error = Error;

    fn month_book(&self, chain: &ChainId, period: &Period) -> Result<Option<MonthBook>, Error> {
        if let Some(saved) = &self.saved {
            return Ok(saved.month_book.as_ref().filter(|b| b.period == *period).cloned());
        }
        match (&self.ledger, &self.info.head) {
            (Some(ledger), Some(head)) => ledger.month_book(chain, head.seq, period),
            _ => Ok(None),
        }
    }

    fn opening(&self, chain: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Error> {
        if let Some(saved) = &self.saved {
            let opening = saved.info.opening.as_ref();
            return Ok(opening.and_then(|o| Some((o.month()?, o.balances.clone()))));
        }
        match &self.ledger {
            Some(ledger) if self.info.head.is_some() => {
                Ok(ledger.opening(chain)?.map(|(month, opening)| (month, opening.balances)))
            }
            _ => Ok(None),
        }
    }
}
