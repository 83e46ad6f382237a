//! Patches one object by strategic merge, `kubectl patch`'s default.

use anyhow::{Context as _, anyhow};
use kube::api::{Patch as ApiPatch, PatchParams, TypeMeta};
use rehearse_core::scenario::Patch;
use serde_json::Value;
use tokio::time::Instant;

use super::{Surroundings, apply, resources};
use crate::wait;

/// Patches the object.
pub(super) async fn perform(
    patch: &Patch,
    text: Option<&str>,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let subject = format!("{} {}/{}", patch.kind, patch.namespace, patch.name);
    let text = text.ok_or_else(|| {
        anyhow!(
            "failed to patch {subject}: the plan has no text of {}",
            patch.file
        )
    })?;
    let body: Value =
        serde_saphyr::from_str(text).with_context(|| format!("failed to parse {}", patch.file))?;
    let types = TypeMeta {
        api_version: patch.api_version.clone(),
        kind: patch.kind.clone(),
    };
    let parameters = PatchParams {
        field_manager: Some(apply::FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    wait::again(
        deadline,
        resources::passes,
        |error| surroundings.retried(&format!("patch {subject}"), error),
        async || {
            let cluster = surroundings.cluster;
            let api = resources::api(cluster, &types, Some(&patch.namespace)).await?;
            let answer = api
                .patch(&patch.name, &parameters, &ApiPatch::Strategic(&body))
                .await;
            resources::answered(
                cluster,
                format!("patch {subject} with {}", patch.file),
                answer,
            )
            .await?;
            Ok(())
        },
    )
    .await
}
