//! `sanwu`, built in this package so that the tests find a fresh binary.

fn main() -> std::process::ExitCode {
    sanwu_cli::run(std::env::args_os(), sanwu_cli::Io::of_process())
}
