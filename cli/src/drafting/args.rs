//! Options of every command that drafts.

use std::path::PathBuf;

use clap::Args;

use crate::known_logs::server::ServerArgs;

/// What a draft is made for and where it is written.
#[derive(Args, Clone, Debug)]
pub struct DraftArgs {
    /// 账链 (一般是村的 12 位代码)
    #[arg(long, value_name = "CHAIN")]
    pub chain: Option<String>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// 不联网拟稿: 用 sanwu chain 存下的位置文件代替服务器
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    pub place: Option<PathBuf>,
    /// 草稿写到哪个文件
    #[arg(long, value_name = "DRAFT")]
    pub out: PathBuf,
    /// 覆盖已有的草稿文件
    #[arg(long)]
    pub force: bool,
    /// 同一岗位有几把钥匙时, 由哪一把签 (公钥、.pub 文件或编号, 可写多次)
    #[arg(long, value_name = "VKEY")]
    pub signer: Vec<String>,
    /// 公开单位 (collective, village_committee, party_organisation…); 不写时按公开目录定
    #[arg(long, value_name = "KIND")]
    pub issuer: Option<String>,
    /// 拟稿时间, 例如 2026-04-10T09:30:00+08:00; 不写就是现在
    #[arg(long, value_name = "TIME")]
    pub issued_at: Option<String>,
}
