//! Structured logs on stderr: text for a person at a terminal, JSON for a collector. `SANWU_LOG` sets
//! the level (`info` by default; `sanwu_node=debug` logs every request).

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging. A second call changes nothing.
pub fn start(quiet: bool) {
    let default = if quiet { "warn" } else { "info" };
    let filter = EnvFilter::try_from_env("SANWU_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Failing means that a logger is there already: a test's.
    _ = if std::io::stderr().is_terminal() {
        builder.with_target(false).compact().try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    };
}
