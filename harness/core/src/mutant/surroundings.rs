//! What a mutant's maker may know besides its own output: the blocks of the nodes, whose sandbox is whose, and which texts
//! the step's checks want absent.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use super::pointer::text;
use crate::query::Query;

/// What is known around one output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// Every node's blocks, by node.
    pub(crate) blocks: BTreeMap<String, Vec<Ipv4Net>>,
    /// The pods that the step looks at and that are not being deleted, as `namespace/name`, with their ids and sandboxes.
    pub(crate) pods: BTreeMap<String, Pod>,
    /// Texts that must be absent, by the query that would show them.
    pub(crate) unwanted: Vec<(Query, String)>,
}

/// A pod of the step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pod {
    pub(crate) uid: String,
    pub(crate) sandbox: String,
    pub(crate) node: String,
}

impl Surroundings {
    /// Whose sandbox an id is, as words of a subject.
    pub(crate) fn whose(&self, sandbox: &str) -> String {
        let mut pods = self.pods.iter();
        pods.find(|(_, pod)| !sandbox.is_empty() && pod.sandbox == sandbox)
            .map_or_else(
                || "another sandbox".to_owned(),
                |(name, _)| format!("pod {name}"),
            )
    }
}

/// `namespace/name` of an object.
pub(crate) fn full_name(object: &Value) -> String {
    format!(
        "{}/{}",
        text(object, "/metadata/namespace"),
        text(object, "/metadata/name")
    )
}
