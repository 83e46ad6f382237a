//! Whose a cluster is: labels on an engine volume that holds nothing else.
//!
//! kind sets no labels of ours on its node containers, so the lease is a volume named `rehearse-lease-CLUSTER`. It is made
//! before anything else of a cluster and removed after everything else, and the engine makes a volume of one name only
//! once: who finds his own labels on it has the cluster. The registry container carries the same labels.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::owner::{Life, Machine, Owner};

/// On everything that belongs to a cluster: the cluster's name.
pub(crate) const CLUSTER: &str = "org.rehearse.cluster";
const RUN: &str = "org.rehearse.run";
const HOST: &str = "org.rehearse.host";
const BOOT: &str = "org.rehearse.host-boot";
const PROCESS: &str = "org.rehearse.pid";
const STARTED: &str = "org.rehearse.pid-start";
const CREATED: &str = "org.rehearse.created";
const DEADLINE: &str = "org.rehearse.deadline";
const KEEP: &str = "org.rehearse.keep";
const COMPONENT: &str = "org.rehearse.component.";

/// Whose a cluster is, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// The run that has it.
    pub(crate) run: String,
    /// The process that has it.
    pub(crate) owner: Owner,
    /// When it was taken.
    pub(crate) created: Timestamp,
    /// When it ends.
    pub(crate) deadline: Timestamp,
    /// Whether the cluster is meant to outlive its owner and its deadline.
    pub(crate) keep: bool,
    /// The versions in the cluster by component.
    pub(crate) components: BTreeMap<String, String>,
}

/// What is to be done about a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Somebody works with it.
    InUse {
        /// Who.
        by: String,
    },
    /// It was kept on purpose and nobody works with it.
    Kept,
    /// Nobody wants it any more.
    Orphaned {
        /// Why that is known.
        why: String,
    },
}

impl Lease {
    /// The lease as labels.
    pub(crate) fn labels(&self) -> HashMap<String, String> {
        let owner = &self.owner;
        let own = [
            (CLUSTER, self.cluster.clone()),
            (RUN, self.run.clone()),
            (HOST, owner.host.clone()),
            (BOOT, owner.boot.clone()),
            (PROCESS, owner.process.to_string()),
            (STARTED, owner.started.to_string()),
            (CREATED, self.created.to_string()),
            (DEADLINE, self.deadline.to_string()),
            (KEEP, self.keep.to_string()),
        ];
        let components = self
            .components
            .iter()
            .map(|(name, version)| (format!("{COMPONENT}{name}"), version.clone()));
        own.into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .chain(components)
            .collect()
    }

    /// The lease that labels tell of.
    ///
    /// # Errors
    /// If a label is missing or not in its form: what it is on can't be judged and is left alone.
    pub(crate) fn of(labels: &HashMap<String, String>) -> Result<Self> {
        let label = |key: &str| {
            labels
                .get(key)
                .with_context(|| format!("failed to read a lease: label {key} is missing"))
        };
        let form = |key: &str| format!("failed to read a lease: label {key} is not in its form");
        Ok(Self {
            cluster: label(CLUSTER)?.clone(),
            run: label(RUN)?.clone(),
            owner: Owner {
                host: label(HOST)?.clone(),
                boot: label(BOOT)?.clone(),
                process: label(PROCESS)?.parse().with_context(|| form(PROCESS))?,
                started: label(STARTED)?.parse().with_context(|| form(STARTED))?,
            },
            created: label(CREATED)?.parse().with_context(|| form(CREATED))?,
            deadline: label(DEADLINE)?.parse().with_context(|| form(DEADLINE))?,
            keep: label(KEEP)?.parse().with_context(|| form(KEEP))?,
            components: labels
                .iter()
                .filter_map(|(key, value)| {
                    Some((key.strip_prefix(COMPONENT)?.to_owned(), value.clone()))
                })
                .collect(),
        })
    }

    /// What is to be done about the cluster, which has so many nodes.
    pub(crate) fn decide(&self, machine: &Machine, now: Timestamp, nodes: usize) -> Decision {
        let (life, late) = (machine.life(&self.owner), now > self.deadline);
        match (self.keep, life, late) {
            (true, Life::Alive, _) | (false, Life::Alive, false) => Decision::InUse {
                by: format!("run {} ({}) uses it", self.run, self.owner),
            },
            (true, Life::Gone, _) if nodes == 0 => Decision::Orphaned {
                why: format!("{} is gone, and so are its nodes", self.owner),
            },
            (true, _, _) => Decision::Kept,
            (false, Life::Unknown, false) => Decision::InUse {
                by: format!(
                    "run {} ({}, another machine) has it until {}",
                    self.run, self.owner, self.deadline
                ),
            },
            (false, Life::Gone, _) => Decision::Orphaned {
                why: format!("{} is gone", self.owner),
            },
            (false, Life::Alive | Life::Unknown, true) => Decision::Orphaned {
                why: format!("its deadline {} has passed", self.deadline),
            },
        }
    }
}

/// The name of the volume that carries a cluster's lease.
pub(crate) fn volume(cluster: &str) -> String {
    format!("rehearse-lease-{cluster}")
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use jiff::{Timestamp, ToSpan as _};
    use rstest::rstest;

    use super::{Decision, Lease};
    use crate::stage::kind::owner::{Machine, Owner};

    fn lease(keep: bool) -> Lease {
        Lease {
            cluster: "rehearse-a".to_owned(),
            run: "20261125-101500-0a1b".to_owned(),
            owner: Owner {
                host: "desk".to_owned(),
                boot: "b1".to_owned(),
                process: 7,
                started: 100,
            },
            created: Timestamp::UNIX_EPOCH,
            deadline: Timestamp::UNIX_EPOCH + 1.hour(),
            keep,
            components: [("calico".to_owned(), "3.28.4".to_owned())].into(),
        }
    }

    #[derive(Debug, PartialEq)]
    enum Kind {
        InUse,
        Kept,
        Orphaned,
    }

    #[rstest]
    #[case::owner_alive(false, "desk", true, 1, 3, Kind::InUse)]
    #[case::owner_alive_and_no_node_yet(true, "desk", true, 1, 0, Kind::InUse)]
    #[case::owner_alive_but_late(false, "desk", true, 61, 3, Kind::Orphaned)]
    #[case::owner_gone(false, "desk", false, 1, 3, Kind::Orphaned)]
    #[case::another_machines(false, "lap", true, 1, 3, Kind::InUse)]
    #[case::another_machines_and_late(false, "lap", true, 61, 3, Kind::Orphaned)]
    #[case::kept_and_in_use(true, "desk", true, 61, 3, Kind::InUse)]
    #[case::kept_and_owner_gone(true, "desk", false, 61, 3, Kind::Kept)]
    #[case::kept_but_its_nodes_are_gone(true, "desk", false, 1, 0, Kind::Orphaned)]
    #[case::kept_on_another_machine(true, "lap", true, 61, 3, Kind::Kept)]
    fn a_cluster_is_removed_only_when_nobody_wants_it(
        #[case] keep: bool,
        #[case] host: &str,
        #[case] alive: bool,
        #[case] minute: i64,
        #[case] nodes: usize,
        #[case] expected: Kind,
    ) {
        let processes: &[(u32, u64)] = if alive { &[(7, 100)] } else { &[] };
        let machine = Machine::test(host, "b1", processes);
        let decision =
            lease(keep).decide(&machine, Timestamp::UNIX_EPOCH + minute.minutes(), nodes);
        let kind = match decision {
            Decision::InUse { .. } => Kind::InUse,
            Decision::Kept => Kind::Kept,
            Decision::Orphaned { .. } => Kind::Orphaned,
        };
        assert_eq!(kind, expected);
    }

    #[test]
    fn labels_hold_all_of_a_lease() -> Result<()> {
        assert_eq!(Lease::of(&lease(true).labels())?, lease(true));
        Ok(())
    }

    #[test]
    fn a_lease_that_cannot_be_read_is_an_error_not_an_orphan() {
        let mut labels = lease(false).labels();
        labels.insert("org.rehearse.pid".to_owned(), "seven".to_owned());
        let message = Lease::of(&labels).map_err(|error| error.to_string());
        assert_eq!(
            message,
            Err("failed to read a lease: label org.rehearse.pid is not in its form".to_owned())
        );
    }
}
