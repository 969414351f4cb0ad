//! Two declarative macros: `record!` for objects, `words!` for closed sets of words. A member's place in the
//! macro is its place in the canonical form.

/// Declares a struct with one canonical JSON form. `name: T` must be there, `name [opt]: T` may be absent.
///
/// A member whose JSON name is not the field's is written `field as "name": T`. A member that people read has its label
/// before the type: `approved_fen [opt] "批准金额", "Amount approved": i64` (see [`crate::labels`]).
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$fmeta:meta])* $field:ident $(as $json:literal)? $([$opt:tt])? $($zh:literal, $en:literal)? : $ty:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name {
            $( $( #[doc = concat!($zh, " (", $en, ").")] )? $(#[$fmeta])* #[allow(missing_docs)]
            pub $field: $crate::json::record!(@type $ty $(, $opt)?) ),*
        }

        impl $crate::json::Canon for $name {
            fn read(value: &$crate::json::Value) -> Result<Self, $crate::json::JsonError> {
                $crate::json::only(value, <Self as $crate::labels::Labelled>::MEMBERS)?;
                $( let $field = $crate::json::record!(@read value, $crate::json::record!(@name $field $(, $json)?), $ty $(, $opt)?); )*
                Ok(Self { $( $field ),* })
            }
            fn write(&self, out: &mut alloc::string::String) {
                let mut object = $crate::json::ObjectWriter::open(out);
                $( $crate::json::record!(@write self.$field, $crate::json::record!(@name $field $(, $json)?), object $(, $opt)?); )*
                object.close();
            }
        }

        impl $crate::labels::Labelled for $name {
            const MEMBERS: &'static [&'static str] = &[$( $crate::json::record!(@name $field $(, $json)?) ),*];
            const COLUMNS: &'static [$crate::labels::Column] = &[$( $( $crate::labels::Column {
                name: stringify!($field),
                label: $crate::labels::Label { zh: $zh, en: $en },
            }, )? )*];
            #[allow(unused_mut, clippy::vec_init_then_push)]
            fn values(&self) -> alloc::vec::Vec<Option<$crate::labels::Shown<'_>>> {
                let mut values = alloc::vec::Vec::new();
                $( $crate::json::record!(@show values, self.$field, [$($opt)?] $($zh)?); )*
                values
            }
        }
    };
    (@show $values:ident, $member:expr, [$($opt:tt)?]) => {};
    (@show $values:ident, $member:expr, [] $zh:literal) => { $values.push(Some($crate::labels::Show::show(&$member))); };
    (@show $values:ident, $member:expr, [opt] $zh:literal) => {
        $values.push($member.as_ref().map($crate::labels::Show::show));
    };
    (@type $ty:ty) => { $ty };
    (@type $ty:ty, opt) => { Option<$ty> };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident, $json:literal) => { $json };
    (@read $value:ident, $name:expr, $ty:ty) => { $crate::json::member::<$ty>($value, $name)? };
    (@read $value:ident, $name:expr, $ty:ty, opt) => { $crate::json::optional::<$ty>($value, $name)? };
    (@write $self:ident . $field:ident, $name:expr, $object:ident) => { $object.member($name, &$self.$field); };
    (@write $self:ident . $field:ident, $name:expr, $object:ident, opt) => {
        if let Some(member) = &$self.$field {
            $object.member($name, member);
        }
    };
}

/// Declares a closed set of words with their Chinese and English labels.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $variant:ident = $word:literal, $zh:literal, $en:literal; )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( #[doc = $en] $variant, )+ }

        impl $name {
            /// Every word, in table order.
            pub const ALL: &'static [$name] = &[$( $name::$variant, )+];
            /// Returns the word in the bytes.
            pub const fn as_str(self) -> &'static str { match self { $( $name::$variant => $word, )+ } }
            /// Returns the Chinese label.
            pub const fn zh(self) -> &'static str { match self { $( $name::$variant => $zh, )+ } }
            /// Returns the English label.
            pub const fn en(self) -> &'static str { match self { $( $name::$variant => $en, )+ } }
            /// Returns the value that a word names.
            pub fn parse(word: &str) -> Option<Self> { match word { $( $word => Some($name::$variant), )+ _ => None } }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { f.write_str(self.as_str()) }
        }

        impl $crate::labels::Show for $name {
            fn show(&self) -> $crate::labels::Shown<'_> {
                $crate::labels::Shown::Word($crate::labels::Label { zh: self.zh(), en: self.en() })
            }
        }

        impl $crate::json::Canon for $name {
            fn read(value: &$crate::json::Value) -> Result<Self, $crate::json::JsonError> {
                let text = <alloc::string::String as $crate::json::Canon>::read(value)?;
                Self::parse(&text).ok_or_else(|| $crate::json::JsonError::new($crate::error_code::ErrorCode::JsonValue, ""))
            }
            fn write(&self, out: &mut alloc::string::String) { $crate::json::write_str(self.as_str(), out); }
        }
    };
}

pub(crate) use {record, words};
