//! What the table of kinds gives: the enums, and every match over all kinds.

/// Declares the kinds, one a line: `file: Kind(Body) with Control = word, zh, en;`, `with Control` where it has one.
macro_rules! kinds {
    ($( $file:ident: $kind:ident($body:ty) $(with $control:ty)? = $word:literal, $zh:literal, $en:literal; )+) => {
        words! {
            /// What a statement is.
            pub enum Kind { $( $kind = $word, $zh, $en; )+ }
        }

        impl Kind {
            /// Returns what the kind does in its chain.
            pub const fn sort(self) -> Sort {
                match self { $( Self::$kind => <$file::Spec as KindSpec>::SORT, )+ }
            }

            /// Returns whether its statements have a control.
            pub const fn has_control(self) -> bool {
                match self { $( Self::$kind => $crate::kinds::table::kinds!(@has $($control)?), )+ }
            }

            /// Returns the members of its body: the names of all, and the labelled ones.
            #[cfg(test)]
            const fn members(self) -> (&'static [&'static str], &'static [$crate::labels::Column]) {
                match self { $( Self::$kind => (<$body as Labelled>::MEMBERS, <$body as Labelled>::COLUMNS), )+ }
            }

            /// Returns a content of this kind that is admitted.
            pub const fn example(self) -> Example {
                match self { $( Self::$kind => <$file::Spec as KindSpec>::EXAMPLE, )+ }
            }
        }

        /// A body, understood by its statement's kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Body { $( $kind($body), )+ }

        impl Body {
            fn from_bytes(kind: Kind, bytes: &[u8]) -> Result<Self, JsonError> {
                Ok(match kind { $( Kind::$kind => Self::$kind(from_canonical(bytes)?), )+ })
            }

            /// Reads a body of that kind; members in any order.
            pub fn read(kind: Kind, value: &Value) -> Result<Self, JsonError> {
                Ok(match kind { $( Kind::$kind => Self::$kind(Canon::read(value)?), )+ })
            }

            /// Returns the kind of statement that publishes it.
            pub const fn kind(&self) -> Kind {
                match self { $( Self::$kind(_) => Kind::$kind, )+ }
            }

            /// Returns the canonical bytes.
            pub fn to_bytes(&self) -> Vec<u8> {
                match self { $( Self::$kind(body) => to_canonical(body), )+ }
            }

            /// Returns the title.
            pub fn title(&self) -> &str {
                match self { $( Self::$kind(body) => &body.title, )+ }
            }

            /// Returns the files that belong to it.
            pub fn attachments(&self) -> &[Attachment] {
                match self { $( Self::$kind(body) => <$file::Spec as KindSpec>::attachments(body), )+ }
            }

            /// Returns the number under which people quote it: of a decision, of a contract.
            pub fn number(&self) -> Option<&str> {
                match self { $( Self::$kind(body) => <$file::Spec as KindSpec>::number(body), )+ }
            }

            /// Returns the members that people read, with their labels; the title is not among them.
            pub fn fields(&self) -> Vec<Field<'_>> {
                match self { $( Self::$kind(body) => body.fields(), )+ }
            }

            /// Tells all that is wrong with it by the rules of its kind.
            pub(crate) fn admit<B: Books>(&self, on: &Context<'_, B>, out: &mut Findings) -> Result<(), B::Error> {
                match self { $( Self::$kind(body) => <$file::Spec as KindSpec>::admit(body, on, out), )+ }
            }
        }

        /// The control member, understood by its statement's kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, clippy::large_enum_variant)]
        pub enum Control { $( $( $kind($control), )? )+ }

        impl Control {
            /// `None` for a kind that has no control.
            fn from_value(kind: Kind, value: &Value) -> Result<Option<Self>, JsonError> {
                let control = match kind {
                    $( $( Kind::$kind => <$control as Canon>::read(value).map(Self::$kind), )? )+
                    _ => return Ok(None),
                };
                control.map(Some).map_err(|e| e.within("control"))
            }

            /// Returns the kind of statement that has it.
            pub const fn kind(&self) -> Kind {
                match self { $( $( Self::$kind(_) => $crate::kinds::table::kinds!(@first Kind::$kind, $control), )? )+ }
            }

            /// Returns the control as a JSON value.
            pub fn to_value(&self) -> Value {
                let text = match self { $( $( Self::$kind(control) => to_text::<$control>(control), )? )+ };
                // What was just written reads back; an empty object would fail every later check anyway.
                from_json(text.as_bytes()).unwrap_or(Value::Object(Vec::new()))
            }

            /// Returns the keys whose bytes the control states.
            pub fn grants(&self) -> &[KeyGrant] {
                match self { $( $( Self::$kind(control) => <$control as ControlRecord>::grants(control), )? )+ }
            }

            /// Returns the members that people read, with their labels.
            pub fn fields(&self) -> Vec<Field<'_>> {
                match self { $( $( Self::$kind(control) => <$control as Labelled>::fields(control), )? )+ }
            }

            fn check_shape(&self) -> Result<(), JsonError> {
                match self { $( $( Self::$kind(control) => <$control as ControlRecord>::check_shape(control), )? )+ }
            }
        }
    };
    // The value; the control only says for which kinds.
    (@first $value:expr, $control:ty) => { $value };
    (@has) => { false };
    (@has $control:ty) => { true };
}

pub(super) use kinds;
