//! Who asks: language, size of type, and the address by which the site was reached.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};

pub use sanwu_schema::lang::Lang;

/// What a page takes from the request.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub lang: Lang,
    /// Whether type is large (长辈版).
    pub big: bool,
    /// Path and query, without the switches for language and size.
    pub here: String,
    /// Scheme and host by which the site was reached, when the request has a well-formed one.
    pub base: Option<String>,
    query: Vec<(String, String)>,
    chose_lang: bool,
    chose_size: bool,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = pairs(parts.uri.query().unwrap_or_default());
        let asked = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let lang_asked = asked("lang").and_then(Lang::parse);
        let size_asked = asked("size").and_then(size);
        let kept: Vec<&str> = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|p| !p.is_empty() && !p.starts_with("lang=") && !p.starts_with("size="))
            .collect();
        let here = if kept.is_empty() {
            parts.uri.path().to_owned()
        } else {
            format!("{}?{}", parts.uri.path(), kept.join("&"))
        };
        Ok(Self {
            lang: lang_asked
                .or_else(|| cookie(&parts.headers, "lang").and_then(Lang::parse))
                .unwrap_or_else(|| accepted(&parts.headers)),
            big: size_asked.or_else(|| cookie(&parts.headers, "size").and_then(size)).unwrap_or(false),
            here,
            base: base(&parts.headers),
            chose_lang: lang_asked.is_some(),
            chose_size: size_asked.is_some(),
            query,
        })
    }
}

impl Visitor {
    /// Returns a query parameter as it was sent.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Returns the address of this page with a switch set.
    pub fn here_with(&self, name: &str, value: &str) -> String {
        let join = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{join}{name}={value}", self.here)
    }

    /// Returns cookies that keep a choice made by a link. No script reads them, and they identify nobody.
    pub fn cookies_to_set(&self) -> Vec<HeaderValue> {
        let kept = |set: bool, name: &str, value: &str| {
            let text = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
            set.then(|| HeaderValue::from_str(&text).ok()).flatten()
        };
        let lang = kept(self.chose_lang, "lang", self.lang.as_str());
        let size = kept(self.chose_size, "size", if self.big { "big" } else { "normal" });
        lang.into_iter().chain(size).collect()
    }
}

fn size(word: &str) -> Option<bool> {
    match word {
        "big" => Some(true),
        "normal" => Some(false),
        _ => None,
    }
}

/// Names and values as they were sent. None of ours needs escapes, and one that has them is not ours.
fn pairs(query: &str) -> Vec<(String, String)> {
    query.split('&').filter_map(|p| p.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value)
}

/// Returns English only for a browser that asks for English before Chinese: a villager whose phone is set to a third
/// language still gets Chinese.
fn accepted(headers: &HeaderMap) -> Lang {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first = asked.split(',').map(str::trim).find(|l| l.starts_with("zh") || l.starts_with("en"));
    if first.is_some_and(|l| l.starts_with("en")) { Lang::En } else { Lang::Zh }
}

fn base(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let sensible = !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    let forwarded = headers.get("x-forwarded-proto").is_some_and(|v| v == "https");
    sensible.then(|| format!("{}://{host}", if forwarded { "https" } else { "http" }))
}
