//! What the server answers is checked before it is called published: same statements, proofs that hold.

use std::path::Path;

use sanwu_schema::code::Code;
use sanwu_schema::draft::Draft;
use sanwu_schema::verify::{CheckState, State};
use serde_json::{Value, json};

use crate::error::{Done, Error};
use crate::files;
use crate::ledger::Ledger;
use crate::text::text;
use crate::ui::Ui;
use crate::verdict;

/// Checks the receipt, writes it, and tells where everything stands.
pub fn accept(ui: &Ui, draft: &Draft, ledger: &Ledger, status: u16, answer: &Value, path: &Path) -> Done {
    let nonsense = |why: &str| ledger.client.nonsense("/api/v1/entries", why);
    let rows = answer.get("entries").and_then(Value::as_array).ok_or_else(|| nonsense("entries"))?;
    if rows.len() != draft.entries.len() || answer.get("format").and_then(Value::as_str) != Some("sanwu-receipt-v1") {
        return Err(nonsense("format"));
    }
    let mut placed = Vec::new();
    for (entry, row) in draft.entries.iter().zip(rows) {
        let id = entry.id();
        let index = row.get("index").and_then(Value::as_u64);
        let index = index
            .filter(|_| row.get("id").and_then(Value::as_str) == Some(&id.to_string()))
            .ok_or_else(|| nonsense("id"))?;
        let bundle = row.get("bundle").ok_or_else(|| nonsense("bundle"))?;
        let verdict = verdict::of(bundle.to_string().as_bytes(), Some(&ledger.pinned), None)?;
        if verdict.id != Some(id) || verdict.index != index {
            return Err(nonsense("bundle"));
        }
        if verdict.state == State::Mismatch || verdict.state == State::Cannot {
            let failed = verdict.checks.iter().find(|c| matches!(c.state, CheckState::Mismatch | CheckState::Cannot));
            let code = if verdict.state == State::Mismatch { Code::Inclusion } else { Code::ServerAnswer };
            let what = failed.map_or("", |c| c.code.as_str());
            return Err(Error::new(code)
                .because(text!("服务器收下了, 但回执对不上", "the server took it, but its receipt does not verify"))
                .at(text!("第 {index} 条 {what}", "entry {index} {what}")));
        }
        // Whoever opens a chain is the first to know how it begins.
        if let (0, Some(chain)) = (entry.parse()?.seq, &verdict.chain) {
            ledger.remember_chain(chain, &id)?;
        }
        placed.push((index, row.get("new").and_then(Value::as_bool).unwrap_or(status == 201), verdict));
    }
    let mut bytes = serde_json::to_vec(answer).map_err(|e| Error::new(Code::Internal).at(e.to_string()))?;
    bytes.push(b'\n');
    files::write(path, &bytes)?;

    let fresh = placed.iter().any(|(_, new, _)| *new);
    ui.print_text(&if fresh {
        text!("✔ 已公布", "✔ published")
    } else {
        text!("✔ 早已公布过, 位置不变", "✔ it was published before, in the same place")
    });
    for (index, _, verdict) in &placed {
        let title = verdict.title.clone().unwrap_or_default();
        let check_code = verdict.check_code.clone().unwrap_or_default();
        ui.print_text(&text!(
            "  第 {index} 条  {title}  校验码 {check_code}",
            "  entry {index}  {title}  check code {check_code}"
        ));
    }
    let file = path.display();
    ui.print_text(&text!("  回执  {file}", "  receipt  {file}"));
    ui.say(&text!(
        "下一步:  sanwu verify {file} --trust 信任文件 --offline",
        "next:  sanwu verify {file} --trust TRUST --offline"
    ));
    let entries = placed.iter().map(|(index, new, verdict)| {
        json!({
            "index": index, "new": new, "id": verdict.id.map(|i| i.to_string()), "check_code": verdict.check_code,
            "title": verdict.title, "kind": verdict.kind.map(|k| k.as_str()), "verdict": verdict.state.as_str(),
        })
    });
    ui.document(&json!({
        "schema": "sanwu-publish-1", "ok": true, "exit": 0, "new": fresh, "origin": ledger.origin().as_str(),
        "chain": draft.chain.as_str(), "entries": entries.collect::<Vec<_>>(), "receipt": file.to_string(),
    }));
    Ok(0)
}
