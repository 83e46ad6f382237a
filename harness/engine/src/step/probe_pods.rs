//! Starts one pod of the tool image on each node and waits until all are ready: a new sandbox on every node.

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod as PodObject;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use rehearse_core::observation::pods::{self, Pod};
use rehearse_core::scenario::ProbePods;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Surroundings, apply, resources};
use crate::hopeless::Baseline;
use crate::look;
use crate::stage::Cluster;
use crate::wait::{self, End, Sight};

/// Where probe pods are.
const NAMESPACE: &str = "default";

/// Starts the pods and waits for them.
pub(super) async fn perform(
    probe: &ProbePods,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let cluster = surroundings.cluster;
    let components = surroundings.plan.versions();
    let namespaces = [NAMESPACE.to_owned()].into();
    let baseline = Baseline::taken(cluster, namespaces, components, surroundings.messages).await?;
    let api: Api<PodObject> = Api::namespaced(cluster.client().clone(), NAMESPACE);
    let parameters = PatchParams::apply(apply::FIELD_MANAGER).force();
    try_join_all(objects(probe, cluster)?.iter().map(async |pod| {
        let name = pod.name_any();
        let answer = api.patch(&name, &parameters, &Patch::Apply(pod)).await;
        resources::answered(cluster, format!("start the probe pod {name}"), answer).await
    }))
    .await?;
    ready(probe, &baseline, surroundings, deadline).await
}

async fn ready(
    probe: &ProbePods,
    baseline: &Baseline<'_>,
    surroundings: &Surroundings<'_>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let cluster = surroundings.cluster;
    let count = cluster.nodes().len();
    let selector = format!("rehearse.probe={}", probe.name);
    let query = pods::query(NAMESPACE, &selector);
    let acted = Timestamp::now();
    let waited = wait::until(
        deadline,
        || baseline.changes(cluster, std::slice::from_ref(&query)),
        async || {
            let seen = look::complete(cluster, [query.clone()].into()).await;
            let seen = match seen.and_then(|seen| Ok(pods::read(&seen, NAMESPACE, &selector)?)) {
                Ok(seen) => seen,
                Err(error) => return Sight::Unknown(format!("{error:#}")),
            };
            let states: Vec<String> = seen
                .iter()
                .map(|pod| format!("{} {}", pod.metadata.name, pod.state()))
                .collect();
            let text = format!("{} of {count} pods: {}", seen.len(), states.join("; "));
            if seen.len() == count && seen.iter().all(Pod::is_ready) {
                return Sight::True(text);
            }
            match baseline.hopeless(acted) {
                Ok(Some(why)) => Sight::Hopeless(text, why),
                Ok(None) => Sight::NotYet(text),
                Err(error) => Sight::Unknown(format!("{text} ({error:#})")),
            }
        },
    )
    .await
    .with_context(|| format!("failed to wait for the probe pods {}", probe.name))?;
    let seconds = waited.took.as_secs_f64();
    let seen = waited
        .last
        .unwrap_or_else(|| "the last look gave no answer".to_owned());
    match waited.end {
        End::True => Ok(()),
        End::TimedOut => bail!(
            "failed to see the probe pods {} ready within {seconds:.1} s: {seen}",
            probe.name
        ),
        End::Hopeless(why) => bail!(
            "failed to start the probe pods {}: {why} ({seen}, after {seconds:.1} s)",
            probe.name
        ),
    }
}

/// The pods as they are asked for.
///
/// # Errors
/// None that was seen: they are made here.
pub(super) fn objects(probe: &ProbePods, cluster: &Cluster) -> anyhow::Result<Vec<DynamicObject>> {
    let nodes = cluster.nodes().iter().enumerate();
    nodes
        .map(|(index, node)| {
            let pod = pod(probe, &format!("{}-{index}", probe.name), &node.name);
            serde_json::from_value(pod).context("failed to read a probe pod as an object")
        })
        .collect()
}

fn pod(probe: &ProbePods, name: &str, node: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": { "rehearse.probe": probe.name },
        },
        "spec": {
            // Past the scheduler: the node is what is probed.
            "nodeName": node,
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "tolerations": [{ "operator": "Exists" }],
            "containers": [{
                "name": "probe",
                "image": probe.image,
                "command": ["sleep", "infinity"],
            }],
        },
    })
}
