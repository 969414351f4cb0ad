//! The log server's program; everything is in the library, where tests can reach it.

fn main() -> std::process::ExitCode {
    sanwu_node::main_entry()
}
