//! One route that a scenario expects, as `ip route` prints it: read with the scenario, and the same for every pod unless it
//! has the pod's own address in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::own_addresses::{OwnAddresses, PodVariable};
use crate::observation::addresses::Family;
use crate::observation::routes::Route;
use crate::template::Text;
use crate::yaml;

/// A route that each selected pod must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedRoute {
    /// As the scenario writes it, each run of blanks as one.
    text: Text<PodVariable>,
    /// The route; with an example in place of each variable where there are any.
    route: Route,
}

impl ExpectedRoute {
    /// The family of its destination; none where nothing in it tells, as in `default dev eth0`.
    pub(super) fn family(&self) -> Option<Family> {
        self.route.told_family()
    }

    /// The route of one pod in a family's table.
    ///
    /// # Errors
    /// Why the pod has no such route: it lacks an address, or its address does not fit there.
    pub(super) fn of(&self, own: &OwnAddresses, family: Family) -> Result<Route, String> {
        let route = if self.text.variables().next().is_none() {
            self.route.clone()
        } else {
            self.text.fill(|variable| own.value(variable))?.parse()?
        };
        Ok(route.in_table(family))
    }
}

impl FromStr for ExpectedRoute {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let text: Text<PodVariable> = words.join(" ").parse()?;
        let example = text.fill(|variable| Ok::<_, String>(variable.example()))?;
        let route = example.parse().map_err(|why| {
            format!(
                "{why} (hint: write it as `ip route` prints it, such as `10.0.0.0/8 via 169.254.1.1 dev eth0`)"
            )
        })?;
        Ok(Self { text, route })
    }
}

impl fmt::Display for ExpectedRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)
    }
}

impl Serialize for ExpectedRoute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ExpectedRoute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        yaml::parsed(deserializer, "a route")
    }
}
