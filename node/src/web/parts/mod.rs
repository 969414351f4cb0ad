//! What pages share. Parts know no page.
//!
//! `context` is what a page needs of the server, `visitor` who asks, `frame` and `answer` what every page has around
//! its content; the rest are pieces of content. Words and templates are beside the part that shows them.

pub mod answer;
pub mod assets;
pub mod content;
pub mod context;
pub mod error;
pub mod format;
pub mod frame;
pub mod people;
pub mod qr;
pub mod rows;
pub mod site;
pub mod verdict;
pub mod visitor;
pub mod words;
