//! Admission: every code of `FORMAT.md`, "Admission", from one edit of a body that would do.

use std::convert::Infallible;

use sanwu_schema::admission::{Books, Rejected, check, personal};
use sanwu_schema::catalogue::Pii;
use sanwu_schema::crypto::hash::Hash;
use sanwu_schema::date::Period;
use sanwu_schema::draft::Template;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::json::parse;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{AccountBalance, Attachment, Body, CashLine, Correction, MonthBook, Table};
use sanwu_schema::kinds::{Control, CorrectionOf};
use sanwu_schema::record::statement::{BodyRef, ChainId, Statement};
use sanwu_schema::sample;

use crate::support::village::{
    CHAIN, Cast, books, committee, contract, correction, date, decision, month_package, notice, period, with_chain,
};

/// The books that were published before.
#[derive(Clone, Default)]
struct Shelf {
    books: Vec<MonthBook>,
    opening: Option<(Period, Vec<AccountBalance>)>,
}

impl Shelf {
    fn opened() -> Self {
        Self { books: Vec::new(), opening: Some((period("2026-01"), sample::opening())) }
    }
    fn with(months: usize) -> Self {
        Self { books: books()[..months].to_vec(), ..Self::opened() }
    }
}

impl Books for Shelf {
    type Error = Infallible;
    fn month_book(&self, _: &ChainId, period: &Period) -> Result<Option<MonthBook>, Infallible> {
        Ok(self.books.iter().find(|b| b.period == *period).cloned())
    }
    fn opening(&self, _: &ChainId) -> Result<Option<(Period, Vec<AccountBalance>)>, Infallible> {
        Ok(self.opening.clone())
    }
}

fn statement(template: &Template, body: &[u8]) -> Statement {
    let world = with_chain(&Cast::new());
    let mut s = world.next(CHAIN, template.kind);
    s.issuer.clone_from(&template.issuer);
    s.code.clone_from(&template.code);
    s.period.clone_from(&template.period);
    s.control.clone_from(&template.control);
    s.body = Some(BodyRef { digest: Hash::digest(body), size: body.len() as u64 });
    s
}

/// The codes of all findings, each once, in order.
fn findings(template: &Template, pii: Pii, shelf: &Shelf) -> Vec<ErrorCode> {
    let body = template.body.to_bytes();
    let all: Vec<ErrorCode> = match check(&statement(template, &body), &body, pii, shelf) {
        Ok(_) => Vec::new(),
        Err(Rejected::Findings(all)) => all.into_iter().map(|f| f.code).collect(),
        Err(Rejected::Books(never)) => match never {},
    };
    let mut codes = Vec::new();
    for code in all {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn book_findings(month: usize, shelf: &Shelf, edit: impl FnOnce(&mut MonthBook)) -> Vec<ErrorCode> {
    let mut template = month_package(&books()[month]).remove(0);
    if let Body::MonthBook(book) = &mut template.body {
        edit(book);
    }
    findings(&template, Pii::None, shelf)
}

#[test]
fn the_sample_is_admitted_month_by_month() {
    let mut shelf = Shelf::opened();
    for book in books() {
        for (i, template) in month_package(&book).iter().enumerate() {
            assert_eq!(findings(template, Pii::None, &shelf), [], "{} {i}", book.period);
            if i == 0 {
                shelf.books.push(book.clone());
            }
        }
    }
    assert_eq!(findings(&decision(), Pii::None, &shelf), []);
    let ids = sanwu_schema::record::statement::StatementId(Hash::digest(b"decision"));
    let decided =
        sanwu_schema::record::statement::Ref { rel: sanwu_schema::record::statement::Rel::Implements, id: ids };
    assert_eq!(findings(&contract(decided), Pii::None, &shelf), []);
    assert_eq!(findings(&notice("党员名册", "D01", committee()), Pii::P1, &shelf), []);
}

#[test]
fn a_body_that_was_not_signed() {
    let template = decision();
    let body = template.body.to_bytes();
    let signed = statement(&template, &body);
    let mut other = body.clone();
    other[40] ^= 1;
    for bytes in [other, [body.clone(), b" ".to_vec()].concat(), Vec::new()] {
        let Err(Rejected::Findings(found)) = check(&signed, &bytes, Pii::None, &Shelf::default()) else {
            panic!("admitted")
        };
        assert_eq!(found[0].code, ErrorCode::BodyDigest);
    }
}

#[test]
fn month_books() {
    type Edit = fn(&mut MonthBook);
    let opened = Shelf::opened();
    let table: &[(&str, Edit, &[ErrorCode])] = &[
        (
            "another month",
            |b| b.period = period("2026-02"),
            &[ErrorCode::Period, ErrorCode::VoucherNo, ErrorCode::Date, ErrorCode::BookMissing],
        ),
        ("a number of another month", |b| b.vouchers[0].no = "记-2026-02-001".into(), &[ErrorCode::VoucherNo]),
        ("a number without its sign", |b| b.vouchers[0].no = "2026-01-001".into(), &[ErrorCode::VoucherNo]),
        ("number 000", |b| b.vouchers[0].no = "记-2026-01-000".into(), &[ErrorCode::VoucherNo]),
        ("a number twice", |b| b.vouchers[1].no = b.vouchers[0].no.clone(), &[ErrorCode::VoucherNo]),
        ("numbers out of order", |b| b.vouchers.swap(4, 8), &[ErrorCode::VoucherNo]),
        ("a day of another month", |b| b.vouchers[0].date = date("2026-02-01"), &[ErrorCode::Date]),
        ("an unbalanced voucher", |b| b.vouchers[8].lines[0].fen += 1, &[ErrorCode::Balance, ErrorCode::Closing]),
        ("one line", |b| drop(b.vouchers[8].lines.drain(1..)), &[ErrorCode::Balance, ErrorCode::Closing]),
        ("no line", |b| b.vouchers[8].lines.clear(), &[ErrorCode::Balance, ErrorCode::Closing]),
        (
            "an unknown account",
            |b| b.vouchers[8].lines[0].account = "541".into(),
            &[ErrorCode::Account, ErrorCode::Closing],
        ),
        (
            "an account's name for its code",
            |b| b.opening[0].account = "库存现金".into(),
            &[ErrorCode::Account, ErrorCode::Closing, ErrorCode::Opening],
        ),
        (
            "an amount of nothing",
            |b| {
                b.vouchers[8].lines[0].fen = 0;
            },
            &[ErrorCode::Amount, ErrorCode::Balance, ErrorCode::Closing],
        ),
        (
            "a negative amount that corrects nothing",
            |b| {
                b.vouchers[8].lines.iter_mut().for_each(|l| l.fen = -l.fen);
            },
            &[ErrorCode::Amount, ErrorCode::Closing],
        ),
        (
            "an amount above all sense",
            |b| {
                b.vouchers[8].lines.iter_mut().for_each(|l| l.fen = 10_000_000_000_001);
            },
            &[ErrorCode::Amount, ErrorCode::Balance, ErrorCode::Closing],
        ),
        ("money comes in, but the voucher says out", |b| b.vouchers[0].cash = CashLine::Out, &[ErrorCode::CashFlag]),
        (
            "提现 as income",
            |b| {
                b.vouchers[3].cash = CashLine::In;
                b.vouchers[3].item = Some("其他收入".into());
            },
            &[ErrorCode::CashFlag],
        ),
        ("money moves, but the voucher says none", |b| b.vouchers[0].cash = CashLine::None, &[ErrorCode::CashFlag]),
        ("depreciation as an internal transfer", |b| b.vouchers[8].cash = CashLine::Internal, &[ErrorCode::CashFlag]),
        ("no heading", |b| b.vouchers[0].item = None, &[ErrorCode::HeadingMissing]),
        ("swapped opening, one fen", |b| b.opening[0].fen += 1, &[ErrorCode::Closing, ErrorCode::Opening]),
        ("a closing balance of one fen more", |b| b.closing[0].fen += 1, &[ErrorCode::Closing]),
        (
            "a zero balance left in",
            |b| {
                b.closing.insert(3, AccountBalance { account: "111".into(), sub: None, fen: 0 });
            },
            &[ErrorCode::Closing],
        ),
        ("a voucher deleted", |b| drop(b.vouchers.remove(4)), &[ErrorCode::Closing]),
        ("balances out of order", |b| b.opening.swap(0, 1), &[ErrorCode::Account, ErrorCode::Opening]),
        ("an empty remark", |b| b.vouchers[0].summary.clear(), &[ErrorCode::Text]),
        ("white space around a remark", |b| b.vouchers[0].summary.insert(0, ' '), &[ErrorCode::Text]),
        ("a remark of two pages", |b| b.vouchers[0].summary = "字".repeat(2_001), &[ErrorCode::Text]),
        ("a title of 81 characters", |b| b.title = "字".repeat(81), &[ErrorCode::Text]),
        ("a decomposed character", |b| b.vouchers[0].summary = "Cafe\u{301}".into(), &[ErrorCode::Nfc]),
        (
            "an ID number in a remark",
            |b| b.vouchers[0].summary = "发给11010519491231002X".into(),
            &[ErrorCode::Personal],
        ),
        (
            "an ID number in full width",
            |b| b.vouchers[0].summary = "发给１１０１０５１９４９１２３１００２Ｘ".into(),
            &[ErrorCode::Personal],
        ),
        (
            "a mobile number as counterparty",
            |b| b.vouchers[0].counterparty = Some("张示例 138 0013 8000".into()),
            &[ErrorCode::Personal],
        ),
    ];
    for (name, edit, want) in table {
        assert_eq!(book_findings(0, &opened, *edit), *want, "{name}");
    }
    assert_eq!(book_findings(0, &opened, |_| {}), []);
}

#[test]
fn a_book_follows_the_book_before() {
    let nothing: fn(&mut MonthBook) = |_| {};
    assert_eq!(book_findings(1, &Shelf::with(1), nothing), []);
    assert_eq!(book_findings(1, &Shelf::opened(), nothing), [ErrorCode::BookMissing], "January was left out");
    assert_eq!(
        book_findings(0, &Shelf::default(), nothing),
        [ErrorCode::BookMissing],
        "the chain has no opening balances"
    );
    assert_eq!(book_findings(1, &Shelf::with(1), |b| b.opening[0].fen += 1), [ErrorCode::Closing, ErrorCode::Opening]);
    let mut late = Shelf::opened();
    late.opening.as_mut().unwrap().0 = period("2026-02");
    assert_eq!(book_findings(0, &late, nothing), [ErrorCode::BookMissing], "a month before the chain was opened");
}

#[test]
fn red_letters_may_be_negative_and_turn_the_flow() {
    let shelf = Shelf::opened();
    let red = |b: &mut MonthBook| {
        let mut v = b.vouchers[4].clone();
        v.no = "记-2026-01-010".into();
        v.date = date("2026-01-31");
        v.corrects = Some("记-2026-01-005".into());
        v.lines.iter_mut().for_each(|l| l.fen = -l.fen);
        b.vouchers.push(v);
        b.closing = sanwu_schema::kinds::derive::closing(&b.opening, &b.vouchers);
    };
    assert_eq!(book_findings(0, &shelf, red), []);
    let unnamed = |b: &mut MonthBook| {
        red(b);
        b.vouchers.last_mut().unwrap().corrects = None;
    };
    assert_eq!(book_findings(0, &shelf, unnamed), [ErrorCode::Amount, ErrorCode::CashFlag]);
}

#[test]
fn too_many_vouchers() {
    let many = |b: &mut MonthBook| {
        let one = b.vouchers[3].clone();
        b.vouchers = vec![one; 2_001];
    };
    assert!(book_findings(0, &Shelf::opened(), many).contains(&ErrorCode::Length));
}

#[test]
fn derived_statements_are_what_the_book_gives() {
    let shelf = Shelf::with(1);
    let edit = |n: usize, edit: &dyn Fn(&mut Body)| {
        let mut template = month_package(&books()[0]).remove(n);
        edit(&mut template.body);
        findings(&template, Pii::None, &shelf)
    };
    let flow = |f: &dyn Fn(&mut sanwu_schema::kinds::CashFlow)| {
        edit(1, &|b| {
            if let Body::Receipts(flow) = b {
                f(flow)
            }
        })
    };
    assert_eq!(flow(&|f| f.lines[0].fen += 1), [ErrorCode::Derived]);
    assert_eq!(flow(&|f| f.total_fen += 1), [ErrorCode::Derived]);
    assert_eq!(flow(&|f| drop(f.lines.remove(0))), [ErrorCode::Derived]);
    assert_eq!(flow(&|f| f.lines.reverse()), [ErrorCode::Derived]);
    assert_eq!(flow(&|f| f.lines[0].item = "其他收入".into()), [ErrorCode::Derived]);
    assert_eq!(flow(&|f| f.period = period("2026-02")), [ErrorCode::Period, ErrorCode::BookMissing]);
    assert_eq!(flow(&|f| f.lines[0].note = Some("见更正".into())), [], "a remark is free");
    let f04 = |f: &dyn Fn(&mut sanwu_schema::kinds::CashStatement)| {
        edit(3, &|b| {
            if let Body::CashStatement(cash) = b {
                f(cash)
            }
        })
    };
    assert_eq!(f04(&|f| f.accounts[0].closing_fen += 1), [ErrorCode::Derived]);
    assert_eq!(f04(&|f| f.accounts[0].transfers_in_fen = 0), [ErrorCode::Derived]);
    assert_eq!(f04(&|f| f.total.receipts_fen += 300_000), [ErrorCode::Derived], "提现 is no income");
    assert_eq!(f04(&|f| f.bank_statement = Some(Hash::digest(b"statement"))), []);
    let without = findings(&month_package(&books()[0])[1], Pii::None, &Shelf::opened());
    assert_eq!(without, [ErrorCode::BookMissing]);
}

#[test]
fn nil_returns() {
    let mut nil = month_package(&books()[4]).remove(1);
    assert_eq!(nil.kind, Kind::NilReturn);
    assert_eq!(findings(&nil, Pii::None, &Shelf::with(5)), []);
    assert_eq!(findings(&nil, Pii::None, &Shelf::with(4)), [ErrorCode::BookMissing]);
    nil.code = sanwu_schema::record::statement::ItemCode::parse("F03");
    assert_eq!(findings(&nil, Pii::None, &Shelf::with(5)), [ErrorCode::NotNil], "money went out in May");
    nil.code = sanwu_schema::record::statement::ItemCode::parse("V05");
    assert_eq!(findings(&nil, Pii::None, &Shelf::default()), [], "an item that has no book");
    nil.period = Some(period("2026-04"));
    assert_eq!(findings(&nil, Pii::None, &Shelf::default()), [ErrorCode::Period]);
}

#[test]
fn decisions_contracts_notices() {
    let decided = |edit: &dyn Fn(&mut sanwu_schema::kinds::Decision)| {
        let mut template = decision();
        if let Body::Decision(b) = &mut template.body {
            edit(b);
        }
        findings(&template, Pii::None, &Shelf::default())
    };
    assert_eq!(decided(&|d| d.steps.swap(0, 1)), [ErrorCode::Steps]);
    assert_eq!(decided(&|d| d.steps[1].date = date("2026-01-05")), [ErrorCode::Steps]);
    assert_eq!(decided(&|d| d.steps[3].yes = 39), [ErrorCode::Steps], "more votes than people");
    assert_eq!(decided(&|d| d.steps[3].present = 46), [ErrorCode::Steps]);
    assert_eq!(decided(&|d| d.steps.clear()), [ErrorCode::Steps]);
    assert_eq!(decided(&|d| d.resolution.clear()), [ErrorCode::Steps]);
    assert_eq!(decided(&|d| d.approved_fen = Some(-1)), [ErrorCode::Amount]);
    assert_eq!(decided(&|d| drop(d.steps.drain(..3))), [], "a decision of the members' meeting alone");

    let id = sanwu_schema::record::statement::StatementId(Hash::digest(b"decision"));
    let agreed = |edit: &dyn Fn(&mut sanwu_schema::kinds::Contract)| {
        let mut template =
            contract(sanwu_schema::record::statement::Ref { rel: sanwu_schema::record::statement::Rel::About, id });
        if let Body::Contract(b) = &mut template.body {
            edit(b);
        }
        findings(&template, Pii::None, &Shelf::default())
    };
    assert_eq!(agreed(&|c| c.end = date("2026-03-04")), [ErrorCode::Date]);
    assert_eq!(agreed(&|c| c.total_fen = Some(0)), [ErrorCode::Amount]);

    let said = |pii: Pii, edit: &dyn Fn(&mut sanwu_schema::kinds::Notice)| {
        let mut template = notice("资产清单", "V05", committee());
        if let Body::Notice(b) = &mut template.body {
            edit(b);
        }
        findings(&template, pii, &Shelf::default())
    };
    let table = |rows: Vec<Vec<String>>| Some(Table { columns: vec!["名称".into(), "数量".into()], rows });
    assert_eq!(said(Pii::None, &|n| n.table = table(vec![vec!["水泵".into(), "2台".into()]])), []);
    assert_eq!(said(Pii::None, &|n| n.table = table(vec![vec!["水泵".into()]])), [ErrorCode::TableShape]);
    assert_eq!(
        said(Pii::None, &|n| n.table = table(vec![vec!["卡号".into(), "6222020000000000018".into()]])),
        [ErrorCode::Personal]
    );
    assert_eq!(said(Pii::None, &|n| n.text.clear()), [ErrorCode::Text]);
    assert_eq!(said(Pii::None, &|n| n.display_end = Some(date("2026-05-31"))), [ErrorCode::Date]);
    let file = |salted| {
        Some(vec![Attachment {
            digest: Hash::digest(b"file"),
            size: 4,
            media_type: "application/pdf".into(),
            name: "名单.pdf".into(),
            salted,
        }])
    };
    assert_eq!(said(Pii::None, &|n| n.attachments = file(false)), []);
    assert_eq!(said(Pii::P2, &|n| n.attachments = file(true)), []);
    assert_eq!(said(Pii::P2, &|n| n.attachments = file(false)), [ErrorCode::Personal]);
}

#[test]
fn corrections() {
    let books = books();
    let id = sanwu_schema::record::statement::StatementId(Hash::digest(b"target"));
    let f02 = month_package(&books[0]).remove(1);
    let good = correction(&f02, id, &f02.body);
    assert_eq!(findings(&good, Pii::None, &Shelf::with(2)), []);
    let with = |edit: &dyn Fn(&mut Correction)| {
        let mut template = good.clone();
        if let Body::Correction(b) = &mut template.body {
            edit(b);
        }
        findings(&template, Pii::None, &Shelf::with(2))
    };
    assert_eq!(with(&|c| c.changes.clear()), [ErrorCode::Changes]);
    assert_eq!(with(&|c| c.reason = "误写13800138000".into()), [ErrorCode::Personal]);
    assert_eq!(with(&|c| c.replacement = parse(b"{}").unwrap()), [ErrorCode::JsonMissing]);
    let Body::Receipts(mut flow) = f02.body.clone() else { panic!("F02") };
    flow.lines[0].fen += 1;
    let wrong = correction(&f02, id, &Body::Receipts(flow.clone()));
    assert_eq!(findings(&wrong, Pii::None, &Shelf::with(2)), [ErrorCode::Derived], "the replacement is no truer");
    flow.lines[0].fen -= 1;
    flow.lines[0].note = Some("电话13800138000".into());
    let wrong = correction(&f02, id, &Body::Receipts(flow));
    assert_eq!(findings(&wrong, Pii::None, &Shelf::with(2)), [ErrorCode::Personal]);
    let mut without = good;
    without.control = Some(Control::Correction(CorrectionOf { of: Kind::CashStatement }));
    assert_eq!(findings(&without, Pii::None, &Shelf::with(2)), [ErrorCode::JsonUnknown]);

    // A list that is corrected is a list all the same: its files are salted.
    let mut list = notice("名单", "V11", committee());
    if let Body::Notice(b) = &mut list.body {
        let digest = Hash::digest(b"file");
        let (media_type, name) = ("application/pdf".to_owned(), "名单.pdf".to_owned());
        b.attachments = Some(vec![Attachment { digest, size: 4, media_type, name, salted: false }]);
    }
    let again = correction(&list, id, &list.body);
    assert_eq!(findings(&again, Pii::P2, &Shelf::default()), [ErrorCode::Personal]);

    // A book that February has taken over keeps its closing balances.
    let mut january = books[0].clone();
    january.vouchers[8].lines[0].fen += 100;
    january.vouchers[8].lines[2].fen += 100;
    january.closing = sanwu_schema::kinds::derive::closing(&january.opening, &january.vouchers);
    let late = correction(&month_package(&books[0])[0], id, &Body::MonthBook(january));
    assert_eq!(findings(&late, Pii::None, &Shelf::with(2)), [ErrorCode::Carried]);
    assert_eq!(findings(&late, Pii::None, &Shelf::with(1)), []);
}

#[test]
fn opening_balances_balance() {
    let genesis = with_chain(&Cast::new()).log[4].clone();
    let bytes = genesis.body.unwrap();
    let shelf = Shelf::default();
    assert!(check(&genesis.entry.statement, &bytes, Pii::None, &shelf).is_ok());
    let Body::ChainGenesis(mut body) = Body::parse(Kind::ChainGenesis, &bytes).unwrap() else { panic!("a genesis") };
    body.opening.balances[0].fen += 1;
    let mut template = Template::new(Kind::ChainGenesis, Body::ChainGenesis(body));
    template.control.clone_from(&genesis.entry.statement.control);
    assert_eq!(findings(&template, Pii::None, &shelf), [ErrorCode::Balance]);
}

#[test]
fn personal_numbers_behind_any_disguise() {
    use personal::PersonalNumber::{BankCard, IdCard, Mobile};
    for (text, want) in [
        ("11010519491231002X", IdCard),
        ("11010519491231002x", IdCard),
        ("身份证11010519491231002X号", IdCard),
        ("110105 19491231 002X", IdCard),
        ("110105-1949-1231-002X", IdCard),
        ("１１０１０５１９４９１２３１００２Ｘ", IdCard),
        ("110105\u{200b}19491231\u{200b}002X", IdCard),
        ("一一〇一〇五一九四九一二三一〇〇二X", IdCard),
        ("壹壹零壹零伍壹玖肆玖壹贰叁壹零零贰X", IdCard),
        ("编号9911010519491231002X", IdCard),
        ("110105491231002", IdCard),
        ("13800138000", Mobile),
        ("电话:138-0013-8000。", Mobile),
        ("138 0013 8000", Mobile),
        ("138.0013.8000", Mobile),
        ("+86 13800138000", Mobile),
        ("8613800138000", Mobile),
        ("一三八零零一三八零零零", Mobile),
        ("１３８００１３８０００", Mobile),
        ("6222020000000000018", BankCard),
        ("6222 0200 0000 0000 018", BankCard),
        ("卡号６２２２０２０００００００００００１８", BankCard),
    ] {
        assert_eq!(personal::find(text), Some(want), "{text}");
    }
}

#[test]
fn numbers_that_are_nobodys() {
    for text in [
        "268,000.00元",
        "1136098.29",
        "合同价268000元×30%",
        "1500.00 800.00",
        "1800.00-20000",
        "138001380.00元",
        "15000.50 13000.00 18000.00",
        "10,000,000,000",
        "记-2026-01-001",
        "记-2026-04-008、记-2026-04-009",
        "2026-01-15",
        "2026年1月15日至2026年12月31日",
        "2026-01-15 2026-02-15 2026-03-15",
        "0539-8812345",
        "(0539) 8812 3456",
        "400-820-8820",
        "54379999ME000001X1",
        "N2379999MF00000137",
        "91379999MA0000015K",
        "379999100201",
        "HT-2024-003",
        "0.72km×3.5m×18cm",
        "137份×50元",
        "412户、1386人、45名代表、42名党员",
        "6222020000000000019",
        "110105194912310021",
        "12345678901234567890",
        "一百三十八户",
        "",
    ] {
        assert_eq!(personal::find(text), None, "{text}");
    }
}
