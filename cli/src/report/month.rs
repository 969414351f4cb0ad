//! The table that a month is read by.

use sanwu_schema::catalogue::account::account_of;
use sanwu_schema::kinds::Body;
use sanwu_schema::kinds::derive;

use crate::entropy;
use crate::tables::money::yuan;
use crate::ui::{Ui, table};

/// Returns the table that a month is read by: before, in, out, after, per account.
pub fn summary<'a>(ui: &Ui, bodies: impl IntoIterator<Item = &'a Body>) -> Option<String> {
    let bodies: Vec<&Body> = bodies.into_iter().collect();
    let stated = bodies.iter().find_map(|b| match b {
        Body::CashStatement(statement) => Some(statement.clone()),
        _ => None,
    });
    let statement = match stated {
        Some(statement) => statement,
        None => bodies.iter().find_map(|b| match b {
            Body::MonthBook(book) => Some(derive::cash_statement(book, entropy::salt().ok()?)),
            _ => None,
        })?,
    };
    let mut rows: Vec<Vec<String>> = statement
        .accounts
        .iter()
        .map(|a| {
            let name = account_of(&a.account).map_or(a.account.as_str(), |known| ui.t(known.zh, known.en));
            let name = match &a.sub {
                Some(sub) => format!("{name}-{sub}"),
                None => name.to_owned(),
            };
            let transfers = a.transfers_in_fen.saturating_sub(a.transfers_out_fen);
            vec![
                name,
                yuan(a.opening_fen),
                yuan(a.receipts_fen),
                yuan(a.payments_fen),
                yuan(transfers),
                yuan(a.closing_fen),
            ]
        })
        .collect();
    let t = &statement.total;
    rows.push(vec![
        ui.t("合计", "together").to_owned(),
        yuan(t.opening_fen),
        yuan(t.receipts_fen),
        yuan(t.payments_fen),
        yuan(0),
        yuan(t.closing_fen),
    ]);
    let head = [
        ui.t("货币资金(元)", "money (yuan)"),
        ui.t("上期结余", "before"),
        ui.t("本期收入", "received"),
        ui.t("本期支出", "paid"),
        ui.t("内部划转", "transfers"),
        ui.t("本期结余", "after"),
    ];
    Some(table(&head, &rows))
}
