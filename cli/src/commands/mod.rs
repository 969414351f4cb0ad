//! One file per command, and the table of them all.
//!
//! A new command is its file, its line in each of the three lists here, and the snapshot of the help.

mod audit;
mod chain;
mod correct;
mod draft;
mod explain;
mod key;
mod mirror;
mod publish;
mod receipt;
mod show;
mod sign;
mod trust;
mod verify;

use clap::Subcommand;

use crate::error::Done;
use crate::ui::Ui;

/// A command line below the global options.
#[derive(Subcommand, Debug)]
pub enum Command {
    #[command(visible_alias = "钥匙")]
    Key(key::KeyArgs),
    #[command(visible_alias = "拟稿")]
    Draft(draft::DraftCommand),
    #[command(visible_alias = "签名")]
    Sign(sign::SignArgs),
    #[command(visible_alias = "公布")]
    Publish(publish::PublishArgs),
    #[command(visible_alias = "更正")]
    Correct(correct::CorrectArgs),
    #[command(visible_alias = "核对")]
    Verify(verify::VerifyArgs),
    Trust(trust::TrustArgs),
    Chains(chain::ChainsArgs),
    Chain(chain::ChainArgs),
    #[command(visible_alias = "查看")]
    Show(show::ShowArgs),
    #[command(visible_alias = "镜像")]
    Mirror(mirror::MirrorArgs),
    #[command(visible_alias = "回执")]
    Receipt(receipt::ReceiptArgs),
    #[command(visible_alias = "审计")]
    Audit(audit::AuditArgs),
    Explain(explain::ExplainArgs),
}

impl Command {
    pub fn run(self, ui: &Ui) -> Done {
        match self {
            Self::Key(args) => key::run(ui, args),
            Self::Draft(args) => draft::run(ui, args),
            Self::Sign(args) => sign::run(ui, &args),
            Self::Publish(args) => publish::run(ui, &args),
            Self::Correct(args) => correct::run(ui, &args),
            Self::Verify(args) => verify::run(ui, &args),
            Self::Trust(args) => trust::run(ui, &args),
            Self::Chains(args) => chain::list(ui, &args),
            Self::Chain(args) => chain::one(ui, &args),
            Self::Show(args) => show::run(ui, &args),
            Self::Mirror(args) => mirror::run(ui, &args),
            Self::Receipt(args) => receipt::run(ui, &args),
            Self::Audit(args) => audit::run(ui, args),
            Self::Explain(args) => explain::run(ui, &args),
        }
    }
}
