//! `sanwu-node witness init`: a new witness's keys and its empty list.

use std::path::PathBuf;
use std::process::ExitCode;

use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::tlog::vkey::SignerKey;
use serde_json::json;

use super::Global;
use crate::commands::error::CommandError;
use crate::commands::init::{make_empty, random};
use crate::witness::{KeyFile, WitnessFolder};

/// The longest name: what an ML-DSA-44 cosignature has room for.
const NAME_BYTES_MAX: usize = 255;

/// Arguments of `witness init`.
#[derive(clap::Args)]
pub(super) struct InitArgs {
    /// 数据目录, 还不存在或者是空的 · data directory, not there yet or empty
    #[arg(long)]
    data: PathBuf,
    /// 见证人的名字, 例如 county.example.gov.cn/witness; 以后不能改 · the witness's name, never changed
    #[arg(long)]
    name: String,
}

pub(super) fn run(global: &Global, args: &InitArgs) -> Result<ExitCode, CommandError> {
    if args.name.len() > NAME_BYTES_MAX {
        return Err(CommandError::new(ErrorCode::Length, "--name"));
    }
    let mut keys = Vec::new();
    for file in [KeyFile::Ed25519, KeyFile::MlDsa] {
        let key = SignerKey::from_seed(&args.name, file.algorithm(), random()?);
        keys.push((file, key.map_err(|error| CommandError::new(error.code(), &args.name))?));
    }
    make_empty(&args.data)?;
    let folder = WitnessFolder::at(&args.data);
    folder.init(&keys)?;
    let vkeys: Vec<String> = keys.iter().map(|(_, key)| key.vkey().to_string()).collect();
    let list = folder.list().display().to_string();
    if global.json {
        let document = json!({ "schema": "sanwu-witness-init-1", "ok": true, "exit": 0, "vkeys": vkeys, "logs": list });
        println!("{document}");
    } else {
        vkeys.iter().for_each(|vkey| println!("{vkey}"));
    }
    global.say(
        &format!("见证人已建立, 上面两行是它的公钥 (两种签名各一把), 交给办账的人。下一步: 在 {list} 里写上要看的账, 再运行 sanwu-node witness serve"),
        &format!("the witness is made; the two lines above are its public keys, one per kind of signature, for the logs' operators. Next: name the logs in {list} and run sanwu-node witness serve"),
    );
    Ok(ExitCode::SUCCESS)
}
