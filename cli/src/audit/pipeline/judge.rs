//! Places entry after entry, and turns what the replayer says of them into findings.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sanwu_schema::audit::{self, Need, Replayed, Severity, Trace};
use sanwu_schema::date::{IssuedAt, Period};
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::kinds::{Purpose, Salt, derive};
use sanwu_schema::record::entry::{Entry, Invalid};
use sanwu_schema::record::statement::{ChainId, Statement, StatementId};
use sanwu_schema::replay::{self, BookKeeper as _, Growing as _, LogState, Past as _, Refused, Shelf, VerifiedLeaf};
use sanwu_schema::tlog::checkpoint::{Checkpoint, CheckpointError};
use sanwu_schema::tlog::policy::Policy;
use sanwu_schema::tlog::vkey::Vkey;
use sanwu_schema::validity::{ChainFacts, Effect, History as _};
use sanwu_schema::verify::trust::{self, PinnedLog, Trust};
use sanwu_schema::verify::{Continues, Remembered};

use super::leaf::{About, FetchedBody, ReadyLeaf};
use crate::audit::report::{ChainSum, Finding, Level, MonthSum, Report};
use crate::entropy::now_seconds;
use crate::log_source::source::{RETAINED, Retained};
use crate::text::{Text, text};

/// A log that was replayed.
pub struct ReplayedLog {
    /// What was found.
    pub report: Report,
    /// The log's state after its last entry.
    pub state: LogState,
    /// The facts before the entry asked for and before those that correct it or erase its body, by index.
    pub facts: HashMap<u64, Arc<ChainFacts>>,
}

/// When a trust that nobody wrote down was made.
const EPOCH: &str = "1970-01-01T08:00:00+08:00";

/// A body that was not there, until it is known whether an erasure took it.
struct Absent {
    index: u64,
    id: StatementId,
    about: About,
}

/// What a proof of one entry needs of the log as it was.
struct ProofFacts {
    index: u64,
    /// Its statement, once it is known.
    id: Option<StatementId>,
    /// The facts before it, and before those that correct it or erase its body, by index.
    before: HashMap<u64, Arc<ChainFacts>>,
}

pub(super) struct Judge {
    state: LogState,
    trace: Trace,
    report: Report,
    trust: Option<PinnedLog>,
    /// The log's first statement.
    genesis: Option<StatementId>,
    /// What checkpoints are opened with, once everything has been replayed.
    keys: Option<PinnedLog>,
    /// Chains with an invalid entry: what follows in them cannot be judged.
    broken: HashSet<ChainId>,
    /// Months whose book could not be read: rules that need it are silent, not broken.
    spoiled: HashSet<(ChainId, Period)>,
    /// An entry of a kind that this program does not know may explain any gap after it.
    blind: bool,
    absent: Vec<Absent>,
    proof: Option<ProofFacts>,
}

impl Judge {
    pub fn new(source: String, checkpoint: Checkpoint, trust: Option<&PinnedLog>, proved: Option<u64>) -> Self {
        let state = LogState::new(checkpoint.origin.clone());
        let report = Report {
            source,
            checkpoint,
            purpose: None,
            trusted: trust.is_some(),
            root: None,
            witnesses: (Vec::new(), Vec::new()),
            entries: 0,
            valid: 0,
            checkpoints: 0,
            uncompared: false,
            memory_trouble: None,
            unchecked: Vec::new(),
            unreached: 0,
            signatures: 0,
            bodies: 0,
            erased: 0,
            erasures: HashSet::new(),
            vouchers: 0,
            chains: Vec::new(),
            months: Vec::new(),
            findings: Vec::new(),
        };
        Self {
            state,
            trace: Trace::default(),
            report,
            trust: trust.cloned(),
            genesis: None,
            keys: None,
            broken: HashSet::new(),
            spoiled: HashSet::new(),
            blind: false,
            absent: Vec::new(),
            proof: proved.map(|index| ProofFacts { index, id: None, before: HashMap::new() }),
        }
    }

    pub fn state(&self) -> &LogState {
        &self.state
    }

    pub fn found(&mut self, finding: Option<Finding>) {
        self.report.findings.extend(finding);
    }

    pub fn into_replayed(self) -> ReplayedLog {
        let facts = self.proof.map(|proof| proof.before).unwrap_or_default();
        ReplayedLog { report: self.report, state: self.state, facts }
    }

    /// Judges the next leaf.
    pub fn take(&mut self, leaf: ReadyLeaf) {
        let ReadyLeaf { index, hash, about, entry } = leaf;
        self.report.entries += 1;
        let placed = match (entry, about) {
            (Ok((leaf, body)), Some(about)) => self.entry(index, leaf, body, &about),
            (Err(e), about) => {
                self.unreadable(index, e, about);
                false
            }
            // An entry always says what it is.
            (Ok(_), None) => false,
        };
        if !placed {
            // Valid or not, every leaf is part of the tree.
            self.state.append(hash);
        }
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

    /// Places an entry; false if it is not valid here, or if that cannot be decided.
    fn entry(&mut self, index: u64, leaf: VerifiedLeaf, body: FetchedBody, about: &About) -> bool {
        let id = leaf.entry().id;
        self.report.signatures += leaf.entry().envelope.signatures.len() as u64;
        if self.broken.contains(&about.chain) {
            self.report.unreached += 1;
            return false;
        }
        if index == 0 {
            self.genesis = Some(id);
        }
        if index == 0 && self.trust.as_ref().is_some_and(|t| t.file.genesis != id) {
            self.tell(Level::Mismatch, 0, Some(about), Invalid::new(ErrorCode::OtherLog, "trust.genesis"));
        }
        let before = self.facts_before(leaf.entry());
        let effect = match replay::place(&leaf, &mut self.state) {
            Ok(effect) => effect,
            Err(Refused::History(never)) => match never {},
            Err(Refused::Invalid(e)) => {
                let level =
                    if self.blind && e.code.kind() != ErrorKind::Mismatch { Level::Undecided } else { Level::Mismatch };
                self.broken.insert(about.chain.clone());
                self.tell(level, index, Some(about), e);
                return false;
            }
        };
        self.keep_facts(index, leaf.entry(), before, &effect);
        self.report.valid += 1;
        self.trace.keep(index, leaf.entry());
        self.body(index, leaf.entry(), body, &effect.state.facts, about);
        true
    }

    /// The facts of an entry's chain before it, or of `root` if it opens the chain; only where an entry is to be proved.
    fn facts_before(&self, entry: &Entry) -> Option<Arc<ChainFacts>> {
        let changes = self.proof.as_ref().map(|_| self.state.changes())?;
        let own = changes.chain(&entry.statement.chain);
        own.or_else(|| changes.chain(&ChainId::root())).map(|state| Arc::clone(&state.facts))
    }

    /// Keeps the facts before an entry where a proof needs them.
    fn keep_facts(&mut self, index: u64, entry: &Entry, before: Option<Arc<ChainFacts>>, effect: &Effect) {
        let Some(proof) = &mut self.proof else { return };
        if index == proof.index {
            proof.id = Some(entry.id);
        } else if proof.id.is_none() || proof.id != effect.corrects && proof.id != effect.erases {
            return;
        }
        proof.before.extend(before.map(|facts| (index, facts)));
    }

    fn body(&mut self, index: u64, entry: &Entry, body: FetchedBody, facts: &ChainFacts, about: &About) {
        let statement = &entry.statement;
        let bytes = match body {
            FetchedBody::Unnamed => return,
            FetchedBody::Right(bytes) => bytes,
            FetchedBody::Gone | FetchedBody::Missing => {
                self.spoil(statement);
                return self.absent.push(Absent { index, id: entry.id, about: about.clone() });
            }
            FetchedBody::Wrong => {
                self.spoil(statement);
                return self.tell(Level::Mismatch, index, Some(about), Invalid::new(ErrorCode::BodyDigest, "body"));
            }
        };
        self.report.bodies += 1;
        let content = match replay::admit(statement, &bytes, Some(facts), &self.state) {
            Ok(content) => content,
            Err(never) => match never {},
        };
        for finding in content.findings {
            let explained = finding.code == ErrorCode::BookMissing && self.is_spoiled(statement);
            if !explained {
                self.tell(Level::Error, index, Some(about), finding);
            }
        }
        // What is published is published: later months are measured against it, right or wrong.
        if let Some(body) = content.body {
            self.state.keep(statement, body);
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

    /// Runs the audit rules over what was replayed.
    fn audit(&mut self) {
        let bodies_missing = self.absent.iter().any(|absent| !self.state.changes().is_body_erased(&absent.id));
        let mut missing = Vec::new();
        missing.extend((!self.broken.is_empty()).then_some(Need::Entries));
        missing.extend(bodies_missing.then_some(Need::Contents));
        let replayed = Replayed { state: &self.state, trace: &self.trace, missing: &missing };
        let outcome = audit::run(audit::RULES, &replayed);
        for (rule, found) in outcome.violations {
            let level = if rule.severity < Severity::High { Level::Warning } else { Level::Error };
            let about = self.state.changes().located(&found.id).map(About::located);
            let mut finding =
                finding(level, found.index, about.as_ref(), Invalid { code: found.code, place: found.place });
            // The code says what is wrong with a key or a sum; the rule says why that is worth a look here.
            let (zh, en) = (&finding.what.zh, &finding.what.en);
            finding.what = Text { zh: format!("{zh}: {}", rule.zh), en: format!("{en}: {}", rule.en) };
            self.found(Some(finding));
        }
        self.report.unchecked = outcome.unchecked.into_iter().map(|(rule, _)| (rule.id, rule.zh, rule.en)).collect();
    }

    /// Checks what can only be decided at the end: audit rules, erasures, root, the log's signature, sums.
    pub fn conclude(&mut self, note: &[u8]) {
        self.audit();
        for absent in std::mem::take(&mut self.absent) {
            if self.state.changes().is_body_erased(&absent.id) {
                self.report.erased += 1;
            } else {
                self.tell(
                    Level::Undecided,
                    absent.index,
                    Some(&absent.about),
                    Invalid::new(ErrorCode::BlobMissing, "body"),
                );
            }
        }
        let claimed = &self.report.checkpoint;
        if self.state.size() != claimed.size || self.state.root() != claimed.root {
            self.found(Some(Finding::of_log(Level::Mismatch, ErrorCode::Inclusion, "root")));
        }
        match self.log_keys() {
            Ok(keys) => self.keys = keys,
            Err(e) => self.found(Some(Finding::of_log(Level::Undecided, e.code, e.place))),
        }
        self.log_signature(note);
        let root = self.state.changes().chain(&ChainId::root()).map(|s| s.facts.clone());
        self.report.purpose = root.as_ref().and_then(|f| f.purpose);
        self.report.root = root;
        let mut chains: Vec<ChainSum> = self
            .state
            .changes()
            .chains()
            .map(|(c, s)| ChainSum { chain: c.clone(), entries: s.head.seq + 1 })
            .collect();
        chains.sort_by(|a, b| a.chain.cmp(&b.chain));
        self.report.chains = chains;
        self.report.erasures = self.state.changes().bodies_erased().collect();
        self.report.months = sums(self.state.changes().shelf());
        self.report.vouchers = self.report.months.iter().map(|m| m.vouchers).sum();
    }

    /// The checkpoint is signed by a log key in force, and seen by as many witnesses as the trust file asks for.
    fn log_signature(&mut self, note: &[u8]) {
        let Some(keys) = self.keys.as_ref().filter(|k| !k.log_vkeys.is_empty()) else {
            let level = if self.blind { Level::Undecided } else { Level::Mismatch };
            let code = if self.blind { ErrorCode::TrustMissing } else { ErrorCode::NoteUnsigned };
            return self.found(Some(Finding::of_log(level, code, "checkpoint")));
        };
        match keys.open(note) {
            Ok(opened) if self.trust.is_some() => {
                let quorum = keys.policy.quorum(opened.cosigned.iter().map(|(key, time)| (key, *time)));
                self.report.witnesses = (quorum.signed.into_iter().map(|w| w.witness).collect(), quorum.missing);
                let missing = match (quorum.required, quorum.satisfied) {
                    (false, _) => None,
                    (true, false) => Some(ErrorCode::WitnessQuorum),
                    (true, true) => (!keys.is_fresh(&opened.cosigned, now_seconds())).then_some(ErrorCode::Stale),
                };
                self.found(missing.map(|code| Finding::of_log(Level::Undecided, code, "checkpoint")));
            }
            Ok(_) => {}
            Err(e) => self.found(Some(unopened(&e, "checkpoint".into()))),
        }
    }

    /// Compares the tree just replayed with what this machine has seen of the log.
    ///
    /// A copy may be older than that: then nothing of it was compared.
    pub fn remembered(&mut self, seen: &Remembered, is_older_copy: bool, place: &str) {
        let size = self.state.size();
        let is_shorter = seen.size > size;
        let Ok(root_then) = self.state.root_at(seen.size);
        let continues = seen.continued_by(size, root_then, is_older_copy);
        self.report.uncompared = continues == Continues::Older;
        let same_beginning = self.genesis.is_none_or(|genesis| seen.is_of(&genesis));
        if same_beginning && continues != Continues::No {
            return;
        }
        let mut finding = Finding::of_log(Level::Mismatch, ErrorCode::Consistency, format!("remembered/{}", seen.size));
        finding.what = if !same_beginning {
            text!(
                "这是另一本账: 第一条和这台电脑以前看到的不一样。保存证据, 报告上级; 只有演示账才会重新开立, 那时才可以删掉这台电脑记下的 {place}",
                "this is another log, with another first entry than this machine has seen; keep the evidence and report it; only a test log is ever made again, then remove {place}"
            )
        } else if is_shorter {
            text!(
                "这本账比这台电脑看到过的短; 如果这是一台还没跟上的副本, 过一会儿再试",
                "the log is shorter than what this machine has seen; if this is a replica that lags behind, try again later"
            )
        } else {
            text!("和这台电脑上次看到的不是同一本", "this is not the log that this machine saw before")
        };
        self.found(Some(finding));
    }

    /// Returns what the log's checkpoints are opened with, once everything has been replayed.
    pub fn pinned(&self) -> Option<&PinnedLog> {
        self.keys.as_ref()
    }

    /// Returns whether there are no findings, except that outside witnesses are missing or stale.
    pub fn is_sound(&self) -> bool {
        let about_witnesses = |code: ErrorCode| matches!(code, ErrorCode::WitnessQuorum | ErrorCode::Stale);
        self.report.findings.iter().all(|f| f.level < Level::Undecided || about_witnesses(f.code))
    }

    /// Checks an earlier published checkpoint: signed by a log key in force then, its root that of the tree at its size.
    pub fn retained(&mut self, one: &Retained) {
        self.report.checkpoints += 1;
        let place = format!("{RETAINED}/{}", one.size);
        // That no key is known has been said of the newest one.
        let Some(keys) = self.keys.as_ref().filter(|k| !k.log_vkeys.is_empty()) else { return };
        let finding = match keys.open(&one.note) {
            Err(e) => Some(unopened(&e, place)),
            Ok(opened) if opened.checkpoint.size != one.size => {
                Some(Finding::of_log(Level::Mismatch, ErrorCode::Checkpoint, place))
            }
            Ok(opened) => match self.state.root_at(one.size) {
                Ok(Some(root)) if root == opened.checkpoint.root => None,
                _ => Some(Finding::of_log(Level::Mismatch, ErrorCode::Consistency, place)),
            },
        };
        self.found(finding);
    }

    /// What checkpoints are opened with: the trust file's keys, and those of the log's own root-signed entries, which
    /// count if they begin with the pinned first entry, or if nothing is pinned.
    fn log_keys(&self) -> Result<Option<PinnedLog>, Invalid> {
        let root = self.state.changes().chain(&ChainId::root()).map(|s| s.facts.clone());
        let mut keys = match (&self.trust, &root, self.genesis) {
            (Some(trust), _, Some(genesis)) if trust.file.genesis == genesis => trust.clone(),
            (Some(trust), _, _) => return Ok(Some(trust.clone())),
            (None, Some(facts), Some(genesis)) => stated(&self.report.checkpoint, facts.purpose, genesis)?,
            (None, _, _) => return Ok(None),
        };
        let Some(facts) = root else { return Ok(Some(keys)) };
        for vkey in facts.log_vkeys.iter().flatten().filter_map(|text| Vkey::parse(text).ok()) {
            if !keys.log_vkeys.contains(&vkey) {
                keys.log_vkeys.push(vkey);
            }
        }
        for old in facts.log_retired.iter().flatten() {
            let Ok(vkey) = Vkey::parse(&old.vkey) else { continue };
            // A trust file of before the change still has it among the keys in force.
            keys.log_vkeys.retain(|key| *key != vkey);
            keys.retired.retain(|(key, _)| *key != vkey);
            keys.retired.push((vkey, old.size));
        }
        Ok(Some(keys))
    }

    fn tell(&mut self, level: Level, index: u64, about: Option<&About>, e: Invalid) {
        self.report.findings.push(finding(level, index, about, e));
    }
}

/// Totals of every effective month.
fn sums(shelf: &Shelf) -> Vec<MonthSum> {
    // The salt is part of the derived body only, not of its figures.
    let Some(salt) = Salt::parse("00000000000000000000000000000000") else { return Vec::new() };
    let sum = |(chain, period, book): (&ChainId, &Period, &_)| {
        let total = derive::cash_statement(book, salt.clone()).total;
        MonthSum { chain: chain.clone(), period: period.clone(), vouchers: book.vouchers.len() as u64, total }
    };
    shelf.months().map(sum).collect()
}

/// A log without a trust file, as it states itself.
fn stated(checkpoint: &Checkpoint, purpose: Option<Purpose>, genesis: StatementId) -> Result<PinnedLog, Invalid> {
    let file = Trust {
        format: trust::FORMAT.into(),
        origin: checkpoint.origin.clone(),
        purpose: purpose.unwrap_or(Purpose::Live),
        genesis,
        root_keys: Vec::new(),
        threshold: 1,
        log_vkeys: Vec::new(),
        retired: None,
        policy: Vec::new(),
        operators: None,
        max_age_days: None,
        issued_at: IssuedAt::parse(EPOCH).ok_or_else(|| Invalid::new(ErrorCode::Internal, EPOCH))?,
    };
    let policy = Policy::parse("quorum none\n").map_err(|e| Invalid::new(e.code(), "policy"))?;
    Ok(PinnedLog { file, log_vkeys: Vec::new(), retired: Vec::new(), policy })
}

fn unopened(error: &CheckpointError, place: String) -> Finding {
    let undecided = error.code().kind() == ErrorKind::Undecided;
    Finding::of_log(if undecided { Level::Undecided } else { Level::Mismatch }, error.code(), place)
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
