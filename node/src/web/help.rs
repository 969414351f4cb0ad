//! `/help`: how to read, how to check, what the verdicts mean, whom to ask.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sanwu_schema::verify::State as Outcome;

use super::Web;
use super::error::Trouble;
use super::frame::Frame;
use super::visitor::Visitor;

/// A verdict, explained.
struct Meaning {
    state: &'static str,
    mark: &'static str,
    name: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    f: Frame<'a>,
    meanings: Vec<Meaning>,
}

/// `GET /help`
pub(super) async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    web.answer(visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, Trouble> {
    let meanings = Outcome::ALL
        .iter()
        .map(|outcome| {
            let (mark, zh, en) = match outcome {
                Outcome::Ok => (
                    "✔",
                    "内容、签名、账链都对得上。您不用做什么。",
                    "Content, signatures and log all match. Nothing to do.",
                ),
                Outcome::OkSuperseded => (
                    "⟳",
                    "这张表没被改过, 但后来另外公布了更正。请看更正前后有什么不同。",
                    "This notice is unchanged, but a correction was published since. Compare before and after.",
                ),
                Outcome::Partial => (
                    "◑",
                    "内容和签名对得上, 外面的见证还没有齐, 或者太久没有更新。请明天再看一次。",
                    "Content and signatures match, but witnesses are missing or have not been heard of for too long. Look again tomorrow.",
                ),
                Outcome::Cannot => (
                    "?",
                    "手机太旧, 或者网断了。这不说明账有问题, 请换个办法核对。",
                    "The phone is too old, or offline. That does not mean that anything is wrong; check in another way.",
                ),
                Outcome::Mismatch => (
                    "✘",
                    "您看到的和签过字的不一样, 或者这本账和您上次看到的不是同一本。请留好纸上的公开表, 拍下照片, 告诉乡镇纪委。",
                    "What you see is not what was signed, or this is not the ledger you saw last time. Keep the paper, photograph it, tell the township's discipline office.",
                ),
            };
            Meaning {
                state: outcome.as_str(),
                mark,
                name: visitor.lang.pick(outcome.zh(), outcome.en()),
                text: visitor.lang.pick(zh, en),
            }
        })
        .collect();
    Ok(HelpPage { f: Frame::new(web, visitor, "help")?, meanings }.render()?)
}
