//! Which annotations a pod has and which it has not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::pods_subject;
use super::pod_outputs;
use super::{Context, Evaluation, Rule};
use crate::observation::pods;
use crate::observation::{Inability, Observations};
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
            let seen = pods.iter().map(|pod| word(pod.annotation(name).is_some()));
            evaluation.fact(&subject, format!("annotation {name}"), seen);
        }
        Ok(evaluation)
    }
}

fn word(is_present: bool) -> &'static str {
    if is_present { "present" } else { "absent" }
}
