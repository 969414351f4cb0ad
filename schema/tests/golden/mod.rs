//! The golden vectors of the domain side, made from the small log of `support`. What each case must give is written
//! here by hand; what is computed (ids, roots) is what a second implementation compares with.

pub mod bundle;
pub mod canon;
pub mod chain;
pub mod entry;
pub mod small;

use std::path::PathBuf;
use std::sync::LazyLock;

use sanwu_schema::code::Code;
use serde_json::{Value, json};

/// One group of vectors, one file.
pub struct Group {
    name: &'static str,
    pub cases: Vec<Case>,
}

pub struct Case {
    pub name: String,
    pub op: &'static str,
    pub input: Value,
    pub expect: Value,
}

impl Group {
    pub fn new(name: &'static str) -> Self {
        Self { name, cases: Vec::new() }
    }

    pub fn case(&mut self, name: &str, op: &'static str, input: Value, expect: Value) {
        assert!(self.cases.iter().all(|c| c.name != name), "two cases are called {name:?}");
        self.cases.push(Case { name: name.to_owned(), op, input, expect });
    }

    pub fn ok(&mut self, name: &str, op: &'static str, input: Value, ok: Value) {
        self.case(name, op, input, json!({ "ok": ok }));
    }

    pub fn bad(&mut self, name: &str, op: &'static str, input: Value, code: Code) {
        self.case(name, op, input, json!({ "error": code.as_str() }));
    }

    pub fn path(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(format!("{}.json", self.name))
    }

    /// The file: one case a line.
    pub fn to_text(&self) -> String {
        let mut out = format!("{{\n\"group\": {},\n\"source\": \"own\",\n\"cases\": [\n", json!(self.name));
        for (i, case) in self.cases.iter().enumerate() {
            let line = json!({ "name": case.name, "op": case.op, "input": case.input, "expect": case.expect });
            let comma = if i + 1 < self.cases.len() { "," } else { "" };
            out.push_str(&format!("{line}{comma}\n"));
        }
        out.push_str("]\n}\n");
        out
    }
}

/// All groups.
pub fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
        vec![
            canon::group(),
            entry::group(),
            chain::group(),
            small::ring(),
            small::rows(),
            small::check_code(),
            bundle::group(),
        ]
    });
    &GROUPS
}

/// The group of that name.
pub fn group(name: &str) -> &'static Group {
    groups().iter().find(|g| g.name == name).unwrap()
}
