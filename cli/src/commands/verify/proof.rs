//! A C2SP proof file and the entry it is about: that the entry is in the log and who from outside has seen it, and no
//! more. Who signed it, in what office, and whether a content belongs to it, the file does not say, so this is no
//! verdict.

use std::path::Path;

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Purpose;
use sanwu_schema::tlog::checkpoint::Checkpoint;
use sanwu_schema::tlog::merkle::{leaf_hash, verify_inclusion};
use sanwu_schema::tlog::tlog_proof::TlogProof;
use sanwu_schema::verify::trust::{Opened, PinnedLog};
use sanwu_schema::verify::{CheckCode, CheckState};
use serde_json::json;

use super::args::VerifyArgs;
use crate::entropy::now_seconds;
use crate::error::{Done, Error};
use crate::files;
use crate::known_logs::memory::Memory;
use crate::text::{Text, text};
use crate::ui::Ui;

/// What a proof file cannot tell.
const NOT_CHECKED: [CheckCode; 2] = [CheckCode::ContentSig, CheckCode::ApprovalQuorum];

/// Runs the command for a proof file with its entry.
pub fn run(ui: &Ui, args: &VerifyArgs, trust: Option<&PinnedLog>) -> Done {
    let place = args.what.as_str();
    let trust = trust.ok_or_else(|| Error::new(ErrorCode::TrustMissing).at(place))?;
    let entry = args.entry.as_ref().ok_or_else(|| Error::new(ErrorCode::Usage).at("--entry"))?;
    let proof = TlogProof::parse(&files::read(Path::new(place))?).map_err(|e| Error::new(e.code()).at(place))?;
    let note = proof.checkpoint.to_text();
    let opened = trust.open(note.as_bytes()).map_err(|e| Error::new(e.code()).at(place))?;
    let Checkpoint { size, root, .. } = &opened.checkpoint;
    let leaf = leaf_hash(&files::read(entry)?);
    verify_inclusion(proof.index, *size, &leaf, &proof.proof, root).map_err(|e| Error::new(e.code()).at(place))?;
    let consistency = compared(ui, args, trust, &opened.checkpoint, &note)?;
    let (witnesses, missing) = weigh(trust, &opened);
    let exit = missing.map_or(0, |code| code.kind().exit());

    let is_test = trust.file.purpose == Purpose::Test;
    if is_test {
        ui.print_text(&text!("▢ 演示数据, 不是真的", "▢ demonstration data, not real"));
    }
    ui.print_text(&text!(
        "✔ 这条记录在总账里: 第 {} 条, 共 {size} 条",
        "✔ the entry is in the log: entry {} of {size}",
        proof.index
    ));
    ui.print_text(&match (witnesses, missing) {
        (_, Some(code)) => Text {
            zh: format!("◑ {} ({})", code.zh(), code.as_str()),
            en: format!("◑ {} ({})", code.en(), code.as_str()),
        },
        (CheckState::NotRequired, _) => text!("– 还没有外面的见证人", "– no outside witnesses yet"),
        _ => text!("✔ 外面有人看着同一本账", "✔ outsiders watch the same ledger"),
    });
    ui.print_text(&match consistency {
        CheckState::Ok => text!("✔ 和您上次看到的是同一本", "✔ it is the same ledger you saw last time"),
        CheckState::FirstSeen => text!("– 您第一次看这本账", "– your first visit"),
        _ => text!("– 没有和上次看到的比较", "– not compared with what was seen before"),
    });
    ui.print_text(&text!(
        "没有核对: 内容、签名、该谁签字。请用回执或网址核对。",
        "not checked: content, signatures, who had to sign. Verify a receipt or an address for those."
    ));
    ui.document(&json!({
        "schema": "sanwu-tlog-proof-1", "ok": exit == 0, "exit": exit, "test": is_test, "index": proof.index, "size": size,
        "leaf": leaf.to_base64(),
        "checks": [
            { "code": CheckCode::LogInclusion.as_str(), "state": CheckState::Ok.as_str() },
            { "code": CheckCode::WitnessQuorum.as_str(), "state": witnesses.as_str(), "error": missing.map(ErrorCode::as_str) },
            { "code": CheckCode::ClientConsistency.as_str(), "state": consistency.as_str() },
        ],
        "not_checked": NOT_CHECKED.map(CheckCode::as_str),
    }));
    Ok(exit)
}

/// Compares the checkpoint with what this machine has seen: by the server, or by itself if it is of the same size.
fn compared(ui: &Ui, args: &VerifyArgs, trust: &PinnedLog, own: &Checkpoint, note: &str) -> Result<CheckState, Error> {
    let memory = Memory::trusting(trust);
    let seen = memory.of_log(&trust.file.genesis)?;
    if let Some(ledger) = args.ledger(ui)? {
        ledger.accept(note.as_bytes())?;
        return Ok(if ledger.is_first_visit() { CheckState::FirstSeen } else { CheckState::Ok });
    }
    let Some(seen) = seen else { return Ok(CheckState::FirstSeen) };
    match seen.record.extended_by(own, None) {
        Ok(()) => Ok(CheckState::Ok),
        Err(e) if e.code == ErrorCode::OlderThanRemembered => Ok(CheckState::NotCompared),
        Err(_) => {
            let cause = text!(
                "这本账和这台电脑上次看到的不是同一本: 以前的记录被改过",
                "this is not the log that this machine saw before: earlier entries were changed"
            );
            Err(memory.contradiction(cause, [seen.record.size, own.size], [&seen.note, note], &trust.log_vkeys))
        }
    }
}

/// The cosignatures, as the trust file asks for them: enough of them, and not too old.
fn weigh(trust: &PinnedLog, opened: &Opened) -> (CheckState, Option<ErrorCode>) {
    let quorum = trust.policy.quorum(opened.cosigned.iter().map(|(key, time)| (key, *time)));
    match (quorum.required, quorum.satisfied) {
        (false, _) => (CheckState::NotRequired, None),
        (true, false) => (CheckState::Partial, Some(ErrorCode::WitnessQuorum)),
        (true, true) if trust.is_fresh(&opened.cosigned, now_seconds()) => (CheckState::Ok, None),
        (true, true) => (CheckState::Partial, Some(ErrorCode::Stale)),
    }
}
