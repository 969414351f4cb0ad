//! The command reference is a committed file: a change of an option is seen in review.

use std::path::Path;

use crate::support::{Ran, sanwu, sanwu_node, snapshot};

/// The help of a command and of all below it.
fn reference(out: &mut String, program: &str, run: &dyn Fn(&[&str]) -> Ran, path: &[&str]) {
    let help = run(&[path, &["--help"]].concat()).exits(0);
    assert_eq!(help.stderr, "", "help is what was asked for: it goes to stdout");
    let typed: String = path.iter().map(|name| format!("{name} ")).collect();
    // The tests' wrappers have names of their own.
    let shown = help.stdout.replace("it-sanwu", "sanwu").replace("it-node", "sanwu-node");
    out.push_str(&format!("$ {program} {typed}--help\n{shown}\n"));
    for name in subcommands(&help.stdout) {
        reference(out, program, run, &[path, &[name]].concat());
    }
}

/// The names under the heading of commands.
fn subcommands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| !matches!(*line, "命令:" | "Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter(|line| line.as_bytes().get(2).is_some_and(|b| *b != b' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help" && name.is_ascii())
        .collect()
}

#[test]
fn the_commands_are_the_committed_ones() {
    let mut out = String::new();
    reference(&mut out, "sanwu", &|args| sanwu(Path::new("/"), args), &[]);
    reference(&mut out, "sanwu-node", &|args| sanwu_node(Path::new("/"), args), &[]);
    assert!(out.matches("\n$ ").count() >= 30, "commands were not found in the help:\n{out:.2000}");
    snapshot("cli-help", &out.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>());
}

#[test]
fn a_wrong_command_line_is_exit_2() {
    for args in [&["no-such-command"][..], &["verify"], &["verify", "--no-such-option", "x"], &["key", "new"]] {
        let ran = sanwu(Path::new("/"), args).exits(2);
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{ran:?}");
        sanwu_node(Path::new("/"), args).exits(2);
    }
}
