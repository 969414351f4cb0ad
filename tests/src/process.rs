//! The real programs as processes.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::client::Client;
use crate::village::Village;

/// The programs' paths. Cargo tells them to tests of this package only, so a test passes them in.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `sanwu-node`.
    pub node: PathBuf,
    /// `sanwu`.
    pub sanwu: PathBuf,
}

/// A node as a process of its own; killed when dropped.
pub struct Node {
    child: Child,
    /// Its data directory.
    pub data: PathBuf,
    /// Its URL.
    pub url: String,
}

impl Node {
    /// `sanwu-node serve` on a free port.
    pub fn serve(node: &Path, data: &Path) -> Self {
        Self::try_serve(node, data).unwrap_or_else(|e| panic!("the node did not start: {e}"))
    }

    /// The same, for a node that may refuse to start.
    pub fn try_serve(node: &Path, data: &Path) -> Result<Self, String> {
        Self::try_serve_at(node, data, 0)
    }

    /// The same on a port that others know already; 0 is a free one.
    pub fn try_serve_at(node: &Path, data: &Path, port: u16) -> Result<Self, String> {
        Self::try_start(node, data, port, &[])
    }

    /// At an address that a node had before.
    pub fn serve_at(node: &Path, data: &Path, url: &str) -> Self {
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        Self::try_serve_at(node, data, port).unwrap_or_else(|e| panic!("the node did not start: {e}"))
    }

    /// A replica on a free port, with more arguments.
    pub fn follow(node: &Path, data: &Path, upstream: &str, more: &[&str]) -> Self {
        let more = [&["--follow", upstream], more].concat();
        Self::try_start(node, data, 0, &more).unwrap_or_else(|e| panic!("the replica did not start: {e}"))
    }

    fn try_start(node: &Path, data: &Path, port: u16, more: &[&str]) -> Result<Self, String> {
        let mut child = Command::new(node)
            .args(["serve", "--quiet", "--listen", &format!("127.0.0.1:{port}")])
            .args(more)
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).map_err(|e| e.to_string())?;
        if line.starts_with("http://") {
            Ok(Self { child, data: data.to_path_buf(), url: line.trim().to_string() })
        } else {
            let output = child.wait_with_output().map_err(|e| e.to_string())?;
            Err(format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stderr)))
        }
    }

    /// A new test log with its genesis and the village's chain published.
    pub fn with_village(programs: &Programs, data: &Path) -> (Self, Village, Client) {
        let village = Village::new();
        village.init(&programs.node, data);
        let node = Self::serve(&programs.node, data);
        let client = Client::new(&node.url);
        village.open(data, &client);
        (node, village, client)
    }

    /// A client of this node.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().expect("address")
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no chance to flush anything.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> Option<i32> {
        // The shell's own kill: a small Debian has no other.
        let command = format!("kill -TERM {}", self.child.id());
        let status = Command::new("sh").args(["-c", &command]).status().expect("sh");
        assert!(status.success());
        self.child.wait().expect("wait").code()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on: for settings that name an address before anybody does.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("address").port()
}

/// A program that works in `dir`, away from the user's own settings and from what his machine has seen of logs: each
/// test makes logs of its own under one name.
pub fn command(program: impl AsRef<OsStr>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    for name in ["SANWU_SERVER", "SANWU_STATE_DIR", "SANWU_TRUST", "XDG_STATE_HOME"] {
        command.env_remove(name);
    }
    command
        .current_dir(dir)
        .env("HOME", dir)
        .env("LANG", "zh_CN.UTF-8")
        .env("LC_ALL", "zh_CN.UTF-8")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    command
}

/// Runs a program to its end, away from the user's own settings.
pub fn run(program: &Path, args: &[&str], dir: &Path) -> Output {
    command(program, dir).args(args).output().expect("run")
}
