//! The Tigera operator's word on each of its components.

pub(super) mod mutants;

use serde::Deserialize;

use super::objects::{self, Condition, Metadata};
use super::{Inability, Observations, Reading};
use crate::query::Query;

/// One `TigeraStatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TigeraStatus {
    /// Its name is the component's.
    pub metadata: Metadata,
    /// Its conditions.
    pub status: Status,
}

/// The status of a `TigeraStatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Status {
    /// `Available`, `Progressing` and `Degraded`; none before the operator's first look.
    pub conditions: Vec<Condition>,
}

/// The query for all of them.
pub fn query() -> Query {
    objects::query("operator.tigera.io/v1", "TigeraStatus", None, None)
}

/// All of them.
///
/// # Errors
/// [`Inability`] where they were not asked for or are no objects.
pub fn read(observations: &Observations) -> Result<Reading<TigeraStatus>, Inability> {
    objects::read_each("tigerastatuses", observations, &query())
}
