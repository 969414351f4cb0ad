//! Witnesses, C2SP tlog-witness over HTTP, from both sides: [`server`] is a witness for other logs, [`client`] asks the
//! witnesses of this one. Neither knows the other; what a request is and what is decided about it is
//! `sanwu_schema::tlog::witness`.

pub mod client;
mod server;

pub(crate) use server::{KeyFile, WitnessFolder, survey};
pub use server::{LogStatus, Outcome, PREFIX, WitnessError, WitnessState, open_in_node, router_in_node, serve};
