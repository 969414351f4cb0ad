//! Messages in both languages; Chinese unless asked for or unless the locale names another language.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

pub use sanwu_schema::lang::Lang;

/// Returns the language of the environment.
pub fn lang_of_environment() -> Lang {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Lang::of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).as_deref())
}

/// Reads the word for a language on the command line.
pub fn lang_parser() -> impl TypedValueParser<Value = Lang> {
    let words = [(Lang::Zh, "中文"), (Lang::En, "English")];
    let words = words.map(|(lang, name)| PossibleValue::new(lang.as_str()).help(name));
    PossibleValuesParser::new(words).map(|word| Lang::parse(&word).unwrap_or(Lang::Zh))
}
