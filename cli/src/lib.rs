//! `sanwu`: drafts, signs, publishes, verifies, mirrors, replays.
//!
//! ```text
//! log_source/   reading a log from a server, a mirror's folder, a file; all of it checked
//! known_logs/   what this machine has seen of each log; comparing views; evidence
//! drafting/     what commands that draft share; key files
//! audit/        every entry of a log, checked again
//! tables/       spreadsheets: vouchers and amounts
//! report/       what is printed: a month, a verdict, a replay
//! commands/     one file per command, and the table of them
//!
//! error.rs text.rs ui.rs        the four-line error, both languages, where output goes
//! files.rs entropy.rs names.rs  whole-file writes, randomness and time, what people call a key and a statement
//! ```
//!
//! Imports go one way: `log_source` ← `known_logs` ← `drafting`, `audit` ← `report` ← `commands`; `tables` and the single
//! files import no room. No command imports another. Links no database: it stays small on a clerk's PC.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod audit;
mod commands;
mod drafting;
mod entropy;
mod error;
mod files;
mod known_logs;
mod log_source;
mod names;
mod report;
mod tables;
mod text;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser};

use crate::commands::Command;
use crate::text::Lang;
use crate::ui::Ui;

pub use crate::ui::Io;

const HELP: &str = "{about-with-newline}\n用法: {usage}\n\n{all-args}{after-help}";

/// 三务公开账本: 拟稿、签名、公布、核对 (village-affairs transparency ledger)
#[derive(Parser, Debug)]
#[command(
    name = "sanwu",
    version,
    propagate_version = true,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    after_help = "例:\n  sanwu key new --out 会计.pem --name 柳溪村-会计\n  sanwu draft month 2026-03 --vouchers 三月.csv --chain 379999100201 --server http://127.0.0.1:8420 --out 三月.draft.json\n  sanwu sign 三月.draft.json --key 会计.pem\n  sanwu publish 三月.draft.json --server http://127.0.0.1:8420\n  sanwu verify 三月.receipt.json --trust 信任.json --offline\n\n退出码: 0 好 · 2 用法 · 3 对不上 · 4 没有资格 · 5 没有 · 6 没法下结论 · 7 网络 · 8 冲突 · 9 输入不对 · 10 有疑点 · 11 存储 · 130 中断"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "通用选项")]
struct Global {
    /// 结果写成一份 JSON (one JSON document on stdout)
    #[arg(long, global = true)]
    json: bool,
    /// 语言: zh 或 en; 不写时按系统语言 (language)
    #[arg(long, global = true, value_parser = text::lang_parser(), hide_possible_values = true, value_name = "LANG")]
    lang: Option<Lang>,
    /// 从不提问 (never prompt)
    #[arg(long, global = true)]
    no_input: bool,
    /// 所有确认都答"是" (answer yes)
    #[arg(long, short = 'y', global = true)]
    yes: bool,
    /// 只说结果和错误 (results and errors only)
    #[arg(long, short, global = true)]
    quiet: bool,
    /// 显示帮助 (help)
    #[arg(long, short, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// 显示版本 (version)
    #[arg(long, short = 'V', global = true, action = ArgAction::Version)]
    version: Option<bool>,
}

/// Runs the program with these arguments, the first being its own name.
pub fn run(args: impl IntoIterator<Item = OsString>, io: Io) -> ExitCode {
    let cli = match command().try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(e) => {
            io.usage(&e);
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    let global = cli.global;
    let ui = Ui {
        io,
        json: global.json,
        lang: global.lang.unwrap_or_else(text::lang_of_environment),
        quiet: global.quiet,
        no_input: global.no_input,
        yes: global.yes,
    };
    match cli.command.run(&ui) {
        Ok(exit) => ExitCode::from(exit),
        Err(e) => {
            ui.fail(&e);
            ExitCode::from(e.exit())
        }
    }
}

/// The command line; headings in Chinese on every level.
fn command() -> clap::Command {
    fn in_chinese(command: clap::Command) -> clap::Command {
        command
            .help_template(HELP)
            .subcommand_help_heading("命令")
            .subcommand_value_name("命令")
            .disable_help_subcommand(true)
            .mut_args(|arg| match arg.get_help_heading() {
                None if arg.is_positional() => arg.help_heading("参数"),
                None => arg.help_heading("选项"),
                Some(_) => arg,
            })
            .mut_subcommands(in_chinese)
    }
    in_chinese(Cli::command())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }

    #[test]
    fn results_and_errors_go_where_the_caller_says() {
        for (args, code, out, err) in [
            (["sanwu", "explain", "E-SEQ"], 0, "E-SEQ", ""),
            (["sanwu", "explain", "E-NO-SUCH"], 5, "", "(E-NO-RECORD)"),
            (["sanwu", "explain", "--no-such"], 2, "", "--no-such"),
            (["sanwu", "explain", "--help"], 0, "sanwu explain", ""),
        ] {
            let (io, shown) = crate::ui::Io::captured();
            let exit = super::run(args.map(Into::into), io);
            assert_eq!(exit, std::process::ExitCode::from(code), "{args:?}");
            let (stdout, stderr) = shown.take();
            assert!(stdout.contains(out) && stderr.contains(err), "{args:?}: {stdout:?} {stderr:?}");
            assert!(stdout.is_empty() == out.is_empty() && stderr.is_empty() == err.is_empty(), "{args:?}");
        }
    }
}
