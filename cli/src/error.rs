//! The one error of the program: a stable code, and the four lines a person needs.
//!
//! ```text
//! ✘ 原因    金额写错了 (E-VOUCHER-TABLE)
//!   位置    三月.csv 第 37 行 E 列
//!   怎么办  改好后再运行同一条命令
//!   命令    sanwu explain E-VOUCHER-TABLE
//! ```

use std::fmt::Write as _;

use sanwu_schema::error_code::{ErrorCode, ErrorKind};
use sanwu_schema::json::JsonError;
use sanwu_schema::record::entry::Invalid;
use serde_json::{Value, json};

use crate::text::{Lang, Text};

/// Why a command did not do what was asked.
#[derive(Clone, Debug)]
pub struct Error {
    /// The stable code; its kind decides the exit code.
    pub code: ErrorCode,
    told: Box<Told>,
}

/// What is said beyond the code's general text.
#[derive(Clone, Debug, Default)]
struct Told {
    cause: Option<Text>,
    place: Option<Text>,
    remedy: Option<Text>,
    command: Option<String>,
    details: Vec<Text>,
}

/// What a command returns: the exit code of a finished run, or why it did not finish.
pub type Done = Result<u8, Error>;

impl Error {
    /// Returns an error with the code's general text.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, told: Box::default() }
    }

    /// Says more exactly what is wrong than the code's general text.
    #[must_use]
    pub fn because(mut self, cause: Text) -> Self {
        self.told.cause = Some(cause);
        self
    }

    /// Says where: a file, a line, a member.
    #[must_use]
    pub fn at(mut self, place: impl Into<Text>) -> Self {
        self.told.place = Some(place.into());
        self
    }

    /// Puts the file or address before the place given so far.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.told.place = Some(match self.told.place.take() {
            Some(inner) if !inner.zh.is_empty() => {
                Text { zh: format!("{outer}  {}", inner.zh), en: format!("{outer}  {}", inner.en) }
            }
            _ => Text::same(outer),
        });
        self
    }

    /// Says what to do, better than the code's general text.
    #[must_use]
    pub fn remedy(mut self, remedy: Text) -> Self {
        self.told.remedy = Some(remedy);
        self
    }

    /// Adds the command to type next.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.told.command = Some(command.into());
        self
    }

    /// Adds one of several things that are wrong; each is shown on its own line.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Text>) -> Self {
        self.told.details.push(detail.into());
        self
    }

    /// Returns the process's exit code.
    pub fn exit(&self) -> u8 {
        match self.code {
            // The code that every command line uses for "not written correctly".
            ErrorCode::Usage => 2,
            code => code.kind().exit(),
        }
    }

    /// Returns the lines for people.
    pub fn render(&self, lang: Lang) -> String {
        let (cause, remedy) = self.words(lang);
        let label = |zh, en| lang.pick(zh, en);
        let mut out = format!("✘ {}{cause} ({})\n", label("原因    ", "Cause   "), self.code.as_str());
        let place = self.told.place.as_ref().map_or("—", |p| p.get(lang));
        let _ = writeln!(out, "  {}{}", label("位置    ", "Where   "), if place.is_empty() { "—" } else { place });
        for detail in &self.told.details {
            let _ = writeln!(out, "          {}", detail.get(lang));
        }
        let _ = writeln!(out, "  {}{remedy}", label("怎么办  ", "Remedy  "));
        let _ = write!(out, "  {}{}", label("命令    ", "Command "), self.next());
        out
    }

    /// Returns the error in one line, for lists.
    pub fn short(&self, lang: Lang) -> String {
        let place = self.told.place.as_ref().map_or("", |p| p.get(lang));
        format!("{} ({})  {place}", self.words(lang).0, self.code.as_str()).trim_end().to_owned()
    }

    /// Returns the document for programs.
    pub fn to_json(&self, lang: Lang) -> Value {
        json!({
            "schema": "sanwu-cli-error-1",
            "ok": false,
            "exit": self.exit(),
            "error": self.facts(lang),
            "errors": self.told.details.iter().map(|d| d.get(lang)).collect::<Vec<_>>(),
        })
    }

    /// Returns the error within a larger document.
    pub fn facts(&self, lang: Lang) -> Value {
        let (cause, remedy) = self.words(lang);
        json!({
            "code": self.code.as_str(),
            "kind": kind_word(self.code.kind()),
            "cause": cause,
            "place": self.told.place.as_ref().map_or("", |p| p.get(lang)),
            "remedy": remedy,
            "command": self.next(),
        })
    }

    fn words(&self, lang: Lang) -> (&str, &str) {
        let cause = match &self.told.cause {
            Some(text) => text.get(lang),
            None => lang.pick(self.code.zh(), self.code.en()),
        };
        let remedy = match &self.told.remedy {
            Some(text) => text.get(lang),
            None => lang.pick(self.code.hint_zh(), self.code.hint_en()),
        };
        (cause, remedy)
    }

    fn next(&self) -> String {
        self.told.command.clone().unwrap_or_else(|| format!("sanwu explain {}", self.code.as_str()))
    }
}

impl From<Invalid> for Error {
    fn from(e: Invalid) -> Self {
        Self::new(e.code).at(Text::same(e.place))
    }
}

impl From<JsonError> for Error {
    fn from(e: JsonError) -> Self {
        Self::new(e.code).at(Text::same(e.place))
    }
}

/// Returns the name of a kind in JSON documents.
pub fn kind_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "invalid_input",
        ErrorKind::Mismatch => "mismatch",
        ErrorKind::Undecided => "undecided",
        ErrorKind::Denied => "auth",
        ErrorKind::NotFound => "not_found",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Limit => "limit",
        ErrorKind::Network => "network",
        ErrorKind::Storage => "storage",
        ErrorKind::Internal => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_lines_in_both_languages() {
        let error = Error::new(ErrorCode::Passphrase).at(Text::same("k.pem")).command("sanwu key show k.pem");
        let zh = error.render(Lang::Zh);
        assert_eq!(zh.lines().count(), 4);
        assert!(zh.starts_with("✘ 原因    口令不对 (E-PASSPHRASE)\n  位置    k.pem\n"), "{zh}");
        assert!(zh.ends_with("  命令    sanwu key show k.pem"), "{zh}");
        assert!(error.render(Lang::En).starts_with("✘ Cause   the passphrase is wrong (E-PASSPHRASE)\n"));
        assert_eq!(error.exit(), 4);
        assert_eq!(error.to_json(Lang::En)["error"]["kind"], "auth");
    }
}
