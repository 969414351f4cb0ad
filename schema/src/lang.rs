//! The two languages in which everything that people read is written.

use crate::json::words;

words! {
    /// The language of a text.
    pub enum Lang {
        Zh = "zh", "中文", "Chinese";
        En = "en", "英文", "English";
    }
}

impl Lang {
    /// Returns the form in this language.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// Returns the language of a POSIX locale: Chinese unless it names another one.
    pub fn of_locale(locale: Option<&str>) -> Self {
        match locale {
            // "C" and "POSIX" say nothing about the reader.
            None | Some("" | "C" | "POSIX" | "C.UTF-8" | "C.utf8") => Self::Zh,
            Some(locale) if locale.starts_with("zh") => Self::Zh,
            Some(_) => Self::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_unless_the_locale_names_another_language() {
        for chinese in [None, Some(""), Some("C"), Some("POSIX"), Some("C.UTF-8"), Some("zh_CN.UTF-8")] {
            assert_eq!(Lang::of_locale(chinese), Lang::Zh, "{chinese:?}");
        }
        assert_eq!(Lang::of_locale(Some("en_GB.UTF-8")), Lang::En);
    }
}
