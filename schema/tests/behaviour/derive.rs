//! F02, F03, F04 and the balances of the sample's five months, fen by fen.

use sanwu_schema::catalogue::account::{AccountClass, account_of};
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::derive::{cash_statement, closing, payments, receipts, title};
use sanwu_schema::kinds::{AccountBalance, MonthBook, VoucherLine};
use sanwu_schema::sample;

use crate::support::village::{books, period, salt, vouchers};

/// period, 上期结余, 收入, 支出, 结余, 其中库存现金, 其中银行存款, 提现, 缴存
const MONEY: &[(&str, [i64; 8])] = &[
    ("2026-01", [86_617_992, 11_400_000, 2_540_995, 95_476_997, 437_620, 95_039_377, 300_000, 0]),
    ("2026-02", [95_476_997, 25_100_000, 1_677_620, 118_899_377, 211_620, 118_687_757, 0, 0]),
    ("2026-03", [118_899_377, 2_531_837, 9_181_695, 112_249_519, 150_380, 112_099_139, 0, 440_000]),
    ("2026-04", [112_249_519, 38_000_000, 36_639_690, 113_609_829, 349_480, 113_260_349, 200_000, 0]),
    ("2026-05", [113_609_829, 0, 4_577_135, 109_032_694, 349_480, 108_683_214, 0, 0]),
];

/// period, 资产, 负债, 所有者权益(不含本年), 本年收益
const SHEET: &[(&str, [i64; 4])] = &[
    ("2026-01", [344_416_997, 15_180_000, 319_557_992, 9_679_005]),
    ("2026-02", [363_479_377, 33_180_000, 319_557_992, 10_741_385]),
    ("2026-03", [363_569_519, 35_259_000, 319_557_992, 8_752_527]),
    ("2026-04", [377_469_829, 35_259_000, 329_157_992, 13_052_837]),
    ("2026-05", [376_942_694, 15_970_500, 349_236_992, 11_735_202]),
];

fn sum(balances: &[AccountBalance], of: impl Fn(AccountClass) -> bool) -> i64 {
    balances.iter().filter(|b| of(account_of(&b.account).unwrap().class)).map(|b| b.fen).sum()
}

#[test]
fn money_of_the_five_months() {
    let books = books();
    assert_eq!(books.iter().map(|b| b.vouchers.len()).sum::<usize>(), 43);
    for ((month, want), book) in MONEY.iter().zip(&books) {
        let f04 = cash_statement(book, salt("x"));
        let [cash, bank] = f04.accounts.as_slice() else { panic!("{:?}", f04.accounts) };
        assert_eq!((cash.account.as_str(), bank.account.as_str()), ("101", "102"));
        let t = &f04.total;
        let got = [
            t.opening_fen,
            t.receipts_fen,
            t.payments_fen,
            t.closing_fen,
            cash.closing_fen,
            bank.closing_fen,
            cash.transfers_in_fen,
            cash.transfers_out_fen,
        ];
        assert_eq!((book.period.as_str(), got), (*month, *want));
        assert_eq!((bank.transfers_out_fen, bank.transfers_in_fen), (want[6], want[7]), "{month}");
        assert_eq!(t.opening_fen + t.receipts_fen - t.payments_fen, t.closing_fen, "{month}");
        assert_eq!(receipts(book, salt("x")).map_or(0, |f| f.total_fen), want[1], "{month}");
        assert_eq!(payments(book, salt("x")).map_or(0, |f| f.total_fen), want[2], "{month}");
    }
}

#[test]
fn balance_sheets_of_the_five_months() {
    for ((month, want), book) in SHEET.iter().zip(&books()) {
        let class = |c| -sum(&book.closing, |k| k == c);
        let surplus = -sum(&book.closing, |k| matches!(k, AccountClass::Income | AccountClass::Expense));
        let got = [-class(AccountClass::Asset), class(AccountClass::Liability), class(AccountClass::Equity), surplus];
        assert_eq!((book.period.as_str(), got), (*month, *want));
        assert_eq!(got[0], got[1] + got[2] + got[3], "{month}");
    }
}

#[test]
fn the_trial_balance_of_may() {
    let may = &books()[4];
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

#[test]
fn a_month_without_receipts_has_no_f02() {
    let may = &books()[4];
    assert_eq!(receipts(may, salt("x")), None);
    let f03 = payments(may, salt("x")).unwrap();
    assert_eq!(f03.lines.len(), 3);
    assert_eq!(f03.title, "2026年5月各项支出逐笔明细");
}

#[test]
fn lines_say_what_the_vouchers_say() {
    let april = &books()[3];
    let f03 = payments(april, salt("x")).unwrap();
    let land = f03.lines.iter().find(|l| l.no == "记-2026-04-009").unwrap();
    assert_eq!(
        (land.fen, land.item.as_str(), land.decision.as_deref()),
        (22_400_000, "征占土地补偿支出", Some("JY-2026-003"))
    );
    // 提取备用金 and depreciation are neither.
    for no in ["记-2026-04-001", "记-2026-04-010"] {
        let f02 = receipts(april, salt("x")).unwrap();
        assert!(f02.lines.iter().chain(&f03.lines).all(|l| l.no != no), "{no}");
    }
}

#[test]
fn closing_leaves_zero_balances_out_and_keeps_subaccounts_apart() {
    let mut opening = sample::opening();
    let receivable = opening.iter().position(|b| b.account == "112").unwrap();
    opening[receivable].sub = Some("云达服装加工厂".to_owned());
    let after = closing(&opening, &vouchers("2026-02"));
    let of = |account: &str| {
        after.iter().filter(|b| b.account == account).map(|b| (b.sub.as_deref(), b.fen)).collect::<Vec<_>>()
    };
    assert_eq!(of("112"), [(None, -3_500_000), (Some("云达服装加工厂"), 3_500_000)]);
    assert!(closing(&sample::opening(), &vouchers("2026-02")).iter().all(|b| b.account != "112" && b.fen != 0));
}

#[test]
fn a_book_without_vouchers_or_money_still_has_both_accounts() {
    let book = MonthBook { vouchers: Vec::new(), opening: Vec::new(), closing: Vec::new(), ..books()[0].clone() };
    let f04 = cash_statement(&book, salt("x"));
    assert_eq!(f04.accounts.len(), 2);
    assert_eq!(f04.total.closing_fen, 0);
}

#[test]
fn periods_in_words() {
    for (text, zh) in [
        ("2026-03", "2026年3月"),
        ("2026-10", "2026年10月"),
        ("2026-12", "2026年12月"),
        ("2026-Q2", "2026年第二季度"),
        ("2026-H2", "2026年下半年"),
        ("2026", "2026年"),
    ] {
        assert_eq!(period(text).zh(), zh);
    }
    assert_eq!(title(Kind::CashStatement, &period("2026-01")), "2026年1月货币资金收支结余表");
}

#[test]
fn a_book_that_nobody_admitted_has_a_cash_statement() {
    let book = books().remove(0);
    let with = |edit: &dyn Fn(&mut MonthBook)| {
        let mut book = book.clone();
        edit(&mut book);
        cash_statement(&book, salt("x"))
    };
    // Sums beyond i64 stop at its ends; admission refuses the figures before they are compared with anything.
    let line = |fen| move |line: &mut VoucherLine| line.fen = fen;
    let lines = |book: &mut MonthBook, fen| book.vouchers.iter_mut().flat_map(|v| &mut v.lines).for_each(line(fen));
    assert_eq!(with(&|book| lines(book, i64::MAX)).total.receipts_fen, i64::MAX);
    assert_eq!(with(&|book| lines(book, i64::MIN)).total.receipts_fen, i64::MIN);
    let opening = with(&|book| book.opening.iter_mut().for_each(|balance| balance.fen = i64::MAX));
    assert_eq!(opening.total.opening_fen, i64::MAX);
}
