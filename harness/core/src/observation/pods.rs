//! Pods: where they run, whether they are ready, and what they wait for.

pub(super) mod mutants;

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::objects::{self, Condition, Metadata};
use super::{Inability, Observations, Odd};
use crate::query::Query;

/// The annotation in which Calico writes the pod's first address, such as `10.244.19.51/32`.
pub const POD_IP: &str = "cni.projectcalico.org/podIP";

/// The annotation in which Calico writes all of the pod's addresses.
pub const POD_IPS: &str = "cni.projectcalico.org/podIPs";

/// The annotation in which Calico writes the pod's sandbox.
pub const CONTAINER_ID: &str = "cni.projectcalico.org/containerID";

/// One pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Pod {
    /// Name, labels, annotations, owner, creation and deletion.
    pub metadata: Metadata,
    /// What is wanted of it.
    pub spec: Spec,
    /// What the kubelet says of it.
    pub status: Status,
}

/// What is wanted of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Spec {
    /// Its node; empty until it has one.
    pub node_name: String,
    /// Whether it is in its node's own network, and needs no sandbox network.
    pub host_network: bool,
    /// What runs in it.
    pub containers: Vec<Container>,
}

/// What is wanted of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Its image, as it was asked for.
    pub image: String,
}

/// What the kubelet says of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    /// Such as `Running`.
    pub phase: String,
    /// A word for why it is in that phase, such as `Evicted`; mostly empty.
    pub reason: String,
    /// A sentence for why.
    pub message: String,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Its first address; empty until it has one.
    #[serde(rename = "podIP")]
    pub pod_ip: String,
    /// All of its addresses, one a family.
    #[serde(rename = "podIPs")]
    pub pod_ips: Vec<PodAddress>,
    /// Its init containers.
    pub init_container_statuses: Vec<ContainerStatus>,
    /// Its containers.
    pub container_statuses: Vec<ContainerStatus>,
}

/// One address of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodAddress {
    /// The address without a prefix length.
    pub ip: String,
}

/// One container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerStatus {
    /// The container's name.
    pub name: String,
    /// Whether it is ready.
    pub ready: bool,
    /// How often it was started again.
    pub restart_count: u32,
    /// What it does now.
    pub state: ContainerState,
    /// What it did before it was last started.
    pub last_state: ContainerState,
}

/// What a container does now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Why it does not run, where it waits.
    pub waiting: Option<Waiting>,
    /// How it ended, where it has.
    pub terminated: Option<Terminated>,
}

/// How a container ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Terminated {
    /// Its exit code; 128 and the signal's number where one ended it.
    pub exit_code: i32,
    /// Such as `Error`, `Completed` or `OOMKilled`.
    pub reason: String,
    /// What it left as its last words; mostly empty.
    pub message: String,
}

/// Why a container waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// Such as `ContainerCreating` or `ErrImagePull`.
    pub reason: String,
    /// A sentence; often empty.
    pub message: String,
}

impl Pod {
    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.metadata.namespace, self.metadata.name)
    }

    /// `pod namespace/name`, as failures name it.
    pub fn subject(&self) -> String {
        format!("pod {}", self.full_name())
    }

    /// Whether it is on its way out.
    pub fn is_being_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    /// Whether the `Ready` condition is true.
    pub fn is_ready(&self) -> bool {
        objects::condition_status(&self.status.conditions, "Ready") == "True"
    }

    /// The revision of its Deployment; none where it has no such owner.
    pub fn template_hash(&self) -> Option<&str> {
        let hash = self.metadata.labels.get("pod-template-hash");
        hash.map(String::as_str)
    }

    /// An annotation's value.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.annotations.get(name).map(String::as_str)
    }

    /// The addresses of its status, of both families; what is no address is left out. The kubelet's first one counts also
    /// where the list lacks it.
    pub fn addresses(&self) -> BTreeSet<IpAddr> {
        let all = self.status.pod_ips.iter().map(|address| &address.ip);
        let texts = all.chain([&self.status.pod_ip]);
        texts.filter_map(|text| text.parse().ok()).collect()
    }

    /// The addresses with prefix lengths that one of Calico's annotations names, a comma between two; none where the pod
    /// does not have it.
    ///
    /// # Errors
    /// What in it is no address.
    pub fn annotated(&self, name: &str) -> Option<Result<Vec<IpNet>, Odd>> {
        let value = self.annotation(name)?;
        let net = |text: &str| {
            let net = text.trim().parse::<IpNet>();
            net.map_err(|_| Odd::new(format!("annotation {name}"), value))
        };
        Some(value.split(',').map(net).collect())
    }

    /// Every container, init containers first.
    pub fn containers(&self) -> impl Iterator<Item = &ContainerStatus> {
        let init = self.status.init_container_statuses.iter();
        init.chain(&self.status.container_statuses)
    }

    /// Whether it belongs to an object of this kind, such as `DaemonSet`.
    pub fn is_owned_by(&self, kind: &str) -> bool {
        let mut owners = self.metadata.owner_references.iter();
        owners.any(|owner| owner.kind == kind)
    }

    /// The containers that wait, with why.
    pub fn waiting(&self) -> impl Iterator<Item = (&ContainerStatus, &Waiting)> {
        self.containers()
            .filter_map(|status| Some((status, status.state.waiting.as_ref()?)))
    }

    /// What it is doing, in a few words: `ready`, its phase, or what its containers wait for.
    pub fn state(&self) -> String {
        if self.is_ready() {
            return "ready".to_owned();
        }
        let reasons: Vec<&str> = self
            .waiting()
            .map(|(_, waiting)| waiting.reason.as_str())
            .collect();
        if reasons.is_empty() {
            format!("{}, not ready", self.status.phase)
        } else {
            format!("{}, {}", self.status.phase, reasons.join(", "))
        }
    }
}

/// The query for the pods of a namespace that a label selector selects.
pub fn query(namespace: &str, selector: &str) -> Query {
    objects::query("v1", "Pod", Some(namespace), Some(selector))
}

/// The selected pods that are not being deleted.
///
/// # Errors
/// [`Inability`] where they were not asked for or are not pods.
pub fn read(
    observations: &Observations,
    namespace: &str,
    selector: &str,
) -> Result<Vec<Pod>, Inability> {
    let mut pods: Vec<Pod> = objects::read("pods", observations, &query(namespace, selector))?;
    pods.retain(|pod| !pod.is_being_deleted());
    Ok(pods)
}
