//! The words of error pages.

use super::super::visitor::Lang;

/// Words of error pages in one language.
pub struct Words {
    pub not_found: &'static str,
    pub not_found_text: &'static str,
    pub not_found_record: &'static str,
    pub not_found_village: &'static str,
    pub internal: &'static str,
    pub internal_text: &'static str,
}

impl Words {
    /// Returns the words in a language.
    pub fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    not_found: "没有这一页",
    not_found_text: "网址可能抄错了。请从首页点进去找。",
    not_found_record: "这本账里没有这个编号的公开表。编号可能抄错了, 也可能还没有公布。",
    not_found_village: "这本账里没有这个村。",
    internal: "网站出了毛病",
    internal_text: "现在读不出来, 请过一会儿再试。账还在, 没有丢。",
};

const EN: Words = Words {
    not_found: "No such page",
    not_found_text: "The address may be mistyped. Start from the home page.",
    not_found_record: "This log has no notice with that number. It may be mistyped, or not published yet.",
    not_found_village: "This log has no such village.",
    internal: "Something is broken here",
    internal_text: "It cannot be read right now. Please try again later; nothing is lost.",
};
