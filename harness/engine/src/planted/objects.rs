//! Objects that are patched, made and deleted, and what undoes that.

use anyhow::{Context as _, anyhow};
use kube::Api;
use kube::api::{
    DeleteParams, DynamicObject, ListParams, Patch as ApiPatch, PatchParams, PostParams, TypeMeta,
};
use rehearse_core::planted::{Create, Patch, Places, Target, inverse};
use serde_json::Value;

use super::undo::Undo;
use crate::stage::Cluster;
use crate::step::resources;

/// Patches an object; the older values are kept first.
pub(super) async fn plant_patch(
    cluster: &Cluster,
    patch: &Patch,
    places: &Places,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let (api, object) = find(cluster, &patch.target, places).await?;
    let name = name_of(&object)?;
    let body = places.fill_body(&patch.merge).map_err(anyhow::Error::msg)?;
    let before = serde_json::to_value(&object).context("failed to read the object as JSON")?;
    undos.push(Undo::Patch {
        api: api.clone(),
        name: name.clone(),
        body: inverse(&body, &before),
        status: patch.status,
    });
    self::patch(cluster, &api, &name, &body, patch.status).await
}

/// Makes an object.
pub(super) async fn plant_create(
    cluster: &Cluster,
    wanted: &Create,
    places: &Places,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let value = places
        .fill_body(&wanted.object)
        .map_err(anyhow::Error::msg)?;
    let object: DynamicObject =
        serde_json::from_value(value).context("failed to read the object to create")?;
    let types = object
        .types
        .clone()
        .ok_or_else(|| anyhow!("failed to create an object: it has no apiVersion and kind"))?;
    let api = resources::api(cluster, &types, object.metadata.namespace.as_deref()).await?;
    create(cluster, &api, &object).await?;
    let name = name_of(&object)?;
    undos.push(Undo::Delete { api, name });
    Ok(())
}

/// Deletes an object.
pub(super) async fn plant_delete(
    cluster: &Cluster,
    target: &Target,
    places: &Places,
    undos: &mut Vec<Undo>,
) -> anyhow::Result<()> {
    let (api, mut object) = find(cluster, target, places).await?;
    let name = name_of(&object)?;
    delete(cluster, &api, &name).await?;
    // What the server gave it belongs to the one that is gone.
    object.metadata.uid = None;
    object.metadata.resource_version = None;
    object.metadata.creation_timestamp = None;
    object.metadata.managed_fields = None;
    object.metadata.generation = None;
    undos.push(Undo::Create {
        api,
        object: Box::new(object),
    });
    Ok(())
}

/// Patches an object by JSON merge patch.
pub(super) async fn patch(
    cluster: &Cluster,
    api: &Api<DynamicObject>,
    name: &str,
    body: &Value,
    status: bool,
) -> anyhow::Result<()> {
    let parameters = PatchParams::default();
    let body = ApiPatch::Merge(body);
    let answer = if status {
        api.patch_status(name, &parameters, &body).await
    } else {
        api.patch(name, &parameters, &body).await
    };
    resources::answered(cluster, format!("patch {name}"), answer).await?;
    Ok(())
}

/// Makes an object.
pub(super) async fn create(
    cluster: &Cluster,
    api: &Api<DynamicObject>,
    object: &DynamicObject,
) -> anyhow::Result<()> {
    let answer = api.create(&PostParams::default(), object).await;
    let name = object.metadata.name.as_deref().unwrap_or_default();
    resources::answered(cluster, format!("create {name}"), answer).await?;
    Ok(())
}

/// Deletes an object.
pub(super) async fn delete(
    cluster: &Cluster,
    api: &Api<DynamicObject>,
    name: &str,
) -> anyhow::Result<()> {
    let answer = api.delete(name, &DeleteParams::default()).await;
    resources::answered(cluster, format!("delete {name}"), answer).await?;
    Ok(())
}

async fn find(
    cluster: &Cluster,
    target: &Target,
    places: &Places,
) -> anyhow::Result<(Api<DynamicObject>, DynamicObject)> {
    let types = TypeMeta {
        api_version: target.api_version.clone(),
        kind: target.kind.clone(),
    };
    let api = resources::api(cluster, &types, target.namespace.as_deref()).await?;
    let kind = &target.kind;
    let object = if let Some(name) = &target.name {
        let name = places.fill(name).map_err(anyhow::Error::msg)?;
        let answer = api.get(&name).await;
        resources::answered(cluster, format!("read {kind} {name}"), answer).await?
    } else {
        let selector = target.selector.as_deref().unwrap_or_default();
        let answer = api.list(&ListParams::default().labels(selector)).await;
        let found = resources::answered(cluster, format!("list {kind} {selector}"), answer).await?;
        found
            .items
            .into_iter()
            .filter(|object| object.metadata.deletion_timestamp.is_none())
            .min_by(|one, other| one.metadata.name.cmp(&other.metadata.name))
            .ok_or_else(|| anyhow!("failed to find a {kind} with the labels '{selector}'"))?
    };
    // The items of a list do not say their kind.
    let object = DynamicObject {
        types: Some(types),
        ..object
    };
    Ok((api, object))
}

fn name_of(object: &DynamicObject) -> anyhow::Result<String> {
    object
        .metadata
        .name
        .clone()
        .ok_or_else(|| anyhow!("failed to plant: the object has no name"))
}
