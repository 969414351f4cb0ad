//! The words of `/v/{chain}`.

use crate::web::parts::visitor::Lang;

/// Words of the page in one language.
pub struct Words {
    pub organisations: &'static str,
    pub whom_to_ask: &'static str,
    pub affairs: &'static str,
    pub period: &'static str,
    pub all_periods: &'static str,
    pub published: &'static str,
    pub nothing_in_period: &'static str,
    pub overdue: &'static str,
    pub overdue_none: &'static str,
    pub overdue_lead: &'static str,
    pub overdue_since: &'static str,
    pub overdue_item: &'static str,
    pub overdue_how_often: &'static str,
    pub overdue_periods: &'static str,
    pub overdue_show: &'static str,
    pub overdue_party_note: &'static str,
    pub people: &'static str,
    pub people_lead: &'static str,
}

impl Words {
    /// Returns the words in a language.
    pub fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

const ZH: Words = Words {
    organisations: "公开单位",
    whom_to_ask: "不明白问谁",
    affairs: "栏目",
    period: "看哪一期",
    all_periods: "全部",
    published: "已经公开",
    nothing_in_period: "这一期在这个栏目没有公开的事项。",
    overdue: "还欠哪些",
    overdue_none: "按公开目录, 这个栏目到今天没有欠公开的。",
    overdue_lead: "按公开目录和县里的期限, 到今天应当公开而没有公开的:",
    overdue_since: "从开账算起",
    overdue_item: "事项",
    overdue_how_often: "多久一次",
    overdue_periods: "欠哪几期",
    overdue_show: "看清单",
    overdue_party_note: "只列定期公开的事项; 有事才公开的不在内。",
    people: "谁有资格签字",
    people_lead: "现在登记在本村账上的钥匙。一个人可以有几把, 一把钥匙只归一个人。",
};

const EN: Words = Words {
    organisations: "Published by",
    whom_to_ask: "Whom to ask",
    affairs: "Section",
    period: "Period",
    all_periods: "All",
    published: "Published",
    nothing_in_period: "Nothing was published in this section for this period.",
    overdue: "Still owed",
    overdue_none: "Nothing in this section is overdue today, going by the disclosure catalogue.",
    overdue_lead: "Due by today under the catalogue and the county's deadlines, but not published:",
    overdue_since: "counted from the day the books were opened",
    overdue_item: "Item",
    overdue_how_often: "How often",
    overdue_periods: "Periods missing",
    overdue_show: "Show the list",
    overdue_party_note: "Only items with a fixed period are listed, not those published on an event.",
    people: "Who may sign",
    people_lead: "Keys now registered in this village's chain. A person may hold several; a key belongs to one person.",
};
