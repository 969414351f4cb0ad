//! `decision` 四议两公开决议: what a meeting decided, with the steps that led to it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::admit::{Books, Context, FEN_MAX, Findings};
use super::example::Example;
use super::parts::{Attachment, Salt};
use super::spec::{Items, KindSpec, Sort};
use crate::date::Date;
use crate::error_code::ErrorCode;
use crate::json::{record, words};
use crate::record::statement::Rel;

words! {
    /// 四议: the four steps.
    pub enum StepKind {
        Proposal = "proposal", "提议", "proposal";
        Consultation = "consultation", "商议", "consultation";
        Review = "review", "审议", "review";
        Resolution = "resolution", "决议", "resolution";
    }
}

words! {
    /// Which meeting.
    pub enum Meeting {
        PartyBranch = "party_branch", "村党支部委员会", "party branch committee";
        JointMeeting = "joint_meeting", "村两委联席会议", "joint meeting of the two committees";
        PartyMembers = "party_members", "党员大会", "meeting of party members";
        Villagers = "villagers", "村民会议", "villagers' meeting";
        Representatives = "representatives", "村民代表会议", "villagers' representatives";
        Members = "members", "成员大会", "meeting of the collective's members";
        MemberRepresentatives = "member_representatives", "成员代表大会", "members' representatives";
    }
}

record! {
    /// One step of a decision.
    pub struct Step {
        step "步骤", "Step": StepKind,
        body "会议", "Meeting": Meeting,
        date "日期", "Date": Date,
        due "应到", "Entitled": u64,
        present "实到", "Present": u64,
        yes "同意", "In favour": u64,
    }
}

record! {
    /// The body of a decision.
    pub struct Decision {
        salt: Salt,
        title: String,
        /// `JY-2026-001`.
        no "编号", "Number": String,
        basis "依据", "Legal basis": String,
        /// In order.
        steps "步骤", "Steps": Vec<Step>,
        resolution "决议内容", "Resolution": Vec<String>,
        approved_fen [opt] "批准金额", "Amount approved": i64,
        published_on [opt] "决议公开", "Decision on display from": Date,
        published_until [opt] "决议公开至", "Decision on display until": Date,
        result_published_on [opt] "实施结果公开", "Result published": Date,
        attachments [opt]: Vec<Attachment>,
    }
}

pub(super) struct Spec;

impl KindSpec for Spec {
    type Body = Decision;

    const SORT: Sort = Sort::Disclosure { periods: false, items: Items::Shared(&["F12", "V01"]), rels: &[Rel::About] };

    const EXAMPLE: Example = Example {
        code: Some("V01"),
        period: None,
        control: None,
        body: r#"{
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
"#,
    };

    fn attachments(body: &Decision) -> &[Attachment] {
        body.attachments.as_deref().unwrap_or_default()
    }

    fn number(body: &Decision) -> Option<&str> {
        Some(&body.no)
    }

    fn admit<B: Books>(body: &Decision, _: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
        out.unless(!body.steps.is_empty() && !body.resolution.is_empty(), ErrorCode::Steps, "steps");
        for (i, step) in body.steps.iter().enumerate() {
            out.unless(
                step.yes <= step.present && step.present <= step.due && step.due > 0,
                ErrorCode::Steps,
                format!("steps[{i}]"),
            );
        }
        let in_order = body.steps.windows(2).all(|w| matches!(w, [a, b] if a.step < b.step && a.date <= b.date));
        out.unless(in_order, ErrorCode::Steps, "steps");
        out.unless(body.approved_fen.is_none_or(|f| (0..=FEN_MAX).contains(&f)), ErrorCode::Amount, "approved_fen");
        Ok(())
    }
}
