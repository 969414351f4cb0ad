//! What the program says, and where: results on stdout, messages and progress on stderr.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use sanwu_schema::error_code::ErrorCode;
use serde_json::Value;

use crate::error::Error;
use crate::text::{Lang, Text, text};

/// How to talk to the person or program that runs us.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    /// One JSON document on stdout instead of text.
    pub json: bool,
    /// The language of messages.
    pub lang: Lang,
    /// No messages but errors.
    pub quiet: bool,
    /// Never ask.
    pub no_input: bool,
    /// Every question is answered yes.
    pub yes: bool,
}

impl Ui {
    /// The word in the chosen language.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }

    /// A result, as text on stdout; nothing under `--json`.
    pub fn print(&self, text: impl AsRef<str>) {
        if !self.json {
            line(&mut std::io::stdout().lock(), text.as_ref());
        }
    }

    /// A result, as text in both languages.
    pub fn print_text(&self, text: &Text) {
        self.print(text.get(self.lang));
    }

    /// What a person should read before something is done; left out with `--quiet`.
    pub fn preview(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.print(text);
        }
    }

    /// The result, as the one JSON document on stdout; nothing without `--json`.
    pub fn document(&self, document: &Value) {
        if self.json {
            let text = serde_json::to_string_pretty(document).unwrap_or_default();
            line(&mut std::io::stdout().lock(), &text);
        }
    }

    /// A message on stderr.
    pub fn say(&self, text: &Text) {
        if !self.quiet {
            line(&mut std::io::stderr().lock(), text.get(self.lang));
        }
    }

    /// The error: four lines on stderr, or the one document on stdout.
    pub fn fail(&self, error: &Error) {
        self.document(&error.to_json(self.lang));
        if !self.json {
            line(&mut std::io::stderr().lock(), &error.render(self.lang));
        }
    }

    /// Asks whether to go on; true without asking when told so or when nobody can answer.
    pub fn confirm(&self, question: &Text) -> Result<bool, Error> {
        if self.yes || self.no_input || self.json || !std::io::stdin().is_terminal() {
            return Ok(true);
        }
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "{} [y/N] ", question.get(self.lang));
        let _ = err.flush();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(|e| Error::new(ErrorCode::NoInput).at(e.to_string()))?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是" | "对"))
    }

    /// Asks for a passphrase on the terminal.
    pub fn passphrase(&self, question: &Text) -> Result<String, Error> {
        let denied = || {
            Error::new(ErrorCode::NoInput)
                .because(text!("要输入口令, 但现在不能提问", "a passphrase is needed, but nobody can be asked"))
                .remedy(text!(
                    "把口令放在文件里, 用 --passphrase-file 指定",
                    "put it in a file and name it by --passphrase-file"
                ))
        };
        if self.no_input {
            return Err(denied());
        }
        rpassword::prompt_password(question.get(self.lang)).map_err(|_| denied())
    }

    /// A progress bar on stderr, visible only to a person who looks.
    pub fn progress(&self, length: u64, what: &Text) -> ProgressBar {
        if self.quiet || self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(length);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}") {
            bar.set_style(style.progress_chars("█░ "));
        }
        bar.set_message(what.get(self.lang).to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// Lines above, below and under the headings; none between rows.
const TABLE_STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A table for people: the first column left, the others (amounts) right.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(TABLE_STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.to_vec());
    for row in rows {
        table.add_row(row.clone());
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// Writes a line; a reader that went away (`| head`) is no error of ours.
fn line(out: &mut impl Write, text: &str) {
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}
