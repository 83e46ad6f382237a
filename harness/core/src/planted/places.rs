//! `{{ node.prefix }}` and the like in acts: what is only known of a cluster that runs.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;
use serde_json::Value;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::problem::known_names;
use crate::template;

/// What can be named.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantNames,
)]
enum Known {
    #[strum(serialize = "node.name")]
    NodeName,
    #[strum(serialize = "node.block")]
    NodeBlock,
    #[strum(serialize = "node.prefix")]
    NodePrefix,
    #[strum(serialize = "other.name")]
    OtherName,
    #[strum(serialize = "other.block")]
    OtherBlock,
    #[strum(serialize = "other.prefix")]
    OtherPrefix,
    #[strum(serialize = "pod.name")]
    PodName,
    #[strum(serialize = "pod.address")]
    PodAddress,
    #[strum(serialize = "pod.sandbox")]
    PodSandbox,
}

/// A variable of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable(Known);

/// A text of an act.
pub type Text = template::Text<Variable>;

/// An object of an act, or a part of one.
pub type Body = template::Body<Variable>;

impl FromStr for Variable {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        name.parse().map(Self).map_err(|_| {
            let known = known_names(name, Known::VARIANTS.iter().copied());
            format!("unknown placeholder `{name}` (hint: {known})")
        })
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.into())
    }
}

/// What is true of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its first block, such as `10.244.19.0/24`, or why none is known.
    pub block: Result<IpNet, String>,
}

/// A pod that is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodPlaces {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The id of its sandbox.
    pub sandbox: String,
}

/// What variables stand for in one act on one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The node that is acted on.
    pub node: Place,
    /// Another node; none where an act is about a pod.
    pub other: Option<Place>,
    /// The pod that an act is about.
    pub pod: Option<PodPlaces>,
}

impl Places {
    /// The text with a value in place of each variable.
    ///
    /// # Errors
    /// The variable of which nothing is known.
    pub fn fill(&self, text: &Text) -> Result<String, String> {
        text.fill(|variable| self.value(*variable))
    }

    /// The value with a value in place of each variable.
    ///
    /// # Errors
    /// The variable of which nothing is known.
    pub fn fill_body(&self, body: &Body) -> Result<Value, String> {
        body.fill(&|variable| self.value(*variable))
    }

    fn value(&self, variable: Variable) -> Result<String, String> {
        let unknown = |why: &str| format!("nothing is known of `{variable}` here: {why}");
        let other = || {
            self.other
                .as_ref()
                .ok_or_else(|| unknown("the act is about a pod"))
        };
        let pod = || {
            self.pod
                .as_ref()
                .ok_or_else(|| unknown("the act is about no pod"))
        };
        let block = |place: &Place| place.block.clone().map_err(|why| unknown(&why));
        let prefix = |place: &Place| {
            let prefix = template::prefix(block(place)?);
            prefix.ok_or_else(|| unknown("the node has no block of IPv4"))
        };
        Ok(match variable.0 {
            Known::NodeName => self.node.name.clone(),
            Known::NodeBlock => block(&self.node)?.to_string(),
            Known::NodePrefix => prefix(&self.node)?,
            Known::OtherName => other()?.name.clone(),
            Known::OtherBlock => block(other()?)?.to_string(),
            Known::OtherPrefix => prefix(other()?)?,
            Known::PodName => pod()?.name.clone(),
            Known::PodAddress => pod()?.address.clone(),
            Known::PodSandbox => pod()?.sandbox.clone(),
        })
    }
}
