//! Examples to fill in, one per kind of draft. Those of a notice are the kinds' own; the others are the clerk's forms of
//! what a command puts together.

use clap::{Args, ValueEnum};
use sanwu_schema::kinds::Kind;
use serde_json::json;

use crate::error::Done;
use crate::ui::Ui;

#[derive(Args, Debug)]
pub struct ExampleArgs {
    /// 哪一种: month decision contract notice profile chain log
    #[arg(hide_possible_values = true)]
    kind: Example,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Example {
    Month,
    Decision,
    Contract,
    Notice,
    Profile,
    Chain,
    Log,
}

pub fn run(ui: &Ui, args: &ExampleArgs) -> Done {
    let text = match args.kind {
        Example::Month => MONTH,
        Example::Decision => Kind::Decision.example().body,
        Example::Contract => Kind::Contract.example().body,
        Example::Notice => Kind::Notice.example().body,
        Example::Profile => PROFILE,
        Example::Chain => CHAIN,
        Example::Log => LOG,
    };
    ui.print(text.trim_end());
    ui.document(&json!({ "schema": "sanwu-example-1", "ok": true, "exit": 0, "text": text }));
    Ok(0)
}

// Of the month after the opening of `CHAIN`, so that the two can be published one after the other.
const MONTH: &str = "凭证号,日期,摘要,科目,明细,借方,贷方,收付,公开科目,对方单位,决议,合同,招标,项目,资产,更正,附件
记-2026-01-001,2026-01-04,收三组承包费,101,,\"4,400.00\",,收,发包收入,示例村三组,,,,,,,收据
记-2026-01-001,,,113,,,\"4,400.00\",,,,,,,,,,
记-2026-01-002,2026-01-05,现金存入银行,102,,\"4,400.00\",,转,,,,,,,,,存款单
记-2026-01-002,,,101,,,\"4,400.00\",,,,,,,,,,
";

const PROFILE: &str = r#"{
  "version": 2,
  "cash_limit_fen": 1000000,
  "major_amount_fen": 1000000,
  "month_due_days": 15,
  "quarter_due_days": 15,
  "event_due_days": 10,
  "display_days": 15,
  "reply_days": 7
}
"#;

const CHAIN: &str = r#"{
  "unit": "379999100201",
  "unit_year": 2026,
  "unit_name": "示例县清河镇柳溪村",
  "organisations": [
    {"kind": "village_committee", "uscc": "54379999ME000001X1", "name": "柳溪村村民委员会"},
    {"kind": "collective", "uscc": "N2379999MF00000137", "name": "柳溪村股份经济合作社"},
    {"kind": "party_organisation", "name": "柳溪村党支部"},
    {"kind": "supervision_committee", "name": "柳溪村村务监督委员会"}
  ],
  "keys": [
    {"key": "镇.pem.pub", "roles": ["authority"], "scope": "379999100", "name": "镇经管站", "office": "清河镇经管站"},
    {"key": "书记.pem.pub", "roles": ["party_sec"], "name": "书记(姓名)", "office": "村党支部书记"},
    {"key": "会计.pem.pub", "roles": ["chief_accountant"], "name": "会计(姓名)", "office": "村会计"},
    {"key": "主任.pem.pub", "roles": ["village_dir", "coop_chair"], "name": "主任(姓名)", "office": "村委会主任"},
    {"key": "监委.pem.pub", "roles": ["supervision_chair"], "name": "监委会主任(姓名)", "office": "村务监督委员会主任"}
  ],
  "opening": {"date": "2025-12-31", "balances": [{"account": "101", "fen": 186250}, {"account": "301", "fen": -186250}]},
  "profile": {
    "version": 1, "cash_limit_fen": 1000000, "major_amount_fen": 1000000, "month_due_days": 15,
    "quarter_due_days": 15, "event_due_days": 10, "display_days": 15, "reply_days": 7
  },
  "contact": "清河镇经管站 0999-0000000"
}
"#;

const LOG: &str = r#"{
  "origin": "sanwu.example.gov.cn/379999100",
  "purpose": "test",
  "threshold": 1,
  "operator": "示例县清河镇",
  "log_vkeys": ["sanwu.example.gov.cn/379999100+…"],
  "root_keys": [{"key": "根.pem.pub", "name": "根钥匙保管人(姓名)", "office": "镇长"}]
}
"#;
