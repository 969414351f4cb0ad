//! `sanwu audit`: for the township. `replay` checks every entry of a log again; `compare` holds several views of one
//! log against each other.

mod compare;
mod evidence;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use sanwu_schema::kinds::Purpose;

use crate::drafting::ServerArgs;
use crate::error::Done;
use crate::ledger::read_trust;
use crate::money::yuan;
use crate::replay::{self, Level, Options, Report};
use crate::source;
use crate::text::{Lang, Text, text};
use crate::ui::{Ui, table};

/// Findings that are printed; the JSON document has them all.
const LINES_MAX: usize = 200;

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

/// Runs the command.
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
    let options = Options { jobs: jobs(args.jobs), trust: trust.as_ref(), remember: true };
    let report = replay::run(source.as_ref(), &options, &|count| {
        bar.inc_length(count);
        bar.inc(count);
    });
    bar.finish_and_clear();
    let report = report?;
    tell(ui, &report, args.fail_on);
    if let Some(trouble) = &report.memory_trouble {
        ui.say(&Text { zh: trouble.short(Lang::Zh), en: trouble.short(Lang::En) });
    }
    ui.document(&report.to_json(args.fail_on, ui.lang));
    Ok(report.exit(args.fail_on))
}

/// The threads asked for, or one per processor.
pub fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

fn tell(ui: &Ui, r: &Report, fail_on: Level) {
    if r.purpose == Some(Purpose::Test) {
        ui.print_text(&text!("▢ 演示数据, 不是真的", "▢ demonstration data, not real"));
    }
    ui.print_text(&match r.exit(fail_on) {
        0 => text!("✔ 全部对上   {}", "✔ everything matches   {}", r.checkpoint.origin),
        3 => text!("✘ 有对不上的   {}", "✘ something does not match   {}", r.checkpoint.origin),
        6 => text!("? 有没法核的   {}", "? something could not be decided   {}", r.checkpoint.origin),
        _ => text!("! 有疑点   {}", "! there are findings   {}", r.checkpoint.origin),
    });
    ui.print_text(&text!(
        "  记录 {} 条  签名 {} 个  内容 {} 份 (另有按规定删除 {} 份)  凭证 {} 张  账链 {} 条",
        "  entries {}  signatures {}  contents {} (and {} erased as the law requires)  vouchers {}  chains {}",
        r.entries,
        r.signatures,
        r.bodies,
        r.erased,
        r.vouchers,
        r.chains.len()
    ));
    if r.unreached > 0 {
        ui.print_text(&text!(
            "  还有 {} 条排在对不上的后面, 没法判断",
            "  {} entries behind a mismatch could not be judged",
            r.unreached
        ));
    }
    if !r.months.is_empty() {
        ui.print(months(ui, r));
    }
    for finding in r.findings.iter().take(LINES_MAX) {
        ui.print(format!("  {}", finding.line(ui.lang)));
    }
    if r.findings.len() > LINES_MAX {
        ui.print_text(&text!("  … 另有 {} 条, 见 --json", "  … and {} more, see --json", r.findings.len() - LINES_MAX));
    }
    let list = |all: &[(&str, &str, &str)], lang: Lang| {
        all.iter().map(|(_, zh, en)| lang.pick(*zh, *en)).collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    let (done, open) = (r.checked(), r.not_checked());
    ui.print(format!("{}: {}", ui.t("核对了", "checked"), list(&done, ui.lang)));
    ui.print(format!("{}: {}", ui.t("没有核对", "not checked"), list(&open, ui.lang)));
}

fn months(ui: &Ui, r: &Report) -> String {
    let rows: Vec<Vec<String>> = r
        .months
        .iter()
        .map(|m| {
            let t = &m.total;
            let name = format!("{} {}", m.chain, m.period);
            vec![
                name,
                m.vouchers.to_string(),
                yuan(t.opening_fen),
                yuan(t.receipts_fen),
                yuan(t.payments_fen),
                yuan(t.closing_fen),
            ]
        })
        .collect();
    let head = [
        ui.t("账链 月份(元)", "chain, month (yuan)"),
        ui.t("凭证", "vouchers"),
        ui.t("上期结余", "before"),
        ui.t("本期收入", "received"),
        ui.t("本期支出", "paid"),
        ui.t("本期结余", "after"),
    ];
    table(&head, &rows)
}
