//! Version 1 of the catalogue: 58 items. Codes are ours; names, periods and signatures follow the law named
//! beside each item. Where the national law leaves a matter to the county, the profile decides.

use alloc::vec::Vec;

use super::{Audience, Catalogue, Frequency, Item, KindRule, Pii};
use crate::kinds::{Items, Kind, Sort};
use crate::record::statement::{ItemCode, OrgKind, Role, sort_roles};

/// The wording of an item.
#[derive(Clone, Copy, Debug)]
pub struct ItemText {
    /// `D01` … `F18`.
    pub code: &'static str,
    /// The official Chinese name.
    pub zh: &'static str,
    /// The English name.
    pub en: &'static str,
    /// 依据.
    pub law: &'static str,
    /// When it is due, in the catalogue's short form: `P+15d` = 15 days after the period's end, `E+10d` = within
    /// 10 days of the event.
    pub due: &'static str,
}

/// Returns the words of an item of the built-in catalogue.
pub fn item_text(code: &str) -> Option<&'static ItemText> {
    ROWS.iter().map(|r| &r.0).find(|t| t.code == code)
}

type Row = (ItemText, Frequency, &'static [Role], &'static [OrgKind], Pii, u64);

use Frequency::{Event, HalfYearly, Monthly, Quarterly, Request, Standing, Yearly};
use OrgKind::{Collective, PartyOrganisation, SupervisionCommittee, Township as TownshipOffice, VillageCommittee};
use Role::{
    ChiefAccountant, CoopChair, ElectionCommittee, PartySec, SupervisionChair, Township, TownshipCivil, VillageDir,
};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (ItemText { code: "D01", zh: "党组织设置、班子成员及分工", en: "Party organisation, its members and their duties", law: "党务公开条例(试行)12,15", due: "E+10d" },
     Standing, &[PartySec], &[PartyOrganisation], Pii::P1, 15),
    (ItemText { code: "D02", zh: "任期目标、年度工作计划及落实情况", en: "Term goals, yearly work plan and its fulfilment", law: "党务公开条例(试行)12", due: "P+15d" },
     HalfYearly, &[PartySec], &[PartyOrganisation], Pii::None, 15),
    (ItemText { code: "D03", zh: "三会一课、主题党日、党员教育培训", en: "Meetings, party day, training", law: "党务公开条例(试行)12", due: "P+15d" },
     Quarterly, &[PartySec], &[PartyOrganisation], Pii::None, 15),
    (ItemText { code: "D04", zh: "发展党员(发展对象、接收预备党员、转正)公示", en: "Admission of party members", law: "党务公开条例(试行)12;发展党员工作细则", due: "before_decision;display 5wd" },
     Event, &[PartySec], &[PartyOrganisation], Pii::P1, 5),
    (ItemText { code: "D05", zh: "党费收缴、使用、管理", en: "Party dues: collection, use, management", law: "党务公开条例(试行)12", due: "P+15d" },
     HalfYearly, &[PartySec], &[PartyOrganisation], Pii::P1, 15),
    (ItemText { code: "D06", zh: "民主评议党员、组织生活会", en: "Appraisal of party members", law: "党务公开条例(试行)12", due: "E+10d" },
     Yearly, &[PartySec], &[PartyOrganisation], Pii::P1, 15),
    (ItemText { code: "D07", zh: "党组织换届选举、设立调整", en: "Election and change of the party organisation", law: "党务公开条例(试行)12", due: "E+10d" },
     Event, &[PartySec], &[PartyOrganisation], Pii::P1, 15),
    (ItemText { code: "D08", zh: "党风廉政、组织处理和纪律处分(按规定范围,多数仅党内)", en: "Discipline (within the party)", law: "党务公开条例(试行)12", due: "scope=inner_party by default" },
     Event, &[PartySec], &[PartyOrganisation], Pii::P2, 0),
    (ItemText { code: "D09", zh: "联系服务群众、为民办实事", en: "Service to residents", law: "党务公开条例(试行)12", due: "P+15d" },
     Quarterly, &[PartySec], &[PartyOrganisation], Pii::None, 15),
    (ItemText { code: "D10", zh: "村党组织书记述职评议、班子评议结果", en: "Secretary's work report and its appraisal", law: "党务公开条例(试行)12", due: "E+10d" },
     Yearly, &[PartySec], &[PartyOrganisation], Pii::P1, 15),
    (ItemText { code: "V01", zh: "村民会议、村民代表会议讨论决定事项(决议公开)", en: "Decisions of the villagers' (representatives') meeting", law: "村民委员会组织法27,28,35(一)", due: "E+10d" },
     Event, &[VillageDir, PartySec, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V02", zh: "决定事项实施结果(实施结果公开)", en: "Results of decisions", law: "村民委员会组织法35(一)", due: "completion+10d; progress quarterly" },
     Event, &[VillageDir, PartySec, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V03", zh: "村庄规划、建设等乡村建设重要事项", en: "Village planning and construction", law: "村民委员会组织法28(一)", due: "E+10d" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V04", zh: "享受误工补贴人员及标准", en: "Allowances for lost working time: persons and standard", law: "村民委员会组织法28(二)", due: "P+15d; change E+10d" },
     Yearly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V05", zh: "从集体经济所得资金和物资的使用", en: "Use of money and goods received from the collective", law: "村民委员会组织法28(三)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V06", zh: "公益事业兴办、筹资筹劳方案及建设承包方案", en: "Public works: plan, funds and labour, contracting", law: "村民委员会组织法28(四)", due: "E+10d" },
     Event, &[VillageDir, PartySec, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V07", zh: "重点帮扶人员、帮扶方案", en: "Persons and plans of assistance", law: "村民委员会组织法28(五)", due: "E+10d" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P2, 15),
    (ItemText { code: "V08", zh: "政府拨付救灾救助、补贴补助资金物资管理使用(汇总)", en: "Government relief and subsidies (totals)", law: "村民委员会组织法35(二)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V09", zh: "接受社会捐赠资金物资管理使用", en: "Donations", law: "村民委员会组织法35(二)", due: "P+15d; event E+10d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V10", zh: "耕地地力保护等惠农补贴分户发放", en: "Farm subsidies by household", law: "村民委员会组织法35(二);一卡通管理要求", due: "before_payment (programme 公示 often 5-7d)" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P2, 15),
    (ItemText { code: "V11", zh: "低保、特困、低边、临时救助确认结果", en: "Subsistence allowances and relief confirmed", law: "社会救助法45,11;村民委员会组织法35(二)", due: "after_decision; roster quarterly" },
     Event, &[TownshipCivil, VillageDir], &[VillageCommittee], Pii::P2, 15),
    (ItemText { code: "V12", zh: "残疾人两项补贴、高龄津贴、优抚、孤困儿童关爱", en: "Allowances for disabled, aged and orphaned persons", law: "村民委员会组织法35(二);山东条例7(七)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P2, 15),
    (ItemText { code: "V13", zh: "危房改造、改厕等项目受益户", en: "Housing and sanitation projects: beneficiaries", law: "山东条例7(五)", due: "E+10d" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P2, 15),
    (ItemText { code: "V14", zh: "协助人民政府开展工作情况", en: "Assistance to government", law: "村民委员会组织法35(三)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V15", zh: "组织协商确定事项及落实情况", en: "Consulted matters and their fulfilment", law: "村民委员会组织法33,35(四)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V16", zh: "宅基地申请、审批、使用", en: "Homesteads", law: "集体经济组织法5(二),26(八);陕西办法(5日)", due: "approval+5d" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V17", zh: "土地征收、征用及补偿安置", en: "Land requisition and compensation", law: "集体经济组织法26(十),45;山东条例7(六)", due: "E+10d" },
     Event, &[VillageDir, PartySec, SupervisionChair], &[VillageCommittee], Pii::P2, 15),
    (ItemText { code: "V18", zh: "土地承包、流转、机动地发包", en: "Land contracting and transfer", law: "集体经济组织法26(八),45;山东条例7(六)", due: "E+10d; yearly roster" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V19", zh: "村民自治章程、村规民约、议事规则", en: "Village charter and rules", law: "村民委员会组织法31;山东条例7(一)", due: "E+10d" },
     Standing, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V20", zh: "村委会成员分工、年度计划、工作报告", en: "Committee duties, yearly plan, work report", law: "村民委员会组织法27;上海办法23", due: "P+15d" },
     Yearly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V21", zh: "村民委员会成员等民主评议结果", en: "Appraisal of committee members", law: "村民委员会组织法38", due: "E+10d" },
     Yearly, &[SupervisionChair], &[SupervisionCommittee], Pii::P1, 15),
    (ItemText { code: "V22", zh: "任期和离任经济责任审计结果", en: "Audit at end of term", law: "村民委员会组织法40;山东办法30(30日)", due: "result+30d; before next election" },
     Event, &[Township], &[TownshipOffice], Pii::P1, 15),
    (ItemText { code: "V23", zh: "村务监督委员会组成、监督情况、工作报告", en: "Supervision committee and its reports", law: "村民委员会组织法37;重庆办法33(半年)", due: "P+15d" },
     HalfYearly, &[SupervisionChair], &[SupervisionCommittee], Pii::P1, 15),
    (ItemText { code: "V24", zh: "选举:选民名单、候选人、委托投票、结果", en: "Elections", law: "村民委员会组织法17,18", due: "election_day-20d; objections 5d; ruling 3d" },
     Event, &[ElectionCommittee], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V25", zh: "水电、垃圾处理等代收费用", en: "Utility fees collected for others", law: "河南办法55(七)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V26", zh: "公益性岗位、村级用工及报酬", en: "Public-service posts and pay", law: "村民委员会组织法35(五)", due: "P+15d" },
     Quarterly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::P1, 15),
    (ItemText { code: "V27", zh: "城乡居民医保、养老保险参保情况(汇总)", en: "Medical and pension insurance (totals)", law: "重庆办法27(四)", due: "P+15d" },
     Yearly, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V28", zh: "村级采购", en: "Procurement", law: "小微权力清单(宁海36条:村级采购)", due: "E+10d" },
     Event, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V29", zh: "村务工作移交", en: "Hand-over", law: "村民委员会组织法24", due: "new_committee+10d" },
     Event, &[ElectionCommittee, Township], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "V30", zh: "村民联名要求公开的事项(点题公开)", en: "Matters that residents asked for", law: "山东条例8(1/10村民或1/5代表);重庆办法27(十)", due: "accepted+10d" },
     Request, &[VillageDir, SupervisionChair], &[VillageCommittee], Pii::None, 15),
    (ItemText { code: "F01", zh: "年度财务计划(收支、购建、公益、筹资筹劳、资产处置、分配等7项)", en: "Yearly financial plan", law: "农经发〔2011〕13号5(一);集体经济组织法26(七)", due: "01-31" },
     Yearly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F02", zh: "各项收入逐笔明细(11小项)", en: "Receipts, item by item", law: "农经发〔2011〕13号5(二);村民委员会组织法35", due: "P+15d" },
     Monthly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F03", zh: "各项支出逐笔明细(10小项)", en: "Payments, item by item", law: "农经发〔2011〕13号5(三);山东条例12(逐项逐笔每月)", due: "P+15d" },
     Monthly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F04", zh: "货币资金收支结余表(库存现金、银行存款)", en: "Cash and bank statement", law: "农经发〔2011〕13号5(四)", due: "P+15d" },
     Monthly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F05", zh: "各项资产(6小项)", en: "Assets", law: "农经发〔2011〕13号5(四);集体经济组织法43,45", due: "P+15d" },
     Quarterly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F06", zh: "各类资源台账(耕地、林地、园地、水面、四荒地、建设用地)", en: "Resources", law: "农经发〔2011〕13号5(五)", due: "P+15d; change E+10d" },
     Yearly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F07", zh: "债权债务(4小项)", en: "Claims and debts", law: "农经发〔2011〕13号5(六)", due: "P+15d" },
     Quarterly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::P1, 15),
    (ItemText { code: "F08", zh: "收益分配(6小项)及分户发放", en: "Distribution of income", law: "农经发〔2011〕13号5(七);集体经济组织法42,46", due: "meeting-10d; payment E+10d" },
     Yearly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::P2, 15),
    (ItemText { code: "F09", zh: "资产负债表", en: "Balance sheet", law: "财会〔2023〕14号", due: "P+15d" },
     Quarterly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F10", zh: "收益及收益分配表", en: "Statement of income and its distribution", law: "财会〔2023〕14号", due: "P+15d" },
     Quarterly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F11", zh: "年度经营报告、年度财务会计报告", en: "Yearly report", law: "集体经济组织法46", due: "member_meeting-10d" },
     Yearly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F12", zh: "专项:集体土地征占补偿及分配", en: "Land compensation and its distribution", law: "农经发〔2011〕13号(专项公开)", due: "E+10d" },
     Event, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::P2, 15),
    (ItemText { code: "F13", zh: "专项:资产资源发包、租赁、出让、投资及收益", en: "Leasing, sale and investment of assets", law: "农经发〔2011〕13号(专项公开)", due: "E+10d" },
     Event, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F14", zh: "专项:集体工程招投标及预决算", en: "Works: tender, budget, settlement", law: "农经发〔2011〕13号(专项公开)", due: "E+10d each stage" },
     Event, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F15", zh: "专项:一事一议筹资筹劳及使用", en: "Funds and labour raised by vote", law: "农经发〔2011〕13号(专项公开);村民委员会组织法42", due: "E+10d; settlement" },
     Event, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::P1, 15),
    (ItemText { code: "F16", zh: "村(社)干部报酬、误工补贴发放", en: "Pay and allowances of cadres", law: "农经发〔2011〕13号5(三)2", due: "P+15d" },
     Quarterly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::P1, 15),
    (ItemText { code: "F17", zh: "经济合同台账(签订、收付款、变更、到期、终止)", en: "Contracts", law: "集体经济组织法30(十),45", due: "P+15d; event E+10d" },
     Quarterly, &[CoopChair, SupervisionChair, ChiefAccountant], &[Collective, VillageCommittee], Pii::None, 15),
    (ItemText { code: "F18", zh: "审计结果及整改情况", en: "Audit results and rectification", law: "集体经济组织法47;村民委员会组织法40", due: "result+30d" },
     Event, &[Township], &[TownshipOffice], Pii::None, 15),
];

/// Returns the built-in catalogue, version 1, in its machine form.
pub fn built_in() -> Catalogue {
    let code = |c: &str| ItemCode::parse(c);
    let mut items: Vec<Item> = ROWS
        .iter()
        .filter_map(|(text, frequency, roles, issuers, pii, days)| {
            let mut roles = roles.to_vec();
            sort_roles(&mut roles);
            let audience = if text.code == "D08" { Audience::Inner } else { Audience::Public };
            let mut issuers = issuers.to_vec();
            issuers.sort_unstable_by_key(|i| i.as_str());
            Some(Item {
                code: code(text.code)?,
                frequency: *frequency,
                roles,
                issuers,
                audience,
                pii: *pii,
                days: *days,
            })
        })
        .collect();
    // The rows follow the law's three parts; a catalogue's items are sorted by code.
    items.sort_unstable_by(|a, b| a.code.cmp(&b.code));
    let kinds = Kind::ALL.iter().filter_map(|kind| rule(*kind)).collect();
    Catalogue { version: 1, items, kinds }
}

/// The rule of a kind, as the kind's own file has it; only disclosures have one.
fn rule(kind: Kind) -> Option<KindRule> {
    let Sort::Disclosure { items, rels, .. } = kind.sort() else { return None };
    let codes = match items {
        Items::Only(codes) | Items::Shared(codes) => Some(codes.iter().filter_map(|c| ItemCode::parse(c)).collect()),
        Items::Like(_) | Items::Rest | Items::Any => None,
    };
    Some(KindRule { kind, like: kind.like().and_then(ItemCode::parse), codes, rels: rels.to_vec() })
}
