//! TCP connections that were tried from pods.

pub(super) mod mutants;

use serde::Deserialize;

use super::{Inability, Observations, json};
use crate::query::Query;

/// One connection that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Connection {
    /// The pod that tried.
    pub from: String,
    /// Its node.
    pub from_node: String,
    /// The pod that was tried, or `service/NAME`.
    pub to: String,
    /// Its node; none for a Service.
    pub to_node: Option<String>,
    /// The address that was tried.
    pub address: String,
    /// The port that was tried.
    pub port: u16,
    /// Whether it was accepted.
    pub connected: bool,
    /// The client's last words where it was not.
    #[serde(default)]
    pub error: Option<String>,
}

/// All that were tried.
///
/// # Errors
/// [`Inability`] where they were not asked for or are none.
pub fn read(observations: &Observations, query: &Query) -> Result<Vec<Connection>, Inability> {
    json("connections", observations.single(query)?)
}
