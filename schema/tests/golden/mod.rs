//! The golden vectors of the domain side, made from the small log of `support`. What each case must give is written
//! here by hand; what is computed (ids, roots) is what a second implementation compares with.

pub mod bundle;
pub mod canon;
pub mod chain;
pub mod entry;
pub mod log_keys;
#[cfg(feature = "mldsa")]
pub mod mldsa;
pub mod small;
pub mod table;

use std::path::PathBuf;
use std::sync::LazyLock;

use sanwu_schema::error_code::ErrorCode;
use serde_json::{Value, json};

/// One group of vectors, one file.
pub struct Group {
    name: &'static str,
    /// What a program may lack (FORMAT.md, "Vectors").
    needs: Option<&'static str>,
    pub cases: Vec<Case>,
}

pub struct Case {
    pub name: String,
    pub op: &'static str,
    pub input: Value,
    pub expect: Value,
    /// What a program without it answers, if that is not E-SUITE.
    pub without: Option<Value>,
}

impl Group {
    pub fn new(name: &'static str) -> Self {
        Self { name, needs: None, cases: Vec::new() }
    }

    /// A group that asks for type 0x06.
    #[cfg(feature = "mldsa")]
    pub fn of_type_6(name: &'static str) -> Self {
        Self { name, needs: Some("ml-dsa"), cases: Vec::new() }
    }

    pub fn case(&mut self, name: &str, op: &'static str, input: Value, expect: Value) {
        assert!(self.cases.iter().all(|c| c.name != name), "two cases are called {name:?}");
        self.cases.push(Case { name: name.to_owned(), op, input, expect, without: None });
    }

    /// What a program that lacks what the group needs answers to the last case.
    #[cfg(feature = "mldsa")]
    pub fn without(&mut self, answer: Value) {
        self.cases.last_mut().unwrap().without = Some(answer);
    }

    pub fn ok(&mut self, name: &str, op: &'static str, input: Value, ok: Value) {
        self.case(name, op, input, json!({ "ok": ok }));
    }

    pub fn bad(&mut self, name: &str, op: &'static str, input: Value, code: ErrorCode) {
        self.case(name, op, input, json!({ "error": code.as_str() }));
    }

    pub fn name(&self) -> &str {
        self.name
    }

    pub fn path(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(format!("{}.json", self.name))
    }

    /// The file: one case a line, after the table of the texts that cases share.
    pub fn to_text(&self) -> String {
        let mut out = format!("{{\n\"group\": {},\n\"source\": \"own\",\n", json!(self.name));
        if let Some(needs) = self.needs {
            out.push_str(&format!("\"needs\": {},\n", json!(needs)));
        }
        let mut inputs: Vec<Value> = self.cases.iter().map(|case| case.input.clone()).collect();
        let shared = table::share(&mut inputs);
        if !shared.is_empty() {
            let lines: Vec<String> = shared.iter().map(|text| json!(text).to_string()).collect();
            out.push_str(&format!("\"entries\": [\n{}\n],\n", lines.join(",\n")));
        }
        out.push_str("\"cases\": [\n");
        for (i, (case, input)) in self.cases.iter().zip(&inputs).enumerate() {
            let mut line = json!({ "name": case.name, "op": case.op, "input": input, "expect": case.expect });
            if let Some(without) = &case.without {
                line["without"] = without.clone();
            }
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
            #[cfg(feature = "mldsa")]
            mldsa::lines(),
            #[cfg(feature = "mldsa")]
            mldsa::bundles(),
        ]
    });
    &GROUPS
}

/// The group of that name.
pub fn group(name: &str) -> &'static Group {
    groups().iter().find(|g| g.name == name).unwrap()
}
