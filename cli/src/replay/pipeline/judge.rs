//! Judges entry after entry at its position: validity first, then the rules of its body.

use std::collections::{HashMap, HashSet};

use sanwu_schema::admission::{self, Rejected};
use sanwu_schema::chain::{self, Refused};
use sanwu_schema::code::{Code, ErrorKind};
use sanwu_schema::control::{Control, Revocation};
use sanwu_schema::entry::{Entry, Invalid, SignedEntry};
use sanwu_schema::key::KeyId;
use sanwu_schema::log::checkpoint::Checkpoint;
use sanwu_schema::statement::{ChainId, Period, Statement, StatementId};
use sanwu_schema::trust::Pinned;

use super::{About, Body, Leaf, own_vkeys};
use crate::drafting::pii_class;
use crate::replay::books::Shelf;
use crate::replay::history::Past;
use crate::replay::report::{ChainSum, Finding, Level, Report};
use crate::text::text;

/// Who signed what in a chain, for revocations that look back.
struct Signed {
    seq: u64,
    index: u64,
    about: About,
    keys: Vec<KeyId>,
}

/// A body that was not there, until it is known whether an erasure took it.
struct Absent {
    index: u64,
    id: StatementId,
    about: About,
}

pub(super) struct Judge {
    past: Past,
    shelf: Shelf,
    report: Report,
    trust: Option<Pinned>,
    /// Chains with an invalid entry: what follows in them cannot be judged.
    broken: HashSet<ChainId>,
    /// Months whose book could not be read: rules that need it are silent, not broken.
    spoiled: HashSet<(ChainId, Period)>,
    /// An entry of a kind that this program does not know may explain any gap after it.
    blind: bool,
    absent: Vec<Absent>,
    signed: HashMap<ChainId, Vec<Signed>>,
}

impl Judge {
    pub fn new(source: String, checkpoint: Checkpoint, trust: Option<&Pinned>) -> Self {
        let past = Past::new(checkpoint.origin.clone());
        let report = Report {
            source,
            checkpoint,
            purpose: None,
            trusted: trust.is_some(),
            witnesses: (Vec::new(), Vec::new()),
            entries: 0,
            valid: 0,
            unreached: 0,
            signatures: 0,
            bodies: 0,
            erased: 0,
            vouchers: 0,
            chains: Vec::new(),
            months: Vec::new(),
            findings: Vec::new(),
        };
        Self {
            past,
            shelf: Shelf::default(),
            report,
            trust: trust.cloned(),
            broken: HashSet::new(),
            spoiled: HashSet::new(),
            blind: false,
            absent: Vec::new(),
            signed: HashMap::new(),
        }
    }

    pub fn past(&self) -> &Past {
        &self.past
    }

    pub fn found(&mut self, finding: Option<Finding>) {
        self.report.findings.extend(finding);
    }

    pub fn into_report(self) -> Report {
        self.report
    }

    /// Judges the next leaf.
    pub fn take(&mut self, leaf: Leaf) {
        let Leaf { index, hash, about, entry } = leaf;
        self.report.entries += 1;
        match (entry, about) {
            (Ok((signed, body)), Some(about)) => self.entry(index, signed, body, about),
            (Err(e), about) => self.unreadable(index, e, about),
            // An entry always says what it is.
            (Ok(_), None) => {}
        }
        // Whatever a leaf is worth, it is part of the tree.
        self.past.append(hash);
    }

    fn unreadable(&mut self, index: u64, e: Invalid, about: Option<About>) {
        let level = match e.code.kind() {
            ErrorKind::Undecided => Level::Undecided,
            _ => Level::Mismatch,
        };
        self.blind |= level == Level::Undecided;
        if let Some(about) = &about {
            self.broken.insert(about.chain.clone());
        }
        self.tell(level, index, about.as_ref(), e);
    }

    fn entry(&mut self, index: u64, signed: SignedEntry, body: Body, about: About) {
        self.report.signatures += signed.entry().envelope.signatures.len() as u64;
        if self.broken.contains(&about.chain) {
            self.report.unreached += 1;
            return;
        }
        if index == 0 && self.trust.as_ref().is_some_and(|t| t.file.genesis != signed.entry().id) {
            self.tell(Level::Mismatch, 0, Some(&about), Invalid::new(Code::OtherLog, "trust.genesis"));
        }
        let effect = match chain::check(&signed, index, &self.past) {
            Ok(effect) => effect,
            Err(Refused::History(never)) => match never {},
            Err(Refused::Invalid(e)) => {
                let level =
                    if self.blind && e.code.kind() != ErrorKind::Mismatch { Level::Undecided } else { Level::Mismatch };
                self.broken.insert(about.chain.clone());
                return self.tell(level, index, Some(&about), e);
            }
        };
        let entry = signed.into_entry();
        self.past.apply(&entry, effect);
        self.report.valid += 1;
        if let Some(Control::Revoke(revocation)) = &entry.statement.control {
            self.look_back(revocation, &entry);
        }
        self.body(index, &entry, body, &about);
        self.signed.entry(about.chain.clone()).or_default().push(Signed {
            seq: entry.statement.seq,
            index,
            about,
            keys: entry.statement.signers.iter().map(|s| s.keyid).collect(),
        });
    }

    fn body(&mut self, index: u64, entry: &Entry, body: Body, about: &About) {
        let statement = &entry.statement;
        let bytes = match body {
            Body::Absent => return,
            Body::Right(bytes) => bytes,
            Body::Gone | Body::Missing => {
                self.spoil(statement);
                return self.absent.push(Absent { index, id: entry.id, about: about.clone() });
            }
            Body::Wrong => {
                self.spoil(statement);
                return self.tell(Level::Mismatch, index, Some(about), Invalid::new(Code::BodyDigest, "body"));
            }
        };
        self.report.bodies += 1;
        let facts = self.past.state(&statement.chain).map(|s| s.facts.clone());
        match admission::check(statement, &bytes, pii_class(statement, facts.as_deref()), &self.shelf) {
            Ok(parsed) => self.shelf.keep(statement, parsed),
            Err(Rejected::Books(never)) => match never {},
            Err(Rejected::Findings(findings)) => self.against_rules(index, statement, about, &bytes, findings),
        }
    }

    fn against_rules(
        &mut self,
        index: u64,
        statement: &Statement,
        about: &About,
        bytes: &[u8],
        findings: Vec<Invalid>,
    ) {
        for finding in findings {
            let explained = finding.code == Code::BookMissing && self.is_spoiled(statement);
            if !explained {
                self.tell(Level::Error, index, Some(about), finding);
            }
        }
        // What is published is published: later months are measured against it, right or wrong.
        if let Ok(parsed) = sanwu_schema::body::Body::parse(statement.kind, bytes) {
            self.shelf.keep(statement, parsed);
        }
    }

    fn spoil(&mut self, statement: &Statement) {
        if let Some(period) = &statement.period {
            self.spoiled.insert((statement.chain.clone(), period.clone()));
        }
    }

    /// Whether the month, or the one before it, could not be read.
    fn is_spoiled(&self, statement: &Statement) -> bool {
        let Some(period) = &statement.period else { return false };
        [Some(period.clone()), period.previous_month()]
            .into_iter()
            .flatten()
            .any(|p| self.spoiled.contains(&(statement.chain.clone(), p)))
    }

    /// A revocation that casts doubt backwards makes the key's earlier statements worth a look, never invalid.
    fn look_back(&mut self, revocation: &Revocation, entry: &Entry) {
        let Some(from) = revocation.suspect_from else { return };
        let earlier = self.signed.get(&entry.statement.chain).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for one in earlier.iter().filter(|s| s.seq >= from) {
            for keyid in one.keys.iter().filter(|k| revocation.keys.contains(k)) {
                found.push(finding(
                    Level::Warning,
                    one.index,
                    Some(&one.about),
                    Invalid::new(Code::KeyRevoked, keyid.to_hex()),
                ));
            }
        }
        self.report.findings.extend(found);
    }

    /// What can only be said at the end: erasures, root, the log's signature, sums.
    pub fn conclude(&mut self, note: &[u8]) {
        for absent in std::mem::take(&mut self.absent) {
            if self.past.is_erased(&absent.id) {
                self.report.erased += 1;
            } else {
                self.tell(Level::Undecided, absent.index, Some(&absent.about), Invalid::new(Code::BlobMissing, "body"));
            }
        }
        let claimed = &self.report.checkpoint;
        if self.past.tree().size() != claimed.size || self.past.tree().root() != claimed.root {
            self.found(Some(Finding::of_log(Level::Mismatch, Code::Inclusion, "root")));
        }
        self.log_signature(note);
        let root = self.past.state(&ChainId::root()).map(|s| s.facts.clone());
        self.report.purpose = root.and_then(|f| f.purpose);
        let mut chains: Vec<ChainSum> =
            self.past.chains().map(|(c, s)| ChainSum { chain: c.clone(), entries: s.head.seq + 1 }).collect();
        chains.sort_by(|a, b| a.chain.cmp(&b.chain));
        self.report.chains = chains;
        self.report.months = self.shelf.sums();
        self.report.vouchers = self.report.months.iter().map(|m| m.vouchers).sum();
    }

    /// The checkpoint is signed by a pinned log key, or by one that the log's first entry names.
    fn log_signature(&mut self, note: &[u8]) {
        let own = self.past.state(&ChainId::root()).and_then(|s| s.facts.log_vkeys.clone()).unwrap_or_default();
        let (keys, witnesses) = match &self.trust {
            Some(t) => (t.log_vkeys.clone(), t.policy.witnesses().iter().map(|w| w.vkey.clone()).collect()),
            None => (own_vkeys(&own), Vec::new()),
        };
        if keys.is_empty() && self.blind {
            return self.found(Some(Finding::of_log(Level::Undecided, Code::TrustMissing, "checkpoint")));
        }
        let origin = self.trust.as_ref().map_or(&self.report.checkpoint.origin, |t| &t.file.origin);
        match Checkpoint::open(note, origin, &keys, &witnesses) {
            Ok((_, opened)) => {
                let cosigned: Vec<_> = opened
                    .verified
                    .iter()
                    .filter_map(|v| Some((witnesses.get(v.key.checked_sub(keys.len())?)?, v.time?)))
                    .collect();
                if let Some(trust) = &self.trust {
                    let quorum = trust.policy.quorum(cosigned);
                    self.report.witnesses = (quorum.signed.into_iter().map(|w| w.witness).collect(), quorum.missing);
                    if quorum.required && !quorum.satisfied {
                        self.found(Some(Finding::of_log(Level::Undecided, Code::WitnessQuorum, "checkpoint")));
                    }
                }
            }
            Err(e) => {
                let level = if e.code().kind() == ErrorKind::Undecided { Level::Undecided } else { Level::Mismatch };
                self.found(Some(Finding::of_log(level, e.code(), "checkpoint")));
            }
        }
    }

    fn tell(&mut self, level: Level, index: u64, about: Option<&About>, e: Invalid) {
        self.report.findings.push(finding(level, index, about, e));
    }
}

fn finding(level: Level, index: u64, about: Option<&About>, e: Invalid) -> Finding {
    Finding {
        level,
        code: e.code,
        index: Some(index),
        chain: about.map(|a| a.chain.clone()),
        period: about.and_then(|a| a.period.clone()),
        what: about.map_or_else(|| text!("读不出的记录", "an entry that cannot be read"), |a| a.what.clone()),
        place: e.place,
    }
}
