//! The rules: each is a pure function of observations, one a file, and gives a verdict that is data, never an error.
//!
//! A check names the raw outputs that it needs ([`Check::queries`]) and judges them ([`Check::evaluate`]). It never sees
//! a client. An empty set (no pods, no nodes, no routes) is a failure, and what cannot be parsed is an
//! [`Inability`](crate::observation::Inability): we could not find out.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use jiff::Timestamp;
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use crate::cluster::{Nodes as PlannedNodes, Subnets};
use crate::observation::cni_network::Libcni;
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

mod evaluation;
mod expected_route;
mod own_addresses;
mod own_result;
mod pod_outputs;
#[cfg(test)]
mod tests;
mod unique_addresses;

pub mod blocks;
pub mod bridge;
pub mod cni_configuration;
pub mod connectivity;
pub mod default_network;
pub mod installation;
pub mod kept_network;
pub mod network_attachment;
pub mod network_status;
pub mod node_annotations;
pub mod node_command;
pub mod node_files;
pub mod nodes;
pub mod own_gateway;
pub mod pod_addresses;
pub mod pod_annotations;
pub mod pod_events;
pub mod pod_logs;
pub mod pod_routes;
pub mod pods;
pub mod sandbox_failure;
pub mod tigera_status;
pub mod versions;
pub mod workloads;

/// Makes the enumeration of all rules and the way from one of them to its [`Rule`] from one list. A kind's name in a scenario
/// is its variant's in kebab-case, for serde, for the JSON Schema and for [`Check::kind`] alike.
macro_rules! checks {
    ($($(#[doc = $about:literal])+ $module:ident::$Kind:ident,)+) => {
        /// Every rule that a scenario can name.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, IntoStaticStr, VariantNames)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        #[strum(serialize_all = "kebab-case")]
        pub enum Check {
            $($(#[doc = $about])+ $Kind($module::$Kind),)+
        }

        impl Check {
            fn rule(&self) -> &dyn Rule {
                match self {
                    $(Self::$Kind(rule) => rule,)+
                }
            }
        }
    };
}

checks! {
    /// How many nodes there are, their runtime, whether they are ready, or why not.
    nodes::Nodes,
    /// The versions that the nodes report are the ones asked for.
    versions::Versions,
    /// Tigera's own status objects say available, and neither progressing nor degraded.
    tigera_status::TigeraStatus,
    /// Every named workload of a namespace has all its pods ready, and at least one.
    workloads::Workloads,
    /// The `Installation` as the server holds it.
    installation::Installation,
    /// Each node has the named annotations, and addresses in them are inside that node's block.
    node_annotations::NodeAnnotations,
    /// Each node has its block: of the right size, inside the pool, and none overlaps another.
    blocks::Blocks,
    /// What a program prints on each node.
    node_command::NodeCommand,
    /// Which files a folder has on each node.
    node_files::NodeFiles,
    /// One CNI configuration on each node: its name, type and address range.
    cni_configuration::CniConfiguration,
    /// Which network is the default on each node, by all witnesses.
    default_network::DefaultNetwork,
    /// A `NetworkAttachmentDefinition`: where it is, and the configuration that it holds.
    network_attachment::NetworkAttachment,
    /// Pods made before a switch keep the network and the address that they were given.
    kept_network::KeptNetwork,
    /// How many pods are ready, on how many nodes.
    pods::Pods,
    /// A pod's addresses on each interface, by all witnesses.
    pod_addresses::PodAddresses,
    /// A pod's IPv4 route table, exactly.
    pod_routes::PodRoutes,
    /// Which annotations a pod has and which it has not.
    pod_annotations::PodAnnotations,
    /// The `network-status` annotation, typed.
    network_status::NetworkStatus,
    /// The events about each pod.
    pod_events::PodEvents,
    /// A line in each pod's log.
    pod_logs::PodLogs,
    /// TCP from pod to pod across nodes and to a Service.
    connectivity::Connectivity,
    /// New pods hang because their sandbox cannot be made, for the reason given.
    sandbox_failure::SandboxFailure,
    /// A bridge on each node that has a selected pod.
    bridge::Bridge,
    /// Whether a default route's gateway is a pod's own address; reported, not failed.
    own_gateway::OwnGateway,
}

/// What every rule does.
trait Rule {
    /// The raw outputs that it needs. A rule whose queries are all for API objects can be waited for by watch.
    fn queries(&self, context: &Context) -> Vec<Query>;

    /// Whether it judges without the outputs of one of its queries where they were not kept, as in a capture of before it asked:
    /// with one witness less, which it says.
    fn does_without(&self, _query: &Query) -> bool {
        false
    }

    /// Judges them.
    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability>;

    /// Notes what is wrong with the rule as it is written: what can never pass or never fail, as far as that is known
    /// without a cluster.
    fn problems(&self, _written: Written<'_>) {}

    /// Whether a list of its keys means something without an element.
    fn may_be_empty(&self, _key: &str) -> bool {
        false
    }

    /// The texts that must be absent, with the query that would show them.
    fn unwanted(&self) -> Option<(Query, &[String])> {
        None
    }

    /// The prefix length of a node's block, where the rule says it, and the pool that it is a part of.
    fn block(&self) -> Option<(u8, IpNet)> {
        None
    }

    /// The parts of a node's block that the rule says files on the nodes set.
    fn file_ranges<'a>(&'a self, _written: Written<'a>) -> Vec<FileRange<'a>> {
        Vec::new()
    }

    /// Whether it is about pods that cannot get ready, so that a hopeless pod must not end the wait.
    fn expects_hopeless(&self) -> bool {
        false
    }
}

/// A part of a node's block that a file on the nodes sets.
pub(crate) struct FileRange<'a> {
    /// Absolute path on the node.
    pub(crate) file: &'a str,
    pub(crate) range: cni_configuration::BlockRange,
    /// Where the range is written.
    pub(crate) written: Written<'a>,
}

impl Check {
    /// The rule's kind as the scenario writes it, such as `pod-routes`.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// The raw outputs that the rule needs.
    pub fn queries(&self, context: &Context) -> Vec<Query> {
        self.rule().queries(context)
    }

    /// Judges the outputs of the rule's queries.
    ///
    /// # Errors
    /// [`Inability`] where an output is missing, or is not what its tool prints: it could not be found out.
    pub fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        self.rule().evaluate(observations, context)
    }

    /// Notes what is wrong with the rule as it is written.
    pub(crate) fn problems(&self, written: Written<'_>) {
        let rule = self.rule();
        written.values(|key| rule.may_be_empty(key));
        rule.problems(written);
    }

    /// Whether the rule judges without the outputs of one of its queries where they were not kept.
    pub(crate) fn does_without(&self, query: &Query) -> bool {
        self.rule().does_without(query)
    }

    /// The texts that must be absent, with the query that would show them.
    pub(crate) fn unwanted(&self) -> Option<(Query, &[String])> {
        self.rule().unwanted()
    }

    /// The prefix length of a node's block, where the rule says it, and the pool that it is a part of.
    pub(crate) fn block(&self) -> Option<(u8, IpNet)> {
        self.rule().block()
    }

    /// The parts of a node's block that the rule says files on the nodes set.
    pub(crate) fn file_ranges<'a>(&'a self, written: Written<'a>) -> Vec<FileRange<'a>> {
        self.rule().file_ranges(written)
    }

    /// Whether the rule is about pods that cannot get ready, so that a hopeless pod must not end the wait.
    pub fn expects_hopeless(&self) -> bool {
        self.rule().expects_hopeless()
    }
}

/// What a check may know besides its observations.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// How many nodes the plan asks for.
    pub nodes: PlannedNodes,
    /// The cluster's pod subnet, or one of each family.
    pub pod_subnet: Subnets,
    /// The subnet of the cluster's Services, or one of each family.
    pub service_subnet: Subnets,
    /// The version of each component that runs.
    pub components: BTreeMap<String, Version>,
    /// When the step began.
    pub step_started: Timestamp,
}

impl Context {
    /// The libcni of the CRI-O that runs.
    fn libcni(&self) -> Libcni {
        let crio = self.components.get("cri-o");
        crio.map_or_else(Libcni::default, Libcni::of_crio)
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Evaluation {
    /// Nothing here means passed.
    pub failures: Vec<Failure>,
    /// What was seen, with stable keys and normalised values: equal for two runs of the same versions. Generated names,
    /// UIDs, MACs, times and addresses within an asserted range are replaced by what they were found to be.
    pub facts: BTreeSet<Fact>,
    /// What a reader should know although nothing failed, such as an oddity of the document; normalised like facts.
    pub remarks: BTreeSet<String>,
    /// What was seen word for word, for the reports' drawings; not part of the canonical record.
    pub details: Vec<Detail>,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failure {
    /// Whom it is about, such as `pod default/normal-5b6fc64bd8-9xq6c` or `node doc-worker`.
    pub subject: String,
    /// What should be.
    pub expected: String,
    /// What is.
    pub observed: String,
    /// Why that fails, and what to look at, as a sentence fragment.
    pub why: String,
}

/// One fact with a stable key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fact {
    /// Whom it is about, without generated names: `each node`, `pods app=normal`, `node control-plane`.
    pub subject: String,
    /// What it tells, such as `routes` or `eth0 address`.
    pub name: String,
    /// The normalised value.
    pub value: String,
}

/// Something that was seen, for a drawing or a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Detail {
    /// What each witness says of one thing, such as a pod's address.
    Witnesses {
        /// The thing, such as `address of default/normal-…` or `default network of doc-worker`.
        about: String,
        /// Witness and what it says, in a fixed order.
        rows: Vec<(String, String)>,
    },
    /// A pod's interfaces.
    Interfaces {
        /// `namespace/name`.
        pod: String,
        /// Its node.
        node: String,
        /// Interface name and its addresses with prefix lengths.
        interfaces: Vec<(String, Vec<String>)>,
    },
    /// A pod's routes as `ip route` prints them.
    Routes {
        /// `namespace/name`.
        pod: String,
        /// Its node.
        node: String,
        /// One line each.
        lines: Vec<String>,
    },
    /// A node's block.
    Block {
        /// The node.
        node: String,
        /// Such as `10.244.19.0/24`.
        block: String,
    },
}
