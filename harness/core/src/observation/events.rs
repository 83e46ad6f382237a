//! Kubernetes events, both the core form and that of `events.k8s.io`.

pub(super) mod mutants;

use jiff::Timestamp;
use serde::Deserialize;

use super::objects::{self, Metadata};
use super::{Inability, Observations};
use crate::observation::pods::Pod;
use crate::query::Query;

/// What client-go (`EventAggregatorByReasonMessageFunc`) puts before the latest message once ten similar events came
/// within ten minutes.
const COMBINED: &str = "(combined from similar events): ";

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// Name and namespace.
    pub metadata: Metadata,
    /// What it is about.
    #[serde(alias = "regarding")]
    pub involved_object: InvolvedObject,
    /// Such as `AddedInterface`.
    pub reason: String,
    /// What happened.
    #[serde(alias = "note")]
    pub message: String,
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How often it was seen; none where it was sent once by a client that does not count.
    #[serde(alias = "deprecatedCount")]
    pub count: Option<u32>,
    /// How often it was seen, by a client of the newer form.
    pub series: Option<Series>,
    /// When it was first seen.
    #[serde(alias = "deprecatedFirstTimestamp")]
    pub first_timestamp: Option<Timestamp>,
    /// When it was last seen.
    #[serde(alias = "deprecatedLastTimestamp")]
    pub last_timestamp: Option<Timestamp>,
    /// When it was sent, by a client of the newer form.
    pub event_time: Option<Timestamp>,
}

/// What an event is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct InvolvedObject {
    /// Such as `Pod`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its unique id, where the sender knew it.
    pub uid: String,
}

/// A repeated event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Series {
    /// How often it was seen.
    pub count: u32,
    /// When it was last seen.
    pub last_observed_time: Option<Timestamp>,
}

impl Event {
    /// How often it was seen, at least once.
    pub fn times(&self) -> u32 {
        let counts = [self.count, self.series.as_ref().map(|series| series.count)];
        counts.into_iter().flatten().max().unwrap_or(1).max(1)
    }

    /// What happened, also where similar events came too often for one each: then the latest one's message stands behind
    /// a mark of client-go.
    pub fn said(&self) -> &str {
        self.message.strip_prefix(COMBINED).unwrap_or(&self.message)
    }

    /// Whether it stands for similar events that came too often for one each.
    pub fn is_combined(&self) -> bool {
        self.message.starts_with(COMBINED)
    }

    /// When it was last seen, by whichever field its sender fills in.
    pub fn last_seen(&self) -> Option<Timestamp> {
        let series = self.series.as_ref();
        [
            series.and_then(|series| series.last_observed_time),
            self.last_timestamp,
            self.event_time,
            self.first_timestamp,
            self.metadata.creation_timestamp,
        ]
        .into_iter()
        .flatten()
        .max()
    }

    /// Whether it is about this very pod, not an older one of the same name.
    pub fn is_about(&self, pod: &Pod) -> bool {
        let object = &self.involved_object;
        object.kind == "Pod"
            && object.namespace == pod.metadata.namespace
            && object.name == pod.metadata.name
            && (object.uid.is_empty() || object.uid == pod.metadata.uid)
    }
}

/// The query for a namespace's events.
pub fn query(namespace: &str) -> Query {
    objects::query("v1", "Event", Some(namespace), None)
}

/// A namespace's events.
///
/// # Errors
/// [`Inability`] where they were not asked for or are none.
pub fn read(observations: &Observations, namespace: &str) -> Result<Vec<Event>, Inability> {
    objects::read("events", observations, &query(namespace))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::without_a_time(json!({}), None)]
    #[case::of_a_client_that_counts(
        json!({"metadata": {"creationTimestamp": "2026-11-23T21:00:00Z"},
            "firstTimestamp": "2026-11-23T21:00:00Z", "lastTimestamp": "2026-11-23T21:02:00Z"}),
        Some("2026-11-23T21:02:00Z")
    )]
    #[case::of_a_client_of_the_newer_form(
        json!({"eventTime": "2026-11-23T21:00:00Z", "series": {"count": 2, "lastObservedTime": "2026-11-23T21:03:00Z"}}),
        Some("2026-11-23T21:03:00Z")
    )]
    fn it_was_last_seen_at_the_latest_of_its_times(
        #[case] event: Value,
        #[case] expected: Option<&str>,
    ) -> anyhow::Result<()> {
        let event: Event = serde_json::from_value(event)?;
        let seen = event.last_seen().map(|time| time.to_string());
        assert_eq!(seen.as_deref(), expected);
        Ok(())
    }

    #[rstest]
    #[case::of_the_pod(json!({}), true)]
    #[case::of_a_sender_that_knew_no_id(json!({"uid": ""}), true)]
    #[case::of_an_older_pod(json!({"uid": "1"}), false)]
    #[case::of_another_name(json!({"name": "b"}), false)]
    #[case::of_another_namespace(json!({"namespace": "kube-system"}), false)]
    #[case::of_another_kind(json!({"kind": "StatefulSet", "uid": ""}), false)]
    fn it_is_about_one_pod(#[case] changed: Value, #[case] expected: bool) -> anyhow::Result<()> {
        let metadata = json!({"namespace": "default", "name": "a", "uid": "2"});
        let pod: Pod = serde_json::from_value(json!({ "metadata": metadata.clone() }))?;
        let mut object = metadata;
        object["kind"] = json!("Pod");
        for (key, value) in changed.as_object().into_iter().flatten() {
            object[key] = value.clone();
        }
        let event: Event = serde_json::from_value(json!({ "involvedObject": object }))?;
        assert_eq!(event.is_about(&pod), expected);
        Ok(())
    }
}
