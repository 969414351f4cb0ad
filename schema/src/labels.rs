//! The members of a record as people read them: what pages, terminal, reports and corrections show.
//!
//! A member gets its label where the record is declared ([`record!`](crate::json)): `approved_fen [opt] "批准金额",
//! "Amount approved": i64`. Members without one are not shown: salts, titles (they are headings), attached files.
//!
//! The verifier on a phone uses only the names of the members; nothing else of this is linked there.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hash::{Hash, b64_encode};
use crate::crypto::key::{KeyId, PublicKey};
use crate::date::{Date, Period};

/// A name in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// A labelled member of a record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The member's name, as in the JSON.
    pub name: &'static str,
    /// What people call it.
    pub label: Label,
}

/// A labelled member of one record, present in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Which member.
    pub column: &'static Column,
    /// Its value.
    pub value: Shown<'a>,
}

/// A value, typed as far as it is to be written differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Words, a number of a contract, a code.
    Text(&'a str),
    /// A word of a closed set.
    Word(Label),
    /// A day.
    Date(&'a Date),
    /// A reporting period.
    Period(&'a Period),
    /// A sum of money.
    Fen(i64),
    /// A number of persons, days, signatures.
    Count(u64),
    /// A digest, a key id, a key.
    Id(String),
    /// Several values.
    List(Vec<Shown<'a>>),
    /// A record within the record.
    Record(Vec<Field<'a>>),
    /// Several records of one type.
    Table(Table<'a>),
}

/// Records of one type, one a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// The labelled members of the type.
    pub columns: &'static [Column],
    /// The values of each record, one per column; `None` where the record has none.
    pub rows: Vec<Vec<Option<Shown<'a>>>>,
}

/// A value that people can read.
pub trait Show: Sized {
    /// Returns the value in the form in which people are shown it.
    fn show(&self) -> Shown<'_>;

    /// Returns several values of this type as one.
    fn show_all(all: &[Self]) -> Shown<'_> {
        Shown::List(all.iter().map(Self::show).collect())
    }
}

/// A record whose members have labels. Implemented by `record!`.
pub trait Labelled {
    /// The names of all members, labelled or not, in the record's order.
    const MEMBERS: &'static [&'static str];

    /// The labelled members, in the record's order.
    const COLUMNS: &'static [Column];

    /// Returns the values of the labelled members, one per column; `None` where a member is absent.
    fn values(&self) -> Vec<Option<Shown<'_>>>;

    /// Returns the labelled members that are present.
    fn fields(&self) -> Vec<Field<'_>> {
        let pairs = Self::COLUMNS.iter().zip(self.values());
        pairs.filter_map(|(column, value)| Some(Field { column, value: value? })).collect()
    }
}

impl<T: Labelled> Show for T {
    fn show(&self) -> Shown<'_> {
        Shown::Record(self.fields())
    }
    fn show_all(all: &[Self]) -> Shown<'_> {
        Shown::Table(Table { columns: T::COLUMNS, rows: all.iter().map(T::values).collect() })
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self) -> Shown<'_> {
        T::show_all(self)
    }
}

impl Show for String {
    fn show(&self) -> Shown<'_> {
        Shown::Text(self)
    }
}

impl Show for Date {
    fn show(&self) -> Shown<'_> {
        Shown::Date(self)
    }
}

impl Show for Period {
    fn show(&self) -> Shown<'_> {
        Shown::Period(self)
    }
}

/// Every signed integer of a record is a sum of money.
impl Show for i64 {
    fn show(&self) -> Shown<'_> {
        Shown::Fen(*self)
    }
}

impl Show for u64 {
    fn show(&self) -> Shown<'_> {
        Shown::Count(*self)
    }
}

impl Show for Hash {
    fn show(&self) -> Shown<'_> {
        Shown::Id(self.to_text())
    }
}

impl Show for KeyId {
    fn show(&self) -> Shown<'_> {
        Shown::Id(self.to_hex())
    }
}

impl Show for PublicKey {
    fn show(&self) -> Shown<'_> {
        Shown::Id(b64_encode(self.as_bytes()))
    }
}

/// Shows types of a fixed shape as texts.
macro_rules! show_as_text {
    ($($name:ident),*) => {
        $( impl $crate::labels::Show for $name {
            fn show(&self) -> $crate::labels::Shown<'_> {
                $crate::labels::Shown::Text(self.as_str())
            }
        } )*
    };
}
pub(crate) use show_as_text;
