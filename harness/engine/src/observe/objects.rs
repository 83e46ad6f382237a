//! Objects as the API server holds them.

use kube::api::{DynamicObject, ListParams, Resource as _};
use kube::core::Request;
use rehearse_core::query::{Output, Subject};
use serde_json::Value;

use crate::stage::kind::is_not_served;
use crate::stage::{Cluster, StageError};

const OLDER_CALICO: &str = "crd.projectcalico.org/v1";
const NEWER_CALICO: &str = "projectcalico.org/v3";

/// One output with a JSON array, empty where there are none. Where the server does not serve the kind (yet) the array is
/// empty too, and `error` says so.
pub(super) async fn fetch(
    cluster: &Cluster,
    api_version: &str,
    kind: &str,
    namespace: Option<&str>,
    selector: Option<&str>,
) -> Result<Vec<Output>, StageError> {
    let output = |items: Vec<Value>, error: String| {
        let text = Value::Array(items).to_string();
        vec![Output::fetched(Subject::Cluster, 0, text, error)]
    };
    let not_served = format!("the server does not serve {kind} of {api_version}");
    let mut resource = cluster.served(api_version, kind).await?;
    // A Calico without its older kinds serves the same objects by its newer ones alone.
    if resource.is_none() && api_version == OLDER_CALICO {
        resource = cluster.served(NEWER_CALICO, kind).await?;
    }
    let Some(resource) = resource else {
        return Ok(output(Vec::new(), not_served));
    };
    let api_version = resource.api.api_version.clone();
    let namespace = namespace.filter(|_| resource.namespaced);
    let failed = |error| StageError::api(format!("list {kind} of {api_version}"), error);
    let parameters = ListParams {
        label_selector: selector.map(str::to_owned),
        ..ListParams::default()
    };
    // Not by a typed list: it would leave out what its type does not know.
    let request = Request::new(DynamicObject::url_path(&resource.api, namespace))
        .list(&parameters)
        .map_err(|error| failed(kube::Error::BuildRequest(error)))?;
    match cluster.client().request::<Value>(request).await {
        Ok(list) => Ok(output(sorted(list, &api_version, kind), String::new())),
        Err(error) if is_not_served(&error) => Ok(output(Vec::new(), not_served)),
        Err(error) => Err(failed(error)),
    }
}

/// The items of a list by namespace and name, each with its kind (a list leaves it out) and without the bookkeeping of
/// who set which field.
fn sorted(mut list: Value, api_version: &str, kind: &str) -> Vec<Value> {
    let mut items = match list["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    for item in &mut items {
        if let Some(item) = item.as_object_mut() {
            item.entry("apiVersion")
                .or_insert_with(|| api_version.into());
            item.entry("kind").or_insert_with(|| kind.into());
        }
        if let Some(metadata) = item["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
    }
    let key = |item: &Value| {
        let field = |name: &str| {
            item["metadata"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        (field("namespace"), field("name"))
    };
    items.sort_by_key(key);
    items
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::sorted;

    #[test]
    fn items_are_sorted_and_whole_but_for_managed_fields() {
        let list = json!({ "kind": "PodList", "items": [
            { "metadata": { "namespace": "b", "name": "a" }, "spec": { "unknown": 1 } },
            { "metadata": { "namespace": "a", "name": "z", "managedFields": [] } },
        ]});
        assert_eq!(
            sorted(list, "v1", "Pod"),
            [
                json!({ "metadata": { "namespace": "a", "name": "z" }, "apiVersion": "v1", "kind": "Pod" }),
                json!({ "metadata": { "namespace": "b", "name": "a" }, "spec": { "unknown": 1 }, "apiVersion": "v1", "kind": "Pod" }),
            ]
        );
    }

    #[test]
    fn a_list_without_items_is_empty() {
        assert_eq!(
            sorted(json!({ "items": null }), "v1", "Pod"),
            [] as [serde_json::Value; 0]
        );
    }
}
