//! `sanwu-node key`: the log's own signing keys.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Global;
use super::error::CommandError;
use super::init::new_keys;
use crate::settings::Data;

/// Arguments of `key`.
#[derive(clap::Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(clap::Subcommand)]
enum KeyCommand {
    /// 再加一副签发钥匙(先停止服务), 打印公钥 · add a pair of signing keys (stop the node first), print their public keys
    New(KeyPlace),
    /// 列出签发钥匙的公钥 · list the public keys
    List(KeyPlace),
}

#[derive(clap::Args)]
struct KeyPlace {
    /// 数据目录 · data directory
    #[arg(long)]
    data: PathBuf,
}

pub(super) fn run(global: &Global, args: &KeyArgs) -> Result<ExitCode, CommandError> {
    match &args.command {
        KeyCommand::New(place) => new(global, place),
        KeyCommand::List(place) => {
            let keys = Data::at(&place.data).read_keys()?;
            tell(global, &keys.vkeys().iter().map(ToString::to_string).collect::<Vec<_>>());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn new(global: &Global, place: &KeyPlace) -> Result<ExitCode, CommandError> {
    let data = Data::at(&place.data);
    let _lock = data.lock()?;
    let keys = data.read_keys()?;
    let made = new_keys(keys.origin())?;
    data.add_keys(&made)?;
    let vkeys: Vec<String> = made.iter().map(|signer| signer.vkey().to_string()).collect();
    tell(global, &vkeys);
    global.say(
        "新钥匙已放进 log.key。下一步: 启动服务; sanwu draft log-key 把新旧公钥一起写上, 根钥匙签名, 公布; 以后再发一份只写新公钥的, 换钥匙才算完成",
        "the new keys are in log.key. Next: start the node; draft (sanwu draft log-key) an entry that names old and new keys, have the root keys sign it, publish it; later one that names the new keys only completes the change",
    );
    Ok(ExitCode::SUCCESS)
}

fn tell(global: &Global, vkeys: &[String]) {
    if global.json {
        println!("{}", serde_json::json!({ "schema": "sanwu-log-keys-1", "ok": true, "exit": 0, "vkeys": vkeys }));
    } else {
        println!("{}", vkeys.join("\n"));
    }
}
