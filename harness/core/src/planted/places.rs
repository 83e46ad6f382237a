//! `{{ node.prefix }}` and the like in acts: what is only known of a cluster that runs.

use serde_json::Value;

use super::Act;

/// What can be named.
const KNOWN: [&str; 9] = [
    "node.name",
    "node.block",
    "node.prefix",
    "other.name",
    "other.block",
    "other.prefix",
    "pod.name",
    "pod.address",
    "pod.sandbox",
];

/// What is true of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its block, such as `10.244.19.0/24`; empty where no act names one.
    pub block: String,
    /// The block without its last octet, such as `10.244.19`.
    pub prefix: String,
}

/// What placeholders stand for in one act on one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The node that is acted on.
    pub node: Place,
    /// Another node.
    pub other: Place,
    /// The pod's name; empty for acts that are about no pod.
    pub pod_name: String,
    /// The pod's address.
    pub pod_address: String,
    /// The id of the pod's sandbox.
    pub pod_sandbox: String,
}

impl Places {
    fn get(&self, name: &str) -> Option<&str> {
        Some(match name {
            "node.name" => &self.node.name,
            "node.block" => &self.node.block,
            "node.prefix" => &self.node.prefix,
            "other.name" => &self.other.name,
            "other.block" => &self.other.block,
            "other.prefix" => &self.other.prefix,
            "pod.name" => &self.pod_name,
            "pod.address" => &self.pod_address,
            "pod.sandbox" => &self.pod_sandbox,
            _ => return None,
        })
    }
}

/// The text with each placeholder filled in.
///
/// # Errors
/// The placeholder that is unknown or that nothing is known of.
pub fn fill(text: &str, places: &Places) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or("`{{` without `}}`")?;
        let name = name.trim();
        let value = places.get(name).ok_or_else(|| unknown_name(name))?;
        if value.is_empty() {
            return Err(format!("nothing is known of `{name}` here"));
        }
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The same for every text inside a value.
///
/// # Errors
/// As [`fill`].
pub fn fill_value(value: &Value, places: &Places) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text, places)?),
        Value::Array(items) => items
            .iter()
            .map(|item| fill_value(item, places))
            .collect::<Result<_, _>>()?,
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| Ok((key.clone(), fill_value(value, places)?)))
            .collect::<Result<serde_json::Map<_, _>, String>>()?
            .into(),
        other => other.clone(),
    })
}

/// Whether an act names a node's block, which no node has before Calico is there.
pub fn names_block(act: &Act) -> bool {
    placeholders(act)
        .iter()
        .filter_map(|name| name.split_once('.'))
        .any(|(_, fact)| fact == "block" || fact == "prefix")
}

/// What is wrong with an act's placeholders.
pub(super) fn unknown(act: &Act) -> Vec<String> {
    placeholders(act)
        .into_iter()
        .filter(|name| !KNOWN.contains(&name.as_str()))
        .map(|name| unknown_name(&name))
        .collect()
}

fn unknown_name(name: &str) -> String {
    format!("unknown placeholder `{name}` (known: {})", KNOWN.join(", "))
}

/// Every placeholder in an act, by the act's own text.
fn placeholders(act: &Act) -> Vec<String> {
    let text = serde_json::to_string(act).unwrap_or_default();
    text.split("{{")
        .skip(1)
        .map(|piece| {
            let name = piece.split_once("}}").map_or("", |(name, _)| name);
            name.trim().to_owned()
        })
        .collect()
}
