//! Tigera's own status objects say available, and neither progressing nor degraded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::objects::{condition, condition_status};
use crate::observation::tigera_status;
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TigeraStatus {
    /// Names of `tigerastatuses.operator.tigera.io`, such as `calico` and `apiserver`.
    pub available: Vec<String>,
}

/// What each condition must say.
const WANTED: [(&str, &str); 3] = [
    ("Available", "True"),
    ("Degraded", "False"),
    ("Progressing", "False"),
];

impl Rule for TigeraStatus {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![tigera_status::query()]
    }

    fn problems(&self, written: Written<'_>) {
        for (index, name) in self.available.iter().enumerate() {
            written.key("available").item(index).object_name(name);
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let statuses = tigera_status::read(observations)?;
        let statuses = evaluation.understood("the cluster", "tigerastatuses", statuses);
        if self.available.is_empty() {
            evaluation.fail(
                "tigerastatuses",
                "at least one name",
                "none",
                "a check that names nothing proves nothing",
            );
        }
        for name in &self.available {
            let subject = format!("tigerastatus {name}");
            let Some(status) = statuses.iter().find(|status| status.metadata.name == *name) else {
                let there = list(statuses.iter().map(|status| &status.metadata.name));
                let why = "the operator has not made it yet, or does not run this component";
                evaluation.fail(
                    subject,
                    "Available",
                    format!("absent; there are: {there}"),
                    why,
                );
                continue;
            };
            let conditions = &status.status.conditions;
            for (kind, wanted) in WANTED {
                let seen = condition_status(conditions, kind);
                if seen != wanted {
                    let message = condition(conditions, kind).map_or("", |found| &found.message);
                    let why = "the operator's message says what it waits for";
                    let expected = format!("{kind} is {wanted}");
                    let observed = format!("{kind} is {seen}: {message}");
                    evaluation.fail(&subject, expected, observed, why);
                }
            }
            let seen =
                WANTED.map(|(kind, _)| format!("{kind} {}", condition_status(conditions, kind)));
            evaluation.fact(subject, "conditions", [seen.join(", ")]);
        }
        Ok(evaluation)
    }
}
