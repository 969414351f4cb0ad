//! `sanwu explain`: what an error code means and what to do.

use clap::Args;
use sanwu_schema::error_code::ErrorCode;
use serde_json::json;

use crate::error::{Done, Error, kind_word};
use crate::text::text;
use crate::ui::Ui;

/// 说明一个错误码 (explain an error code)
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// 错误码, 例如 E-SEQ; 不写就列出全部
    code: Option<String>,
}

pub fn run(ui: &Ui, args: &ExplainArgs) -> Done {
    let chosen: Vec<ErrorCode> = match &args.code {
        None => ErrorCode::ALL.to_vec(),
        Some(word) => {
            let word = word.to_uppercase();
            let found = ErrorCode::ALL.iter().copied().find(|c| c.as_str() == word);
            vec![found.ok_or_else(|| Error::new(ErrorCode::NoRecord).at(word))?]
        }
    };
    for code in &chosen {
        ui.print_text(&text!("{}  退出码 {}", "{}  exit {}", code.as_str(), code.kind().exit()));
        ui.print(format!("  {}", ui.t(code.zh(), code.en())));
        ui.print(format!("  {}", ui.t(code.hint_zh(), code.hint_en())));
    }
    let codes = chosen.iter().map(|c| {
        json!({
            "code": c.as_str(), "kind": kind_word(c.kind()), "exit": c.kind().exit(),
            "zh": c.zh(), "en": c.en(), "hint_zh": c.hint_zh(), "hint_en": c.hint_en(),
        })
    });
    ui.document(&json!({ "schema": "sanwu-explain-1", "ok": true, "exit": 0, "codes": codes.collect::<Vec<_>>() }));
    Ok(0)
}
