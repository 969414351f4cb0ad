//! The node's program, built beside the tests so that they know its path.

fn main() -> std::process::ExitCode {
    sanwu_node::main_entry()
}
