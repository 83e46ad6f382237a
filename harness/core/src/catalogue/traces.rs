//! What components leave where they run: evidence, which tells why a step did not pass, and state on the nodes, by which a
//! cluster is known to be as it was. Nothing is fetched here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Catalogue;
use crate::query::Query;

/// How much of the end of a log file on a node is evidence, in bytes.
const LONGEST_LOG: &str = "1048576";

/// What one component leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Traces {
    /// What is fetched where a step did not pass.
    pub evidence: Evidence,
    /// What a step may change on a node besides the API server's objects.
    pub state: State,
}

/// What tells why a step did not pass, on every node and in the API server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Evidence {
    /// Units of systemd whose journal it is.
    pub journals: BTreeSet<String>,
    /// Log files on the nodes, whose end it is.
    pub logs: BTreeSet<String>,
    /// Folders on the nodes: every file with its contents.
    pub folders: BTreeSet<String>,
    /// Objects of the API server.
    pub objects: BTreeSet<Objects>,
    /// Pods whose logs it is.
    pub pod_logs: BTreeSet<Pods>,
}

/// Objects of one kind, in all namespaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Objects {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `DaemonSet`.
    pub kind: String,
}

/// Pods of a selector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pods {
    /// Their namespace.
    pub namespace: String,
    /// A label selector, such as `app=multus`.
    pub selector: String,
}

/// What a step may change on a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct State {
    /// Folders, with all that is in them.
    pub folders: BTreeSet<String>,
    /// Kinds of network devices, as `ip link show type` takes them.
    pub link_types: BTreeSet<String>,
}

impl Catalogue {
    /// The queries that tell why a step did not pass on a cluster with these components.
    pub fn evidence<'a>(
        &self,
        components: impl IntoIterator<Item = &'a String>,
    ) -> BTreeSet<Query> {
        let traces = components
            .into_iter()
            .filter_map(|name| self.traces.get(name));
        traces
            .flat_map(|traces| traces.evidence.queries())
            .collect()
    }

    /// What steps may change on the nodes of a cluster with these components.
    pub fn state<'a>(&self, components: impl IntoIterator<Item = &'a String>) -> State {
        let mut state = State::default();
        for traces in components
            .into_iter()
            .filter_map(|name| self.traces.get(name))
        {
            state.folders.extend(traces.state.folders.iter().cloned());
            state
                .link_types
                .extend(traces.state.link_types.iter().cloned());
        }
        state
    }
}

impl Evidence {
    fn queries(&self) -> impl Iterator<Item = Query> {
        let journals = self
            .journals
            .iter()
            .map(|unit| Query::NodeJournal { unit: unit.clone() });
        let logs = self.logs.iter().map(|path| Query::NodeCommand {
            command: ["tail", "--bytes", LONGEST_LOG, path]
                .map(str::to_owned)
                .to_vec(),
        });
        let folders = self.folders.iter().map(|path| Query::NodeDirectory {
            path: path.clone(),
            contents: true,
        });
        let objects = self.objects.iter().map(|objects| Query::Objects {
            api_version: objects.api_version.clone(),
            kind: objects.kind.clone(),
            namespace: None,
            selector: None,
        });
        let pod_logs = self.pod_logs.iter().map(|pods| Query::PodLogs {
            namespace: pods.namespace.clone(),
            selector: pods.selector.clone(),
        });
        journals
            .chain(logs)
            .chain(folders)
            .chain(objects)
            .chain(pod_logs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problems;

    const CATALOGUE: &str = "\
pins: {}
components: { flannel: {}, weave: {} }
traces:
  flannel:
    evidence: { journals: [flanneld], logs: [/var/log/flannel.log], pod-logs: [{ namespace: net, selector: app=flannel }] }
    state: { folders: [/run/flannel] }
  weave:
    evidence: { folders: [/etc/weave], objects: [{ api-version: v1, kind: ConfigMap }] }
    state: { folders: [/var/lib/weave], link-types: [dummy] }
";

    #[test]
    fn only_the_components_of_the_cluster_are_asked_for() -> Result<(), Problems> {
        let catalogue = Catalogue::parse("catalogue.yaml", CATALOGUE)?;
        let one = ["flannel".to_owned()];
        assert_eq!(catalogue.evidence(&one).len(), 3);
        assert!(
            catalogue.evidence(&one).contains(&Query::NodeCommand {
                command: ["tail", "--bytes", "1048576", "/var/log/flannel.log"]
                    .map(str::to_owned)
                    .to_vec()
            })
        );
        assert_eq!(
            catalogue.state(&one).folders,
            ["/run/flannel".to_owned()].into()
        );
        let both = ["flannel".to_owned(), "weave".to_owned(), "etcd".to_owned()];
        assert_eq!(catalogue.evidence(&both).len(), 5);
        assert_eq!(catalogue.state(&both).folders.len(), 2);
        assert_eq!(
            catalogue.state(&both).link_types,
            ["dummy".to_owned()].into()
        );
        Ok(())
    }

    #[test]
    fn a_component_that_is_none_and_a_word_that_is_none_are_refused() {
        let mistyped = CATALOGUE.replace("  weave:\n", "  waeve:\n");
        let problems = Catalogue::parse("catalogue.yaml", &mistyped).err();
        let told = problems.map(|one| one.render(false)).unwrap_or_default();
        assert!(told.contains("there is no component waeve"), "{told}");
        assert!(
            told.contains("catalogue.yaml:7:3") && told.contains("weave"),
            "{told}"
        );
        let mistyped = CATALOGUE.replace("link-types", "links");
        assert!(Catalogue::parse("catalogue.yaml", &mistyped).is_err());
    }
}
