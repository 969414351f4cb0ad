//! `--deep`: from the record back to its chain's first entry, and `root` to the log's first: no revocation lies
//! between a signature and the grant of its key, and nothing else does either.

use sanwu_schema::statement::ChainId;
use sanwu_schema::verify::{State, Verdict};

use crate::commands::audit::jobs;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::replay::{self, Level, Options};
use crate::source::Remote;
use crate::text::{Text, text};
use crate::ui::Ui;

/// What the walk came to.
pub struct Walk {
    /// In words.
    pub told: Text,
    /// The worst that it found.
    pub state: State,
}

/// Replays the log behind the server and looks at what concerns the record's chain, `root` and the log itself.
pub fn walk(ui: &Ui, ledger: &Ledger, verdict: &Verdict) -> Result<Walk, Error> {
    let source = Remote::new(ledger.client.clone());
    let bar = ui.progress(ledger.head().checkpoint.size, &text!("从头核对", "walking back"));
    let options = Options { jobs: jobs(None), trust: ledger.trusted.then_some(&ledger.pinned) };
    let report = replay::run(&source, &options, &|count| bar.inc(count));
    bar.finish_and_clear();
    let report = report?;
    let root = ChainId::root();
    let ours = |chain: &Option<ChainId>| chain.is_none() || *chain == verdict.chain || *chain == Some(root.clone());
    let worst =
        report.findings.iter().filter(|f| ours(&f.chain) && f.level >= Level::Undecided).max_by_key(|f| f.level);
    let place = verdict.chain.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(match worst {
        None => Walk {
            told: text!(
                "账链 {place} 和总账链从第一条起都核过, 签名钥匙中间没有停用",
                "chain {place} and root were checked from their first entries; no key was revoked in between"
            ),
            state: State::Ok,
        },
        Some(finding) => Walk {
            told: Text { zh: finding.line(crate::text::Lang::Zh), en: finding.line(crate::text::Lang::En) },
            state: if finding.level == Level::Mismatch { State::Mismatch } else { State::Cannot },
        },
    })
}
