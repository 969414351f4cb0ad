//! What a village usually states. Issuer, item and references are as the rules want them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{date, fixed, issuer, item};
use crate::catalogue::Catalogue;
use crate::draft::Template;
use crate::json::parse;
use crate::kinds::{
    Body, Change, Contract, ContractKind, Control, ControlNote, Correction, CorrectionOf, Decision, Erased,
    ErasureNote, ErasureOf, GrantBody, KeyGrant, Kind, LogGenesis, LogGenesisBody, Meeting, Notice, PersonName,
    Purpose, Salt, Step, StepKind,
};
use crate::record::rows::{Row, root};
use crate::record::statement::{Issuer, OrgKind, Ref, Rel, RowsRef, StatementId, Uscc};

/// Returns a log's genesis for a test log, with its root keys, the names of their holders, and the log's own keys.
pub fn log_genesis(
    salt: Salt,
    threshold: u64,
    mut keys: Vec<KeyGrant>,
    names: Vec<PersonName>,
    log_vkeys: Vec<String>,
    catalogue: Catalogue,
) -> Template {
    keys.sort_by_key(|grant| grant.key.key_id());
    let control = LogGenesis { purpose: Purpose::Test, threshold, suites: [1].into(), keys, log_vkeys, catalogue };
    let body = LogGenesisBody {
        salt,
        title: "清河镇账本开立".to_string(),
        operator: "示例县清河镇人民政府".to_string(),
        keys: names,
        text: None,
    };
    Template { control: Some(Control::LogGenesis(control)), ..Template::new(Kind::LogGenesis, Body::LogGenesis(body)) }
}

/// Returns the registration of a key.
pub fn grant(salt: Salt, grant: KeyGrant, name: &str, office: &str) -> Template {
    let body = GrantBody {
        salt,
        title: format!("钥匙登记: {name}"),
        name: name.to_string(),
        office: office.to_string(),
        reason: None,
    };
    Template { control: Some(Control::Grant(grant)), ..Template::new(Kind::Grant, Body::Grant(body)) }
}

/// Returns the body of a control statement: a title and one paragraph.
pub fn control_note(salt: Salt, title: &str, text: &str) -> ControlNote {
    ControlNote { salt, title: title.to_string(), text: [text.to_string()].into() }
}

/// Returns a notice of one paragraph, not on display.
pub fn notice(salt: Salt, code: &str, by: Issuer, title: &str, text: &str) -> Template {
    let body = Notice {
        salt,
        title: title.to_string(),
        text: [text.to_string()].into(),
        table: None,
        display_start: None,
        display_end: None,
        attachments: None,
    };
    Template { issuer: Some(by), code: Some(item(code)), ..Template::new(Kind::Notice, Body::Notice(body)) }
}

/// Returns the list of people that notices of personal items name; `salt` gives a row's salt by `row N`.
pub fn rows(salt: impl Fn(&str) -> Salt) -> Vec<Row> {
    let row = |(i, name): (i64, &str)| Row {
        salt: salt(&format!("row {i}")),
        name: name.to_string(),
        group: Some("二组".to_string()),
        quantity: None,
        fen: Some(60_000 + i),
        note: None,
    };
    (0..).zip(["张示例", "李示例", "王示例"]).map(row).collect()
}

/// Returns a statement that names a list of people.
pub fn with_rows(template: Template, rows: &[Row]) -> Template {
    Template { rows: Some(RowsRef { root: root(rows), count: rows.len() as u64 }), ..template }
}

/// Returns decision JY-2026-001: the village road.
pub fn decision(salt: Salt) -> Template {
    let step = |step, body, day: &str, due, present, yes| Step { step, body, date: date(day), due, present, yes };
    let body = Decision {
        salt,
        title: "村内道路硬化二期:立项、筹资、建设承包方案".to_string(),
        no: "JY-2026-001".to_string(),
        basis: "村民委员会组织法28(4)".to_string(),
        steps: [
            step(StepKind::Proposal, Meeting::PartyBranch, "2026-01-06", 5, 5, 5),
            step(StepKind::Consultation, Meeting::JointMeeting, "2026-01-09", 7, 7, 7),
            step(StepKind::Review, Meeting::PartyMembers, "2026-01-15", 42, 31, 30),
            step(StepKind::Resolution, Meeting::Representatives, "2026-01-22", 45, 38, 36),
        ]
        .into(),
        resolution: ["同意立项,人均筹资15元。".to_string()].into(),
        approved_fen: Some(27_000_000),
        published_on: Some(date("2026-01-23")),
        published_until: Some(date("2026-02-07")),
        result_published_on: None,
        attachments: None,
    };
    Template {
        issuer: Some(issuer(OrgKind::VillageCommittee)),
        code: Some(item("V01")),
        ..Template::new(Kind::Decision, Body::Decision(body))
    }
}

/// Returns contract HT-2026-002, which implements the decision.
pub fn contract(salt: Salt, decided: Ref) -> Template {
    let body = Contract {
        salt,
        title: "村内道路硬化二期施工合同".to_string(),
        no: "HT-2026-002".to_string(),
        kind: ContractKind::Works,
        subject: "村内道路硬化二期(0.72km×3.5m×18cm)".to_string(),
        counterparty: "示例县宏达市政工程有限公司".to_string(),
        uscc: Uscc::parse("91379999MA0000015K"),
        start: date("2026-03-05"),
        end: date("2026-05-10"),
        total_fen: Some(26_800_000),
        annual_fen: None,
        due: None,
        award_mode: "镇小型工程平台公开比选(3家)".to_string(),
        decision: Some("JY-2026-001".to_string()),
        tender: Some("ZB-2026-001".to_string()),
        project: Some("XM-2026-01".to_string()),
        attachments: None,
    };
    Template {
        issuer: Some(issuer(OrgKind::Collective)),
        refs: [decided].into(),
        ..Template::new(Kind::Contract, Body::Contract(body))
    }
}

/// Returns a correction of a statement that was made from `wrong`: `change` says what is different in `right`.
pub fn correction(
    salt: Salt,
    wrong: &Template,
    id: StatementId,
    right: &Body,
    reason: &str,
    change: Change,
) -> Template {
    let body = Correction {
        salt,
        title: format!("更正: {}", right.title()),
        reason: reason.to_string(),
        changes: [change].into(),
        replacement: fixed(parse(&right.to_bytes()).ok()),
    };
    Template {
        issuer: wrong.issuer.clone(),
        code: wrong.code.clone(),
        period: wrong.period.clone(),
        control: Some(Control::Correction(CorrectionOf { of: wrong.kind })),
        refs: [Ref { rel: Rel::Corrects, id }].into(),
        ..Template::new(Kind::Correction, Body::Correction(body))
    }
}

/// Returns an erasure in a statement that was made from `erased`.
pub fn erasure(salt: Salt, erased: &Template, id: StatementId, what: Erased) -> Template {
    let body = ErasureNote {
        salt,
        title: "个人信息删除".to_string(),
        basis: "个人信息保护法47".to_string(),
        text: ["公示期满。".to_string()].into(),
    };
    Template {
        issuer: erased.issuer.clone(),
        code: erased.code.clone(),
        control: Some(Control::Erasure(ErasureOf { of: erased.kind, what })),
        refs: [Ref { rel: Rel::Erases, id }].into(),
        ..Template::new(Kind::Erasure, Body::Erasure(body))
    }
}
