//! `sanwu receipt`: the proof bundle of an entry, made from a mirror: the one that the log's own server would hand out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::json::to_canonical;
use sanwu_schema::kinds::Erased;
use sanwu_schema::proof::{ProofSource, ProofTarget, assemble};
use sanwu_schema::record::dsse::statement_id;
use sanwu_schema::record::entry::Entry;
use sanwu_schema::record::statement::{ChainId, Statement, StatementId};
use sanwu_schema::replay::LogState;
use sanwu_schema::tlog::checkpoint::{Checkpoint, Origin};
use sanwu_schema::tlog::merkle::build::{BuildError, consistency_proof, inclusion_proof};
use sanwu_schema::tlog::note::Note;
use sanwu_schema::validity::{ChainFacts, History as _};
use sanwu_schema::verify::Asked;
use sanwu_schema::verify::trust::PinnedLog;
use serde_json::json;

use crate::audit::{self, Level, Options, ReplayedLog, jobs};
use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::server::ServerArgs;
use crate::log_source::client::Content;
use crate::log_source::source::{FolderSource, Source};
use crate::log_source::tree::SignedTree;
use crate::log_source::trust::read_trust;
use crate::report::verdict;
use crate::text::text;
use crate::ui::Ui;

/// 出回执: 从镜像取出一条记录的证明, 和办账的网站给的一样 (make a receipt from a mirror)
#[derive(Args, Debug)]
pub struct ReceiptArgs {
    /// 第几条
    index: u64,
    /// 镜像的文件夹
    #[arg(long, value_name = "DIR")]
    mirror: PathBuf,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// 回执写到哪个文件; 不写就写成 <INDEX>.receipt.json
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(ui: &Ui, args: &ReceiptArgs) -> Done {
    let trust = ServerArgs { server: None, trust: args.trust.clone() }.trust();
    let trust = trust.as_deref().map(read_trust).transpose()?;
    let source = FolderSource::new(&args.mirror);
    let newest = newest(&source)?;
    let absent = || Error::new(ErrorCode::NoRecord).at(text!("第 {} 条", "entry {}", args.index));
    if args.index >= newest.size {
        return Err(absent());
    }
    let log = replayed(ui, &source, newest.size, args.index, trust.as_ref())?;
    let tree = SignedTree::open(&source, &log.report.checkpoint).map_err(|e| e.at(&source.name()))?;
    let head = head(&source, &newest, args.index, trust.as_ref())?;
    let mirror = Mirror { source: &source, tree: &tree, state: &log.state, facts: &log.facts };
    let size = head.size;
    let bundle = assemble(&mirror, args.index, head, None)?.ok_or_else(absent)?;
    let bytes = to_canonical(&bundle);
    let outcome = verdict::of(&bytes, trust.as_ref(), None, Asked::File)?;

    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.receipt.json", args.index)));
    files::write(&out, &bytes)?;
    let file = out.display();
    let title = outcome.verdict.title.clone().unwrap_or_default();
    ui.print_text(&text!("✔ 第 {} 条  {title}", "✔ entry {}  {title}", args.index));
    ui.print_text(&text!("  回执  {file}", "  receipt  {file}"));
    let exit = if trust.is_some() { outcome.exit() } else { 0 };
    ui.document(&json!({
        "schema": "sanwu-mirror-receipt-1", "ok": exit == 0, "exit": exit, "index": args.index, "size": size,
        "id": outcome.verdict.id.map(|id| id.to_string()), "verdict": outcome.verdict.state.as_str(),
        "receipt": file.to_string(),
    }));
    ui.say(&text!(
        "下一步:  sanwu verify {file} --trust 信任文件 --offline",
        "next:  sanwu verify {file} --trust TRUST --offline"
    ));
    Ok(exit)
}

/// Replays the mirror: only what is all as it was signed, and no other history than this machine has seen, makes a
/// receipt.
fn replayed(
    ui: &Ui,
    source: &FolderSource,
    size: u64,
    index: u64,
    trust: Option<&PinnedLog>,
) -> Result<ReplayedLog, Error> {
    let bar = ui.progress(size, &text!("核对镜像", "checking the mirror"));
    let options = Options { jobs: jobs(None), trust, remember: true };
    let log = audit::replay(source, &options, Some(index), &|count| bar.inc(count));
    bar.finish_and_clear();
    let log = log?;
    let mut wrong = log.report.findings.iter().filter(|finding| finding.level == Level::Mismatch);
    match wrong.clone().find(|finding| finding.code.kind() == ErrorKind::Mismatch).or_else(|| wrong.next()) {
        // Behind an entry that this program cannot judge nothing can be said of the rings.
        None if index > 0 && !log.facts.contains_key(&index) => {
            Err(Error::new(ErrorCode::NotReached).at(text!("第 {index} 条", "entry {index}")))
        }
        None => Ok(log),
        // Of another history than this machine has seen the finding says it all.
        Some(finding) if finding.code == ErrorCode::Consistency => {
            Err(Error::new(finding.code).because(finding.what.clone()).at(source.name()))
        }
        Some(finding) => {
            // What an entry says wrongly may be called anything; that the mirror is no valid log is a mismatch.
            let mismatch = finding.code.kind() == ErrorKind::Mismatch;
            let code = if mismatch { finding.code } else { ErrorCode::Inclusion };
            let word = if mismatch { "" } else { finding.code.as_str() };
            Err(Error::new(code)
                .because(text!(
                    "镜像和它自己签发的对不上, 不出回执",
                    "the mirror is not what its own checkpoint covers: it makes no receipt"
                ))
                .at(format!("{}  {} {word}", source.name(), finding.place).trim_end().to_owned())
                .command(format!("sanwu audit replay {}", source.name())))
        }
    }
}

/// The mirror's newest checkpoint.
fn newest(source: &FolderSource) -> Result<ProofTarget, Error> {
    let note = source.checkpoint()?;
    let wrong = |code| Error::new(code).at(source.name());
    let text = Note::parse(&note).map_err(|e| wrong(e.code()))?;
    let size = Checkpoint::parse(text.text()).map_err(|e| wrong(e.code()))?.size;
    Ok(ProofTarget { size, note })
}

/// The checkpoint to prove to: as at the log's own server the newest that has the witness quorum, or else the newest.
fn head(
    source: &FolderSource,
    newest: &ProofTarget,
    index: u64,
    trust: Option<&PinnedLog>,
) -> Result<ProofTarget, Error> {
    let has_quorum = |pinned: &PinnedLog, note: &[u8]| {
        pinned
            .open(note)
            .is_ok_and(|opened| pinned.policy.quorum(opened.cosigned.iter().map(|(key, time)| (key, *time))).satisfied)
    };
    let Some(pinned) = trust.filter(|pinned| !has_quorum(pinned, &newest.note)) else { return Ok(newest.clone()) };
    let (mut best, mut from) = (newest.clone(), index + 1);
    loop {
        let page = source.retained(from)?;
        let Some(last) = page.last().map(|one| one.size) else { return Ok(best) };
        for one in page.into_iter().filter(|one| one.size < newest.size && has_quorum(pinned, &one.note)) {
            best = ProofTarget { size: one.size, note: one.note };
        }
        from = last + 1;
    }
}

/// A mirror that was replayed, as a source of proofs.
struct Mirror<'a> {
    source: &'a FolderSource,
    tree: &'a SignedTree<'a>,
    state: &'a LogState,
    facts: &'a HashMap<u64, Arc<ChainFacts>>,
}

impl Mirror<'_> {
    fn out_of_range<E>(&self, _: BuildError<E>) -> Error {
        Error::new(ErrorCode::TreeRange).at(self.source.name())
    }
}

impl ProofSource for Mirror<'_> {
    type Error = Error;

    fn origin(&self) -> &Origin {
        self.state.origin()
    }

    fn entry(&self, index: u64) -> Result<Option<Entry>, Error> {
        let bytes = self.tree.entry(index).map_err(|e| e.at(&self.source.name()))?;
        Ok(bytes.and_then(|bytes| Entry::parse(&bytes).ok()))
    }

    fn index_of(&self, id: &StatementId) -> Result<Option<u64>, Error> {
        let Ok(located) = self.state.locate(id);
        Ok(located.map(|located| located.index))
    }

    fn opened_at(&self, chain: &ChainId) -> Result<Option<u64>, Error> {
        Ok(self.state.changes().opened_at(chain))
    }

    fn facts_before(&self, index: u64, _: &Entry) -> Result<Option<Arc<ChainFacts>>, Error> {
        Ok(self.facts.get(&index).cloned())
    }

    fn body(&self, statement: &Statement) -> Result<Option<Vec<u8>>, Error> {
        let Some(named) = &statement.body else { return Ok(None) };
        match self.source.blob(&named.digest)? {
            // The replay has compared it with its digest.
            Content::Here(bytes) => Ok(Some(bytes)),
            _ if self.state.changes().is_body_erased(&statement_id(&to_canonical(statement))) => Ok(None),
            _ => {
                let path = Path::new(&self.source.name()).join("blobs").join(named.digest.to_hex());
                Err(Error::new(ErrorCode::BlobMissing).at(path.display().to_string()))
            }
        }
    }

    fn corrected_by(&self, id: &StatementId) -> Result<Option<StatementId>, Error> {
        Ok(self.state.changes().corrected_by(id))
    }

    fn erased_by(&self, id: &StatementId) -> Result<Option<StatementId>, Error> {
        Ok(self.state.changes().erasures(id).iter().rfind(|e| e.what != Erased::Rows).map(|e| e.by))
    }

    fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Error> {
        inclusion_proof(index, size, self.state).map_err(|e| self.out_of_range(e))
    }

    fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Error> {
        consistency_proof(old, new, self.state).map_err(|e| self.out_of_range(e))
    }
}
