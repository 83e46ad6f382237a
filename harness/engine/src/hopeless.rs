//! Whether what a step waits for is in a state that no waiting mends, leaving out what went wrong before the step.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use futures::{Stream, stream};
use jiff::Timestamp;
use rehearse_core::observation::events::Event;
use rehearse_core::query::Query;
use rehearse_core::trouble::{self, KnownMessages, Situation, Trouble};
use semver::Version;

use crate::observe::{self, Kept, Occurrence};
use crate::stage::Cluster;

/// What had gone wrong before a step began, as a failure that an earlier step expects must not end a later step's wait; and
/// what goes wrong since.
#[derive(Debug)]
pub struct Baseline<'a> {
    namespaces: BTreeSet<String>,
    components: BTreeMap<String, Version>,
    messages: &'a KnownMessages,
    kept: Kept,
    /// How often each event had been seen, by namespace and name.
    times: BTreeMap<(String, String), u32>,
}

impl<'a> Baseline<'a> {
    /// Looks at the namespaces from now on; `components` are the versions that run, and `messages` what they are known to say.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub async fn taken(
        cluster: &Cluster,
        namespaces: BTreeSet<String>,
        components: BTreeMap<String, Version>,
        messages: &'a KnownMessages,
    ) -> Result<Self> {
        let baseline = Self {
            kept: Kept::begun(cluster, Situation::queries(&namespaces)).await,
            namespaces,
            components,
            messages,
            times: BTreeMap::new(),
        };
        let events = baseline.situation()?.events;
        let times = events
            .into_iter()
            .map(|event| (key(&event), event.times()))
            .collect();
        Ok(Self { times, ..baseline })
    }

    /// Yields at once, and then whenever these queries, or what is wrong, may have changed.
    pub fn changes(
        &self,
        cluster: &Cluster,
        queries: &[Query],
    ) -> impl Stream<Item = Result<Occurrence>> + Send + use<> {
        stream::select(observe::changes(cluster, queries), self.kept.changes())
    }

    /// What is wrong now, the cause first; `acted` is when all that the step does was done. It costs no request.
    ///
    /// # Errors
    /// When the API server did not answer, or what it says cannot be read.
    pub fn troubles(&self, acted: Timestamp) -> Result<Vec<Trouble>> {
        let mut situation = self.situation()?;
        situation.events = situation
            .events
            .into_iter()
            .filter_map(|event| since(&self.times, event))
            .collect();
        situation.acted = Some(acted);
        Ok(trouble::troubles(&situation))
    }

    /// Why waiting is in vain, with its cause; none where there is hope.
    ///
    /// # Errors
    /// As [`Baseline::troubles`].
    pub fn hopeless(&self, acted: Timestamp) -> Result<Option<String>> {
        let troubles = self.troubles(acted)?;
        let first = troubles
            .first()
            .filter(|_| trouble::hopeless(&troubles).is_some());
        Ok(first.map(ToString::to_string))
    }

    fn situation(&self) -> Result<Situation> {
        Ok(Situation {
            components: self.components.clone(),
            messages: self.messages.clone(),
            ..Situation::read(&self.namespaces, &self.kept.look()?)?
        })
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

/// An event with the number of times it was seen since; none where it was not.
fn since(times: &BTreeMap<(String, String), u32>, event: Event) -> Option<Event> {
    let before = times.get(&key(&event)).copied().unwrap_or(0);
    let since = event
        .times()
        .checked_sub(before)
        .filter(|since| *since > 0)?;
    Some(Event {
        count: Some(since),
        series: None,
        ..event
    })
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
        let before = BTreeMap::from([(key(&event(7)), 7)]);
        let times = |before, now| since(before, event(now)).and_then(|event| event.count);
        assert_eq!(times(&before, 7), None);
        assert_eq!(times(&before, 8), Some(1));
        assert_eq!(times(&BTreeMap::new(), 3), Some(3));
    }

    #[test]
    fn a_query_of_the_whole_cluster_has_no_namespace_to_judge() {
        let nodes = Query::NodeJournal {
            unit: "crio".to_owned(),
        };
        let pods = rehearse_core::observation::pods::query("default", "app=normal");
        assert_eq!(
            namespaces([&nodes, &pods]),
            BTreeSet::from(["default".to_owned()])
        );
    }
}
