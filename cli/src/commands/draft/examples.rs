//! Examples to fill in, one per kind of draft.

use clap::{Args, ValueEnum};
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
        Example::Decision => DECISION,
        Example::Contract => CONTRACT,
        Example::Notice => NOTICE,
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

const DECISION: &str = r#"{
  "title": "村内道路硬化二期立项",
  "no": "JY-2026-001",
  "basis": "村民委员会组织法28(4)",
  "steps": [
    {"step": "proposal", "body": "party_branch", "date": "2026-01-06", "due": 5, "present": 5, "yes": 5},
    {"step": "consultation", "body": "joint_meeting", "date": "2026-01-09", "due": 7, "present": 7, "yes": 7},
    {"step": "review", "body": "party_members", "date": "2026-01-15", "due": 42, "present": 31, "yes": 30},
    {"step": "resolution", "body": "representatives", "date": "2026-01-22", "due": 45, "present": 38, "yes": 36}
  ],
  "resolution": ["同意立项, 预算27万元。"],
  "approved_fen": 27000000,
  "published_on": "2026-01-23"
}
"#;

const CONTRACT: &str = r#"{
  "title": "村内道路硬化二期施工合同",
  "no": "HT-2026-002",
  "kind": "works",
  "subject": "村内道路硬化二期",
  "counterparty": "示例县宏达市政工程有限公司",
  "start": "2026-03-05",
  "end": "2026-05-10",
  "total_fen": 26800000,
  "award_mode": "镇小型工程平台公开比选(3家)",
  "decision": "JY-2026-001",
  "project": "XM-2026-01"
}
"#;

const NOTICE: &str = r#"{
  "title": "2026年第一季度三会一课开展情况",
  "text": ["本季度开展党员大会1次、支委会3次、党课1次。"],
  "table": {"columns": ["日期", "内容"], "rows": [["2026-01-15", "党员大会"], ["2026-02-10", "党课"]]},
  "display_start": "2026-04-01",
  "display_end": "2026-04-16"
}
"#;

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
