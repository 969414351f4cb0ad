//! `/`: the villages and the newest publications.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sanwu_schema::record::statement::ChainId;

use crate::log::ReadError;
use crate::web::parts::answer::answer;
use crate::web::parts::context::Web;
use crate::web::parts::error::PageError;
use crate::web::parts::frame::Frame;
use crate::web::parts::rows::{NoticeRow, row};
use crate::web::parts::visitor::{Lang, Visitor};

/// Villages on the page, at most; a county has some 300.
const VILLAGES_MAX: usize = 500;
/// Newest publications on the page, at most.
const NEWEST_MAX: usize = 12;
/// Entries at the end of the log that are searched for them.
const LOOK_BACK: u64 = 60;

struct Village {
    href: String,
    name: String,
    code: String,
}

#[derive(Template)]
#[template(path = "web/pages/home/home.html")]
struct HomePage<'a> {
    f: Frame<'a>,
    t: &'static Words,
    villages: Vec<Village>,
    more: bool,
    newest: Vec<NoticeRow>,
}

/// `GET /`
pub async fn handle(State(web): State<Web>, visitor: Visitor) -> Response {
    answer(web, visitor, page).await
}

fn page(web: &Web, visitor: &Visitor) -> Result<String, PageError> {
    let mut chains = web.reader.chains(None, VILLAGES_MAX + 2)?;
    chains.retain(|(chain, _)| !chain.is_root());
    let more = chains.len() > VILLAGES_MAX;
    chains.truncate(VILLAGES_MAX);
    let villages = chains
        .iter()
        .map(|(chain, _)| {
            let name = web.views.name(chain)?;
            Ok(Village { href: format!("/v/{chain}"), name, code: chain.as_str().to_owned() })
        })
        .collect::<Result<_, ReadError>>()?;
    let newest = newest(web, visitor.lang)?;
    Ok(HomePage { f: Frame::new(web, visitor, "home")?, t: Words::of(visitor.lang), villages, more, newest }
        .render()?)
}

fn newest(web: &Web, lang: Lang) -> Result<Vec<NoticeRow>, ReadError> {
    let size = web.reader.committed().position.size;
    let mut rows = Vec::new();
    for index in (size.saturating_sub(LOOK_BACK)..size).rev() {
        if rows.len() >= NEWEST_MAX {
            break;
        }
        // A raw leaf of a load test is no notice.
        let Ok(Some(logged)) = web.reader.entry(index) else { continue };
        let chain: &ChainId = &logged.entry.statement.chain;
        let Some(view) = web.views.chain(chain)? else { continue };
        let Some(entry) = view.by_id(&logged.entry.id).filter(|e| e.affairs().is_some()) else { continue };
        rows.push(row(lang, entry, Some(&view.unit_name)));
    }
    Ok(rows)
}

/// Words of the page in one language.
struct Words {
    lead: &'static str,
    villages: &'static str,
    no_villages: &'static str,
    newest: &'static str,
    nothing_yet: &'static str,
    how_to_check: &'static str,
    how_to_check_text: &'static str,
    more_villages: &'static str,
}

impl Words {
    /// Returns the words in a language.
    fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    lead: "村里的党务、村务、财务, 谁签的字、改没改过, 您的手机自己就能核对。",
    villages: "哪个村",
    no_villages: "还没有村开账。",
    newest: "最新公开",
    nothing_yet: "还没有公开任何事项。",
    how_to_check: "怎么核对",
    how_to_check_text: "打开任何一张公开表, 最上面就是核对结果: 是您的手机自己算出来的, 不用注册, 不用装程序。",
    more_villages: "还有更多的村",
};

const EN: Words = Words {
    lead: "Party, village and financial affairs: who signed, and whether anything was changed since. Your own phone checks it.",
    villages: "Villages",
    no_villages: "No village has opened its books yet.",
    newest: "Newest publications",
    nothing_yet: "Nothing has been published yet.",
    how_to_check: "How checking works",
    how_to_check_text: "Open any notice: the verdict is at the top. Your phone computes it by itself. No account, no app.",
    more_villages: "There are more villages",
};
