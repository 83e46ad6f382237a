//! Which annotations a pod has and which it has not, and whether those whose meaning is known are the pod's own.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations, network_status};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodAnnotations {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Annotation names that each pod has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<String>,
    /// Annotation names that no pod has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

impl Rule for PodAnnotations {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![pods::query(&self.namespace, &self.selector)]
    }

    fn unwanted(&self) -> Option<(Query, &[String])> {
        let query = pods::query(&self.namespace, &self.selector);
        Some((query, &self.absent))
    }

    fn problems(&self, written: Written<'_>) {
        written.names_something(&["present", "absent"]);
        for (key, names) in [("present", &self.present), ("absent", &self.absent)] {
            for (index, name) in names.iter().enumerate() {
                written.key(key).item(index).annotation(name);
            }
        }
        let is_present = |name: &str| self.present.iter().any(|present| present == name);
        written
            .key("absent")
            .without(&self.absent, is_present, "present");
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = pod_outputs::pods(
            &self.namespace,
            &self.selector,
            observations,
            &mut evaluation,
        )?;
        let subject = pods_subject(&self.selector);
        if self.present.is_empty() && self.absent.is_empty() {
            evaluation.fail(
                &subject,
                "at least one annotation",
                "none",
                "a check that names nothing proves nothing",
            );
        }
        let present = self.present.iter().map(|name| (name, true));
        let absent = self.absent.iter().map(|name| (name, false));
        for (name, is_wanted) in present.chain(absent) {
            for pod in &pods {
                let value = pod.annotation(name);
                if value.is_some() != is_wanted {
                    evaluation.fail(
                        pod.subject(),
                        format!("annotation {name} {}", word(is_wanted)),
                        value.map_or_else(|| "absent".to_owned(), |value| format!("present: {value}")),
                        "which annotations are written depends on the versions of Multus and Calico",
                    );
                }
            }
            for (pod, nonsense) in pods
                .iter()
                .filter_map(|pod| Some((pod, nonsense(pod, name)?)))
            {
                evaluation.fail(
                    pod.subject(),
                    format!(
                        "annotation {name} as the pod's status has it: {}",
                        list(pod.addresses())
                    ),
                    nonsense,
                    "it is of another pod or of an older sandbox, or it is no address at all",
                );
            }
            let seen = pods.iter().map(|pod| word(pod.annotation(name).is_some()));
            evaluation.fact(&subject, format!("annotation {name}"), seen);
        }
        Ok(evaluation)
    }
}

/// What is wrong with the value of an annotation whose meaning is known; none where the pod does not have it.
fn nonsense(pod: &Pod, name: &str) -> Option<String> {
    let value = pod.annotation(name)?;
    let of_status = pod.addresses();
    let is_right = match name {
        pods::POD_IP | pods::POD_IPS => {
            let named = pod.annotated(name)?.ok();
            named.is_some_and(|nets| {
                let named: BTreeSet<IpAddr> = nets.iter().map(IpNet::addr).collect();
                let is_whole = |net: &IpNet| net.prefix_len() == net.max_prefix_len();
                let is_all = if name == pods::POD_IPS {
                    named == of_status
                } else {
                    nets.len() == 1 && named.is_subset(&of_status)
                };
                is_all && nets.iter().all(is_whole)
            })
        }
        pods::CONTAINER_ID => {
            value.len() == 64 && value.chars().all(|digit| digit.is_ascii_hexdigit())
        }
        network_status::ANNOTATION | network_status::OLD_ANNOTATION => {
            let read = network_status::read(pod, name).ok().flatten();
            read.is_some_and(|entries| !entries.entries.is_empty() && entries.odd.is_empty())
        }
        _ => true,
    };
    (!is_right).then(|| value.to_owned())
}

fn word(is_present: bool) -> &'static str {
    if is_present { "present" } else { "absent" }
}
