//! Words in both languages. A text is made of both at once, so a missing translation does not compile.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

pub use sanwu_schema::lang::Lang;

/// Returns the language of the environment.
pub fn lang_of_environment() -> Lang {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Lang::of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).as_deref())
}

/// Reads the word for a language on the command line.
pub fn lang_parser() -> impl TypedValueParser<Value = Lang> {
    let words = Lang::ALL.iter().map(|lang| PossibleValue::new(lang.as_str()));
    PossibleValuesParser::new(words).map(|word| Lang::parse(&word).unwrap_or(Lang::Zh))
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    /// Returns a text that is the same in both: a path, a number, a code.
    pub fn same(text: impl Into<String>) -> Self {
        let zh = text.into();
        Self { en: zh.clone(), zh }
    }

    /// Returns the text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::same(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::same(text)
    }
}

/// A [`Text`] from two format strings with the same arguments.
macro_rules! text {
    ($zh:literal, $en:literal $(, $arg:expr)* $(,)?) => {
        $crate::text::Text { zh: format!($zh $(, $arg)*), en: format!($en $(, $arg)*) }
    };
}
pub(crate) use text;
