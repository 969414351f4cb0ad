//! `sanwu-node demo`: the demonstration, ready to look at.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use sanwu_schema::error_code::ErrorCode;

use super::Global;
use super::error::CommandError;
use super::serve::signal;
use crate::demo::{self, Demo, Folder};
use crate::log::Log;
use crate::server::Server;
use crate::settings::{self, Config};
use crate::web;

/// A short interval: the demonstration publishes twenty packages one after the other.
const PUBLISH_INTERVAL_MS: u64 = 50;

/// Arguments of `demo`.
#[derive(clap::Args)]
pub(super) struct DemoArgs {
    /// 放演示数据的目录, 缺省用临时目录 · where to put it, by default a temporary directory
    #[arg(long)]
    data: Option<PathBuf>,
    /// 服务地址 · where to serve
    #[arg(long, default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
}

pub(super) fn run(global: &Global, args: &DemoArgs) -> Result<ExitCode, CommandError> {
    let started = Instant::now();
    crate::telemetry::start(true);
    let (folder, root) = place(args);
    std::fs::create_dir_all(&root).map_err(|error| settings::io(&root, error))?;
    // The same folder again: what was made there is shown again.
    let demo = if folder.is_complete() { None } else { Some(Demo::make(&folder)?) };
    let site = demo::site()?;
    let config = Config { listen: args.listen, publish_interval_ms: PUBLISH_INTERVAL_MS, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorCode::Internal, error))?;
    runtime.block_on(async {
        let pages = |log: &Log| web::router(log.reader().clone(), site, None);
        let server = Server::open(&folder.log(), &config, pages).await?;
        let base = format!("http://{}", server.address());
        let stored = server.log().reader().committed().position.size;
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async move {
            tokio::select! {
                () = signal() => {}
                _ = ended => {}
            }
        }));
        let at = base.clone();
        let publish = move || demo.map_or(Ok(stored), |demo| demo.publish(&at));
        let published = tokio::task::spawn_blocking(publish).await;
        let published = published.map_err(|_| CommandError::new(ErrorCode::Internal, "demo")).and_then(|p| p);
        match published {
            Ok(size) => tell(global, &folder, &base, size, started),
            Err(error) => {
                _ = end.send(());
                _ = serving.await;
                return Err(error);
            }
        }
        let served = serving.await.map_err(|_| CommandError::new(ErrorCode::Internal, "server"))?;
        // Kept until here: dropping it would have ended the server.
        drop(end);
        served?;
        Ok(ExitCode::SUCCESS)
    })
}

fn place(args: &DemoArgs) -> (Folder, PathBuf) {
    let root = match &args.data {
        Some(root) => root.clone(),
        None => std::env::temp_dir().join(format!("sanwu-demo-{}", std::process::id())),
    };
    (Folder::at(&root), root)
}

/// Paths and address; the address on a line of its own on stdout, for programs.
fn tell(global: &Global, folder: &Folder, base: &str, size: u64, started: Instant) {
    let (keys, passphrase, trust) = (folder.keys(), folder.passphrase(), folder.trust());
    let (keys, passphrase, trust) = (keys.display(), passphrase.display(), trust.display());
    let seconds = started.elapsed().as_secs_f32();
    if global.json {
        let document = serde_json::json!({
            "schema": "sanwu-demo-1", "ok": true, "exit": 0, "url": base, "size": size, "keys": keys.to_string(),
            "passphrase_file": passphrase.to_string(), "trust": trust.to_string(), "data": folder.log(),
        });
        println!("{document}");
    } else {
        println!("{base}");
    }
    global.say(
        &format!(
            "演示账本好了: {size} 条, 用了 {seconds:.1} 秒\n  网页      {base}/v/379999100201\n  钥匙      {keys}\n  口令文件  {passphrase}\n  信任文件  {trust}\n按 Ctrl-C 结束"
        ),
        &format!(
            "the demonstration is ready: {size} entries in {seconds:.1} s\n  pages       {base}/v/379999100201?lang=en\n  keys        {keys}\n  passphrase  {passphrase}\n  trust file  {trust}\nCtrl-C ends it"
        ),
    );
}
