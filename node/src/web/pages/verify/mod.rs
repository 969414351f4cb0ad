//! `/verify`: a proof file from anywhere, checked by the reader's own device.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::web::parts::answer::answer;
use crate::web::parts::context::Web;
use crate::web::parts::error::PageError;
use crate::web::parts::frame::Frame;
use crate::web::parts::verdict::Strip;
use crate::web::parts::visitor::{Lang, Visitor};

#[derive(Template)]
#[template(path = "web/pages/verify/verify.html")]
struct VerifyPage<'a> {
    f: Frame<'a>,
    t: &'static Words,
    s: Strip,
}

/// `GET /verify`
pub async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    answer(web, visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, PageError> {
    let f = Frame::new(web, visitor, "verify")?;
    let s = Strip::new(visitor.lang, "verify-page.js");
    Ok(VerifyPage { f, t: Words::of(visitor.lang), s }.render()?)
}

/// Words of the page in one language.
struct Words {
    lead: &'static str,
    drop: &'static str,
    choose: &'static str,
    paste: &'static str,
    trust: &'static str,
    trust_note: &'static str,
    go: &'static str,
    needs_js: &'static str,
    not_a_bundle: &'static str,
    this_notice: &'static str,
    content: &'static str,
}

impl Words {
    /// Returns the words in a language.
    fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    lead: "把别人发给您的证明文件或回执放进来, 您的手机自己核对。文件不会传出去。",
    drop: "把文件拖到这里, 或者",
    choose: "选一个证明文件或回执",
    paste: "也可以把证明文件的文字粘贴在这里",
    trust: "信任文件 (不选就用这个网站的)",
    trust_note: "信任文件写着这本账的钥匙。最好用乡镇给您的那一份, 不用这个网站的。",
    go: "核对",
    needs_js: "这一页要靠手机运行核对程序。您的手机没有运行它, 所以没法在这里核对。请用电脑上的 sanwu 程序:",
    not_a_bundle: "这不是证明文件, 也不是回执, 或者文件坏了, 读不出来。",
    this_notice: "这张表",
    content: "核对过的内容",
};

const EN: Words = Words {
    lead: "Open a proof file or a receipt that someone sent you; your own phone checks it. The file is not sent anywhere.",
    drop: "Drop the file here, or",
    choose: "choose a proof file or a receipt",
    paste: "or paste the text of the proof file here",
    trust: "Trust file (left empty: this site's)",
    trust_note: "A trust file names the log's keys. Better use the one from the township than this site's.",
    go: "Check",
    needs_js: "This page needs the checking program to run on your phone. It did not run, so nothing can be checked here. Use the sanwu program on a computer:",
    not_a_bundle: "This is no proof file and no receipt, or it is damaged and cannot be read.",
    this_notice: "This notice",
    content: "Content that was checked",
};
