//! Applies a manifest: server-side apply, in the file's order, forced, with the field manager `rehearse`. Definitions of
//! custom resources that follow each other are applied together and waited for.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::runtime::wait::{await_condition, conditions};
use rehearse_core::scenario::Apply;
use tokio::time::Instant;

use super::{Surroundings, manifest, resources};
use crate::wait;

/// Whom the API server takes for the owner of the fields.
pub(super) const FIELD_MANAGER: &str = "rehearse";

/// How long the server's discovery may lag behind a definition that is established; it took less than a second where
/// it was seen.
const DISCOVERY_LAG: Duration = Duration::from_secs(15);

/// Applies a manifest of the scenario.
pub(super) async fn perform(
    apply: &Apply,
    text: Option<&str>,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let text =
        text.ok_or_else(|| anyhow!("failed to apply {}: the plan has no text of it", apply.file))?;
    manifest(&apply.file, text, surroundings, deadline).await
}

/// Applies the text of a manifest, whosever it is.
pub(super) async fn manifest(
    file: &str,
    text: &str,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let objects = manifest::objects(file, text)?;
    for group in objects.chunk_by(|left, right| is_definition(left) && is_definition(right)) {
        try_join_all(
            group
                .iter()
                .map(|object| one(file, object, surroundings, deadline)),
        )
        .await?;
        let defined = group.iter().filter(|object| is_definition(object));
        try_join_all(defined.map(|object| established(object, surroundings, deadline))).await?;
    }
    Ok(())
}

async fn one(
    file: &str,
    object: &DynamicObject,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let subject = subject(object);
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let types = object
        .types
        .as_ref()
        .ok_or_else(|| anyhow!("failed to apply {subject} of {file}: it has no kind"))?;
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    let limit = deadline.min(Instant::now() + DISCOVERY_LAG);
    wait::again(
        limit,
        resources::passes,
        |error| surroundings.retried(&format!("apply {subject}"), error),
        async || {
            let cluster = surroundings.cluster;
            let api = resources::api(cluster, types, object.metadata.namespace.as_deref()).await?;
            let answer = api.patch(name, &parameters, &Patch::Apply(object)).await;
            resources::answered(cluster, format!("apply {subject} of {file}"), answer).await?;
            Ok(())
        },
    )
    .await
    .with_context(|| format!("failed to apply {file}"))
}

async fn established(
    object: &DynamicObject,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let api: Api<CustomResourceDefinition> = Api::all(surroundings.cluster.client().clone());
    wait::within(deadline, &format!("see {name} established"), async {
        await_condition(api, name, conditions::is_crd_established())
            .await
            .with_context(|| format!("failed to watch {name}"))?;
        Ok(())
    })
    .await
}

fn is_definition(object: &DynamicObject) -> bool {
    object.types.as_ref().is_some_and(|types| {
        types.kind == "CustomResourceDefinition"
            && types.api_version.starts_with("apiextensions.k8s.io/")
    })
}

/// `Kind namespace/name`.
fn subject(object: &DynamicObject) -> String {
    let kind = object
        .types
        .as_ref()
        .map_or("object", |types| types.kind.as_str());
    let name = object.metadata.name.as_deref().unwrap_or("without a name");
    match &object.metadata.namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}
