//! `/help`: how to read, how to check, what the verdicts mean, whom to ask.

mod words;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sanwu_schema::verify::State as Outcome;

use crate::web::parts::answer::answer;
use crate::web::parts::context::Web;
use crate::web::parts::error::PageError;
use crate::web::parts::frame::Frame;
use crate::web::parts::visitor::Visitor;
use words::Words;

/// What a verdict means and what to do.
struct Meaning {
    state: &'static str,
    mark: &'static str,
    name: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "web/pages/help/help.html")]
struct HelpPage<'a> {
    f: Frame<'a>,
    t: &'static Words,
    meanings: Vec<Meaning>,
}

/// `GET /help`
pub async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    answer(web, visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, PageError> {
    let t = Words::of(visitor.lang);
    let meanings = Outcome::ALL.iter().map(|outcome| {
        let (mark, text) = match outcome {
            Outcome::Ok => ("✔", t.ok),
            Outcome::OkSuperseded => ("⟳", t.ok_superseded),
            Outcome::Partial => ("◑", t.partial),
            Outcome::Cannot => ("?", t.cannot),
            Outcome::Mismatch => ("✘", t.mismatch),
        };
        Meaning { state: outcome.as_str(), mark, name: visitor.lang.pick(outcome.zh(), outcome.en()), text }
    });
    let meanings = meanings.collect();
    Ok(HelpPage { f: Frame::new(web, visitor, "help")?, t, meanings }.render()?)
}
