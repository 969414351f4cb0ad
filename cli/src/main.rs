//! The binary `sanwu`; everything stands in the library, so that the tests' package can wrap it too.

fn main() -> std::process::ExitCode {
    sanwu_cli::run()
}
