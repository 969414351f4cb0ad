//! One folder for each page: its handler and view model, its words in both languages, its template.
//!
//! To add a page:
//!
//! 1. `pages/<page>/mod.rs`: the struct that the template fills in, a `handle` that ends in
//!    [`answer`](super::parts::answer::answer), and `Words` with `ZH` and `EN`. Words that outgrow a screen move to
//!    `words.rs` beside it. Words that other pages have, too, are in [`parts::words`](super::parts::words);
//! 2. `pages/<page>/<page>.html`: extends `web/parts/base.html`, says `t.…` for the words of the page and `f.t.…` for
//!    the shared ones;
//! 3. here: its `mod` line and its route.

mod help;
mod home;
mod record;
mod transparency;
mod verify;
mod village;

use axum::Router;
use axum::routing::get;

use super::parts::context::Web;

/// Returns every page and its address.
pub fn router() -> Router<Web> {
    Router::new()
        .route("/", get(home::handle))
        .route("/v/{chain}", get(village::handle))
        .route("/r/{index}", get(record::handle))
        // Upper case keeps the QR code of a notice one size smaller.
        .route("/R/{index}", get(record::handle_scanned))
        .route("/verify", get(verify::handle))
        .route("/transparency", get(transparency::handle))
        .route("/help", get(help::handle))
}
