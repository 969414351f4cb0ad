//! Who imports whom, read from the sources: no circles, and the layers of the node and the CLI.
//!
//! `cargo test --test it -- layers --nocapture` draws the imports.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::tidy::{Source, files};

/// Rooms in which nothing imports itself by way of others, neither folders nor files.
const ROOMS: [&str; 4] = ["node::log", "node::witness", "node::web", "cli"];

/// Layers, and what each may import beside itself; what is nested is a layer of its own.
const LAYERS: [(&str, &[&str]); 15] = [
    ("node::clock", &[]),
    ("node::storage", &[]),
    ("node::log", &["node::storage", "node::durable", "node::clock"]),
    ("node::http", &["node::log", "node::clock"]),
    // The one place where errors become answers may name the storage's error.
    ("node::http::error", &["node::log", "node::http", "node::storage"]),
    ("node::views", &["node::log", "node::clock"]),
    ("node::web", &["node::log", "node::witness", "node::views", "node::clock"]),
    ("node::witness::server", &["node::http", "node::connections", "node::settings", "node::durable", "node::clock"]),
    ("node::witness::client", &["node::log", "node::settings"]),
    ("cli::log_source", &[]),
    ("cli::known_logs", &["cli::log_source"]),
    ("cli::tables", &[]),
    ("cli::drafting", &["cli::known_logs", "cli::log_source"]),
    ("cli::audit", &["cli::known_logs", "cli::log_source"]),
    ("cli::report", &["cli::audit", "cli::tables"]),
];

/// What every layer of the CLI may import: errors, words, files, randomness, the terminal.
const EVERYWHERE: [&str; 6] = ["cli::error", "cli::text", "cli::files", "cli::entropy", "cli::names", "cli::ui"];

/// Engines: a layer that may import the storage contract does not import them.
const ENGINES: [&str; 2] = ["node::storage::rocks", "node::storage::memory"];

/// Crates, and the files or folders that may name them.
const CRATES: [(&str, &[&str]); 2] = [
    (
        "axum",
        &[
            "node/src/http/",
            "node/src/web/",
            "node/src/witness/server/",
            "node/src/server.rs",
            "node/src/connections.rs",
        ],
    ),
    ("rocksdb", &["node/src/storage/rocks/", "node/src/views/"]),
];

/// What each module imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The module of a file: `node/src/log/state/mod.rs` is `node::log::state`.
fn module(source: &Source) -> String {
    let path = source.path.replacen("/src/", "/", 1);
    let path = path.strip_suffix(".rs").expect(".rs");
    let path = ["/mod", "/lib", "/main"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    path.replace('/', "::")
}

/// The paths of a `use`: `a::{b, c::d}` are `a::b` and `a::c::d`.
fn expand(tree: &str, prefix: &str, found: &mut Vec<String>) {
    let Some((before, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return found.push(format!("{prefix}{path}"));
    };
    let inner = rest.trim_end().strip_suffix('}').expect("closed");
    let prefix = format!("{prefix}{}", before.trim());
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[start..at].trim();
                start = (at + 1).min(inner.len());
                if !part.is_empty() {
                    expand(part, &prefix, found);
                }
            }
            _ => {}
        }
    }
}

/// Reads what every module of a crate imports from the same crate; tests are left out.
fn graph(krate: &str) -> Graph {
    let visibility = Regex::new(r"pub\((in )?[\w:]+\)").expect("regex");
    let imports = Regex::new(r"(?m)^\s*(?:pub\s+)?use\s+([^;]+);").expect("regex");
    let inline = Regex::new(r"(^|[^\w:])([a-z_]\w*(?:::\w+)+)").expect("regex");
    let sources = files(&[&format!("{krate}/src")], ".rs");
    assert!(!sources.is_empty());
    let sources: Vec<&Source> = sources.iter().filter(|source| !source.is_test()).collect();
    let modules: BTreeSet<String> = sources.iter().map(|source| module(source)).collect();
    let mut graph = Graph::new();
    for source in sources {
        let this = module(source);
        let code: Vec<&str> = source.code().map(|(_, line)| line).collect();
        let code = visibility.replace_all(&code.join("\n"), "").into_owned();
        let mut paths = Vec::new();
        for found in imports.captures_iter(&code) {
            expand(&found[1], "", &mut paths);
        }
        let rest = imports.replace_all(&code, "").into_owned();
        paths.extend(inline.captures_iter(&rest).map(|found| found[2].to_owned()));
        let imported = paths.iter().filter_map(|path| resolve(path, &this, krate, &modules));
        let imported = imported.filter(|module| *module != this && module != krate);
        graph.entry(this.clone()).or_default().extend(imported);
    }
    graph
}

/// The module that a path in `this` is about, if it is one of this crate's.
fn resolve(path: &str, this: &str, krate: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut segments = path.split("::").peekable();
    let mut at = match *segments.peek()? {
        "crate" => krate.to_owned(),
        "super" | "self" => this.to_owned(),
        child if modules.contains(&format!("{this}::{child}")) => this.to_owned(),
        _ => return None,
    };
    for segment in segments {
        match segment {
            "crate" | "self" => {}
            "super" => at.truncate(at.rfind("::")?),
            name if modules.contains(&format!("{at}::{name}")) => at = format!("{at}::{name}"),
            _ => break,
        }
    }
    Some(at)
}

fn is_within(module: &str, room: &str) -> bool {
    module.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The imports inside a room; with `folders`, between what lies directly in it.
fn inside(graph: &Graph, room: &str, folders: bool) -> Graph {
    let name = |module: &str| match module.strip_prefix(room).and_then(|rest| rest.strip_prefix("::")) {
        Some(rest) if folders => rest.split("::").next().unwrap_or_default().to_owned(),
        Some(rest) => rest.to_owned(),
        None => "mod".to_owned(),
    };
    let mut inside = Graph::new();
    for (from, to) in graph.iter().filter(|(from, _)| is_within(from, room)) {
        let to = to.iter().filter(|to| is_within(to, room)).map(|to| name(to)).filter(|to| *to != name(from));
        inside.entry(name(from)).or_default().extend(to);
    }
    inside
}

/// A circle, if there is one: each module imports the next, and the last the first.
fn circle(graph: &Graph) -> Option<Vec<&str>> {
    fn visit<'a>(
        graph: &'a Graph,
        at: &'a str,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(start) = way.iter().position(|one| *one == at) {
            return Some(way[start..].to_vec());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at);
        let found = graph.get(at).into_iter().flatten().find_map(|next| visit(graph, next, way, done));
        way.pop();
        done.insert(at);
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| visit(graph, start, &mut Vec::new(), &mut done))
}

#[test]
fn no_room_imports_itself_by_way_of_others() {
    let mut wrong = Vec::new();
    for room in ROOMS {
        let graph = graph(room.split("::").next().expect("crate"));
        for folders in [true, false] {
            let inside = inside(&graph, room, folders);
            assert!(inside.len() > 1, "{room} is one module");
            println!("\n{room}, {}", if folders { "its rooms" } else { "its files" });
            for (from, to) in inside.iter().filter(|(_, to)| !to.is_empty()) {
                println!("  {from} -> {}", to.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
            }
            if let Some(circle) = circle(&inside) {
                wrong.push(format!("{room}: {} -> {}", circle.join(" -> "), circle[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_layers_hold() {
    let graph: Graph = ["node", "cli"].into_iter().flat_map(graph).collect();
    let layer = |module: &str| LAYERS.iter().rev().find(|(layer, _)| is_within(module, layer));
    let mut wrong = Vec::new();
    for (name, _) in LAYERS {
        assert!(graph.keys().any(|module| is_within(module, name)), "there is no {name}");
    }
    for (from, to) in &graph {
        let Some((layer, may)) = layer(from) else { continue };
        let fits = |to: &str| {
            let engine = ENGINES.iter().any(|engine| is_within(to, engine)) && *layer != "node::storage";
            is_within(to, layer) || EVERYWHERE.contains(&to) || (may.iter().any(|one| is_within(to, one)) && !engine)
        };
        wrong.extend(to.iter().filter(|to| !fits(to)).map(|to| format!("{from} imports {to}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn axum_and_rocksdb_are_named_where_they_belong() {
    let mut wrong = Vec::new();
    for (name, allowed) in CRATES {
        let named = Regex::new(&format!(r"\b{name}(::|;| as\b)")).expect("regex");
        for source in files(&["node/src", "cli/src", "schema/src"], ".rs") {
            if allowed.iter().any(|one| source.path.starts_with(one)) {
                continue;
            }
            let lines = source.code().filter(|(_, line)| named.is_match(line));
            wrong.extend(lines.map(|(n, _)| format!("{}:{n}: {name}", source.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_circle_is_found_and_a_path_resolved() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        edges.iter().for_each(|(from, to)| _ = graph.entry((*from).into()).or_default().insert((*to).into()));
        graph
    };
    assert_eq!(circle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    assert_eq!(circle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])), Some(vec!["b", "c"]));
    let mut paths = Vec::new();
    expand("super::{b, c::{d as e, self}}", "", &mut paths);
    assert_eq!(paths, ["super::b", "super::c::d", "super::c::self"]);
    let modules = ["k", "k::a", "k::a::b", "k::c"].map(String::from).into();
    let resolved = |path| resolve(path, "k::a::b", "k", &modules);
    assert_eq!(resolved("super::X").as_deref(), Some("k::a"));
    assert_eq!(resolved("crate::c::d::X").as_deref(), Some("k::c"));
    assert_eq!(resolved("super::super::c::X").as_deref(), Some("k::c"));
    assert_eq!(resolved("std::c::X"), None);
}
