//! The operator's commands, one file each.

mod backup;
mod demo;
pub(crate) mod error;
mod fsck;
pub(crate) mod init;
mod key;
mod reindex;
mod restore;
pub(crate) mod serve;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::text::{self, Lang};

/// 村级三务公开账本的服务器 · The log server of the village-affairs transparency ledger
#[derive(Parser)]
#[command(name = "sanwu-node", version, arg_required_else_help = true)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(clap::Args, Clone, Debug)]
struct Global {
    /// 消息的语言 · language of messages
    #[arg(long, global = true, value_parser = text::lang_parser())]
    lang: Option<Lang>,
    /// 标准输出只给一份 JSON · one JSON document on stdout
    #[arg(long, global = true)]
    json: bool,
    /// 只说出错的事 · only say what goes wrong
    #[arg(long, short, global = true)]
    quiet: bool,
    /// 不提问(本程序从不提问) · never ask (this program never does)
    #[arg(long, global = true)]
    no_input: bool,
}

impl Global {
    fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(text::lang_of_environment)
    }

    /// A message for people, on stderr.
    fn say(&self, zh: &str, en: &str) {
        if !self.quiet {
            eprintln!("{}", self.lang().pick(zh, en));
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// 新开一本总账: 钥匙、设置、第一条记录的草稿 · make a log: key, settings, draft of its first entry
    Init(init::InitArgs),
    /// 总账的签发钥匙 · the log's signing keys
    Key(key::KeyArgs),
    /// 演示: 一本马上能看的示例账 · a demonstration log, ready to look at
    Demo(demo::DemoArgs),
    /// 运行 · run the node
    Serve(serve::ServeArgs),
    /// 从头重算并核对全部数据 · re-derive and check everything that is stored
    Fsck(fsck::FsckArgs),
    /// 备份(运行中也可以) · back up, also while the node runs
    Backup(backup::BackupArgs),
    /// 从备份恢复 · restore a backup
    Restore(restore::RestoreArgs),
    /// 由记录和内容重建索引 · rebuild all derived records from entries and bodies
    Reindex(reindex::ReindexArgs),
    /// 见证别的账: 建立, 运行, 查看 · witness other logs: make, run, look
    Witness(witness::WitnessArgs),
}

/// Runs the program: reads the arguments, runs the command, returns the exit code.
pub fn main_entry() -> ExitCode {
    let args = Args::parse();
    let global = args.global;
    let done = match args.command {
        Command::Init(args) => init::run(&global, &args),
        Command::Key(args) => key::run(&global, &args),
        Command::Demo(args) => demo::run(&global, &args),
        Command::Serve(args) => serve::run(&global, &args),
        Command::Fsck(args) => fsck::run(&global, &args),
        Command::Backup(args) => backup::run(&global, &args),
        Command::Restore(args) => restore::run(&global, &args),
        Command::Reindex(args) => reindex::run(&global, &args),
        Command::Witness(args) => witness::run(&global, &args),
    };
    match done {
        Ok(code) => code,
        Err(error) => error.report(&global),
    }
}
