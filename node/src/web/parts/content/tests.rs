use sanwu_schema::json;
use sanwu_schema::kinds::{Body, Kind};

use super::Layout;
use super::labels::by_labels;
use super::section::Section;
use crate::views::ChainView;
use crate::web::parts::visitor::Lang;

fn example(kind: Kind) -> Body {
    let text = kind.example().body.trim_start().replacen('{', r#"{"salt": "00000000000000000000000000000000","#, 1);
    Body::read(kind, &json::from_json(text.as_bytes()).unwrap()).unwrap()
}

fn facts(section: &Section) -> Vec<(&str, &str)> {
    section.facts.iter().map(|(name, cell)| (name.as_str(), cell.text.as_str())).collect()
}

#[test]
fn every_kind_shows_something_in_both_languages() {
    for kind in Kind::ALL {
        let (chain, body) = (ChainView::default(), example(*kind));
        for lang in [Lang::Zh, Lang::En] {
            let layout = Layout { lang, chain: &chain, control: None };
            let shown = layout.sections(&body).iter().any(|s| {
                !s.facts.is_empty() || !s.paragraphs.is_empty() || s.table.as_ref().is_some_and(|t| !t.rows.is_empty())
            });
            assert!(shown, "{kind:?}");
        }
    }
}

#[test]
fn a_kind_without_a_layout_of_its_own_is_shown_by_its_labels() {
    let sections = by_labels(Lang::Zh, &example(Kind::Contract).fields());
    let [contract] = sections.as_slice() else { panic!("{}", sections.len()) };
    let facts = facts(contract);
    assert_eq!(facts.first(), Some(&("编号", "HT-2026-002")));
    assert!(facts.contains(&("合同类别", "施工")) && facts.contains(&("开始", "2026年3月5日")));
    assert!(facts.contains(&("总价", "¥268,000.00")));

    let sections = by_labels(Lang::En, &example(Kind::Decision).fields());
    let [decision, steps] = sections.as_slice() else { panic!("{}", sections.len()) };
    assert_eq!(decision.paragraphs, ["同意立项, 预算27万元。"]);
    let steps = steps.table.as_ref().unwrap();
    let heads: Vec<(&str, bool)> = steps.columns.iter().map(|c| (c.name.as_str(), c.number)).collect();
    assert_eq!(heads[..4], [("Step", false), ("Meeting", false), ("Date", false), ("Entitled", true)]);
    let row: Vec<&str> = steps.rows[0].iter().map(|c| c.text.as_str()).collect();
    assert_eq!(row[..4], ["proposal", "party branch committee", "6 January 2026", "5"]);
    assert_eq!(steps.rows[0][0].label, "Step");
}
