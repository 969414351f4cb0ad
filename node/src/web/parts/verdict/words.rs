//! What the page says around the verdict. The verdict itself is worded in `sanwu_schema`.

use super::super::visitor::Lang;

/// Words of the verdict strip in one language.
pub struct Words {
    pub wait: &'static str,
    pub wait_text: &'static str,
    pub cannot_old: &'static str,
    pub cannot_fetch: &'static str,
    pub cannot_container: &'static str,
    pub not_cheating: &'static str,
    pub evidence: &'static str,
    pub evidence_keep: &'static str,
    pub discipline: &'static str,
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
    cannot_old: "手机的浏览器太旧, 或者不让网页运行核对程序。",
    cannot_fetch: "没有拿到核对用的文件, 可能是网络断了。等一会儿再打开试试。",
    cannot_container: "核对用的文件坏了, 读不出来。",
    not_cheating: "这不说明账有问题, 请换个办法核对。",
    evidence: "证据",
    evidence_keep: "请把下面的文字复制或抄下来, 连同纸上的公开表一起拍照留存。",
    discipline: "乡镇纪委",
    machine_check: "核对项",
};

const EN: Words = Words {
    wait: "Checking",
    wait_text: "Your phone is checking this by itself. One moment.",
    cannot_old: "The browser is too old, or does not let the page run the checking program.",
    cannot_fetch: "The files needed for checking did not arrive; the network may be down. Try again later.",
    cannot_container: "The file needed for checking is damaged and cannot be read.",
    not_cheating: "That does not mean that anything is wrong. Please check in another way.",
    evidence: "Evidence",
    evidence_keep: "Copy the text below, or write it down, and photograph it together with the paper notice.",
    discipline: "Township discipline inspection office",
    machine_check: "Check",
};
