//! Decision, contract, notice, nil return, correction, erasure.

use alloc::string::String;
use alloc::vec::Vec;

use super::body::{Attachment, Salt};
use crate::date::{Date, Period};
use crate::json::{Value, record, words};
use crate::record::statement::Uscc;

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

words! {
    /// 合同类别.
    pub enum ContractKind {
        Contracting = "contracting", "发包", "contracting out";
        Lease = "lease", "租赁", "lease";
        Works = "works", "施工", "works";
        Purchase = "purchase", "采购", "purchase";
        Investment = "investment", "投资", "investment";
        Other = "other", "其他", "other";
    }
}

record! {
    /// One step of a decision.
    pub struct Step {
        /// Which step.
        step: StepKind,
        /// Which meeting.
        body: Meeting,
        /// When.
        date: Date,
        /// 应到.
        due: u64,
        /// 实到.
        present: u64,
        /// 同意.
        yes: u64,
    }
}

record! {
    /// Body of a decision (四议两公开).
    pub struct Decision {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// Number, `JY-2026-001`.
        no: String,
        /// 依据.
        basis: String,
        /// The steps, in order.
        steps: Vec<Step>,
        /// What was decided.
        resolution: Vec<String>,
        /// 批准金额, fen.
        approved_fen [opt]: i64,
        /// 决议公开, from.
        published_on [opt]: Date,
        /// 决议公开, until.
        published_until [opt]: Date,
        /// 实施结果公开.
        result_published_on [opt]: Date,
        /// Files.
        attachments [opt]: Vec<Attachment>,
    }
}

record! {
    /// Body of a contract (经济合同).
    pub struct Contract {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// Number, `HT-2026-002`.
        no: String,
        /// Kind.
        kind: ContractKind,
        /// 标的.
        subject: String,
        /// 对方.
        counterparty: String,
        /// Its credit code.
        uscc [opt]: Uscc,
        /// From.
        start: Date,
        /// Until.
        end: Date,
        /// 总价, fen.
        total_fen [opt]: i64,
        /// 年金额, fen.
        annual_fen [opt]: i64,
        /// When the yearly sums are due.
        due [opt]: String,
        /// How it was awarded.
        award_mode: String,
        /// Decision.
        decision [opt]: String,
        /// Tender.
        tender [opt]: String,
        /// Project.
        project [opt]: String,
        /// Files.
        attachments [opt]: Vec<Attachment>,
    }
}

record! {
    /// A table of texts.
    pub struct Table {
        /// Headings.
        columns: Vec<String>,
        /// Rows, each as long as the headings.
        rows: Vec<Vec<String>>,
    }
}

record! {
    /// Body of every other item: text and a table.
    pub struct Notice {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// Paragraphs.
        text: Vec<String>,
        /// A table.
        table [opt]: Table,
        /// 公开起.
        display_start [opt]: Date,
        /// 公开止.
        display_end [opt]: Date,
        /// Files.
        attachments [opt]: Vec<Attachment>,
    }
}

record! {
    /// Body of a nil return (零报告): there was nothing, and someone answers for that.
    pub struct NilReturn {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// The period.
        period: Period,
        /// In words.
        text: Vec<String>,
    }
}

record! {
    /// One change that a correction makes.
    pub struct Change {
        /// Where: a voucher number and a column.
        place: String,
        /// What stood there.
        before: String,
        /// What stands there now.
        after: String,
    }
}

record! {
    /// Body of a correction: why, what changes, and the full replacement.
    pub struct Correction {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// Why.
        reason: String,
        /// Before and after.
        changes: Vec<Change>,
        /// The full body that takes the old one's place.
        replacement: Value,
    }
}

record! {
    /// Body of an erasure.
    pub struct ErasureNote {
        /// Salt.
        salt: Salt,
        /// Title.
        title: String,
        /// 依据.
        basis: String,
        /// Remarks.
        text: Vec<String>,
    }
}
