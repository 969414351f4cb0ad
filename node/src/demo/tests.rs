//! The demonstration's books: 43 vouchers, and the sums that were worked out by hand for each month.

use sanwu_schema::kinds::derive;

use super::data::{DemoData, fen, period, salt};

/// A row of the table below.
type Month = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, usize);

/// Month; opening, receipts, payments, closing; of which cash and bank; vouchers.
const MONTHS: [Month; 5] = [
    ("2026-01", "866179.92", "114000.00", "25409.95", "954769.97", "4376.20", "950393.77", 9),
    ("2026-02", "954769.97", "251000.00", "16776.20", "1188993.77", "2116.20", "1186877.57", 8),
    ("2026-03", "1188993.77", "25318.37", "91816.95", "1122495.19", "1503.80", "1120991.39", 9),
    ("2026-04", "1122495.19", "380000.00", "366396.90", "1136098.29", "3494.80", "1132603.49", 10),
    ("2026-05", "1136098.29", "0.00", "45771.35", "1090326.94", "3494.80", "1086832.14", 7),
];

#[test]
fn totals_per_month_are_those_worked_out_by_hand() {
    let data = DemoData::read().unwrap();
    let mut vouchers = 0;
    for (month, opening, receipts, payments, closing, cash, bank, count) in MONTHS {
        let book = data.month_book(&period(month).unwrap()).unwrap();
        assert_eq!(book.vouchers.len(), count, "{month}");
        vouchers += count;
        let statement = derive::cash_statement(&book, salt().unwrap());
        let total = [
            statement.total.opening_fen,
            statement.total.receipts_fen,
            statement.total.payments_fen,
            statement.total.closing_fen,
        ];
        assert_eq!(total, [opening, receipts, payments, closing].map(|y| fen(y).unwrap()), "{month}");
        let accounts: Vec<i64> = statement.accounts.iter().map(|a| a.closing_fen).collect();
        assert_eq!(accounts, [cash, bank].map(|y| fen(y).unwrap()), "{month}");
    }
    assert_eq!(vouchers, 43);
}

#[test]
fn the_trial_balance_of_may_is_the_one_worked_out_by_hand() {
    let data = DemoData::read().unwrap();
    let may = data.month_book(&period("2026-05").unwrap()).unwrap();
    let balances: Vec<String> = may.closing.iter().map(|b| format!("{} {}", b.account, b.fen)).collect();
    assert_eq!(
        balances,
        [
            "101 349480",
            "102 108683214",
            "113 800000",
            "121 320000",
            "151 312350000",
            "152 -45560000",
            "211 -3970500",
            "241 -12000000",
            "301 -180000000",
            "311 -160594992",
            "322 -8642000",
            "501 -9000000",
            "503 -12000000",
            "504 -12837",
            "513 3420570",
            "514 5509065",
            "515 348000",
        ]
    );
}
