//! Manifest text (YAML with any number of documents, or JSON) to objects. It knows nothing of what a server serves.

use anyhow::{Context as _, bail};
use kube::api::DynamicObject;
use serde_json::Value;

/// The objects of a manifest, in the file's order; empty documents are left out and lists are taken apart.
///
/// # Errors
/// When the text is not YAML, or a document has no `apiVersion`, `kind` or `metadata.name`.
pub(super) fn objects(file: &str, text: &str) -> anyhow::Result<Vec<DynamicObject>> {
    let options = serde_saphyr::options! {
        // In a Kubernetes manifest `on` and `yes` are texts wherever a text is meant.
        strict_booleans: true,
        // A manifest of custom resource definitions is larger than what the default budget takes for an attack.
        budget: None,
    };
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(text, options)
        .with_context(|| format!("failed to parse {file}"))?;
    let mut objects = Vec::new();
    for document in documents {
        take(file, document, &mut objects)?;
    }
    if objects.is_empty() {
        bail!("failed to apply {file}: it has no object");
    }
    Ok(objects)
}

fn take(file: &str, document: Value, objects: &mut Vec<DynamicObject>) -> anyhow::Result<()> {
    if document.is_null() {
        return Ok(());
    }
    let is_list = document["kind"]
        .as_str()
        .is_some_and(|kind| kind.ends_with("List"))
        && document["items"].is_array();
    if is_list && let Value::Object(mut list) = document {
        if let Some(Value::Array(items)) = list.remove("items") {
            for item in items {
                take(file, item, objects)?;
            }
        }
        return Ok(());
    }
    let number = objects.len() + 1;
    let object: DynamicObject = serde_json::from_value(document)
        .with_context(|| format!("failed to read object {number} of {file}"))?;
    if object.types.is_none() {
        bail!("failed to read object {number} of {file}: it has no apiVersion and kind");
    }
    if object.metadata.name.is_none() {
        bail!("failed to read object {number} of {file}: it has no metadata.name");
    }
    objects.push(object);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_in_order_and_empty_ones_are_left_out() -> anyhow::Result<()> {
        let text = "---\n# nothing\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: a}\ndata: {key: on}\n";
        let objects = objects("a.yaml", text)?;
        let names: Vec<_> = objects
            .iter()
            .filter_map(|object| object.metadata.name.as_deref())
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(objects[1].data["data"]["key"], "on");
        Ok(())
    }

    #[test]
    fn a_list_is_taken_apart() -> anyhow::Result<()> {
        let text = r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}]}"#;
        assert_eq!(objects("a.json", text)?.len(), 1);
        Ok(())
    }

    #[test]
    fn a_manifest_without_an_object_is_an_error() {
        let error = objects("a.yaml", "# only a comment\n")
            .err()
            .map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some("failed to apply a.yaml: it has no object")
        );
    }

    #[test]
    fn an_object_without_a_name_is_an_error_with_its_number() {
        let error = objects("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {}\n")
            .err()
            .map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some("failed to read object 1 of a.yaml: it has no metadata.name")
        );
    }
}
