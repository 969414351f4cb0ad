//! `sanwu draft log-key`: the keys that sign the log's checkpoints from here on.

use clap::Args;
use sanwu_schema::draft::Template;
use sanwu_schema::error_code::ErrorCode;
use sanwu_schema::kinds::Kind;
use sanwu_schema::kinds::{Body, ControlNote};
use sanwu_schema::kinds::{Control, LogKeys};
use sanwu_schema::record::statement::ROOT_CHAIN;
use sanwu_schema::tlog::vkey::Vkey;

use crate::drafting::{self, DraftArgs, DraftContext};
use crate::entropy;
use crate::error::{Done, Error};
use crate::ui::Ui;

#[derive(Args, Debug)]
pub struct LogKeyArgs {
    /// 新的签发公钥 (sanwu-node key new 打印的), 可写多次; 加在现有的后面
    #[arg(long, value_name = "VKEY")]
    add: Vec<String>,
    /// 停用的签发公钥, 可写多次; 它签过的仍然有效
    #[arg(long, value_name = "VKEY")]
    retire: Vec<String>,
    /// 原因
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    draft: DraftArgs,
}

pub fn run(ui: &Ui, args: &LogKeyArgs) -> Done {
    for (option, text) in args.add.iter().map(|t| ("--add", t)).chain(args.retire.iter().map(|t| ("--retire", t))) {
        Vkey::parse(text).map_err(|e| Error::new(e.code()).at(format!("{option} {text}")))?;
    }
    let draft = DraftArgs { chain: Some(ROOT_CHAIN.to_owned()), ..args.draft.clone() };
    let source = DraftContext::open(ui, &draft)?;
    let now = source.facts()?.log_vkeys.clone().unwrap_or_default();
    if let Some(unknown) = args.retire.iter().find(|text| !now.contains(text)) {
        return Err(Error::new(ErrorCode::KeyUnknown).at(format!("--retire {unknown}")));
    }
    let mut log_vkeys: Vec<String> = now.into_iter().filter(|text| !args.retire.contains(text)).collect();
    log_vkeys.extend(args.add.iter().cloned());
    // The first one is of the type that every client checks.
    log_vkeys.sort_by_key(|text| Vkey::parse(text).map_or(u8::MAX, |vkey| vkey.algorithm()));
    let title = "更换总账签发钥匙".to_owned();
    let body = ControlNote { salt: entropy::salt()?, title: title.clone(), text: vec![args.reason.clone()] };
    let control = Control::LogKey(LogKeys { log_vkeys });
    let template = Template { control: Some(control), ..Template::new(Kind::LogKey, Body::LogKey(body)) };
    let written = drafting::write(ui, &draft, &source, &source.next()?, &title, &[template])?;
    ui.document(&drafting::document(&draft.out, &written)?);
    Ok(0)
}
