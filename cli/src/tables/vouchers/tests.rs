use super::*;

const HEAD: &str = "凭证号,日期,摘要,科目,明细,借方,贷方,收付,公开科目,对方单位,决议,合同,招标,项目,资产,更正,附件\n";

fn mistakes(rows: &str) -> Vec<String> {
    let error = parse(&format!("{HEAD}{rows}")).unwrap_err();
    assert_eq!(error.exit(), 9);
    let json = error.to_json(crate::text::Lang::Zh);
    json["errors"].as_array().unwrap().iter().map(|e| e.as_str().unwrap().to_owned()).collect()
}

#[test]
fn rows_of_one_number_are_one_voucher() {
    let vouchers = parse(&format!(
        "示例村 三月\n{HEAD}\
         记-2026-03-002,2026/3/9,提现,101 库存现金,,500,,,,,,,,,,,\n\
         ,,,银行存款,,,￥５００．００,,,,,,,,,,\n\n\
         记-2026-03-001,2026年3月4日,收承包费,102,基本户,\"4,400.00\",,收,发包收入,三组,,HT-1,,,,,收据、回单\n\
         记-2026-03-001,2026-03-04,收承包费,501,,,4400,,,,,,,,,,\n\
         合计,,,,,4900,4900,,,,,,,,,,\n"
    ))
    .unwrap();
    let [first, second] = vouchers.as_slice() else { panic!("{vouchers:?}") };
    assert_eq!((first.no.as_str(), first.date.as_str(), first.cash), ("记-2026-03-001", "2026-03-04", CashLine::In));
    assert_eq!(
        first.lines.iter().map(|l| (l.account.as_str(), l.fen)).collect::<Vec<_>>(),
        [("102", 440_000), ("501", 440_000)]
    );
    assert_eq!(first.docs.as_deref(), Some(&["收据".to_owned(), "回单".to_owned()][..]));
    assert_eq!(second.cash, CashLine::Internal);
    assert_eq!(second.lines[1].fen, 50_000);
}

#[test]
fn every_mistake_is_told_with_row_and_column() {
    let found = mistakes(
        "记-2026-03-001,2026-02-30,收款,102,,\"1,2OO.00\",,收,承包费,,,,,,,,\n\
         记-2026-03-001,,,501,,,1200,,,,,,,,,,\n\
         记-2026-03-002,2026-03-05,付款,102,,,10,付,,,,,,,,,\n\
         记-2026-03-002,,,999,,10,,,,,,,,,,,\n\
         记-2026-03-003,2026-03-05,不平,513,,10,,无,,,,,,,,,\n\
         记-2026-03-003,,改了,211,,,9,,,,,,,,,,\n\
         记-2026-03-001,2026-03-06,重复,513,,1,1,现,,,,,,,,,\n",
    );
    let expected = [
        "第 2 行 B 列 日期  \"2026-02-30\" 不是日期, 或没有这一天",
        "第 2 行 F 列 借方  \"1,2OO.00\" 里有字母 O, 不是数字",
        "第 5 行 D 列 科目  \"999\" 不是会计科目",
        "第 4 行 记-2026-03-002  借贷不平: 借方 0.00, 贷方 10.00",
        "第 4 行 记-2026-03-002  收付款要写公开科目",
        "第 7 行 C 列 摘要  \"改了\" 和同一凭证的第 6 行不一样",
        "第 6 行 记-2026-03-003  借贷不平: 借方 10.00, 贷方 9.00",
        "第 8 行 A 列 凭证号  \"记-2026-03-001\" 和第 2 行的凭证号重复, 同一张凭证的行要放在一起",
        "第 8 行 H 列 收付  \"现\" 只能写 收、付、转、无",
        "第 8 行 F 列 借方  \"1\" 借方和贷方要写一个, 只写一个",
    ];
    assert_eq!(found, expected);
}

#[test]
fn headings_are_looked_for_and_missing_ones_told() {
    assert_eq!(parse("a,b\n1,2\n").unwrap_err().exit(), 9);
    let error = parse("凭证号,摘要,奇怪\n").unwrap_err().render(crate::text::Lang::Zh);
    assert!(error.contains("不认识的栏目 \"奇怪\"") && error.contains("缺少栏目 借方"), "{error}");
    assert_eq!(columns::letter(0), "A");
    assert_eq!(columns::letter(27), "AB");
}

#[test]
fn both_encodings_are_read() {
    let (gb, _, _) = encoding_rs::GB18030.encode("凭证号");
    assert_eq!(decode(&gb).unwrap(), "凭证号");
    assert_eq!(decode("\u{feff}凭证号".as_bytes()).unwrap(), "凭证号");
    assert!(decode(b"\xff\xff\xff").is_err());
}
