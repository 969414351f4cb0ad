//! The disclosure catalogue (公开目录): which items a village publishes, how often, who signs.
//!
//! The content is in the log (`log_genesis`, `catalogue`) and is named by its digest in every ring, so a
//! later amendment never changes what an older statement had to fulfil. The built-in table below is version 1.

pub mod account;
mod items;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::Hash;
use crate::date::{Date, Period};
use crate::error_code::ErrorCode;
use crate::json::{JsonError, record, to_canonical, words};
use crate::kinds::Kind;
use crate::record::statement::{ItemCode, OrgKind, Rel, Role, Statement, roles_sorted, sort_roles};

pub use items::{ItemText, built_in, item_text};

words! {
    /// 三务: which of the three affairs.
    pub enum Affairs {
        Party = "party", "党务", "party affairs";
        Village = "village", "村务", "village affairs";
        Finance = "finance", "财务", "financial affairs";
    }
}

impl Affairs {
    /// Returns the affairs that a disclosure belongs to: its item's, or those of the item that its kind is like.
    ///
    /// Control kinds belong to none.
    pub fn of_kind(kind: Kind, code: Option<&ItemCode>) -> Option<Self> {
        code.map(Self::of).or_else(|| kind.like().and_then(ItemCode::parse).as_ref().map(Self::of))
    }

    /// Returns the affairs an item belongs to, by its letter.
    pub fn of(code: &ItemCode) -> Self {
        match code.as_str().as_bytes().first() {
            Some(b'D') => Self::Party,
            Some(b'F') => Self::Finance,
            _ => Self::Village,
        }
    }
}

words! {
    /// How often an item is due.
    pub enum Frequency {
        Monthly = "monthly", "每月", "monthly";
        Quarterly = "quarterly", "每季度", "quarterly";
        HalfYearly = "half_yearly", "每半年", "half-yearly";
        Yearly = "yearly", "每年", "yearly";
        Standing = "standing", "长期", "standing";
        Event = "event", "随时", "on the event";
        Request = "request", "按要求", "on request";
    }
}

impl Frequency {
    /// Returns whether every period needs one notice (or a nil return).
    pub fn is_periodic(self) -> bool {
        matches!(self, Self::Monthly | Self::Quarterly | Self::HalfYearly | Self::Yearly)
    }

    /// Returns whether a period has the form this frequency asks for; an item without periods takes none.
    pub fn fits(self, period: Option<&Period>) -> bool {
        match (self, period) {
            (Self::Monthly, Some(p)) => p.is_month(),
            (Self::Quarterly, Some(p)) => p.is_quarter(),
            (Self::HalfYearly, Some(p)) => p.is_half(),
            (Self::Yearly, Some(p)) => p.is_year(),
            (Self::Standing | Self::Event | Self::Request, None) => true,
            _ => false,
        }
    }

    /// Returns the period that a day is in; `None` for frequencies without periods.
    pub fn period_of(self, day: &Date) -> Option<Period> {
        let month = day.month();
        let (year, month) = month.as_str().split_once('-')?;
        let month: u32 = month.parse().ok()?;
        Period::parse(&match self {
            Self::Monthly => return Some(day.month()),
            Self::Quarterly => format!("{year}-Q{}", month.div_ceil(3)),
            Self::HalfYearly => format!("{year}-H{}", month.div_ceil(6)),
            Self::Yearly => String::from(year),
            Self::Standing | Self::Event | Self::Request => return None,
        })
    }
}

words! {
    /// Whether an item's notices hold personal information (个人信息).
    pub enum Pii {
        None = "none", "无", "none";
        P1 = "p1", "姓名职务", "names and offices";
        P2 = "p2", "分户名单", "lists of households";
    }
}

words! {
    /// Who may read an item (公开范围).
    pub enum Audience {
        Public = "public", "向社会公开", "the public";
        Inner = "inner", "党内公开", "party members";
    }
}

record! {
    /// One item: the machine part. Name and law are in the catalogue's body and in [`item_text`].
    pub struct Item {
        /// `D01` … `F18`.
        code "事项", "Item": ItemCode,
        frequency "多久一次", "How often": Frequency,
        /// Whose keys must sign, sorted.
        roles "谁签字", "Who signs": Vec<Role>,
        /// Which organisations may issue it.
        issuers "谁公开", "Who publishes": Vec<OrgKind>,
        /// Items that are not public are not logged one by one.
        audience "公开范围", "Audience": Audience,
        pii "个人信息", "Personal data": Pii,
        /// Of display (村民委员会组织法 art. 35: at least 15).
        days "公示天数", "Days of display": u64,
    }
}

record! {
    /// What a kind of statement may name and whose signatures it needs.
    pub struct KindRule {
        kind "种类", "Kind": Kind,
        /// The item whose roles and issuers apply when the kind has no code of its own.
        like as "as" [opt] "按哪个事项", "As item": ItemCode,
        /// The codes it may have; absent = any item (a notice: any that has no kind of its own but a decision's).
        codes [opt] "事项", "Items": Vec<ItemCode>,
        /// The references it may have.
        rels "可以引用", "References": Vec<Rel>,
    }
}

record! {
    /// A catalogue: the rules in force for a chain.
    pub struct Catalogue {
        /// Counts up.
        version "版本", "Version": u64,
        /// Sorted by code.
        items "事项", "Items": Vec<Item>,
        /// In the order of the table in `FORMAT.md`.
        kinds "种类", "Kinds": Vec<KindRule>,
    }
}

record! {
    /// Roles that a county adds to an item.
    pub struct ExtraRoles {
        code "事项", "Item": ItemCode,
        roles "谁签字", "Who signs": Vec<Role>,
    }
}

record! {
    /// The county's profile (县级规则): deadlines, thresholds, additional signatures.
    pub struct Profile {
        /// Counts up.
        version "版本", "Version": u64,
        cash_limit_fen "库存现金限额", "Limit of cash on hand": i64,
        /// From here on a payment needs a decision (大额资金).
        major_amount_fen "大额支出起点", "Major payments start at": i64,
        month_due_days "每月公开期限 (月末后天数)", "Monthly items due, days after the month's end": u64,
        quarter_due_days "每季公开期限 (季末后天数)", "Quarterly items due, days after the quarter's end": u64,
        event_due_days "随时公开期限 (事后天数)", "Other items due, days after the event": u64,
        /// Never fewer than the law's 15.
        display_days "公示天数", "Days of display": u64,
        /// To answer a question.
        reply_days "答复天数", "Days to answer": u64,
        /// Additional signatures; a profile never takes one away.
        extra_roles [opt] "加签", "Additional signatures": Vec<ExtraRoles>,
    }
}

impl Item {
    /// Returns whether one statement of that kind is due every period.
    pub fn is_periodic(&self, kind: Kind) -> bool {
        kind.has_periods() && self.frequency.is_periodic()
    }

    /// Returns whether a statement of that kind has a period of this form, or rightly has none.
    pub fn takes_period(&self, kind: Kind, period: Option<&Period>) -> bool {
        if self.is_periodic(kind) { self.frequency.fits(period) } else { period.is_none() }
    }
}

impl Catalogue {
    /// Checks what the types do not: items sorted by code, each once; their roles sorted and not empty.
    pub(crate) fn check_shape(&self) -> Result<(), JsonError> {
        let sorted = self.items.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code));
        if sorted && self.items.iter().all(|i| !i.roles.is_empty() && roles_sorted(&i.roles)) {
            return Ok(());
        }
        Err(JsonError::new(ErrorCode::JsonValue, "control.catalogue.items"))
    }

    /// Returns the SHA-256 of the canonical content: what a ring names.
    pub fn digest(&self) -> Hash {
        Hash::digest(&to_canonical(self))
    }

    /// Returns the item of that code.
    pub fn item(&self, code: &ItemCode) -> Option<&Item> {
        self.items.iter().find(|i| i.code == *code)
    }

    /// Returns the rule of a kind.
    pub fn rule(&self, kind: Kind) -> Option<&KindRule> {
        self.kinds.iter().find(|k| k.kind == kind)
    }

    /// Returns the item whose roles and issuers a disclosure of this kind and code falls under, when the two go
    /// together.
    pub fn governing(&self, kind: Kind, code: Option<&ItemCode>) -> Option<&Item> {
        let rule = self.rule(kind)?;
        match (&rule.like, code) {
            (Some(like), None) => self.item(like),
            (None, Some(code)) => {
                let allowed = match &rule.codes {
                    Some(codes) => codes.contains(code),
                    None => kind.takes_any_item() || self.kind_of(code).leaves_items_to_notices(),
                };
                if allowed { self.item(code) } else { None }
            }
            _ => None,
        }
    }

    /// Returns the class of personal data of the item that a statement falls under; none when it falls under none.
    pub fn pii_of(&self, statement: &Statement) -> Pii {
        self.governing(statement.effective_kind(), statement.code.as_ref()).map_or(Pii::None, |item| item.pii)
    }

    /// Returns the kind in which an item is published: its own, or the text-and-table notice.
    pub fn kind_of(&self, code: &ItemCode) -> Kind {
        self.kinds.iter().find(|k| k.codes.as_ref().is_some_and(|c| c.contains(code))).map_or(Kind::Notice, |k| k.kind)
    }

    /// Returns the roles that must sign: the item's, and those that the profile adds.
    pub fn required_roles(&self, profile: Option<&Profile>, kind: Kind, code: Option<&ItemCode>) -> Option<Vec<Role>> {
        let item = self.governing(kind, code)?;
        let mut roles = item.roles.clone();
        let extra = profile.and_then(|p| p.extra_roles.as_ref()).into_iter().flatten();
        roles.extend(extra.filter(|e| e.code == item.code).flat_map(|e| e.roles.iter().copied()));
        sort_roles(&mut roles);
        Some(roles)
    }
}

impl Profile {
    /// Returns the SHA-256 of the canonical content: what a ring names.
    pub fn digest(&self) -> Hash {
        Hash::digest(&to_canonical(self))
    }
}

#[cfg(test)]
mod tests;
