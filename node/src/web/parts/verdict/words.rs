//! What the page says around the verdict. The verdict itself is worded in `sanwu_schema`.

use super::super::visitor::Lang;

/// Words of the verdict strip in one language; `{…}` is filled in by the script.
pub struct Words {
    pub wait: &'static str,
    pub wait_text: &'static str,
    pub other_notice: &'static str,
    pub cannot_old: &'static str,
    pub cannot_fetch: &'static str,
    pub cannot_container: &'static str,
    pub not_cheating: &'static str,
    pub evidence: &'static str,
    pub evidence_keep: &'static str,
    pub discipline: &'static str,
    pub log_changed: &'static str,
    pub log_shrunk: &'static str,
    pub trust_changed: &'static str,
    pub not_kept: &'static str,
    pub machine_check: &'static str,
}

impl Words {
    /// Returns the words in a language.
    pub fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    wait: "正在核对",
    wait_text: "您的手机正在自己核对, 请稍等。",
    other_notice: "网站给的证明是另一张公开表的, 不是这一张的。",
    cannot_old: "手机的浏览器太旧, 或者不让网页运行核对程序。",
    cannot_fetch: "没有拿到核对用的文件, 可能是网络断了。等一会儿再打开试试。",
    cannot_container: "核对用的文件坏了, 读不出来。",
    not_cheating: "这不说明账有问题, 请换个办法核对。",
    evidence: "证据",
    evidence_keep: "请把下面的文字复制或抄下来, 连同纸上的公开表一起拍照留存。",
    discipline: "乡镇纪委",
    log_changed: "这个村的账和您上次看到的不是同一本: 开账的那一条换了。",
    log_shrunk: "这本账比您上次看到的短: 上次有 {before} 条, 现在只有 {now} 条。账只能增加, 不能减少。",
    trust_changed: "这本账和您上次看到的不是同一本: 第一条换了。",
    not_kept: "您第一次看这本账; 这台手机不让网页记东西, 下次还是没法比",
    machine_check: "核对项",
};

const EN: Words = Words {
    wait: "Checking",
    wait_text: "Your phone is checking this by itself. One moment.",
    other_notice: "The proof that this site gave is of another notice, not of this one.",
    cannot_old: "The browser is too old, or does not let the page run the checking program.",
    cannot_fetch: "The files needed for checking did not arrive; the network may be down. Try again later.",
    cannot_container: "The file needed for checking is damaged and cannot be read.",
    not_cheating: "That does not mean that anything is wrong. Please check in another way.",
    evidence: "Evidence",
    evidence_keep: "Copy the text below, or write it down, and photograph it together with the paper notice.",
    discipline: "Township discipline inspection office",
    log_changed: "This village's chain is not the one you saw last time: its opening entry has been replaced.",
    log_shrunk: "This log is shorter than when you saw it last: {before} entries then, {now} now. It may only grow.",
    trust_changed: "This log is not the one you saw last time: its first entry has been replaced.",
    not_kept: "your first visit; this phone lets no page remember anything, so next time nothing can be compared either",
    machine_check: "Check",
};
