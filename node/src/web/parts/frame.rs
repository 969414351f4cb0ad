//! What every page shows around its content.

use sanwu_schema::kinds::Purpose;
use sanwu_schema::record::statement::ChainId;

use super::assets::{ASSETS, Asset};
use super::context::Web;
use super::site::Site;
use super::visitor::{Lang, Visitor};
use super::words::Words;
use crate::log::ReadError;

/// What `base.html` fills in: language and size, the banner of a test log, who runs the site.
pub struct Frame<'a> {
    pub t: &'static Words,
    pub lang: Lang,
    pub big: bool,
    /// Whether the log's first entry says that it is a test log.
    pub test: bool,
    pub site: &'a Site,
    pub css: Asset,
    pub icon: Asset,
    /// The address of the same page in the other language.
    pub other_lang: String,
    /// The address of the same page in the other size of type.
    pub other_size: String,
    /// The entry of the navigation that is marked as current.
    pub current: &'static str,
    pub origin: String,
}

impl<'a> Frame<'a> {
    pub fn new(web: &'a Web, visitor: &Visitor, current: &'static str) -> Result<Self, ReadError> {
        let lang = visitor.lang;
        // Before the first entry nothing is known; a log without entries shows no notices either.
        let root = web.reader.chain(&ChainId::root())?;
        Ok(Self {
            t: Words::of(lang),
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
