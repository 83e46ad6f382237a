//! Whether a default route's gateway is a pod's own address. It is an oddity of a document, so it is a remark in the
//! record and not a failure; that a selected pod has no default route at all is one.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::pods_subject;
use super::own_addresses::{self, OwnAddresses};
use super::pod_routes;
use super::{Context, Evaluation, Rule};
use crate::observation::pods;
use crate::observation::routes::{self, Route};
use crate::observation::{Inability, Observations, addresses};
use crate::query::Query;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnGateway {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
}

impl Rule for OwnGateway {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![
            pods::query(&self.namespace, &self.selector),
            pod_routes::query(&self.namespace, &self.selector),
            own_addresses::query(&self.namespace, &self.selector),
        ]
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let pods = pods::read(observations, &self.namespace, &self.selector)?;
        let query = pod_routes::query(&self.namespace, &self.selector);
        let tables = observations.by_pod(&query)?;
        let query = own_addresses::query(&self.namespace, &self.selector);
        let addresses = observations.by_pod(&query)?;

        let mut evaluation = Evaluation::default();
        evaluation.require_pods(&pods, &self.namespace, &self.selector);
        let mut gateways = BTreeSet::new();
        for pod in &pods {
            let name = pod.full_name();
            let (Some(table), Some(addresses)) = (tables.get(&name), addresses.get(&name)) else {
                evaluation.pod_without_output(pod, "the routes and addresses in the pod");
                continue;
            };
            let subject = pod.subject();
            let table = evaluation.readable(&subject, "routes", routes::read(table));
            let addresses = evaluation.readable(&subject, "addresses", addresses::read(addresses));
            let (Some(table), Some(addresses)) = (table, addresses) else {
                continue;
            };
            let table = evaluation.understood(&subject, "routes", table);
            let own = OwnAddresses::new(&evaluation.understood(&subject, "addresses", addresses));
            let defaults: Vec<&Route> = table.iter().filter(|route| route.is_default()).collect();
            if defaults.is_empty() {
                evaluation.fail(
                    pod.subject(),
                    "a default route",
                    "none",
                    "without one there is no gateway to look at",
                );
            }
            let of_pod = defaults.iter().flat_map(|route| route.gateways());
            gateways.extend(of_pod.filter(|gateway| own.contains(*gateway)));
        }
        for gateway in &gateways {
            evaluation.remarks.insert(format!(
                "the default route's gateway {gateway} is a pod's own address: the kernel takes it as on-link \
                 (erratum E8 of the document)"
            ));
        }
        evaluation.fact(
            pods_subject(&self.selector),
            "the default route's gateway is a pod's own address",
            [(!gateways.is_empty()).to_string()],
        );
        Ok(evaluation)
    }
}
