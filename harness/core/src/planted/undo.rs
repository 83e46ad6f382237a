//! What undoes a merge patch.

use serde_json::{Map, Value};

/// The JSON merge patch that gives an object the values back which another patch of it replaces: a key that was not
/// there is removed again.
pub fn inverse(patch: &Value, before: &Value) -> Value {
    match (patch, before) {
        (Value::Object(patch), Value::Object(before)) => {
            let entries = patch.iter().map(|(key, value)| {
                let old = before.get(key).unwrap_or(&Value::Null);
                (key.clone(), inverse(value, old))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        _ => before.clone(),
    }
}
