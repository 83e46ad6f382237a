//! Every read-only query that the program knows, asked of all that a plan's checks look at: what a run keeps beside its
//! checks' own answers, so that a check which is written later can be judged on it.
//!
//! A new observation adds its query here. What is not asked: objects that hold secrets, programs of a scenario's own, and
//! connections, which are tried and not read.

use std::collections::BTreeSet;

use super::addresses::Family;
use super::{
    addresses, block_affinities, bridge, cni_results, cni_versions, events, installation, journal,
    network_attachments, nodes, objects, routes, sandboxes, tigera_status, workloads,
};
use crate::query::Query;

/// The runtime's unit.
const RUNTIME: &str = "crio";

/// The known queries for the subjects of these ones, which are a plan's checks': all nodes, the objects of all namespaces
/// that they name, and all pods of the namespaces in which they look at pods. Those of `asked` that are known and read
/// only are among them, of all pods instead of the selected ones.
pub fn queries(asked: &BTreeSet<Query>) -> BTreeSet<Query> {
    let mut known = BTreeSet::from([
        nodes::query(),
        installation::query(),
        tigera_status::query(),
        block_affinities::query(),
        network_attachments::query(),
        cni_results::query(),
        cni_versions::query(),
        sandboxes::query(),
        journal::query(RUNTIME),
    ]);
    let commands = commands();
    known.extend(commands.iter().map(|command| Query::NodeCommand {
        command: command.clone(),
    }));
    for query in asked {
        match query {
            Query::Objects {
                namespace: Some(namespace),
                kind,
                ..
            } => {
                known.extend(objects_of(namespace));
                if kind == "Pod" {
                    known.extend(pods_of(namespace, &commands));
                }
            }
            Query::PodCommand { namespace, .. } | Query::Connections { namespace, .. } => {
                known.extend(objects_of(namespace));
                known.extend(pods_of(namespace, &commands));
            }
            Query::PodLogs { namespace, .. } => {
                known.extend(objects_of(namespace));
                known.insert(query.clone());
            }
            Query::Objects {
                namespace: None, ..
            }
            | Query::NodeDirectory { .. }
            | Query::NodeJournal { .. } => {
                known.insert(query.clone());
            }
            Query::NodeCommand { .. } => {}
        }
    }
    known
}

/// The programs that only read, and whose output a parser of this crate reads.
fn commands() -> Vec<Vec<String>> {
    let owned = |command: &[&str]| command.iter().map(|&word| word.to_owned()).collect();
    let mut commands = vec![owned(&addresses::COMMAND), owned(&bridge::COMMAND)];
    commands.extend(Family::BOTH.map(|family| owned(&routes::command(family))));
    commands
}

fn objects_of(namespace: &str) -> [Query; 4] {
    [
        objects::query("v1", "Pod", Some(namespace), None),
        events::query(namespace),
        workloads::deployments_query(namespace),
        workloads::daemon_sets_query(namespace),
    ]
}

/// The programs in all pods of a namespace, and their logs: an empty selector selects all.
fn pods_of(namespace: &str, commands: &[Vec<String>]) -> BTreeSet<Query> {
    let logs = Query::PodLogs {
        namespace: namespace.to_owned(),
        selector: String::new(),
    };
    let commands = commands.iter().map(|command| Query::PodCommand {
        namespace: namespace.to_owned(),
        selector: String::new(),
        command: command.clone(),
    });
    commands.chain([logs]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{directory, pods};

    #[test]
    fn a_query_of_some_pods_brings_all_that_is_known_of_all_pods() {
        let known = queries(&BTreeSet::from([pods::query("default", "app=normal")]));
        assert!(known.contains(&objects::query("v1", "Pod", Some("default"), None)));
        assert!(known.contains(&Query::PodCommand {
            namespace: "default".to_owned(),
            selector: String::new(),
            command: addresses::COMMAND.map(str::to_owned).to_vec(),
        }));
        assert!(!known.contains(&pods::query("default", "app=normal")));
    }

    #[test]
    fn programs_of_a_scenario_and_connections_are_not_run_again() {
        let uname = Query::NodeCommand {
            command: vec!["uname".to_owned()],
        };
        let connections = Query::Connections {
            namespace: "default".to_owned(),
            selector: "app=normal".to_owned(),
            port: 80,
            service: None,
        };
        let folder = directory::query("/etc/cni/multus/net.d", true);
        let asked = BTreeSet::from([uname.clone(), connections.clone(), folder.clone()]);
        let known = queries(&asked);
        assert!(known.contains(&folder));
        assert!(!known.contains(&uname) && !known.contains(&connections));
    }

    #[test]
    fn nothing_known_asks_for_secrets() {
        let known = queries(&BTreeSet::from([pods::query("default", "a=b")]));
        let kinds = known.iter().filter_map(|query| match query {
            Query::Objects { kind, .. } => Some(kind.as_str()),
            _ => None,
        });
        assert!(
            kinds
                .into_iter()
                .all(|kind| kind != "Secret" && kind != "ConfigMap")
        );
    }
}
