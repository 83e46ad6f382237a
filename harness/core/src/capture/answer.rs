//! What a captured step answers to a query: the very answer, or what of a broader one it is.
//!
//! The broader ones: all objects of a kind for those of a namespace or with labels, a folder with contents for its names,
//! and a program or the logs of all pods of a namespace for the selected ones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::judge::Unfetched;
use crate::query::{Output, Query, Subject};

use super::selector::Selector;
use super::{CapturedLook, CapturedStep};

impl CapturedStep {
    /// The answer to a query; none where the step kept nothing that has it.
    pub(super) fn answer(&self, query: &Query) -> Option<Result<Vec<Output>, Unfetched>> {
        self.very(query).or_else(|| self.derived(query).map(Ok))
    }

    fn very(&self, query: &Query) -> Option<Result<Vec<Output>, Unfetched>> {
        let mut all = self.looks.iter().chain(&self.others);
        all.find(|look| look.query == *query)
            .map(CapturedLook::answer)
    }

    /// What was answered to a query, where fetching it did not fail.
    fn answered(&self, query: &Query) -> Option<Vec<Output>> {
        self.very(query)?.ok()
    }

    fn derived(&self, query: &Query) -> Option<Vec<Output>> {
        match query {
            Query::Objects {
                api_version,
                kind,
                namespace,
                selector,
            } => {
                let broader = |namespace: &Option<String>| {
                    self.answered(&Query::Objects {
                        api_version: api_version.clone(),
                        kind: kind.clone(),
                        namespace: namespace.clone(),
                        selector: None,
                    })
                };
                let outputs = broader(namespace).or_else(|| broader(&None))?;
                let selector = Selector::parse(selector.as_deref().unwrap_or_default())?;
                mapped(outputs, |text| {
                    objects(text, namespace.as_deref(), &selector)
                })
            }
            Query::NodeDirectory {
                path,
                contents: false,
            } => {
                let outputs = self.answered(&Query::NodeDirectory {
                    path: path.clone(),
                    contents: true,
                })?;
                mapped(outputs, names)
            }
            Query::PodCommand {
                namespace,
                selector,
                command,
            } => self.of_pods(namespace, selector, |selector| Query::PodCommand {
                namespace: namespace.clone(),
                selector,
                command: command.clone(),
            }),
            Query::PodLogs {
                namespace,
                selector,
            } => self.of_pods(namespace, selector, |selector| Query::PodLogs {
                namespace: namespace.clone(),
                selector,
            }),
            Query::NodeDirectory { contents: true, .. }
            | Query::NodeCommand { .. }
            | Query::NodeJournal { .. }
            | Query::Connections { .. } => None,
        }
    }

    /// Of the outputs of all pods those of the selected ones.
    fn of_pods(
        &self,
        namespace: &str,
        selector: &str,
        query: impl Fn(String) -> Query,
    ) -> Option<Vec<Output>> {
        let outputs = self.answered(&query(String::new()))?;
        let pods = Query::Objects {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            namespace: Some(namespace.to_owned()),
            selector: (!selector.is_empty()).then(|| selector.to_owned()),
        };
        let pods = self.answer(&pods)?.ok()?;
        let objects: Vec<Value> = serde_json::from_str(&pods.first()?.text).ok()?;
        let selected: BTreeSet<&str> = objects
            .iter()
            .filter_map(|pod| pod["metadata"]["name"].as_str())
            .collect();
        let is_selected = |output: &Output| match &output.subject {
            Subject::Pod { name, .. } => selected.contains(name.as_str()),
            Subject::Cluster | Subject::Node(_) => false,
        };
        Some(outputs.into_iter().filter(is_selected).collect())
    }
}

impl CapturedLook {
    pub(super) fn answer(&self) -> Result<Vec<Output>, Unfetched> {
        match &self.unfetched {
            Some(unfetched) => Err(unfetched.clone()),
            None => Ok(self.outputs.clone()),
        }
    }
}

fn mapped(outputs: Vec<Output>, map: impl Fn(&str) -> Option<String>) -> Option<Vec<Output>> {
    let outputs = outputs.into_iter().map(|output| {
        let mapped = map(&output.text)?;
        let text = output.text.changed(|_| mapped);
        Some(Output { text, ..output })
    });
    outputs.collect()
}

fn objects(text: &str, namespace: Option<&str>, selector: &Selector) -> Option<String> {
    let objects: Vec<Value> = serde_json::from_str(text).ok()?;
    let mut wanted = Vec::new();
    for object in objects {
        let metadata = &object["metadata"];
        // An object without labels has none; labels that are no texts are no answer.
        let labels: BTreeMap<String, String> = match &metadata["labels"] {
            Value::Null => BTreeMap::new(),
            labels => serde_json::from_value(labels.clone()).ok()?,
        };
        let is_there = namespace.is_none_or(|wanted| {
            let found = metadata["namespace"].as_str();
            // A cluster-wide kind has none.
            found.is_none_or(|found| found == wanted)
        });
        if is_there && selector.matches(&labels) {
            wanted.push(object);
        }
    }
    Some(Value::Array(wanted).to_string())
}

fn names(text: &str) -> Option<String> {
    let mut entries: Vec<Value> = serde_json::from_str(text).ok()?;
    for entry in &mut entries {
        entry.as_object_mut()?.shift_remove("content");
    }
    Some(Value::Array(entries).to_string())
}
