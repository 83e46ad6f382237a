//! Whether a default route's gateway is a pod's own address. It is an oddity of a document, so it is a remark in the
//! record and not a failure; that a selected pod has no default route at all is one.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::pods_subject;
use super::own_addresses::OwnAddresses;
use super::pod_outputs::{self, PodOutputs};
use super::{Context, Evaluation, Rule};
use crate::observation::addresses::Family;
use crate::observation::routes::{self, Route};
use crate::observation::{Inability, Observations};
use crate::query::Query;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnGateway {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// Whose table it is, `ipv4` or `ipv6`.
    #[serde(default, skip_serializing_if = "Family::is_default")]
    pub family: Family,
}

impl Rule for OwnGateway {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        self.outputs().queries()
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let pods = self.outputs().read(observations, &mut evaluation)?;
        let mut gateways = BTreeSet::new();
        for (pod, [table, addresses]) in pods.with_outputs() {
            let subject = pod.subject();
            let table = pod_outputs::printed(&mut evaluation, pod, "routes", routes::read(table));
            let interfaces = pod_outputs::interfaces(&mut evaluation, pod, addresses);
            let (Some(table), Some(interfaces)) = (table, interfaces) else {
                continue;
            };
            let table = evaluation.understood(&subject, "routes", table);
            let own = OwnAddresses::new(&interfaces);
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

impl OwnGateway {
    fn outputs(&self) -> PodOutputs<'_, 2> {
        pod_outputs::with_routes(&self.namespace, &self.selector, self.family)
    }
}
