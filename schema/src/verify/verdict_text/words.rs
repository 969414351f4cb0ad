//! Every word of a verdict, in both languages.

use alloc::format;
use alloc::string::String;

use crate::lang::Lang;

/// Returns the words of a language.
pub(super) fn words(lang: Lang) -> &'static Words {
    lang.pick(&ZH, &EN)
}

pub(super) struct Words {
    pub sentence: [&'static str; 5],
    pub advice: [&'static str; 5],
    /// Where one check alone failed, what that means. The notice is not to blame for what its ledger did.
    pub wrong: [&'static str; 5],
    /// What to do about a ledger that is not the one seen before.
    pub other_ledger: &'static str,
    /// Sentence and advice where the witnesses' cosignatures are stale.
    pub stale: [&'static str; 2],
    /// Sentence where nothing shows that the ledger continues what was seen; advice for a page, and for a program.
    pub older: [&'static str; 3],
    pub by_phone: &'static str,
    pub by_program: &'static str,
    pub limits: &'static str,
    pub banner: &'static str,
    pub signed_by: &'static str,
    pub supervision: &'static str,
    pub no_supervision: &'static str,
    pub step: [&'static str; 5],
    /// The same lines where a check failed.
    pub failed: [&'static str; 5],
    /// Precedes a line that could not be checked.
    pub unchecked: &'static str,
    /// The line of the witnesses where too few have signed, or too long ago.
    pub few_witnesses: &'static str,
    pub old_witnesses: &'static str,
    /// The line about the last time where nothing could be compared, or there was nothing to compare.
    pub unlinked: &'static str,
    pub uncompared: &'static str,
    pub stated: &'static str,
    pub record_no: fn(u64, Option<u64>) -> String,
    pub no_witness: &'static str,
    pub witnessed: fn(usize) -> String,
    pub all_own: &'static str,
    /// Precedes the log's own witnesses beside outsiders.
    pub own_too: &'static str,
    pub no_outsider: &'static str,
    /// The line of the witnesses where no outsider is among them.
    pub own_step: &'static str,
    pub missing: &'static str,
    /// The same where the others are enough.
    pub not_yet: &'static str,
    pub limit: fn(u64) -> String,
    pub first: &'static str,
    pub first_kept: &'static str,
    pub first_unkept: &'static str,
    pub grown: &'static str,
    pub rewritten: &'static str,
    pub older_file: &'static str,
    pub other_file: &'static str,
    pub erased: &'static str,
    pub list: &'static str,
    /// Sentences about what none of the five checks finds by itself.
    pub other_notice: &'static str,
    pub shorter: fn(u64, u64) -> String,
    pub other_genesis: &'static str,
    pub other_chain: &'static str,
    pub gone: fn(u64, u64) -> String,
    /// A receipt of several notices.
    pub sum: fn(usize, usize) -> String,
    pub entry: fn(&str) -> String,
}

const ZH: Words = Words {
    sentence: [
        "这张公开表, 从公布到现在没有被改过。",
        "这张公开表本身没有被改过, 但后来公布了更正, 请看更正后的内容。",
        "内容和签名都对得上, 但外面的见证还没有齐。",
        "这不是说账有问题, 只是没法下结论。",
        "您看到的内容和签过字、上了账的内容不一样。",
    ],
    advice: [
        "",
        "请对照更正前后的内容。",
        "请明天再看一次。",
        "请换一台手机, 或者用别的办法核对。",
        "请留好纸质公开表并拍照, 向乡镇纪委反映。",
    ],
    wrong: [
        "您看到的内容和签过字、上了账的内容不一样。",
        "这张公开表该签的字没有签齐, 或者签的不算数。",
        "这张公开表和村里的账链对不上。",
        "外面的见证和这本账对不上。",
        "这本账和您上次看到的不是同一本。",
    ],
    other_ledger: "请把这个结果拍照留好, 向乡镇纪委反映。",
    stale: ["内容和签名都对得上, 但外面的见证太久没有更新。", "请明天再看一次; 还是这样, 请告诉镇里。"],
    older: [
        "内容和签名都对得上, 但证明不了这本账是接着您上次看到的那一本。",
        "请过一会儿再打开这一页; 还是这样, 请告诉镇里。",
        "请重新取一份证明再核对; 还是这样, 请告诉镇里。",
    ],
    by_phone: "刚才是您的手机自己核对的, 不是网站告诉您的:",
    by_program: "刚才是本程序自己核对的, 不是网站告诉您的:",
    limits: "它不能说明: 钱花得值不值、票据真不真、有没有漏掉没公布的事。",
    banner: "演示数据, 不是真的",
    signed_by: "签名人: ",
    supervision: "监督签字齐了",
    no_supervision: "该签字的都签了",
    step: ["内容和签名对得上", "监督签字齐了", "已经写进村里的账链", "外面有人看着同一本账", "和您上次看到的是同一本"],
    failed: [
        "内容和签名对不上",
        "该签的字没有签齐",
        "在村里的账链上对不上",
        "外面的见证对不上",
        "和您上次看到的不是同一本",
    ],
    unchecked: "没法核: ",
    few_witnesses: "外面的见证还没有齐",
    old_witnesses: "外面的见证太久没有更新",
    unlinked: "没法和您上次看到的比",
    uncompared: "没有和您上次看到的比",
    stated: "钥匙按签名人自己的说法, 中间有没有停用没有核",
    record_no: |index, size| match size {
        Some(size) => format!("第 {index} 条(共 {size} 条), 前后都连着"),
        None => format!("第 {index} 条"),
    },
    no_witness: "还没有外面的见证人",
    witnessed: |count| format!("{count}家{}看到了", if count > 1 { "都" } else { "" }),
    all_own: "都是管这本账的单位自己的, 不算外人",
    own_too: "管这本账的单位自己的: ",
    no_outsider: "不算外人",
    own_step: "管账单位自己的见证看着同一本账",
    missing: "还差: ",
    not_yet: "还没看到的: ",
    limit: |days| format!("见证要在最近 {days} 天以内"),
    first: "您第一次看这本账",
    first_kept: "您第一次看这本账, 这次记住了",
    first_unkept: "您第一次看这本账; 这台手机不让网页记东西, 下次还是没法比",
    grown: "只增加, 没删改",
    rewritten: "接不上您上次看到的: 以前的记录被改过",
    older_file: "这份证明比您上次看到的旧, 或者是给别人出的",
    other_file: "这份文件是以前出的, 或者是给别人出的; 联网打开这张表就能比",
    erased: "内容已按规定删除",
    list: "、",
    other_notice: "网站给的证明是另一张公开表的, 不是这一张的。",
    shorter: |before, now| {
        format!("这本账比您上次看到的短: 上次有 {before} 条, 现在只有 {now} 条。账只能增加, 不能减少。")
    },
    other_genesis: "这本账和您上次看到的不是同一本: 第一条换了。",
    other_chain: "这个村的账和您上次看到的不是同一本: 开账的那一条换了。",
    gone: |before, index| {
        format!(
            "您上次来的时候这本账有 {before} 条, 第 {index} 条就在里面; 现在网站说没有这一条。账只能增加, 不能减少。"
        )
    },
    sum: |all, good| format!("这份回执里有 {all} 张公开表, {good} 张核对通过。每一张的结果在下面。"),
    entry: |index| format!("第 {index} 条"),
};

const EN: Words = Words {
    sentence: [
        "This notice has not been changed since it was published.",
        "This notice itself is unchanged, but it has since been corrected: please read the correction.",
        "Content and signatures match, but outside witnesses are still missing.",
        "This does not mean that anything is wrong; it only could not be decided.",
        "What you see is not what was signed and logged.",
    ],
    advice: [
        "",
        "Compare what was there before and after.",
        "Look again tomorrow.",
        "Use another phone, or one of the other ways to check.",
        "Keep the paper notice, photograph it, and tell the township's discipline office.",
    ],
    wrong: [
        "What you see is not what was signed and logged.",
        "Not everyone who must sign this notice has validly signed it.",
        "This notice is not in the village's ledger as shown.",
        "The outside witnesses have not seen this ledger.",
        "This is not the ledger you saw last time.",
    ],
    other_ledger: "Photograph this result, keep it, and tell the township's discipline office.",
    stale: [
        "Content and signatures match, but the outside witnesses have not been heard of for too long.",
        "Look again tomorrow; if it stays so, tell the township.",
    ],
    older: [
        "Content and signatures match, but nothing shows that this ledger continues the one you saw last time.",
        "Open this page again in a while; if it stays so, tell the township.",
        "Get a new proof and check again; if it stays so, tell the township.",
    ],
    by_phone: "Your own phone just checked it, not this website:",
    by_program: "This program just checked it itself, it did not ask the website:",
    limits: "It cannot tell you whether the money was well spent, whether the receipts are genuine, or whether something was left out.",
    banner: "Demonstration data, not real",
    signed_by: "Signed by: ",
    supervision: "The supervision committee has signed",
    no_supervision: "Everyone who must sign has signed",
    step: [
        "Content and signatures match",
        "The supervision committee has signed",
        "It is in the village's ledger",
        "Outsiders watch the same ledger",
        "It is the same ledger you saw last time",
    ],
    failed: [
        "Content and signatures do not match",
        "Not everyone who must sign has signed",
        "It is not in the village's ledger as shown",
        "The outside witnesses do not match",
        "It is not the ledger you saw last time",
    ],
    unchecked: "Could not be checked: ",
    few_witnesses: "Outside witnesses are still missing",
    old_witnesses: "The outside witnesses have not been heard of for too long",
    unlinked: "Could not be compared with what you saw last time",
    uncompared: "Not compared with what you saw last time",
    stated: "keys as the signers themselves stated; revocations in between were not checked",
    record_no: |index, size| match size {
        Some(size) => format!("entry {index} of {size}, linked before and after"),
        None => format!("entry {index}"),
    },
    no_witness: "no outside witnesses yet",
    witnessed: |count| format!("{count} saw it"),
    all_own: "all run by the log's operator: no outsiders",
    own_too: "run by the log's operator: ",
    no_outsider: "no outsider",
    own_step: "The log's own witnesses watch the same ledger",
    missing: "still missing: ",
    not_yet: "not yet seen by: ",
    limit: |days| format!("cosignatures may be at most {days} days old"),
    first: "your first visit",
    first_kept: "your first visit; remembered from now on",
    first_unkept: "your first visit; this phone lets no page remember anything, so next time nothing can be compared either",
    grown: "it only grew, nothing was removed",
    rewritten: "it does not continue what you saw: earlier entries were changed",
    older_file: "the proof is older than what you saw last time, or was made for somebody else",
    other_file: "the file was made earlier, or for somebody else; open the notice online to compare",
    erased: "the content was erased as the law requires",
    list: ", ",
    other_notice: "The proof that this site gave is of another notice, not of this one.",
    shorter: |before, now| {
        format!("This log is shorter than when you saw it last: {before} entries then, {now} now. It may only grow.")
    },
    other_genesis: "This log is not the one you saw last time: its first entry has been replaced.",
    other_chain: "This village's chain is not the one you saw last time: its opening entry has been replaced.",
    gone: |before, index| {
        format!(
            "When you last saw this log it had {before} entries, entry {index} among them; now this site says that there is none. A log may only grow."
        )
    },
    sum: |all, good| format!("This receipt holds {all} notices; {good} check out. Each has its own result below."),
    entry: |index| format!("entry {index}"),
};
