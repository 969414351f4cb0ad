//! `/verify`: open a proof file from anywhere and let the own device check it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Web;
use super::error::Trouble;
use super::frame::Frame;
use super::record::Strip;
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    f: Frame<'a>,
    s: Strip,
}

/// `GET /verify`
pub(super) async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    web.answer(visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, Trouble> {
    let f = Frame::new(web, visitor, "verify")?;
    let page = VerifyPage { f, s: Strip::new(visitor.lang, "verify-page.js") };
    Ok(page.render()?)
}
