//! A running node: an open log behind a listening socket.

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::connections::Connections;
use crate::follow::Replica;
use crate::http::limits::SHUTDOWN_TIME_MAX;
use crate::http::{self, App};
use crate::log::{Log, LogOptions, OpenError, Threads};
use crate::settings::{self, Config, Data, DataError, Lock, free_bytes};
use crate::storage::guard::Guard;
use crate::storage::{self, Access, AppendPolicy};
use crate::witness;

/// Why a node does not run.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The log.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The socket.
    #[error("{address}: {source}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// Why it does not.
        source: std::io::Error,
    },
    /// The writer stopped; nothing more can be written until the node is started again.
    #[error("the writer has stopped: {0}")]
    Stopped(String),
}

/// A node whose socket is bound; it answers from [`run`](Self::run) on.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    log: Log,
    threads: Threads,
    router: Router,
    _lock: Lock,
}

impl Server {
    /// Opens the log in a data directory and binds the socket.
    ///
    /// `pages` makes what is served beside the API.
    pub async fn open(path: &Path, config: &Config, pages: impl FnOnce(&Log) -> Router) -> Result<Self, ServerError> {
        let data = Data::at(path);
        let fixed = data.read_log_file()?;
        let lock = data.lock()?;
        let keys = data.read_keys()?;
        let witnessing = witness::client::from_settings(config.witnesses.as_ref(), path, keys.origin());
        let witnessing = witnessing.map_err(DataError::from)?;
        let guard = Guard::open(&data.guard()).map_err(|error| settings::io(&data.guard(), error))?;
        let store = storage::open(&data.storage(), &Access::Write).map_err(DataError::from)?;
        let options = options(path, config, fixed.append_policy);
        let (log, threads) = Log::open(store.into(), guard, keys, witnessing, options)?;
        Self::bind(lock, log, threads, config, pages).await
    }

    /// Opens a replica in its data directory and binds the socket.
    pub(crate) async fn follow(
        lock: Lock,
        path: &Path,
        replica: Replica,
        config: &Config,
        pages: impl FnOnce(&Log) -> Router,
    ) -> Result<Self, ServerError> {
        let store = storage::open(&Data::at(path).storage(), &Access::Write).map_err(DataError::from)?;
        let options = options(path, config, replica.append_policy);
        let (log, threads) = Log::follow(store.into(), replica.upstream, replica.pins, options)?;
        Self::bind(lock, log, threads, config, pages).await
    }

    async fn bind(
        lock: Lock,
        log: Log,
        threads: Threads,
        config: &Config,
        pages: impl FnOnce(&Log) -> Router,
    ) -> Result<Self, ServerError> {
        let listen = |source| ServerError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let router = http::router(App::new(log.clone()), pages(&log));
        Ok(Self { listener, address, log, threads, router, _lock: lock })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Serves until `shutdown` is done or the writer stops; answers what is under way, and returns when
    /// everything queued is durable.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), ServerError> {
        let Self { listener, log, threads, router, _lock, .. } = self;
        let (end, mut ended) = tokio::sync::watch::channel(false);
        let stopping = log.clone();
        let watcher = tokio::spawn(async move {
            let why = tokio::select! {
                () = shutdown => None,
                why = stopping.stopped() => Some(why.to_string()),
            };
            // Nobody listening any more means that serving has ended by itself.
            _ = end.send(true);
            why
        });
        let mut asked = ended.clone();
        let serving = axum::serve(Connections::of(listener), router)
            .with_graceful_shutdown(async move { _ = asked.wait_for(|end| *end).await });
        let late = async {
            _ = ended.wait_for(|end| *end).await;
            tokio::time::sleep(SHUTDOWN_TIME_MAX).await;
        };
        tokio::select! {
            served = serving => {
                if let Err(error) = served {
                    tracing::error!(%error, "serving ended: {error}");
                }
            }
            () = late => tracing::warn!("connections were still open when the node ended"),
        }
        let why = if *ended.borrow() { watcher.await.unwrap_or_default() } else { None };
        drop(log);
        // Requests that were cut off may hold the log for a moment longer; what they queued is finished.
        _ = tokio::time::timeout(SHUTDOWN_TIME_MAX, tokio::task::spawn_blocking(move || threads.join())).await;
        match why {
            Some(why) => Err(ServerError::Stopped(why)),
            None => Ok(()),
        }
    }
}

fn options(path: &Path, config: &Config, append_policy: AppendPolicy) -> LogOptions {
    LogOptions {
        publish_interval: config.publish_interval(),
        disk_reserve_bytes: config.disk_reserve_bytes(),
        free_bytes,
        data: path.to_path_buf(),
        append_policy,
    }
}
