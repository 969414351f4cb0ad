//! What a replay found, and what it did and did not look at.

use std::collections::HashSet;
use std::sync::Arc;

use sanwu_schema::audit::RULES;
use sanwu_schema::date::Period;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::CashTotals;
use sanwu_schema::kinds::Purpose;
use sanwu_schema::record::statement::{ChainId, StatementId};
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::validity::ChainFacts;
use serde_json::{Value, json};

use crate::error::{Error, kind_word};
use crate::text::{Lang, Text, text};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Level {
    /// Worth a look: signatures from the time from which a key was suspected.
    Warning,
    /// Against a money or text rule in force.
    Error,
    /// Could not be decided with what is here.
    Undecided,
    /// Cryptography or validity does not hold.
    Mismatch,
}

impl Level {
    /// Returns the word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Undecided => "undecided",
            Self::Mismatch => "mismatch",
        }
    }

    /// Returns the sign and word for people.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Warning => lang.pick("! 提示", "! warning"),
            Self::Error => lang.pick("! 疑点", "! finding"),
            Self::Undecided => lang.pick("? 没法核", "? undecided"),
            Self::Mismatch => lang.pick("✘ 对不上", "✘ mismatch"),
        }
    }
}

/// One thing found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How grave.
    pub level: Level,
    pub code: ErrorCode,
    /// The entry; none when it is about the log as a whole.
    pub index: Option<u64>,
    pub chain: Option<ChainId>,
    pub period: Option<Period>,
    pub what: Text,
    /// Where in it.
    pub place: String,
}

impl Finding {
    /// Returns a finding about the log as a whole.
    pub fn of_log(level: Level, code: ErrorCode, place: impl Into<String>) -> Self {
        let place = place.into();
        Self { level, code, index: None, chain: None, period: None, what: text!("总账", "log"), place }
    }

    /// Returns one line for people.
    pub fn line(&self, lang: Lang) -> String {
        let mut parts = vec![self.level.words(lang).to_owned()];
        if let Some(index) = self.index {
            parts.push(match lang {
                Lang::Zh => format!("第 {index} 条"),
                Lang::En => format!("entry {index}"),
            });
        }
        parts.extend(self.chain.as_ref().map(ToString::to_string));
        parts.push(self.what.get(lang).to_owned());
        parts.push(format!("{} ({})", lang.pick(self.code.zh(), self.code.en()), self.code.as_str()));
        parts.push(self.place.clone());
        parts.retain(|p| !p.is_empty());
        parts.join("  ")
    }

    fn to_json(&self, lang: Lang) -> Value {
        json!({
            "level": self.level.as_str(), "code": self.code.as_str(), "kind": kind_word(self.code.kind()),
            "index": self.index, "chain": self.chain.as_ref().map(|c| c.as_str()),
            "period": self.period.as_ref().map(|p| p.as_str()), "what": self.what.get(lang), "place": self.place,
            "text": lang.pick(self.code.zh(), self.code.en()),
        })
    }
}

/// A chain's size.
#[derive(Clone, Debug)]
pub struct ChainSum {
    pub chain: ChainId,
    pub entries: u64,
}

/// A month's totals.
#[derive(Clone, Debug)]
pub struct MonthSum {
    pub chain: ChainId,
    pub period: Period,
    /// Vouchers in the effective book.
    pub vouchers: u64,
    /// The sums of its money accounts.
    pub total: CashTotals,
}

/// The result of a replay.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where the bytes came from.
    pub source: String,
    /// The checkpoint with which the leaves were compared.
    pub checkpoint: Checkpoint,
    /// Live or test, as the first entry says.
    pub purpose: Option<Purpose>,
    /// Whether it was compared with a trust file.
    pub trusted: bool,
    /// The facts of chain `root` after the last entry.
    pub root: Option<Arc<ChainFacts>>,
    /// Witnesses that have cosigned the checkpoint, and those of the policy that have not.
    pub witnesses: (Vec<String>, Vec<String>),
    /// Leaves read.
    pub entries: u64,
    /// Entries that are valid at their positions.
    pub valid: u64,
    /// Entries behind an invalid one of the same chain: their place could not be judged.
    pub unreached: u64,
    /// Whether this machine has seen more of the log than the copy that was replayed: it was not compared with that.
    pub uncompared: bool,
    /// Why this machine could not read or keep what it has seen; the replay is complete without.
    pub memory_trouble: Option<Error>,
    /// Audit rules that lack data: id, Chinese, English.
    pub unchecked: Vec<(&'static str, &'static str, &'static str)>,
    /// Earlier published checkpoints that were checked.
    pub checkpoints: u64,
    /// Signatures that verify.
    pub signatures: u64,
    /// Bodies whose digest fits.
    pub bodies: u64,
    /// Bodies that are not there because of a valid erasure.
    pub erased: u64,
    /// The statements whose bodies valid erasures take, there or not.
    pub erasures: HashSet<StatementId>,
    /// Vouchers in the effective month books.
    pub vouchers: u64,
    pub chains: Vec<ChainSum>,
    pub months: Vec<MonthSum>,
    /// All that was found, in order.
    pub findings: Vec<Finding>,
}

/// What a replay looks at beside the audit rules, and what no replay can.
const CHECKED: &[(&str, &str, &str)] = &[
    ("leaves", "每一条的字节和总账的根", "every leaf against the root"),
    ("tiles", "总账分块", "every tile"),
    ("checkpoint", "总账签发", "the log's signature"),
    ("retained", "以前的签发", "earlier checkpoints"),
    ("ids", "每份声明的编号", "every statement's id"),
    ("signatures", "每一个签名", "every signature"),
    ("links", "前后相连", "every link in its chain"),
    ("rings", "钥匙册和岗位", "rings and roles"),
    ("seen", "拟稿时看到的账", "what each drafter had seen"),
    ("slots", "一期一份, 更正成线", "one statement per period; corrections form a line"),
    ("bodies", "内容和签名一致", "contents against their digests"),
    ("money", "借贷、结转和公开表", "double entry, balances carried, derived tables"),
    ("text", "号码和文字规则", "personal numbers and text rules"),
];
const NOT_CHECKED: &[(&str, &str, &str)] = &[
    ("receipts.authenticity", "发票真伪", "whether receipts are genuine"),
    ("spending.merit", "开支是否合理", "whether the spending was sensible"),
    ("completeness", "是否漏报", "whether something was left out"),
    ("attachments", "附件内容", "contents of attachments"),
    ("time", "签名日期 (只是各人自己写的)", "dates: the signers' own word"),
];

impl Report {
    /// Returns the exit code: mismatch before undecided before findings.
    pub fn exit(&self, fail_on: Level) -> u8 {
        let worst = self.findings.iter().map(|f| f.level).max();
        match worst {
            Some(Level::Mismatch) => 3,
            Some(Level::Undecided) => 6,
            Some(level) if level >= fail_on => 10,
            _ => 0,
        }
    }

    /// Returns the checks that were made: code, Chinese, English.
    pub fn checked(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let fixed = CHECKED.iter().filter(|(code, _, _)| *code != "retained" || self.checkpoints > 0).copied();
        let rules = RULES.iter().map(|rule| (rule.id, rule.zh, rule.en)).filter(|rule| !self.unchecked.contains(rule));
        fixed.chain(rules).collect()
    }

    /// Returns the checks that were not made: code, Chinese, English.
    pub fn not_checked(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let mut all = NOT_CHECKED.to_vec();
        if !self.trusted {
            all.push(("log.identity", "账本身份 (没有信任文件)", "the log's identity (no trust file)"));
        }
        if self.uncompared {
            all.push((
                "client.consistency",
                "和这台电脑看到过的是不是同一本 (这份抄本旧一些)",
                "whether it is the log that this machine has seen (this copy is older)",
            ));
        }
        if self.memory_trouble.is_some() {
            all.push((
                "client.consistency",
                "和这台电脑看到过的是不是同一本 (读不到, 或者记不下)",
                "whether it is the log that this machine has seen (that could not be read or kept)",
            ));
        }
        if self.witnesses.0.is_empty() {
            all.push(("witnesses", "外面的见证 (没有)", "outside witnesses (none)"));
        }
        all.extend(&self.unchecked);
        all
    }

    /// Returns the document.
    pub fn to_json(&self, fail_on: Level, lang: Lang) -> Value {
        let exit = self.exit(fail_on);
        json!({
            "schema": "sanwu-replay-1",
            "ok": exit == 0,
            "exit": exit,
            "source": self.source,
            "origin": self.checkpoint.origin.as_str(),
            "purpose": self.purpose.map(Purpose::as_str),
            "size": self.checkpoint.size,
            "root": self.checkpoint.root.to_text(),
            "trusted": self.trusted,
            "witnesses": { "signed": self.witnesses.0, "missing": self.witnesses.1 },
            "entries": self.entries,
            "valid": self.valid,
            "checkpoints": self.checkpoints,
            "unreached": self.unreached,
            "signatures": self.signatures,
            "bodies": self.bodies,
            "erased": self.erased,
            "vouchers": self.vouchers,
            "chains": self.chains.iter().map(|c| json!({ "chain": c.chain.as_str(), "entries": c.entries })).collect::<Vec<_>>(),
            "months": self.months.iter().map(|m| json!({
                "chain": m.chain.as_str(), "period": m.period.as_str(), "vouchers": m.vouchers,
                "opening_fen": m.total.opening_fen, "receipts_fen": m.total.receipts_fen,
                "payments_fen": m.total.payments_fen, "closing_fen": m.total.closing_fen,
            })).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(|f| f.to_json(lang)).collect::<Vec<_>>(),
            "checked": self.checked().iter().map(|(code, _, _)| *code).collect::<Vec<_>>(),
            "not_checked": self.not_checked().iter().map(|(code, _, _)| *code).collect::<Vec<_>>(),
        })
    }
}
