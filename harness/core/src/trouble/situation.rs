//! What is looked at: pods, events, nodes, DaemonSets and the operator's word, read from raw outputs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use semver::Version;
use serde::de::DeserializeOwned;

use super::KnownMessages;
use crate::observation::events::Event;
use crate::observation::nodes::Node;
use crate::observation::objects::{self, Condition};
use crate::observation::pods::Pod;
use crate::observation::tigera_status::TigeraStatus;
use crate::observation::workloads::DaemonSet;
use crate::observation::{Inability, Observations, events, nodes, tigera_status};
use crate::query::Query;

/// What a cluster looks like while something is waited for.
#[derive(Clone, Debug, Default)]
pub struct Situation {
    /// The namespaces whose pods are waited for.
    pub namespaces: BTreeSet<String>,
    /// Every pod that is not being deleted.
    pub pods: Vec<Pod>,
    /// The events in the waited-for namespaces since the wait's step began.
    pub events: Vec<Event>,
    /// Every node.
    pub nodes: Vec<Node>,
    /// Every DaemonSet.
    pub daemon_sets: Vec<DaemonSet>,
    /// The Tigera operator's word; empty without that operator.
    pub statuses: Vec<TigeraStatus>,
    /// Aggregated APIs, by name.
    pub api_services: Vec<ApiService>,
    /// The versions of the components that run.
    pub components: BTreeMap<String, Version>,
    /// What components are known to say.
    pub messages: KnownMessages,
    /// When all that the step does was done; none while it is being done.
    pub acted: Option<Timestamp>,
}

/// An API of the API server, or of a server behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct ApiService {
    /// Its name, such as `v3.projectcalico.org`.
    pub metadata: objects::Metadata,
    /// Whether it answers.
    pub status: ApiServiceStatus,
}

/// Whether an API answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct ApiServiceStatus {
    /// `Available`.
    pub conditions: Vec<Condition>,
}

impl Situation {
    /// What has to be asked, and watched, for the pods of these namespaces.
    pub fn queries(namespaces: &BTreeSet<String>) -> BTreeSet<Query> {
        let everywhere = [
            all_pods(),
            nodes::query(),
            daemon_sets(),
            tigera_status::query(),
            api_services(),
        ];
        let events = namespaces.iter().map(|namespace| events::query(namespace));
        everywhere.into_iter().chain(events).collect()
    }

    /// Reads the outputs of [`Situation::queries`]. An object that is not understood hides no other one.
    ///
    /// # Errors
    /// [`Inability`] where something was not asked for or is no array of objects. A kind that is not served has none.
    pub fn read(
        namespaces: &BTreeSet<String>,
        observations: &Observations,
    ) -> Result<Self, Inability> {
        let mut pods: Vec<Pod> = understood("pods", observations, &all_pods())?;
        pods.retain(|pod| !pod.is_being_deleted());
        let mut seen = Vec::new();
        for namespace in namespaces {
            let query = events::query(namespace);
            seen.extend(understood::<Event>("events", observations, &query)?);
        }
        Ok(Self {
            namespaces: namespaces.clone(),
            pods,
            events: seen,
            nodes: nodes::read(observations)?.entries,
            daemon_sets: understood("daemonsets", observations, &daemon_sets())?,
            statuses: tigera_status::read(observations)?.entries,
            api_services: understood("apiservices", observations, &api_services())?,
            ..Self::default()
        })
    }

    /// The pods whose trouble counts: those that are waited for, and those of network plugins, which all others need.
    pub(super) fn relevant_pods(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| {
            !pod.is_being_deleted()
                && (self.namespaces.contains(&pod.metadata.namespace) || self.is_of_plugin(pod))
        })
    }

    /// The DaemonSets that write CNI configurations.
    pub(super) fn plugins(&self) -> impl Iterator<Item = &DaemonSet> {
        self.daemon_sets
            .iter()
            .filter(|set| set.writes_cni_configuration())
    }

    /// Whether every network plugin is ready on all its nodes, and no operator has still to make one.
    pub(super) fn plugins_are_ready(&self) -> bool {
        let mut plugins = self.plugins().peekable();
        let is_to_be_made = plugins.peek().is_none() && !self.statuses.is_empty();
        !is_to_be_made && plugins.all(DaemonSet::is_rolled_out)
    }

    fn is_of_plugin(&self, pod: &Pod) -> bool {
        self.plugins().any(|set| set.owns(pod))
    }
}

fn understood<T: DeserializeOwned>(
    what: &'static str,
    observations: &Observations,
    query: &Query,
) -> Result<Vec<T>, Inability> {
    Ok(objects::read_each(what, observations, query)?.entries)
}

fn all_pods() -> Query {
    objects::query("v1", "Pod", None, None)
}

fn daemon_sets() -> Query {
    objects::query("apps/v1", "DaemonSet", None, None)
}

fn api_services() -> Query {
    objects::query("apiregistration.k8s.io/v1", "APIService", None, None)
}
