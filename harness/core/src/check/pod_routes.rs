//! A pod's IPv4 main route table, exactly: each route, duplicates in the kernel's order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::own_addresses::{self, OwnAddresses};
use super::pod_outputs::{self, PodOutputs};
use super::{Context, Detail, Evaluation, Rule};
use crate::observation::pods::Pod;
use crate::observation::routes::{self, Route};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodRoutes {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The table as `ip route` prints it, in its order. `{{ pod.INTERFACE }}` stands for the pod's own address on that
    /// interface, such as `10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}`.
    pub exactly: Vec<String>,
}

impl Rule for PodRoutes {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        self.outputs().queries()
    }

    fn problems(&self, written: Written<'_>) {
        for (index, line) in self.exactly.iter().enumerate() {
            let written = written.key("exactly").item(index);
            let Some(line) = own_addresses::example(line, written) else {
                continue;
            };
            if let Err(why) = line.parse::<Route>() {
                written.problem_with_hint(
                    format!("failed to read the route `{line}`: {why}"),
                    "write it as `ip route` prints it, such as `10.0.0.0/8 via 169.254.1.1 dev eth0`",
                );
            }
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = self.outputs().read(observations, &mut evaluation)?;
        let subject = pods_subject(&self.selector);
        if self.exactly.is_empty() {
            evaluation.fail(
                &subject,
                "at least one route",
                "none",
                "an empty set proves nothing",
            );
        }
        let mut facts = Vec::new();
        for (pod, [table, addresses]) in pods.with_outputs() {
            let subject = pod.subject();
            let table = evaluation.readable(&subject, "routes", routes::read(table));
            let interfaces = pod_outputs::interfaces(&mut evaluation, pod, addresses);
            let (Some(table), Some(interfaces)) = (table, interfaces) else {
                facts.push("not readable".to_owned());
                continue;
            };
            let own = OwnAddresses::new(&interfaces);
            let odd: Vec<String> = table.odd.iter().map(ToString::to_string).collect();
            let table = evaluation.understood(&subject, "routes", table);
            evaluation.details.push(Detail::Routes {
                pod: pod.full_name(),
                node: pod.spec.node_name.clone(),
                lines: table
                    .iter()
                    .map(ToString::to_string)
                    .chain(odd.iter().cloned())
                    .collect(),
            });
            facts.push(
                if self.judge(&mut evaluation, pod, &table, &own)? && odd.is_empty() {
                    self.template()
                } else {
                    let seen = table.iter().map(|route| outline(route, &own));
                    let seen: Vec<String> = seen.chain(odd).collect();
                    seen.join("; ")
                },
            );
        }
        evaluation.fact(subject, "routes", facts);
        Ok(evaluation)
    }
}

impl PodRoutes {
    fn outputs(&self) -> PodOutputs<'_, 2> {
        pod_outputs::with_routes(&self.namespace, &self.selector)
    }

    fn judge(
        &self,
        evaluation: &mut Evaluation,
        pod: &Pod,
        table: &[Route],
        own: &OwnAddresses,
    ) -> Result<bool, Inability> {
        let mut expected: Vec<Route> = Vec::new();
        for line in &self.exactly {
            let filled = match own.fill(line) {
                Ok(filled) => filled,
                Err(reason) => {
                    evaluation.fail(pod.subject(), line, reason, "the route needs that address");
                    return Ok(false);
                }
            };
            let route = filled.parse().map_err(|reason: String| {
                Inability::unparsable("the expected route", format!("'{line}'"), reason)
            })?;
            expected.push(route);
        }
        if expected == table {
            return Ok(true);
        }
        let missing = without(&expected, table);
        let unexpected = without(table, &expected);
        let why = if missing.is_empty() && unexpected.is_empty() {
            "the same routes in another order: of equal destinations the first one is used"
                .to_owned()
        } else {
            format!(
                "missing: {}; unexpected: {}",
                list(&missing),
                list(&unexpected)
            )
        };
        let text = |routes: &[Route]| {
            let lines: Vec<String> = routes.iter().map(ToString::to_string).collect();
            lines.join("; ")
        };
        evaluation.fail(pod.subject(), text(&expected), text(table), why);
        Ok(false)
    }

    /// The expected table as one text, each run of blanks as one.
    fn template(&self) -> String {
        let lines = self.exactly.iter();
        let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.collect::<Vec<_>>().join("; ")
    }
}

/// Those of the first that are not in the second, each as often as it is there too often.
fn without(routes: &[Route], others: &[Route]) -> Vec<Route> {
    let mut rest = others.to_vec();
    let mut left = Vec::new();
    for route in routes {
        match rest.iter().position(|other| other == route) {
            Some(index) => {
                rest.remove(index);
            }
            None => left.push(route.clone()),
        }
    }
    left
}

/// A route with the pod's own address as its source replaced. A gateway is kept as it is: that it may be the pod's own
/// address is by chance.
fn outline(route: &Route, own: &OwnAddresses) -> String {
    let line = route.to_string();
    let variable = route
        .source
        .and_then(|source| Some((source, own.variable_of(source)?)));
    match variable {
        Some((source, variable)) => {
            line.replace(&format!(" src {source}"), &format!(" src {variable}"))
        }
        None => line,
    }
}
