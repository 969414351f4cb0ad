//! Messages in both languages; Chinese unless asked for or unless the locale names another language.

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
