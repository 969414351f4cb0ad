//! `--deep`: from the record back to its chain's first entry, and `root` to the log's first: no revocation lies
//! between a signature and the grant of its key, and nothing else does either.

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::tlog::merkle::leaf_hash;
use sanwu_schema::verify::{State, Verdict};

use crate::audit::{self, Finding, Level, Options};
use crate::error::Error;
use crate::log_source::ledger::Ledger;
use crate::log_source::source::{At, Remote};
use crate::text::{Lang, Text, text};
use crate::ui::Ui;

/// What the walk came to.
pub struct Walk {
    pub told: Text,
    /// The worst that it found.
    pub state: State,
    /// Whether it led all the way: then no key was revoked in between.
    pub is_complete: bool,
}

/// Replays the log up to the checkpoint that was compared with the record's.
///
/// Looks at what concerns the record's chain, `root` and the log itself; then checks that the record is in this very
/// log.
pub fn walk(ui: &Ui, ledger: &Ledger, bundle: &[u8], verdict: &Verdict) -> Result<Walk, Error> {
    let (remote, head) = (Remote::new(ledger.client.clone()), ledger.head());
    let source = At::new(&remote, &head);
    let bar = ui.progress(head.checkpoint.size, &text!("从头核对", "walking back"));
    let options = Options { jobs: audit::jobs(None), trust: ledger.trusted.then_some(&ledger.pinned), remember: false };
    let report = audit::run(&source, &options, &|count| bar.inc(count));
    bar.finish_and_clear();
    let report = report?;
    let own = Bundle::parse(bundle)?.entry.0;
    if ledger.entry(verdict.index)?.leaf_hash() != leaf_hash(&own) {
        let index = verdict.index;
        return Ok(Walk {
            told: text!(
                "服务器那本账的第 {index} 条不是这份公开表",
                "entry {index} of the server's log is not this record"
            ),
            state: State::Mismatch,
            is_complete: false,
        });
    }
    let root = ChainId::root();
    let ours = |chain: &Option<ChainId>| chain.is_none() || *chain == verdict.chain || *chain == Some(root.clone());
    let found = report.findings.iter().filter(|f| ours(&f.chain) && f.level >= Level::Undecided);
    let worst = found.max_by_key(|f| (f.level, !is_about_witnesses(f)));
    let place = verdict.chain.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(match worst {
        None => Walk {
            told: text!(
                "账链 {place} 和总账链从第一条起都核过, 签名钥匙中间没有停用",
                "chain {place} and root were checked from their first entries; no key was revoked in between"
            ),
            state: State::Ok,
            is_complete: true,
        },
        // The walk itself has led to the beginning; the newest checkpoint's cosignatures are missing or stale.
        Some(finding) if is_about_witnesses(finding) => Walk {
            told: Text {
                zh: format!(
                    "账链 {place} 和总账链从第一条起都核过, 签名钥匙中间没有停用; 最新的签发: {} ({})",
                    finding.code.zh(),
                    finding.code.as_str()
                ),
                en: format!(
                    "chain {place} and root were checked from their first entries; no key was revoked in between; of the newest checkpoint: {} ({})",
                    finding.code.en(),
                    finding.code.as_str()
                ),
            },
            state: State::Partial,
            is_complete: true,
        },
        Some(finding) => Walk {
            told: Text { zh: finding.line(Lang::Zh), en: finding.line(Lang::En) },
            state: if finding.level == Level::Mismatch { State::Mismatch } else { State::Cannot },
            is_complete: false,
        },
    })
}

/// Returns whether a finding is about missing or stale cosignatures only.
///
/// Such a finding makes a verdict *partial*; anything else that is undecided makes it *cannot*.
fn is_about_witnesses(finding: &Finding) -> bool {
    finding.level == Level::Undecided && matches!(finding.code, ErrorCode::WitnessQuorum | ErrorCode::Stale)
}
