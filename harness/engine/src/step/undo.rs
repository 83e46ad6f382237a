//! Undoes the acts of steps, so that another run can go on from where they began: the objects that they made are deleted,
//! those of the last act first, and with them the pods that came of these.
//!
//! Nodes' files are not put back here: that is done for the node as a whole. What was there before the acts is not
//! deleted, and that an act touched it is an error, as it cannot be undone.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::pin::pin;

use anyhow::{Context as _, anyhow, bail};
use futures::TryStreamExt as _;
use futures::future::try_join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, DynamicObject, PropagationPolicy};
use kube::runtime::wait::{await_condition, conditions};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, ResourceExt as _};
use rehearse_core::plan::{PlannedAct, Step};
use rehearse_core::scenario::Act;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{Surroundings, install, manifest, probe_pods, resources};
use crate::wait;

/// How long the programs of a pod may take to end by themselves, in seconds: nothing more is asked of them. With 0 the
/// pod would be gone from the server before its sandbox is.
const GRACE: u32 = 1;

/// An object that was made, with who serves it.
struct Made {
    api: Api<DynamicObject>,
    object: DynamicObject,
}

/// Undoes the steps, the last one first, until the deadline at most.
///
/// # Errors
/// What cannot be undone: an object from before `since`, a patch of one, an object that does not go in time.
pub async fn undo(
    steps: &[Step],
    since: Timestamp,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    for act in steps.iter().rev().flat_map(|step| step.acts.iter().rev()) {
        let undone = one(act, since, surroundings);
        wait::within(deadline, "undo it", undone)
            .await
            .with_context(|| format!("failed to undo `{}`", super::describe(&act.act)))?;
    }
    Ok(())
}

async fn one(
    act: &PlannedAct,
    since: Timestamp,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<()> {
    let objects = match &act.act {
        Act::ProbePods(probe) => probe_pods::objects(probe, surroundings.cluster)?,
        Act::Apply(apply) => {
            let text = act.text.as_deref().unwrap_or_default();
            manifest::objects(&apply.file, text)?
        }
        Act::Install(install) => {
            let mut objects = Vec::new();
            for (name, text) in install::texts(install, surroundings).await? {
                objects.extend(manifest::objects(&name, &text)?);
            }
            objects
        }
        Act::Patch(patch) => return made_since(patch, since, surroundings).await,
        Act::NodeDirectory(_) | Act::NodeFile(_) | Act::RenameNodeFile(_) => return Ok(()),
    };
    let mut made = Vec::new();
    for object in objects.iter().rev() {
        made.extend(find(object, since, surroundings).await?);
    }
    delete(made, surroundings).await
}

/// A patch is undone with its object, which must then be one that an act made.
async fn made_since(
    patch: &rehearse_core::scenario::Patch,
    since: Timestamp,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<()> {
    let mut object = DynamicObject {
        types: Some(kube::api::TypeMeta {
            api_version: patch.api_version.clone(),
            kind: patch.kind.clone(),
        }),
        metadata: kube::api::ObjectMeta::default(),
        data: serde_json::Value::Null,
    };
    object.metadata.name = Some(patch.name.clone());
    object.metadata.namespace = Some(patch.namespace.clone());
    find(&object, since, surroundings).await?;
    Ok(())
}

/// The object as the server has it; none where it is not there, or its kind is not served any more.
async fn find(
    wanted: &DynamicObject,
    since: Timestamp,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<Option<Made>> {
    let cluster = surroundings.cluster;
    let types = wanted
        .types
        .as_ref()
        .ok_or_else(|| anyhow!("failed to find an object without a kind"))?;
    let name = wanted.name_any();
    let served = cluster.resource(&types.api_version, &types.kind).await?;
    if served.is_none() {
        return Ok(None);
    }
    let api = resources::api(cluster, types, wanted.metadata.namespace.as_deref()).await?;
    let answer = api.get_opt(&name).await;
    let found = resources::answered(cluster, format!("read {} {name}", types.kind), answer).await?;
    let Some(object) = found else {
        return Ok(None);
    };
    let created = object.creation_timestamp().map(|time| time.0);
    // The server counts in whole seconds.
    if created.is_none_or(|created| created.as_second() < since.as_second()) {
        bail!(
            "failed to undo what was done to {} {name}: it was there before",
            types.kind
        );
    }
    Ok(Some(Made { api, object }))
}

/// Deletes the objects in this order and waits until the server has none of them, nor of the pods that they own.
async fn delete(made: Vec<Made>, surroundings: &Surroundings<'_>) -> anyhow::Result<()> {
    let cluster = surroundings.cluster;
    let parameters = DeleteParams {
        grace_period_seconds: Some(GRACE),
        propagation_policy: Some(PropagationPolicy::Foreground),
        ..DeleteParams::default()
    };
    for Made { api, object } in &made {
        let name = object.name_any();
        let operation = format!("delete {name}");
        delete_one(api, &name, &parameters, operation, surroundings).await?;
    }
    let namespaces: BTreeSet<String> = made
        .iter()
        .filter_map(|one| one.object.namespace())
        .collect();
    let gone = try_join_all(made.into_iter().map(async |Made { api, object }| {
        let (name, uid) = (object.name_any(), object.uid().unwrap_or_default());
        await_condition(api, &name, conditions::is_deleted(&uid))
            .await
            .map(|_| ())
            .with_context(|| format!("failed to watch {name}"))
    }));
    let hastened = try_join_all(namespaces.iter().map(|namespace| {
        let pods = Api::<Pod>::namespaced(cluster.client().clone(), namespace);
        hasten(pods, surroundings)
    }));
    tokio::select! {
        gone = gone => gone.map(|_| ()),
        failed = hastened => failed.map(|_| ()),
    }
}

/// Shortens the time that pods of the namespace are given whose owner was deleted: the server gives them their own. Ends
/// only where it fails.
async fn hasten(pods: Api<Pod>, surroundings: &Surroundings<'_>) -> anyhow::Result<()> {
    let parameters = DeleteParams {
        grace_period_seconds: Some(GRACE),
        ..DeleteParams::default()
    };
    let mut seen = pin!(watcher(pods.clone(), watcher::Config::default()).touched_objects());
    while let Some(pod) = seen.try_next().await.context("failed to watch pods")? {
        let grace = pod.metadata.deletion_grace_period_seconds;
        if pod.metadata.deletion_timestamp.is_none() || grace.is_none_or(|grace| grace <= 1) {
            continue;
        }
        let name = pod.name_any();
        let operation = format!("delete pod {name}");
        delete_one(&pods, &name, &parameters, operation, surroundings).await?;
    }
    bail!("failed to watch pods: the server ended it")
}

/// Deletes an object; that it is gone already is as good.
async fn delete_one<K>(
    api: &Api<K>,
    name: &str,
    parameters: &DeleteParams,
    operation: String,
    surroundings: &Surroundings<'_>,
) -> anyhow::Result<()>
where
    K: Clone + DeserializeOwned + Debug,
{
    match api.delete(name, parameters).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        answer => resources::answered(surroundings.cluster, operation, answer)
            .await
            .map(|_| ()),
    }
}
