//! What every page shows around its content.

use sanwu_schema::kinds::Purpose;
use sanwu_schema::record::statement::ChainId;

use super::Web;
use super::assets::{ASSETS, Asset};
use super::site::Site;
use super::text::Text;
use super::visitor::{Lang, PageText, Visitor};
use crate::log::ReadError;

/// The frame of a page.
pub(super) struct Frame<'a> {
    pub t: &'static Text,
    pub lang: Lang,
    pub big: bool,
    /// Whether the log's first entry says that it is a test log.
    pub test: bool,
    pub site: &'a Site,
    pub css: Asset,
    pub icon: Asset,
    /// The same page in the other language, and in the other size.
    pub other_lang: String,
    pub other_size: String,
    /// The navigation entry that this page stands under.
    pub current: &'static str,
    pub origin: String,
}

impl<'a> Frame<'a> {
    pub(super) fn new(web: &'a Web, visitor: &Visitor, current: &'static str) -> Result<Self, ReadError> {
        let lang = visitor.lang;
        // Before the first entry nothing is known; a log without entries shows no notices either.
        let root = web.reader.chain(&ChainId::root())?;
        Ok(Self {
            t: lang.text(),
            lang,
            big: visitor.big,
            test: root.and_then(|r| r.facts.purpose) == Some(Purpose::Test),
            site: &web.site,
            css: ASSETS.get("app.css"),
            icon: ASSETS.get("icon.svg"),
            other_lang: visitor.here_with("lang", lang.pick("en", "zh")),
            other_size: visitor.here_with("size", if visitor.big { "normal" } else { "big" }),
            current,
            origin: web.reader.origin().as_str().to_owned(),
        })
    }
}
