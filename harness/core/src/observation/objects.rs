//! What every Kubernetes object has, and the JSON array of objects that a query gives. It knows no kind.

pub(super) mod mutants;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use serde_json::Value;

use super::{Inability, Observations, Odd, Reading, json};
use crate::query::Query;

/// An object's metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// The object's name.
    pub name: String,
    /// Its namespace; empty for a cluster-wide kind.
    pub namespace: String,
    /// Its unique id.
    pub uid: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// How often its wanted state was changed.
    pub generation: i64,
    /// When it was made.
    pub creation_timestamp: Option<Timestamp>,
    /// When it is to be gone, where it is being deleted.
    pub deletion_timestamp: Option<Timestamp>,
    /// What it belongs to.
    pub owner_references: Vec<Owner>,
}

/// What an object belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// Such as `ReplicaSet`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// One condition of an object's status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Condition {
    /// Such as `Ready`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// A word for why.
    pub reason: String,
    /// A sentence for why.
    pub message: String,
}

/// The status of a condition: `absent` where the object has no such condition.
pub fn condition_status<'a>(conditions: &'a [Condition], kind: &str) -> &'a str {
    condition(conditions, kind).map_or("absent", |condition| condition.status.as_str())
}

/// One condition by its kind.
pub fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.kind == kind)
}

/// The objects that a query gave.
///
/// # Errors
/// [`Inability`] where it was not asked for or is not an array of such objects.
pub fn read<T: DeserializeOwned>(
    what: &'static str,
    observations: &Observations,
    query: &Query,
) -> Result<Vec<T>, Inability> {
    json(what, observations.single(query)?)
}

/// The objects that a query gave, each read by itself: one that is not understood costs no other one.
///
/// # Errors
/// [`Inability`] where it was not asked for or is no array.
pub fn read_each<T: DeserializeOwned>(
    what: &'static str,
    observations: &Observations,
    query: &Query,
) -> Result<Reading<T>, Inability> {
    let objects: Vec<Value> = json(what, observations.single(query)?)?;
    Ok(objects.iter().map(object).collect())
}

fn object<T: DeserializeOwned>(object: &Value) -> Result<T, Odd> {
    let name = object.pointer("/metadata/name");
    let name = name
        .and_then(Value::as_str)
        .unwrap_or("an object without a name");
    let odd = |error: serde_json::Error| Odd::new(format!("{name}: {error}"), &object.to_string());
    serde_json::from_value(without_nulls(object)).map_err(odd)
}

/// Some programs print `null` for what the API server leaves out.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            members
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect()
        }
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// The query for all objects of one kind, in one namespace or in all of them.
pub(crate) fn query(
    api_version: &str,
    kind: &str,
    namespace: Option<&str>,
    selector: Option<&str>,
) -> Query {
    Query::Objects {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        selector: selector.map(str::to_owned),
    }
}
