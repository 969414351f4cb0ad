//! The words of `/help`.

use crate::web::parts::visitor::Lang;

/// Words of the page in one language.
pub struct Words {
    pub look: &'static str,
    pub look_steps: [&'static str; 4],
    pub check: &'static str,
    pub check_steps: [&'static str; 5],
    pub states: &'static str,
    pub ok: &'static str,
    pub ok_superseded: &'static str,
    pub partial: &'static str,
    pub cannot: &'static str,
    pub mismatch: &'static str,
    pub ask: &'static str,
    pub ask_text: &'static str,
    pub words: &'static str,
    pub words_text: [&'static str; 3],
}

impl Words {
    /// Returns the words in a language.
    pub fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    look: "怎么看",
    look_steps: [
        "在首页点您的村。",
        "点「党务」「村务」或「财务」。",
        "点一张公开表, 就能看到每一笔。",
        "字太小, 点最上面的「长辈版」。",
    ],
    check: "怎么核",
    check_steps: [
        "打开公开表, 手机自己就核对了, 结果在最上面。",
        "点开每一行, 能看到核的是什么。",
        "纸上的校验码和网页上的对一对。",
        "下次再来, 手机会记得上次看到的, 少了一条都会告诉您。",
        "信不过这个网站, 看「不用这个网站也能核」。",
    ],
    states: "核对结果是什么意思",
    ok: "内容、签名、账链都对得上。您不用做什么。",
    ok_superseded: "这张表没被改过, 但后来另外公布了更正。请看更正前后有什么不同。",
    partial: "内容和签名对得上, 外面的见证还没有齐, 或者太久没有更新。请明天再看一次。",
    cannot: "手机太旧, 或者网断了。这不说明账有问题, 请换个办法核对。",
    mismatch: "您看到的和签过字的不一样, 或者这本账和您上次看到的不是同一本。请留好纸上的公开表, 拍下照片, 告诉乡镇纪委。",
    ask: "不懂问谁",
    ask_text: "先问村务监督委员会; 还不明白, 问乡镇农经站; 觉得不对, 告诉乡镇纪委。",
    words: "几个词",
    words_text: [
        "公开表: 村里公开的一张表或一份通知, 签了字, 有编号。",
        "零报告: 这一期没有发生, 也要有人签字说没有。",
        "更正: 写错了不能涂改, 要另外公布一张更正, 原来的还在。",
    ],
};

const EN: Words = Words {
    look: "How to read",
    look_steps: [
        "Choose your village on the home page.",
        "Choose party, village or financial affairs.",
        "Open a notice to see every single item.",
        "Too small? Choose “Larger type” at the top.",
    ],
    check: "How to check",
    check_steps: [
        "Open a notice: the phone checks by itself, the verdict is at the top.",
        "Open each line to see what exactly was checked.",
        "Compare the check code on paper with the one on the page.",
        "Next time, your phone remembers what it saw; if an entry is gone, it says so.",
        "If you do not trust this site, see “Check without this site”.",
    ],
    states: "What the verdicts mean",
    ok: "Content, signatures and log all match. Nothing to do.",
    ok_superseded: "This notice is unchanged, but a correction was published since. Compare before and after.",
    partial: "Content and signatures match, but witnesses are missing or have not been heard of for too long. Look again tomorrow.",
    cannot: "The phone is too old, or offline. That does not mean that anything is wrong; check in another way.",
    mismatch: "What you see is not what was signed, or this is not the ledger you saw last time. Keep the paper, photograph it, tell the township's discipline office.",
    ask: "Whom to ask",
    ask_text: "First the village's supervision committee; then the township's rural economy station; if something is wrong, the township's discipline inspection office.",
    words: "Some words",
    words_text: [
        "Notice: one table or text that the village published, signed and numbered.",
        "Nil return: nothing happened in the period, and someone signs for that.",
        "Correction: mistakes are not painted over; a correction is published beside the original.",
    ],
};
