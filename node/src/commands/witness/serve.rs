//! `sanwu-node witness serve`: a witness as a server of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use sanwu_schema::error_code::ErrorCode;
use tokio::net::TcpListener;

use super::Global;
use crate::clock::now_seconds;
use crate::commands::error::CommandError;
use crate::commands::serve::signal;
use crate::witness::{self, WitnessState};

/// Arguments of `witness serve`.
#[derive(clap::Args)]
pub(super) struct ServeArgs {
    /// 见证人的数据目录 · the witness's data directory
    #[arg(long)]
    data: PathBuf,
    /// 服务地址 · where to serve
    #[arg(long, default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
}

pub(super) fn run(global: &Global, args: &ServeArgs) -> Result<ExitCode, CommandError> {
    crate::telemetry::start(global.quiet);
    let witness = Arc::new(WitnessState::open(&args.data, now_seconds)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorCode::Internal, error))?;
    runtime.block_on(async {
        let listen = |error: std::io::Error| CommandError::new(ErrorCode::Listen, format!("{}: {error}", args.listen));
        let listener = TcpListener::bind(args.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (name, logs) = (witness.name().to_owned(), witness.logs().len());
        tracing::info!(%address, name, logs, "witness {name} at http://{address}, {logs} logs");
        let asked_to_end = signal();
        // The URL is the command's result: the caller waits for this line.
        println!("http://{address}");
        global.say("已启动; 按 Ctrl-C 结束", "running; Ctrl-C ends it");
        let served = witness::serve(listener, witness, asked_to_end).await;
        served.map_err(|error| CommandError::new(ErrorCode::Internal, error))?;
        tracing::info!("ended");
        Ok(ExitCode::SUCCESS)
    })
}
