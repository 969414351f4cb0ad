//! What the server answers is checked before it is called published: same statements, proofs that hold; and who has
//! seen it from outside, when that was waited for.

use std::path::PathBuf;

use sanwu_schema::api::entries::{RECEIPT_FORMAT, ReceiptDoc};
use sanwu_schema::draft::Draft;
use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::proof::bundle::Bundle;
use sanwu_schema::verify::{Asked, CheckCode, CheckState, State, Verdict};
use serde_json::json;

use crate::error::{Done, Error};
use crate::files;
use crate::log_source::client::Accepted;
use crate::log_source::ledger::Ledger;
use crate::report::verdict;
use crate::text::{Lang, Text, text};
use crate::ui::Ui;

/// An answer to be checked and kept.
pub struct Receipt {
    /// Where the receipt is written.
    pub path: PathBuf,
    /// Whether witnesses were waited for.
    pub wait_witness: bool,
}

/// An entry's place, as the server says and the bundle proves.
struct Placed {
    index: u64,
    new: bool,
    verdict: Verdict,
    /// The signed checkpoint to which the proofs lead.
    note: Vec<u8>,
}

impl Receipt {
    /// Checks the answer, writes it as a receipt, and says at which index each entry is.
    pub fn accept(&self, ui: &Ui, draft: &Draft, ledger: &Ledger, answer: &Accepted) -> Done {
        let placed = check(draft, ledger, &answer.receipt)?;
        files::write(&self.path, &[&answer.bytes, &b"\n"[..]].concat())?;
        // What is public from now on is remembered: a log that is rolled back behind it is found out.
        if let Err(e) = placed.iter().try_for_each(|p| ledger.accept(&p.note).map(drop)) {
            if e.code.kind() == ErrorKind::Mismatch {
                return Err(e.detail(text!(
                    "服务器的回执存在  {}",
                    "the server's receipt is kept in  {}",
                    self.path.display()
                )));
            }
            // It is published all the same.
            ui.say(&Text {
                zh: format!("没有记下这次看到的账: {}", e.short(Lang::Zh)),
                en: format!("the log's new state was not remembered: {}", e.short(Lang::En)),
            });
        }

        let fresh = placed.iter().any(|p| p.new);
        ui.print_text(&if fresh {
            text!("✔ 已公布", "✔ published")
        } else {
            text!("✔ 早已公布过, 位置不变", "✔ it was published before, in the same place")
        });
        for Placed { index, verdict, .. } in &placed {
            let title = verdict.title.clone().unwrap_or_default();
            let check_code = verdict.check_code.clone().unwrap_or_default();
            ui.print_text(&text!(
                "  第 {index} 条  {title}  校验码 {check_code}",
                "  entry {index}  {title}  check code {check_code}"
            ));
        }
        let witnessed = self.wait_witness.then(|| tell_witnesses(ui, ledger, answer.receipt.witnessed, &placed));
        let exit = if witnessed == Some(false) { ErrorCode::WitnessQuorum.kind().exit() } else { 0 };
        let file = self.path.display();
        ui.print_text(&text!("  回执  {file}", "  receipt  {file}"));
        ui.say(&text!(
            "下一步:  sanwu verify {file} --trust 信任文件 --offline",
            "next:  sanwu verify {file} --trust TRUST --offline"
        ));
        let entries = placed.iter().map(|Placed { index, new, verdict, .. }| {
            json!({
                "index": index, "new": new, "id": verdict.id.map(|i| i.to_string()), "check_code": verdict.check_code,
                "title": verdict.title, "kind": verdict.kind.map(|k| k.as_str()), "verdict": verdict.state.as_str(),
            })
        });
        let mut document = json!({
            "schema": "sanwu-publish-1", "ok": exit == 0, "exit": exit, "new": fresh, "origin": ledger.origin().as_str(),
            "chain": draft.chain.as_str(), "entries": entries.collect::<Vec<_>>(), "receipt": file.to_string(),
        });
        if let (Some(witnessed), Some(members)) = (witnessed, document.as_object_mut()) {
            members.insert("witnessed".into(), json!(witnessed));
            // Without a trust file, which witnesses have to see it is the server's own claim.
            members.insert("witnesses_checked".into(), json!(ledger.trusted));
            let last = placed.last().map(|p| &p.verdict.witnesses[..]).unwrap_or_default();
            let facts = last.iter().map(|w| json!({ "name": w.name, "operator": w.operator, "time": w.time }));
            members.insert("witnesses".into(), facts.collect());
        }
        ui.document(&document);
        Ok(exit)
    }
}

/// Checks that the receipt is for the draft's statements, and that each bundle proves its entry.
fn check(draft: &Draft, ledger: &Ledger, receipt: &ReceiptDoc) -> Result<Vec<Placed>, Error> {
    let nonsense = |why: &str| ledger.client.nonsense("/api/v1/entries", why);
    if receipt.entries.len() != draft.entries.len() || receipt.format != RECEIPT_FORMAT {
        return Err(nonsense("format"));
    }
    let mut placed = Vec::new();
    for (entry, row) in draft.entries.iter().zip(&receipt.entries) {
        let (id, index) = (entry.id(), row.index);
        if row.id != id.to_string() {
            return Err(nonsense("id"));
        }
        let bundle = row.bundle.as_ref().ok_or_else(|| nonsense("bundle"))?.canonical()?;
        let verdict = verdict::of(&bundle, Some(&ledger.pinned), None, Asked::Log)?.verdict;
        if verdict.id != Some(id) || verdict.index != index {
            return Err(nonsense("bundle"));
        }
        if let State::Mismatch | State::Cannot = verdict.state {
            return Err(unproved(&verdict));
        }
        // The opener of a chain is the first to know its genesis.
        if let (0, Some(chain)) = (entry.parse()?.seq, &verdict.chain) {
            ledger.remember_chain(chain, &id)?;
        }
        let note = Bundle::parse(&bundle)?.checkpoint.0;
        placed.push(Placed { index, new: row.new, verdict, note });
    }
    Ok(placed)
}

fn unproved(verdict: &Verdict) -> Error {
    let failed = verdict.checks.iter().find(|c| matches!(c.state, CheckState::Mismatch | CheckState::Cannot));
    let code = if verdict.state == State::Mismatch { ErrorCode::Inclusion } else { ErrorCode::ServerAnswer };
    let (index, what) = (verdict.index, failed.map_or("", |c| c.code.as_str()));
    Error::new(code)
        .because(text!("服务器收下了, 但回执对不上", "the server took it, but its receipt does not verify"))
        .at(text!("第 {index} 条 {what}", "entry {index} {what}"))
}

/// Tells who has seen the publication. Enough is what the quorum says, by the cosignatures in the bundle; what the
/// server says about itself only counts where no witness is asked for.
fn tell_witnesses(ui: &Ui, ledger: &Ledger, said: Option<bool>, placed: &[Placed]) -> bool {
    let Some(last) = placed.last() else { return false };
    let quorum = last.verdict.checks.iter().find(|c| c.code == CheckCode::WitnessQuorum).map(|c| c.state);
    let (enough, line) = match quorum {
        Some(CheckState::Ok) if ledger.trusted => (true, text!("  见证够了", "  enough witnesses have seen it")),
        Some(CheckState::Ok) => (
            true,
            text!(
                "  按服务器自己说的见证人, 见证够了; 没有信任文件, 没有核对",
                "  enough of the witnesses that the server names have seen it; not checked without a trust file"
            ),
        ),
        Some(CheckState::NotRequired) if ledger.trusted => {
            (true, text!("  信任文件不要求见证", "  the trust file asks for no witness"))
        }
        Some(CheckState::NotRequired) => match said {
            Some(true) => (
                true,
                text!(
                    "  服务器说见证够了; 没有信任文件, 没有核对",
                    "  the server says that enough witnesses have seen it; not checked without a trust file"
                ),
            ),
            _ => (false, text!("  还没有外面的见证", "  no outside witness has seen it")),
        },
        _ => {
            (false, text!("  已公布, 但外面的见证还不够", "  published, but not enough outside witnesses have seen it"))
        }
    };
    ui.print_text(&line);
    verdict::witnesses(&last.verdict).iter().for_each(|line| ui.print_text(line));
    enough
}
