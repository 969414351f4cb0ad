//! What the program says, and where: results on stdout, messages and progress on stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use sanwu_schema::error_code::ErrorCode;
use serde_json::Value;

use crate::error::Error;
use crate::text::{Lang, Text, text};

/// Where a run of the program writes.
pub struct Io {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    /// Whether they are the process's own: only then there can be a person to ask or to show progress to.
    is_process: bool,
}

impl Io {
    /// Returns the process's own stdout and stderr.
    pub fn of_process() -> Self {
        Self { is_process: true, ..Self::new(io::stdout(), io::stderr()) }
    }

    /// Results to `out`, messages and errors to `err`; no question is asked.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self { out: Mutex::new(Box::new(out)), err: Mutex::new(Box::new(err)), is_process: false }
    }

    /// Prints help, version, or what is wrong with the arguments.
    pub fn usage(&self, error: &clap::Error) {
        match (self.is_process, error.use_stderr()) {
            // With colours where the terminal has them.
            (true, _) => drop(error.print()),
            (false, true) => write_line(&self.err, &error.render().to_string()),
            (false, false) => write_line(&self.out, &error.render().to_string()),
        }
    }

    fn is_terminal(&self, stream: &impl IsTerminal) -> bool {
        self.is_process && stream.is_terminal()
    }
}

/// How to talk to the person or program that runs us.
pub struct Ui {
    pub io: Io,
    /// One JSON document on stdout instead of text.
    pub json: bool,
    pub lang: Lang,
    /// No messages but errors.
    pub quiet: bool,
    pub no_input: bool,
    /// Every question is answered yes.
    pub yes: bool,
}

impl Ui {
    /// Returns the word in the chosen language.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }

    /// Prints a result, as text on stdout; nothing under `--json`.
    pub fn print(&self, text: impl AsRef<str>) {
        if !self.json {
            write_line(&self.io.out, text.as_ref());
        }
    }

    /// Prints a result that is given in both languages.
    pub fn print_text(&self, text: &Text) {
        self.print(text.get(self.lang));
    }

    /// Prints what a person should read before something is done; nothing with `--quiet`.
    pub fn preview(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.print(text);
        }
    }

    /// Prints the result, as the one JSON document on stdout; nothing without `--json`.
    pub fn document(&self, document: &Value) {
        if self.json {
            let text = serde_json::to_string_pretty(document).unwrap_or_default();
            write_line(&self.io.out, &text);
        }
    }

    /// Prints a message on stderr.
    pub fn say(&self, text: &Text) {
        if !self.quiet {
            write_line(&self.io.err, text.get(self.lang));
        }
    }

    /// Prints the error: four lines on stderr, or the one document on stdout.
    pub fn fail(&self, error: &Error) {
        self.document(&error.to_json(self.lang));
        if !self.json {
            write_line(&self.io.err, &error.render(self.lang));
        }
    }

    /// Asks whether to continue; true without asking if an option says so or there is no terminal.
    pub fn confirm(&self, question: &Text) -> Result<bool, Error> {
        if self.yes || self.no_input || self.json || !self.io.is_terminal(&io::stdin()) {
            return Ok(true);
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "{} [y/N] ", question.get(self.lang));
        let _ = err.flush();
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map_err(|e| Error::new(ErrorCode::NoInput).at(e.to_string()))?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是" | "对"))
    }

    /// Asks for a passphrase on the terminal.
    pub fn passphrase(&self, question: &Text) -> Result<String, Error> {
        let denied = || {
            Error::new(ErrorCode::NoInput)
                .because(text!("要输入口令, 但现在不能提问", "a passphrase is needed, but it cannot be asked for"))
                .remedy(text!(
                    "把口令放在文件里, 用 --passphrase-file 指定",
                    "put it in a file and name it by --passphrase-file"
                ))
        };
        if self.no_input || !self.io.is_process {
            return Err(denied());
        }
        rpassword::prompt_password(question.get(self.lang)).map_err(|_| denied())
    }

    /// Returns a progress bar on stderr, on a terminal only.
    pub fn progress(&self, length: u64, what: &Text) -> ProgressBar {
        if self.quiet || self.json || !self.io.is_terminal(&io::stderr()) {
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

/// Returns a table for people: the first column left, the others (amounts) right.
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

/// Writes a line; a reader that has gone (`| head`) is no error.
fn write_line(stream: &Mutex<Box<dyn Write + Send>>, text: &str) {
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writeln!(stream, "{text}");
    let _ = stream.flush();
}

#[cfg(test)]
mod captured {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::Io;

    /// What a run has written so far.
    #[derive(Clone, Default)]
    pub struct Captured {
        out: Stream,
        err: Stream,
    }

    #[derive(Clone, Default)]
    struct Stream(Arc<Mutex<Vec<u8>>>);

    impl Io {
        /// Streams that a test can read.
        pub fn captured() -> (Self, Captured) {
            let captured = Captured::default();
            (Self::new(captured.out.clone(), captured.err.clone()), captured)
        }
    }

    impl Captured {
        /// stdout and stderr, as text.
        pub fn take(&self) -> (String, String) {
            let text = |stream: &Stream| String::from_utf8(std::mem::take(&mut *stream.0.lock().unwrap())).unwrap();
            (text(&self.out), text(&self.err))
        }
    }

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
