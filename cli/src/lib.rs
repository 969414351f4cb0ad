//! `sanwu`: drafts, signs, publishes, verifies, mirrors, replays.
//!
//! ```text
//! lib.rs        the command line, and nothing else
//! commands/     one file per command
//! drafting.rs   what commands that draft share          vouchers.rs  the voucher table
//! ledger.rs     a log behind a server, all checked      client.rs    HTTP: limits, timeouts, retries
//! replay/       every entry of a log, checked again     memory.rs    what this machine has seen of each log
//! compare/      views of one log held against each other
//! source.rs     a log's bytes: a server, a folder       tree.rs      its hashes, held against its signed root
//! error.rs ui.rs text.rs                                the four-line error, output, both languages
//! keystore.rs files.rs entropy.rs money.rs              key files, whole-file writes, randomness and time, amounts
//! ```
//!
//! Links no database: it stays small on a clerk's PC.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

pub mod client;
mod commands;
pub mod compare;
mod drafting;
mod entropy;
pub mod error;
mod files;
mod keystore;
pub mod ledger;
mod memory;
mod money;
pub mod replay;
pub mod source;
pub mod text;
pub mod tree;
mod ui;
mod verdict;
mod vouchers;

use std::process::ExitCode;

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::text::Lang;
use crate::ui::Ui;

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

#[derive(Subcommand, Debug)]
enum Command {
    #[command(visible_alias = "钥匙")]
    Key(commands::key::KeyArgs),
    #[command(visible_alias = "拟稿")]
    Draft(commands::draft::DraftCommand),
    #[command(visible_alias = "签名")]
    Sign(commands::sign::SignArgs),
    #[command(visible_alias = "公布")]
    Publish(commands::publish::PublishArgs),
    #[command(visible_alias = "更正")]
    Correct(commands::correct::CorrectArgs),
    #[command(visible_alias = "核对")]
    Verify(commands::verify::VerifyArgs),
    Trust(commands::trust::TrustArgs),
    Chains(commands::chain::ChainsArgs),
    Chain(commands::chain::ChainArgs),
    #[command(visible_alias = "查看")]
    Show(commands::show::ShowArgs),
    #[command(visible_alias = "镜像")]
    Mirror(commands::mirror::MirrorArgs),
    #[command(visible_alias = "回执")]
    Receipt(commands::receipt::ReceiptArgs),
    #[command(visible_alias = "审计")]
    Audit(commands::audit::AuditArgs),
    Explain(commands::explain::ExplainArgs),
}

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    let cli = match command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    let global = cli.global;
    let ui = Ui {
        json: global.json,
        lang: global.lang.unwrap_or_else(text::lang_of_environment),
        quiet: global.quiet,
        no_input: global.no_input,
        yes: global.yes,
    };
    let done = match cli.command {
        Command::Key(args) => commands::key::run(&ui, args),
        Command::Draft(args) => commands::draft::run(&ui, args),
        Command::Sign(args) => commands::sign::run(&ui, &args),
        Command::Publish(args) => commands::publish::run(&ui, &args),
        Command::Correct(args) => commands::correct::run(&ui, &args),
        Command::Verify(args) => commands::verify::run(&ui, &args),
        Command::Trust(args) => commands::trust::run(&ui, &args),
        Command::Chains(args) => commands::chain::list(&ui, &args),
        Command::Chain(args) => commands::chain::one(&ui, &args),
        Command::Show(args) => commands::show::run(&ui, &args),
        Command::Mirror(args) => commands::mirror::run(&ui, &args),
        Command::Receipt(args) => commands::receipt::run(&ui, &args),
        Command::Audit(args) => commands::audit::run(&ui, args),
        Command::Explain(args) => commands::explain::run(&ui, &args),
    };
    match done {
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
}
