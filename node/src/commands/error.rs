//! What a command says when it does not work: a stable code, where, what to do.

use std::process::ExitCode;

use sanwu_schema::error_code::ErrorCode;
use serde_json::json;

use super::Global;
use crate::follow::FollowError;
use crate::log::replica::FetchError;
use crate::log::{OpenError, RebuildError};
use crate::server::ServerError;
use crate::settings::DataError;
use crate::storage;
use crate::witness::WitnessError;

/// A command's failure.
#[derive(Debug)]
pub(crate) struct CommandError {
    code: ErrorCode,
    place: String,
}

impl CommandError {
    pub(crate) fn new(code: ErrorCode, place: impl ToString) -> Self {
        Self { code, place: place.to_string() }
    }

    /// Tells it and gives the exit code.
    pub(super) fn report(&self, global: &Global) -> ExitCode {
        let lang = global.lang();
        let exit = self.code.kind().exit();
        let cause = lang.pick(self.code.zh(), self.code.en());
        let remedy = lang.pick(self.code.hint_zh(), self.code.hint_en());
        if global.json {
            let error = json!({ "code": self.code.as_str(), "cause": cause, "place": self.place, "remedy": remedy });
            println!("{}", json!({ "schema": "sanwu-node-error-1", "ok": false, "exit": exit, "error": error }));
        }
        eprintln!("✘ {}{cause} ({})", lang.pick("原因    ", "Cause   "), self.code.as_str());
        eprintln!("  {}{}", lang.pick("位置    ", "Where   "), self.place);
        eprintln!("  {}{remedy}", lang.pick("怎么办  ", "Remedy  "));
        eprintln!("  {}sanwu-node --help", lang.pick("命令    ", "Command "));
        ExitCode::from(exit)
    }
}

impl From<DataError> for CommandError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Store(error) => error.into(),
            DataError::Io { ref source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Self::new(ErrorCode::FileMissing, error)
            }
            DataError::Io { .. } => Self::new(ErrorCode::FileIo, error),
            DataError::Content { .. } => Self::new(ErrorCode::DataDir, error),
            DataError::Busy(path) => Self::new(ErrorCode::DataBusy, path),
            DataError::Writer(_) | DataError::Replica(_) => Self::new(ErrorCode::DataRole, error),
            DataError::Exists(path) => Self::new(ErrorCode::FileExists, path),
            DataError::Config(error) => Self::new(ErrorCode::Config, error),
        }
    }
}

impl From<storage::Error> for CommandError {
    fn from(error: storage::Error) -> Self {
        let code = match error {
            storage::Error::Damaged { .. } => ErrorCode::StoreDamaged,
            storage::Error::Format(_) => ErrorCode::DataDir,
            storage::Error::Unindexed { .. } => ErrorCode::StoreIndex,
            storage::Error::Engine { .. } | storage::Error::Batch(_) => ErrorCode::Store,
        };
        Self::new(code, error)
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Io(_) => Self::new(ErrorCode::FileIo, error),
            OpenError::AppendPolicy { .. } => Self::new(ErrorCode::AdmissionFixed, error),
            OpenError::Keys(_) | OpenError::OtherKey(_) => Self::new(ErrorCode::DataDir, error),
            OpenError::Read(_) | OpenError::Tree(_) | OpenError::Fork(_) | OpenError::Lost | OpenError::First(_) => {
                Self::new(ErrorCode::StoreDamaged, error)
            }
        }
    }
}

impl From<RebuildError> for CommandError {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::Store(error) => error.into(),
            _ => Self::new(ErrorCode::StoreDamaged, error),
        }
    }
}

impl From<FollowError> for CommandError {
    fn from(error: FollowError) -> Self {
        match error {
            FollowError::Data(error) => error.into(),
            FollowError::Address(_) => Self::new(ErrorCode::Usage, error),
            FollowError::Upstream { source: FetchError::Unreachable(_), .. } => Self::new(ErrorCode::Network, error),
            FollowError::Upstream { source: FetchError::Missing(_), .. } => Self::new(ErrorCode::TrustMissing, error),
            FollowError::Upstream { .. } => Self::new(ErrorCode::ServerAnswer, error),
            FollowError::Trust { ref invalid, .. } => Self::new(invalid.code, error),
            FollowError::OtherLog(_) => Self::new(ErrorCode::OtherLog, error),
        }
    }
}

impl From<ServerError> for CommandError {
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Data(error) => error.into(),
            ServerError::Open(error) => error.into(),
            ServerError::Listen { .. } => Self::new(ErrorCode::Listen, error),
            ServerError::Stopped(why) => Self::new(ErrorCode::Stopped, why),
        }
    }
}

impl From<WitnessError> for CommandError {
    fn from(error: WitnessError) -> Self {
        match error {
            WitnessError::Data(error) => error.into(),
            WitnessError::List { .. } => Self::new(ErrorCode::LogList, error),
            WitnessError::Record { .. } => Self::new(ErrorCode::DataDir, error),
        }
    }
}
