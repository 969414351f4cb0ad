//! From a page's function to a response.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::context::Web;
use super::error::{self, PageError};
use super::visitor::Visitor;
use super::words::Words;

/// Answers with a page, built on the blocking pool because the reader may wait for a disk.
pub async fn answer(
    web: Web,
    visitor: Visitor,
    build: impl FnOnce(&Web, &Visitor) -> Result<String, PageError> + Send + 'static,
) -> Response {
    let built = tokio::task::spawn_blocking(move || {
        let page = match build(&web, &visitor) {
            Ok(html) => Ok((StatusCode::OK, html)),
            Err(trouble) => error::page(&web, &visitor, trouble),
        };
        (page, visitor)
    });
    match built.await {
        Ok((Ok((status, html)), visitor)) => page_response(status, html, &visitor),
        // Not even the error page came out.
        Ok((Err(_), _)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Answers a path that nobody serves.
pub async fn nothing_here(web: Web, visitor: Visitor) -> Response {
    answer(web, visitor, |_, _| Err(PageError::NotFound(error::NotThere::Page))).await
}

fn page_response(status: StatusCode, html: String, visitor: &Visitor) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Language"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(Words::of(visitor.lang).html_lang));
    for cookie in visitor.cookies_to_set() {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
