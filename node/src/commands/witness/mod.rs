//! `sanwu-node witness …`: a server that follows other logs and cosigns their checkpoints.

mod init;
mod serve;
mod status;

use std::process::ExitCode;

use clap::Subcommand;

use super::Global;
use super::error::CommandError;

/// Arguments of `witness`.
#[derive(clap::Args)]
pub(super) struct WitnessArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 新建一个见证人: 钥匙和空的名单 · make a witness: keys and an empty list of logs
    Init(init::InitArgs),
    /// 单独运行 (放在节点数据目录的 witness/ 里的, 随节点一起运行) · run it alone (one in a node's witness/ folder runs with the node)
    Serve(serve::ServeArgs),
    /// 看着哪些账, 到第几条, 有没有证据 · which logs, how far, any evidence
    Status(status::StatusArgs),
}

pub(super) fn run(global: &Global, args: &WitnessArgs) -> Result<ExitCode, CommandError> {
    match &args.command {
        Command::Init(args) => init::run(global, args),
        Command::Serve(args) => serve::run(global, args),
        Command::Status(args) => status::run(global, args),
    }
}
