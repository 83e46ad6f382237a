//! TCP connections that were tried from pods.

pub(super) mod mutants;

use serde::Deserialize;
use serde_json::Value;

use super::{Inability, Observations, Odd, Reading, json};
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
    /// How many bytes were sent at once, more than fit into one packet; none where nothing was sent.
    #[serde(default)]
    pub payload: Option<u32>,
    /// Whether an answer came after all of them; none where nothing was sent.
    #[serde(default)]
    pub answered: Option<bool>,
    /// The client's last words where it was not.
    #[serde(default)]
    pub error: Option<String>,
}

/// All that were tried; one that is not understood is told and costs the others nothing.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no list.
pub fn read(observations: &Observations, query: &Query) -> Result<Reading<Connection>, Inability> {
    let values: Vec<Value> = json("connections", observations.single(query)?)?;
    let connection = |value: Value| {
        Connection::deserialize(&value)
            .map_err(|error| Odd::new(format!("a connection: {error}"), &value.to_string()))
    };
    Ok(values.into_iter().map(connection).collect())
}
