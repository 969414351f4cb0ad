//! The body that receipts and payments share: every receipt, or every payment, of a month, one by one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::admit::Findings;
use super::parts::{Attachment, Salt};
use crate::date::{Date, Period};
use crate::error_code::ErrorCode;
use crate::json::record;

record! {
    /// One line of F02 or F03.
    pub struct FlowLine {
        no "凭证号", "Voucher": String,
        date "日期", "Date": Date,
        summary "摘要", "Summary": String,
        item "公开科目", "Heading": String,
        counterparty [opt] "对方单位", "To or from": String,
        /// Received, or paid.
        fen "金额", "Amount": i64,
        decision [opt] "决议", "Decision": String,
        contract [opt] "合同", "Contract": String,
        project [opt] "项目", "Project": String,
        /// Such as where a mistake was made good.
        note [opt] "备注", "Remark": String,
    }
}

record! {
    /// The body of F02 (各项收入逐笔明细) or F03 (各项支出逐笔明细).
    pub struct CashFlow {
        salt: Salt,
        title: String,
        period "月份", "Month": Period,
        lines "明细", "Items": Vec<FlowLine>,
        total_fen "合计", "Total": i64,
        attachments [opt]: Vec<Attachment>,
    }
}

/// Checks a flow against the one that follows from the month book; `None` when nothing came in, or went out.
pub(super) fn check(flow: &CashFlow, want: Option<CashFlow>, out: &mut Findings) {
    let Some(want) = want else { return out.add(ErrorCode::Derived, "lines") };
    out.unless(want.total_fen == flow.total_fen, ErrorCode::Derived, "total_fen");
    out.unless(want.lines.len() == flow.lines.len(), ErrorCode::Derived, "lines");
    for (i, (line, want)) in flow.lines.iter().zip(&want.lines).enumerate() {
        // A remark is the one thing that vouchers do not give.
        let mut line = line.clone();
        line.note = None;
        out.unless(line == *want, ErrorCode::Derived, format!("lines[{i}]"));
    }
}
