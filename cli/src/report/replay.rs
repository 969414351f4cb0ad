//! A replay's report for people.

use sanwu_schema::kinds::Purpose;

use crate::audit::{Level, Report};
use crate::tables::money::yuan;
use crate::text::{Lang, text};
use crate::ui::{Ui, table};

/// Findings that are printed; the JSON document has them all.
const LINES_MAX: usize = 200;

/// Tells what was found, what was checked and what was not.
pub fn tell(ui: &Ui, r: &Report, fail_on: Level) {
    if r.purpose == Some(Purpose::Test) {
        ui.print_text(&text!("▢ 演示数据, 不是真的", "▢ demonstration data, not real"));
    }
    ui.print_text(&match r.exit(fail_on) {
        0 => text!("✔ 全部对上   {}", "✔ everything matches   {}", r.checkpoint.origin),
        3 => text!("✘ 有对不上的   {}", "✘ something does not match   {}", r.checkpoint.origin),
        6 => text!("? 有没法核的   {}", "? something could not be decided   {}", r.checkpoint.origin),
        _ => text!("! 有疑点   {}", "! there are findings   {}", r.checkpoint.origin),
    });
    ui.print_text(&text!(
        "  记录 {} 条  签名 {} 个  内容 {} 份 (另有按规定删除 {} 份)  凭证 {} 张  账链 {} 条",
        "  entries {}  signatures {}  contents {} (and {} erased as the law requires)  vouchers {}  chains {}",
        r.entries,
        r.signatures,
        r.bodies,
        r.erased,
        r.vouchers,
        r.chains.len()
    ));
    if r.unreached > 0 {
        ui.print_text(&text!(
            "  还有 {} 条排在对不上的后面, 没法判断",
            "  {} entries behind a mismatch could not be judged",
            r.unreached
        ));
    }
    if !r.months.is_empty() {
        ui.print(months(ui, r));
    }
    for finding in r.findings.iter().take(LINES_MAX) {
        ui.print(format!("  {}", finding.line(ui.lang)));
    }
    if r.findings.len() > LINES_MAX {
        ui.print_text(&text!("  … 另有 {} 条, 见 --json", "  … and {} more, see --json", r.findings.len() - LINES_MAX));
    }
    let list = |all: &[(&str, &str, &str)], lang: Lang| {
        all.iter().map(|(_, zh, en)| lang.pick(*zh, *en)).collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    let (done, open) = (r.checked(), r.not_checked());
    ui.print(format!("{}: {}", ui.t("核对了", "checked"), list(&done, ui.lang)));
    ui.print(format!("{}: {}", ui.t("没有核对", "not checked"), list(&open, ui.lang)));
}

fn months(ui: &Ui, r: &Report) -> String {
    let rows: Vec<Vec<String>> = r
        .months
        .iter()
        .map(|m| {
            let t = &m.total;
            let name = format!("{} {}", m.chain, m.period);
            vec![
                name,
                m.vouchers.to_string(),
                yuan(t.opening_fen),
                yuan(t.receipts_fen),
                yuan(t.payments_fen),
                yuan(t.closing_fen),
            ]
        })
        .collect();
    let head = [
        ui.t("账链 月份(元)", "chain, month (yuan)"),
        ui.t("凭证", "vouchers"),
        ui.t("上期结余", "before"),
        ui.t("本期收入", "received"),
        ui.t("本期支出", "paid"),
        ui.t("本期结余", "after"),
    ];
    table(&head, &rows)
}
