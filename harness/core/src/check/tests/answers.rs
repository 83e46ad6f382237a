//! How the recorded cluster answers a query, as a stage would.

use serde_json::{Value, json};

use super::fixture::{Cluster, NODES};
use crate::query::{Output, Query, Subject};

impl Cluster {
    pub(super) fn answer(&self, query: &Query) -> Vec<Output> {
        let nodes = || NODES.into_iter().map(|(node, _)| node);
        let of_node = |node: &str, text: String| output(Subject::Node(node.to_owned()), 0, text);
        let printed = |subject: &str, command: &[String]| {
            let key = (subject.to_owned(), command.join(" "));
            self.commands.get(&key).cloned()
        };
        match query {
            Query::Objects {
                kind,
                namespace,
                selector,
                ..
            } => {
                let objects = self.objects.get(kind.as_str()).into_iter().flatten();
                let selected: Vec<&Value> = objects
                    .filter(|object| is_selected(object, namespace.as_deref(), selector.as_deref()))
                    .collect();
                vec![output(Subject::Cluster, 0, json!(selected).to_string())]
            }
            Query::NodeDirectory { path, .. } => nodes()
                .map(
                    |node| match self.folders.get(&(node.to_owned(), path.clone())) {
                        Some(entries) => of_node(node, json!(entries).to_string()),
                        None => output(Subject::Node(node.to_owned()), 1, String::new()),
                    },
                )
                .collect(),
            Query::NodeCommand { command } => nodes()
                .filter_map(|node| Some(of_node(node, printed(node, command)?)))
                .collect(),
            Query::NodeJournal { .. } => {
                let journals = self.journals.iter();
                journals
                    .map(|(node, text)| of_node(node, text.clone()))
                    .collect()
            }
            Query::PodCommand {
                namespace,
                selector,
                command,
            } => self
                .pods(namespace, selector)
                .filter_map(|name| {
                    Some(output(
                        pod(namespace, &name),
                        0,
                        printed(&format!("{namespace}/{name}"), command)?,
                    ))
                })
                .collect(),
            Query::PodLogs {
                namespace,
                selector,
            } => self
                .pods(namespace, selector)
                .filter_map(|name| {
                    Some(output(
                        pod(namespace, &name),
                        0,
                        self.logs.get(&format!("{namespace}/{name}"))?.clone(),
                    ))
                })
                .collect(),
            Query::Connections { .. } => {
                vec![output(
                    Subject::Cluster,
                    0,
                    json!(self.connections).to_string(),
                )]
            }
        }
    }

    fn pods(&self, namespace: &str, selector: &str) -> impl Iterator<Item = String> {
        let pods = self.objects.get("Pod").into_iter().flatten();
        pods.filter(move |pod| is_selected(pod, Some(namespace), Some(selector)))
            .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
            .map(|pod| {
                pod["metadata"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
    }
}

fn output(subject: Subject, status: i64, text: String) -> Output {
    Output::fetched(subject, status, text, "")
}

fn pod(namespace: &str, name: &str) -> Subject {
    Subject::Pod {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

fn is_selected(object: &Value, namespace: Option<&str>, selector: Option<&str>) -> bool {
    let metadata = &object["metadata"];
    let has_label = |(key, value): (&str, &str)| metadata["labels"][key] == value;
    namespace.is_none_or(|namespace| metadata["namespace"] == namespace)
        && selector
            .and_then(|selector| selector.split_once('='))
            .is_none_or(has_label)
}
