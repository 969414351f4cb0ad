//! `sanwu audit`: for the township. `replay` checks every entry of a log again; `compare` compares several views of
//! one log.

mod compare;
mod evidence;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::audit::{self, Level, Options};
use crate::error::Done;
use crate::known_logs::server::ServerArgs;
use crate::log_source::source;
use crate::log_source::trust::read_trust;
use crate::report::replay;
use crate::text::{Lang, Text, text};
use crate::ui::Ui;

/// 审计: 整本账重新核一遍 (audit)
#[derive(Args, Debug)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand, Debug)]
enum AuditCommand {
    /// 从第一条起逐条重核: 签名、连接、钥匙册、总账、借贷 (replay every entry)
    Replay(ReplayArgs),
    /// 几个来源是不是同一本账: 找出第一条不一样的记录 (compare)
    Compare(compare::CompareArgs),
    /// 核对一个证据文件, 不联网 (check an evidence file)
    Evidence(evidence::EvidenceArgs),
}

#[derive(Args, Debug)]
struct ReplayArgs {
    /// 服务器地址, 或镜像文件夹
    source: String,
    /// 信任文件; 不写时用环境变量 SANWU_TRUST
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// 同时用几个处理器; 不写时全用
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// 疑点到什么程度算不通过: warning 或 error (退出码 10)
    #[arg(long, value_enum, hide_possible_values = true, value_name = "LEVEL", default_value = "warning")]
    fail_on: Level,
}

pub fn run(ui: &Ui, args: AuditArgs) -> Done {
    match args.command {
        AuditCommand::Replay(args) => replay(ui, &args),
        AuditCommand::Compare(args) => compare::run(ui, &args),
        AuditCommand::Evidence(args) => evidence::run(ui, &args),
    }
}

fn replay(ui: &Ui, args: &ReplayArgs) -> Done {
    let server = ServerArgs { server: None, trust: args.trust.clone() };
    let trust = server.trust().as_deref().map(read_trust).transpose()?;
    let source = source::open(&args.source)?;
    let bar = ui.progress(0, &text!("重核", "replay"));
    let options = Options { jobs: audit::jobs(args.jobs), trust: trust.as_ref(), remember: true };
    let report = audit::run(source.as_ref(), &options, &|count| {
        bar.inc_length(count);
        bar.inc(count);
    });
    bar.finish_and_clear();
    let report = report?;
    replay::tell(ui, &report, args.fail_on);
    if let Some(trouble) = &report.memory_trouble {
        ui.say(&Text { zh: trouble.short(Lang::Zh), en: trouble.short(Lang::En) });
    }
    ui.document(&report.to_json(args.fail_on, ui.lang));
    Ok(report.exit(args.fail_on))
}
