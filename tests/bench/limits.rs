//! Open files: every connection is one, here and in the server.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// For a process with `connections`: what RocksDB holds open (400) and everything else beside.
fn needed(connections: usize) -> usize {
    connections + 1_024
}

/// Makes sure that this process and those that it starts may open enough files; otherwise starts this program
/// again with the limit raised, which needs no right as far as the hard limit goes.
pub fn open_files(connections: usize) -> Result<(), String> {
    let needed = needed(connections);
    let (soft, hard) = limits().ok_or("the limit of open files cannot be read from /proc/self/limits")?;
    if soft >= needed {
        return Ok(());
    }
    if hard < needed {
        return Err(format!(
            "{connections} connections need {needed} open files, but the hard limit is {hard}: \
             raise it (`ulimit -Hn {needed}` as root, or LimitNOFILE) and run again"
        ));
    }
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    let command = format!("ulimit -Sn {needed} && exec \"$0\" \"$@\"");
    let error = Command::new("sh").arg("-c").arg(command).arg(me).args(std::env::args().skip(1)).exec();
    Err(format!("raising the limit of open files: {error}"))
}

/// Soft and hard limit.
fn limits() -> Option<(usize, usize)> {
    let text = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let mut values = line.split_whitespace().map(|word| match word {
        "unlimited" => Some(usize::MAX),
        number => number.parse().ok(),
    });
    Some((values.next()??, values.next()??))
}
