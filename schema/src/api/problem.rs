//! The one document of every error: RFC 9457 problem details with a stable code.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error_code::ErrorCode;
use crate::record::entry::Invalid;
use crate::validity::ChainHead;

/// What is wrong, for programs and for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A page about this kind of problem.
    #[cfg_attr(feature = "openapi", schema(example = "/help#E-SEQ"))]
    pub r#type: String,
    /// What is wrong, in Chinese.
    #[cfg_attr(feature = "openapi", schema(example = "账链已经往前走了, 序号不对"))]
    pub title: String,
    /// What is wrong, in English.
    pub title_en: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schema(example = 409))]
    pub status: u16,
    /// The stable code.
    #[cfg_attr(feature = "openapi", schema(example = "E-SEQ"))]
    pub code: String,
    /// Where, or which: a member path, a role, a digest.
    pub detail: String,
    /// What to do, in Chinese.
    pub hint: String,
    /// What to do, in English.
    pub hint_en: String,
    /// Which envelope of the package, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope: Option<usize>,
    /// Everything else that was found in the same content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<ProblemFinding>,
    /// The chain's head now; with conflicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<ProblemHead>,
}

/// One more thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemFinding {
    /// The stable code.
    pub code: String,
    /// What is wrong, in Chinese.
    pub title: String,
    /// What is wrong, in English.
    pub title_en: String,
    /// Where.
    pub detail: String,
}

/// A chain's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemHead {
    /// Place of the last statement.
    pub seq: u64,
    /// Its id, `sha256:…`.
    pub id: String,
    /// Its index in the log.
    pub index: u64,
}

impl Problem {
    /// A problem with the wording of its code and its place.
    pub fn new(code: ErrorCode, status: u16, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("/help#{}", code.as_str()),
            title: code.zh().into(),
            title_en: code.en().into(),
            status,
            code: code.as_str().into(),
            detail: detail.into(),
            hint: code.hint_zh().into(),
            hint_en: code.hint_en().into(),
            ..Self::default()
        }
    }

    /// Reads whichever members are there, as RFC 9457 asks: what a gateway answers has no code. `None` if it is no JSON
    /// object, or a member has another type.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let there: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        let Ok(Value::Object(mut members)) = serde_json::to_value(Self::default()) else { return None };
        members.extend(there);
        serde_json::from_value(Value::Object(members)).ok()
    }

    /// Returns the code, or `None` if this version does not know it.
    pub fn error_code(&self) -> Option<ErrorCode> {
        ErrorCode::ALL.iter().copied().find(|code| code.as_str() == self.code)
    }
}

impl From<Invalid> for ProblemFinding {
    fn from(Invalid { code, place }: Invalid) -> Self {
        Self { code: code.as_str().into(), title: code.zh().into(), title_en: code.en().into(), detail: place }
    }
}

impl From<ChainHead> for ProblemHead {
    fn from(head: ChainHead) -> Self {
        Self { seq: head.seq, id: head.id.to_string(), index: head.index }
    }
}
