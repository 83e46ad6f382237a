//! Whether the pods of some namespaces are in a state that no waiting mends, leaving out what went wrong before.

use std::collections::{BTreeMap, BTreeSet};

use rehearse_core::observation::events::{self, Event};
use rehearse_core::observation::pods::Pod;
use rehearse_core::observation::{hopeless, objects};
use rehearse_core::query::Query;

use crate::look::Look;
use crate::stage::Cluster;

/// What had gone wrong before a step began: a failure that an earlier step expects must not end a later step's wait.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    namespaces: BTreeSet<String>,
    /// How often each event had been seen, by namespace and name.
    times: BTreeMap<(String, String), u32>,
}

impl Baseline {
    /// Looks at the namespaces now.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub async fn taken(cluster: &Cluster, namespaces: BTreeSet<String>) -> anyhow::Result<Self> {
        let baseline = Self {
            namespaces,
            times: BTreeMap::new(),
        };
        let (_, events) = baseline.seen(cluster).await?;
        let times = events
            .into_iter()
            .map(|event| (key(&event), event.times()))
            .collect();
        Ok(Self { times, ..baseline })
    }

    /// What a wait has to watch so that it sees such a state.
    pub fn queries(&self) -> impl Iterator<Item = Query> {
        self.namespaces
            .iter()
            .flat_map(|namespace| [pods(namespace), events::query(namespace)])
    }

    /// Whether a pod is in such a state now, and why that is so.
    ///
    /// # Errors
    /// When the API server does not answer, or what it says cannot be read.
    pub async fn judge(&self, cluster: &Cluster) -> anyhow::Result<Option<String>> {
        let (pods, events) = self.seen(cluster).await?;
        let since: Vec<Event> = events
            .into_iter()
            .filter_map(|event| self.since(event))
            .collect();
        Ok(hopeless::judge(&pods, &since)
            .map(|found| format!("{} of pod {}: {}", found.reason, found.pod, found.message)))
    }

    /// An event with the number of times it was seen since; none where it was not.
    fn since(&self, event: Event) -> Option<Event> {
        let before = self.times.get(&key(&event)).copied().unwrap_or(0);
        let times = event
            .times()
            .checked_sub(before)
            .filter(|times| *times > 0)?;
        Some(Event {
            count: Some(times),
            series: None,
            ..event
        })
    }

    async fn seen(&self, cluster: &Cluster) -> anyhow::Result<(Vec<Pod>, Vec<Event>)> {
        let seen = Look::now(cluster, self.queries().collect())
            .await
            .complete()?;
        let (mut all_pods, mut all_events) = (Vec::new(), Vec::new());
        for namespace in &self.namespaces {
            all_pods.extend(objects::read::<Pod>("pods", &seen, &pods(namespace))?);
            all_events.extend(events::read(&seen, namespace)?);
        }
        all_pods.retain(|pod| !pod.is_being_deleted());
        Ok((all_pods, all_events))
    }
}

/// The namespaces that queries look at.
pub fn namespaces<'a>(queries: impl IntoIterator<Item = &'a Query>) -> BTreeSet<String> {
    queries
        .into_iter()
        .filter_map(|query| match query {
            Query::Objects { namespace, .. } => namespace.clone(),
            Query::PodCommand { namespace, .. }
            | Query::PodLogs { namespace, .. }
            | Query::Connections { namespace, .. } => Some(namespace.clone()),
            Query::NodeDirectory { .. } | Query::NodeCommand { .. } | Query::NodeJournal { .. } => {
                None
            }
        })
        .collect()
}

fn pods(namespace: &str) -> Query {
    Query::Objects {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        namespace: Some(namespace.to_owned()),
        selector: None,
    }
}

fn key(event: &Event) -> (String, String) {
    (
        event.metadata.namespace.clone(),
        event.metadata.name.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(times: u32) -> Event {
        let mut event = Event {
            count: Some(times),
            ..Event::default()
        };
        event.metadata.namespace = "default".to_owned();
        event.metadata.name = "normal-a.1".to_owned();
        event
    }

    #[test]
    fn only_what_happened_since_counts() {
        let baseline = Baseline {
            times: BTreeMap::from([(key(&event(7)), 7)]),
            ..Baseline::default()
        };
        assert_eq!(baseline.since(event(7)), None);
        assert_eq!(
            baseline.since(event(8)).and_then(|event| event.count),
            Some(1)
        );
        assert_eq!(
            Baseline::default()
                .since(event(3))
                .and_then(|event| event.count),
            Some(3)
        );
    }

    #[test]
    fn a_query_of_the_whole_cluster_has_no_namespace_to_judge() {
        let nodes = Query::NodeJournal {
            unit: "crio".to_owned(),
        };
        assert_eq!(
            namespaces([&nodes, &pods("default")]),
            BTreeSet::from(["default".to_owned()])
        );
    }
}
