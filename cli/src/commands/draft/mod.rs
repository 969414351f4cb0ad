//! `sanwu draft`: from vouchers and plain JSON to statements that only need their signatures.

mod attach;
mod examples;
mod genesis;
mod log_key;
mod month;
mod notice;

use clap::{Args, Subcommand};

use crate::error::Done;
use crate::ui::Ui;

/// 拟稿: 月账、决议、合同、公开事项、零报告、规则、开账 (drafts)
#[derive(Args, Debug)]
pub struct DraftCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// 从凭证表生成一个月的账: 凭证、收入明细、支出明细、收支结余表 (a month's books)
    Month(month::MonthArgs),
    /// 四议两公开决议 (a decision)
    Decision(notice::DecisionArgs),
    /// 经济合同 (a contract)
    Contract(notice::ContractArgs),
    /// 其他公开事项: 文字和表格 (any other item)
    Notice(notice::NoticeArgs),
    /// 零报告: 这一期没有 (a nil return)
    Nil(notice::NilArgs),
    /// 县级规则 (a county profile)
    Profile(genesis::ProfileArgs),
    /// 改用总账链上的新公开目录 (adopt the new catalogue)
    Rules(genesis::RulesArgs),
    /// 更换总账的签发钥匙 (change the keys that sign checkpoints)
    LogKey(log_key::LogKeyArgs),
    /// 开立一条村账链 (open a chain)
    Chain(genesis::DraftChainArgs),
    /// 开立一本账 (open a log)
    Log(genesis::LogArgs),
    /// 打印各种草稿的 JSON 样例 (print an example to fill in)
    Example(examples::ExampleArgs),
}

pub fn run(ui: &Ui, args: DraftCommand) -> Done {
    match args.what {
        What::Month(args) => month::run(ui, &args),
        What::Decision(args) => notice::decision(ui, &args),
        What::Contract(args) => notice::contract(ui, &args),
        What::Notice(args) => notice::notice(ui, &args),
        What::Nil(args) => notice::nil(ui, &args),
        What::Profile(args) => genesis::profile(ui, &args),
        What::Rules(args) => genesis::rules(ui, &args),
        What::LogKey(args) => log_key::run(ui, &args),
        What::Chain(args) => genesis::chain(ui, &args),
        What::Log(args) => genesis::log(ui, &args),
        What::Example(args) => examples::run(ui, &args),
    }
}
