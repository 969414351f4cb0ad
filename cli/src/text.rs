//! Words in both languages. A text is made of both at once, so a missing translation does not compile.

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language of the environment: Chinese unless the locale names another one.
    pub fn from_env() -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        match locale.as_deref() {
            // "C" and "POSIX" say nothing about the reader.
            None | Some("C" | "POSIX" | "C.UTF-8" | "C.utf8") => Self::Zh,
            Some(locale) if locale.starts_with("zh") => Self::Zh,
            Some(_) => Self::En,
        }
    }

    /// The word in this language.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text that is the same in both: a path, a number, a code.
    pub fn same(text: impl Into<String>) -> Self {
        let zh = text.into();
        Self { en: zh.clone(), zh }
    }

    /// The text in one language.
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
