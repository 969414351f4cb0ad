//! `sanwu-node serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use sanwu_schema::code::Code;
use tokio::signal::unix::Signal;

use super::Global;
use super::error::CommandError;
use crate::config::Config;
use crate::data::{Data, DataError};
use crate::log::Log;
use crate::server::Server;
use crate::{web, witness};

/// Arguments of `serve`.
#[derive(clap::Args)]
pub(super) struct ServeArgs {
    /// 数据目录 · data directory
    #[arg(long)]
    data: PathBuf,
    /// 服务地址, 代替设置里的 · where to serve, instead of the setting
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// 设置文件, 缺省用数据目录里的 config.toml · settings, by default config.toml in the data directory
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: &ServeArgs) -> Result<ExitCode, CommandError> {
    crate::telemetry::start(global.quiet);
    let path = args.config.clone().unwrap_or_else(|| Data::at(&args.data).config());
    let mut config = Config::read(&path).map_err(DataError::from)?;
    config.listen = args.listen.unwrap_or(config.listen);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Code::Internal, error))?;
    runtime.block_on(async {
        let site = config.site.clone();
        let witness = witness::open_in_node(&args.data)?;
        let pages = |log: &Log| {
            let pages = web::router(log.reader().clone(), site, witness.clone());
            match &witness {
                Some(witness) => pages.nest(witness::PREFIX, witness::router(Arc::clone(witness))),
                None => pages,
            }
        };
        let server = Server::open(&args.data, &config, pages).await?;
        let address = server.address();
        let size = server.log().reader().committed().position.size;
        let origin = server.log().reader().origin().to_string();
        tracing::info!(%address, %origin, size, "{origin} at http://{address}, {size} entries");
        let asked_to_end = signal();
        // The URL is the command's result: whoever started it waits for this line.
        println!("http://{address}");
        global.say("已启动; 按 Ctrl-C 结束", "running; Ctrl-C ends it");
        server.run(asked_to_end).await?;
        tracing::info!("ended");
        Ok(ExitCode::SUCCESS)
    })
}

/// Done when the process is asked to end. Listens from the call on, not only once it is awaited: whoever
/// was told the address may ask at once.
pub(crate) fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let asked = async |listening: std::io::Result<Signal>| match listening {
        Ok(mut signal) => _ = signal.recv().await,
        Err(_) => std::future::pending().await,
    };
    async move {
        tokio::select! {
            () = asked(interrupt) => {}
            () = asked(terminate) => {}
        }
    }
}
