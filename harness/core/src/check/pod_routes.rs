//! A pod's main route table of one family, exactly: each route, duplicates in the kernel's order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::{list, pods_subject};
use super::expected_route::ExpectedRoute;
use super::own_addresses::OwnAddresses;
use super::pod_outputs::{self, PodOutputs};
use super::{Context, Detail, Evaluation, Rule};
use crate::observation::addresses::Family;
use crate::observation::pods::Pod;
use crate::observation::routes::{self, Route};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;
use crate::yaml;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodRoutes {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Whose table it is, `ipv4` or `ipv6`.
    #[serde(default, skip_serializing_if = "Family::is_default")]
    pub family: Family,
    /// The table as `ip route` prints it, in its order. `{{ pod.INTERFACE }}` stands for the pod's own address on that
    /// interface, such as `10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}`.
    #[serde(deserialize_with = "yaml::each")]
    #[schemars(with = "Vec<String>")]
    pub exactly: Vec<ExpectedRoute>,
}

impl Rule for PodRoutes {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        self.outputs().queries()
    }

    fn problems(&self, written: Written<'_>) {
        for (index, route) in self.exactly.iter().enumerate() {
            if let Some(family) = route.family()
                && family != self.family
            {
                written.key("exactly").item(index).problem_with_hint(
                    format!("`{route}` is a route of {family}, and the table is that of {}", self.family),
                    "each family has a table and a check of its own: `family: ipv6` names the other one",
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
            let table = pod_outputs::printed(&mut evaluation, pod, "routes", routes::read(table));
            let interfaces = pod_outputs::interfaces(&mut evaluation, pod, addresses);
            let (Some(table), Some(interfaces)) = (table, interfaces) else {
                facts.push("not readable".to_owned());
                continue;
            };
            let own = OwnAddresses::new(&interfaces);
            let odd: Vec<String> = table.odd.iter().map(ToString::to_string).collect();
            let table = evaluation.understood(&subject, "routes", table);
            let table: Vec<Route> = table
                .into_iter()
                .map(|route| route.in_table(self.family))
                .collect();
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
                if self.judge(&mut evaluation, pod, &table, &own) && odd.is_empty() {
                    self.template()
                } else {
                    let seen = table.iter().map(|route| outline(route, &own));
                    let seen: Vec<String> = seen.chain(odd).collect();
                    seen.join("; ")
                },
            );
        }
        let name = match self.family {
            Family::V4 => "routes",
            Family::V6 => "IPv6 routes",
        };
        evaluation.fact(subject, name, facts);
        Ok(evaluation)
    }
}

impl PodRoutes {
    fn outputs(&self) -> PodOutputs<'_, 2> {
        pod_outputs::with_routes(&self.namespace, &self.selector, self.family)
    }

    fn judge(
        &self,
        evaluation: &mut Evaluation,
        pod: &Pod,
        table: &[Route],
        own: &OwnAddresses,
    ) -> bool {
        let mut expected: Vec<Route> = Vec::new();
        for route in &self.exactly {
            match route.of(own, self.family) {
                Ok(route) => expected.push(route),
                Err(reason) => {
                    let why = "the route needs that address";
                    evaluation.fail(pod.subject(), route.to_string(), reason, why);
                    return false;
                }
            }
        }
        if expected == table {
            return true;
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
        false
    }

    /// The expected table as one text.
    fn template(&self) -> String {
        let lines: Vec<String> = self.exactly.iter().map(ToString::to_string).collect();
        lines.join("; ")
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
