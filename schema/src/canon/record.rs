//! Two declarative macros: `record!` for objects, `words!` for closed sets of words. A member's place in the
//! macro is its place in the canonical form.

/// Declares a struct with one canonical JSON form. `name: T` must be there, `name [opt]: T` may be absent.
///
/// A member whose JSON name is not the field's is written `field as "name": T`.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$fmeta:meta])* $field:ident $(as $json:literal)? $([$opt:tt])? : $ty:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name { $( $(#[$fmeta])* pub $field: $crate::canon::record!(@type $ty $(, $opt)?) ),* }

        impl $crate::canon::Canon for $name {
            fn read(value: &$crate::canon::Value) -> Result<Self, $crate::canon::JsonError> {
                let $crate::canon::Value::Object(members) = value else {
                    return Err($crate::canon::JsonError::new($crate::code::Code::JsonType, ""));
                };
                const NAMES: &[&str] = &[$( $crate::canon::record!(@name $field $(, $json)?) ),*];
                if let Some((unknown, _)) = members.iter().find(|(n, _)| !NAMES.contains(&n.as_str())) {
                    return Err($crate::canon::JsonError::new($crate::code::Code::JsonUnknown, unknown));
                }
                $( let $field = $crate::canon::record!(@read value, $crate::canon::record!(@name $field $(, $json)?), $ty $(, $opt)?); )*
                Ok(Self { $( $field ),* })
            }
            #[allow(unused_assignments)]
            fn write(&self, out: &mut alloc::string::String) {
                out.push('{');
                let mut first = true;
                $( $crate::canon::record!(@write self.$field, $crate::canon::record!(@name $field $(, $json)?), out, first $(, $opt)?); )*
                out.push('}');
            }
        }
    };
    (@type $ty:ty) => { $ty };
    (@type $ty:ty, opt) => { Option<$ty> };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident, $json:literal) => { $json };
    (@read $value:ident, $name:expr, $ty:ty) => {
        match $value.get($name) {
            Some(v) => <$ty as $crate::canon::Canon>::read(v).map_err(|e| e.within($name))?,
            None => return Err($crate::canon::JsonError::new($crate::code::Code::JsonMissing, $name)),
        }
    };
    (@read $value:ident, $name:expr, $ty:ty, opt) => {
        match $value.get($name) {
            Some(v) => Some(<$ty as $crate::canon::Canon>::read(v).map_err(|e| e.within($name))?),
            None => None,
        }
    };
    (@write $self:ident . $field:ident, $name:expr, $out:ident, $first:ident) => {
        if !$first { $out.push(','); }
        $first = false;
        $crate::canon::write_str($name, $out);
        $out.push(':');
        $crate::canon::Canon::write(&$self.$field, $out);
    };
    (@write $self:ident . $field:ident, $name:expr, $out:ident, $first:ident, opt) => {
        if let Some(member) = &$self.$field {
            if !$first { $out.push(','); }
            $first = false;
            $crate::canon::write_str($name, $out);
            $out.push(':');
            $crate::canon::Canon::write(member, $out);
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
            /// The word as it stands in the bytes.
            pub const fn as_str(self) -> &'static str { match self { $( $name::$variant => $word, )+ } }
            /// The Chinese label.
            pub const fn zh(self) -> &'static str { match self { $( $name::$variant => $zh, )+ } }
            /// The English label.
            pub const fn en(self) -> &'static str { match self { $( $name::$variant => $en, )+ } }
            /// The value that a word names.
            pub fn parse(word: &str) -> Option<Self> { match word { $( $word => Some($name::$variant), )+ _ => None } }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { f.write_str(self.as_str()) }
        }

        impl $crate::canon::Canon for $name {
            fn read(value: &$crate::canon::Value) -> Result<Self, $crate::canon::JsonError> {
                let text = <alloc::string::String as $crate::canon::Canon>::read(value)?;
                Self::parse(&text).ok_or_else(|| $crate::canon::JsonError::new($crate::code::Code::JsonValue, ""))
            }
            fn write(&self, out: &mut alloc::string::String) { $crate::canon::write_str(self.as_str(), out); }
        }
    };
}

pub(crate) use {record, words};
