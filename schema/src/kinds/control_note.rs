//! The body of control kinds that change keys or rules: the control says what changes, the body says why.

use alloc::string::String;
use alloc::vec::Vec;

use super::parts::Salt;
use crate::json::record;

record! {
    /// Words for people.
    pub struct ControlNote {
        salt: Salt,
        title: String,
        text "说明", "Explanation": Vec<String>,
    }
}
