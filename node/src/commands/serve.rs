//! `sanwu-node serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use sanwu_schema::error_code::ErrorCode;
use tokio::signal::unix::Signal;

use super::Global;
use super::error::CommandError;
use crate::follow::{Follow, Replica, prepare};
use crate::log::Log;
use crate::server::Server;
use crate::settings::{Config, Data, DataError, Lock, io};
use crate::storage::AppendPolicy;
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
    /// 只做副本: 跟着这个网址的正本, 边抄边核, 从不写; 要用自己的数据目录, 没有就新建 · be a read-only replica of the log at this address, checking all that it copies; the data directory is its own, made if it is not there
    #[arg(long, value_name = "URL")]
    follow: Option<String>,
    /// 副本: 信任文件, 认定是哪一本账; 不给就信网址自己说的 (只在第一次) · replica: the trust file that names the log; without it the address is believed, the first time only
    #[arg(long, value_name = "FILE", requires = "follow")]
    trust: Option<PathBuf>,
    /// 副本第一次启动: 正本收不收没有声明的记录 (只限演示) · replica's first start: whether the log takes raw leaves (test only)
    #[arg(long, value_enum, default_value = "statements", requires = "follow")]
    admission: AppendPolicy,
}

pub(super) fn run(global: &Global, args: &ServeArgs) -> Result<ExitCode, CommandError> {
    crate::telemetry::start(global.quiet);
    let source = match &args.follow {
        Some(url) => Source::Upstream(Box::new(replica(global, args, url)?)),
        None => Source::Own,
    };
    let path = args.config.clone().unwrap_or_else(|| Data::at(&args.data).config());
    let mut config = Config::read(&path).map_err(DataError::from)?;
    config.listen = args.listen.unwrap_or(config.listen);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorCode::Internal, error))?;
    runtime.block_on(async {
        let site = config.site.clone();
        let witness = witness::open_in_node(&args.data)?;
        let pages = |log: &Log| {
            let pages = web::router(log.reader().clone(), site, witness.clone());
            match &witness {
                Some(witness) => pages.merge(witness::router_in_node(Arc::clone(witness))),
                None => pages,
            }
        };
        let server = match source {
            Source::Own => Server::open(&args.data, &config, pages).await?,
            Source::Upstream(replica) => {
                let (lock, replica) = *replica;
                Server::follow(lock, &args.data, replica, &config, pages).await?
            }
        };
        let address = server.address();
        let size = server.log().reader().committed().position.size;
        let origin = server.log().reader().origin().to_string();
        tracing::info!(%address, %origin, size, "{origin} at http://{address}, {size} entries");
        let asked_to_end = signal();
        // The URL is the command's result: the caller waits for this line.
        println!("http://{address}");
        global.say("已启动; 按 Ctrl-C 结束", "running; Ctrl-C ends it");
        server.run(asked_to_end).await?;
        tracing::info!("ended");
        Ok(ExitCode::SUCCESS)
    })
}

/// Where the served log comes from.
enum Source {
    /// It is written here.
    Own,
    /// It is followed.
    Upstream(Box<(Lock, Replica)>),
}

/// Makes or opens a replica's data directory, and says who vouches for its log.
fn replica(global: &Global, args: &ServeArgs, url: &str) -> Result<(Lock, Replica), CommandError> {
    std::fs::create_dir_all(&args.data).map_err(|error| io(&args.data, error))?;
    let trust = match &args.trust {
        Some(path) => Some((path.display().to_string(), std::fs::read(path).map_err(|error| io(path, error))?)),
        None => None,
    };
    let data = Data::at(&args.data);
    // Before anything is written there.
    data.read_replica_file()?;
    let lock = data.lock()?;
    let replica = prepare(&data, &Follow { url: url.to_owned(), trust, append_policy: args.admission })?;
    if replica.first_use {
        let (origin, file) = (&replica.pins.origin, data.replica_file());
        tracing::warn!(%origin, upstream = %url, "no trust file: trust on first use, upstream itself said which log this is");
        global.say(
            &format!(
                "⚠ 没有信任文件: 跟的是 {origin}, 这是 {url} 自己说的, 已记在 {}。请和镇里公布的信任文件核对, 用 --trust 再启动一次",
                file.display()
            ),
            &format!(
                "⚠ no trust file: following {origin} on the word of {url}, kept in {}. Compare with a trust file from elsewhere and start once with --trust",
                file.display()
            ),
        );
    }
    Ok((lock, replica))
}

/// Completes when the process is asked to end.
///
/// Listens from the call on, not only once it is awaited: a caller that was told the address may ask at once.
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
