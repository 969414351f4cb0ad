//! The binary `sanwu`: all of it is in the library, so that the tests' package can build it, too.

fn main() -> std::process::ExitCode {
    sanwu_cli::run(std::env::args_os(), sanwu_cli::Io::of_process())
}
