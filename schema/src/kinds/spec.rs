//! What every kind has to say of itself. No member has a default: a kind that leaves one out does not compile.

use super::Kind;
use super::admit::{Books, Context, Findings};
use super::example::Example;
use super::grant::KeyGrant;
use super::parts::Attachment;
use crate::json::{Canon, JsonError};
use crate::labels::Labelled;
use crate::record::statement::{Rel, Role};

/// A kind of statement, implemented once in the kind's own file.
pub(crate) trait KindSpec {
    /// The body, with labels for its members.
    type Body: Canon + Labelled;

    /// What the kind does in its chain.
    const SORT: Sort;

    /// A content that is admitted.
    const EXAMPLE: Example;

    /// Returns the files that belong to the body.
    fn attachments(body: &Self::Body) -> &[Attachment];

    /// Returns the number under which people quote it: of a decision, of a contract.
    fn number(body: &Self::Body) -> Option<&str>;

    /// Tells all that is wrong with a body. Texts and files are checked for every kind alike, before this.
    fn admit<B: Books>(body: &Self::Body, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error>;
}

/// The control member of a kind that has one.
pub(crate) trait ControlRecord: Canon + Labelled {
    /// Returns the keys whose bytes it states.
    fn grants(&self) -> &[KeyGrant];

    /// Checks what the types do not: lists that are sorted or not empty. Grants are checked for every kind alike.
    fn check_shape(&self) -> Result<(), JsonError>;
}

/// What a kind does in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Changes the ring or the rules.
    Control {
        /// Whether it is the first entry of its chain, and never another.
        opens: bool,
        /// Whether keys that it grants itself may sign it.
        own_keys: bool,
        /// Whose signatures it needs.
        approval: Approval,
    },
    /// Publishes an item of the catalogue.
    Disclosure {
        /// Whether one is due every period, when its item is periodic. Otherwise it has no period at all.
        periods: bool,
        /// Under which items, in the built-in catalogue.
        items: Items,
        /// The references it may have, in the built-in catalogue.
        rels: &'static [Rel],
    },
    /// Changes an earlier disclosure, whose kind its control names.
    Amendment {
        /// Who signs beside the roles of the disclosure's item, sorted.
        more_roles: &'static [Role],
    },
}

/// Whose signatures a statement needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// As many root keys as the log's threshold says.
    Roots,
    /// The authority.
    Authority,
    /// The granted key and the authority (in `root`: the roots).
    Grant,
    /// The key that ends itself, or the authority (in `root`: the roots).
    Revocation,
    /// The roles of the item that it is published under.
    Item,
}

/// Under which items of the catalogue a disclosure is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// It has no code; roles and issuers are those of this item.
    Like(&'static str),
    /// These, which no other kind may have.
    Only(&'static [&'static str]),
    /// These; a notice may be published under them too.
    Shared(&'static [&'static str]),
    /// Every item that no other kind keeps for itself.
    Rest,
    /// Every item.
    Any,
}

impl Kind {
    /// Returns whether it changes the ring or the rules.
    pub const fn is_control(self) -> bool {
        matches!(self.sort(), Sort::Control { .. })
    }

    /// Returns whether it publishes an item of the catalogue.
    pub const fn is_disclosure(self) -> bool {
        matches!(self.sort(), Sort::Disclosure { .. })
    }

    /// Returns whether it opens a chain.
    pub const fn is_genesis(self) -> bool {
        matches!(self.sort(), Sort::Control { opens: true, .. })
    }

    /// Returns whether keys that its control grants may sign it. Whom a chain's genesis appoints cannot open the chain.
    pub const fn signed_by_own_keys(self) -> bool {
        matches!(self.sort(), Sort::Control { own_keys: true, .. })
    }

    /// Returns whose signatures it needs.
    pub const fn approval(self) -> Approval {
        match self.sort() {
            Sort::Control { approval, .. } => approval,
            Sort::Disclosure { .. } | Sort::Amendment { .. } => Approval::Item,
        }
    }

    /// Returns who signs beside the roles of the item.
    pub const fn more_roles(self) -> &'static [Role] {
        match self.sort() {
            Sort::Amendment { more_roles } => more_roles,
            Sort::Control { .. } | Sort::Disclosure { .. } => &[],
        }
    }

    /// Returns whether it has periods where its item has them.
    pub const fn has_periods(self) -> bool {
        !matches!(self.sort(), Sort::Disclosure { periods: false, .. })
    }

    /// Returns whether it may be published under any item of the catalogue.
    pub const fn takes_any_item(self) -> bool {
        matches!(self.sort(), Sort::Disclosure { items: Items::Any, .. })
    }

    /// Returns whether a notice may be published under the items that are this kind's.
    pub const fn leaves_items_to_notices(self) -> bool {
        matches!(self.sort(), Sort::Disclosure { items: Items::Shared(_) | Items::Rest, .. })
    }

    /// Returns the item whose roles and issuers are this kind's, when it has no code of its own.
    pub const fn like(self) -> Option<&'static str> {
        match self.sort() {
            Sort::Disclosure { items: Items::Like(code), .. } => Some(code),
            _ => None,
        }
    }
}
