//! The cluster that a scenario asks for: how many nodes, and which address ranges.

use std::fmt;
use std::str::FromStr;

use ipnet::{AddrParseError, IpNet};
use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The cluster's nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nodes {
    /// Nodes that run the control plane.
    pub control_planes: u16,
    /// The other nodes.
    pub workers: u16,
    /// Whether pods may run on the control plane's nodes.
    pub schedulable_control_planes: bool,
}

impl Nodes {
    /// How many nodes there are.
    pub fn count(&self) -> usize {
        usize::from(self.control_planes) + usize::from(self.workers)
    }

    /// On how many of them pods may run.
    pub fn schedulable(&self) -> usize {
        if self.schedulable_control_planes {
            self.count()
        } else {
            usize::from(self.workers)
        }
    }
}

/// The cluster's address ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cluster {
    /// Pods' addresses.
    #[schemars(with = "String")]
    pub pod_subnet: Subnets,
    /// Services' addresses.
    #[schemars(with = "String")]
    pub service_subnet: Subnets,
}

/// One range of addresses, or one of each family: `10.244.0.0/16`, or `10.244.0.0/16,fd00:10:244::/56` as kubeadm writes it. The
/// first one's family is the cluster's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnets {
    first: IpNet,
    second: Option<IpNet>,
}

/// Why a text is not such ranges.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoSubnets {
    /// A range that is none.
    #[error(transparent)]
    NoRange(#[from] AddrParseError),
    /// More ranges than there are families, or two of one.
    #[error("at most one range of each family, with a comma between them")]
    TooMany,
}

impl Subnets {
    /// The first range.
    pub fn first(self) -> IpNet {
        self.first
    }

    /// The ranges, in order.
    pub fn iter(self) -> impl Iterator<Item = IpNet> {
        [self.first].into_iter().chain(self.second)
    }

    /// Whether a range is a part of one of these.
    pub fn contains(self, network: &IpNet) -> bool {
        self.iter().any(|subnet| subnet.contains(network))
    }

    /// Whether an address is in these and in the others.
    pub fn overlaps(self, others: Self) -> bool {
        // Two networks overlap only where one contains the other.
        let pairs = self
            .iter()
            .flat_map(|left| others.iter().map(move |right| (left, right)));
        pairs
            .into_iter()
            .any(|(left, right)| left.contains(&right) || right.contains(&left))
    }

    /// What kind calls the families: `ipv4`, `ipv6` or `dual`.
    pub fn families(self) -> &'static str {
        match (self.first, self.second) {
            (_, Some(_)) => "dual",
            (IpNet::V4(_), None) => "ipv4",
            (IpNet::V6(_), None) => "ipv6",
        }
    }
}

impl FromStr for Subnets {
    type Err = NoSubnets;

    fn from_str(text: &str) -> Result<Self, NoSubnets> {
        let mut parts = text.split(',').map(|part| part.trim().parse::<IpNet>());
        let first = parts.next().ok_or(NoSubnets::TooMany)??;
        let second = parts.next().transpose()?;
        let is_same_family = |second: IpNet| second.addr().is_ipv4() == first.addr().is_ipv4();
        if parts.next().is_some() || second.is_some_and(is_same_family) {
            return Err(NoSubnets::TooMany);
        }
        Ok(Self { first, second })
    }
}

impl Serialize for Subnets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subnets {
    /// By a visitor of its own, so that the text that is wrong is pointed at.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Subnets;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a range of addresses, or one of each family")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Subnets, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl fmt::Display for Subnets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.first)?;
        match self.second {
            Some(second) => write!(formatter, ",{second}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("10.7.0.0/16", "ipv4")]
    #[case("fd07::/48", "ipv6")]
    #[case("10.7.0.0/16,fd07::/48", "dual")]
    #[case("fd07::/48,10.7.0.0/16", "dual")]
    fn one_range_or_one_of_each_family_is_read(
        #[case] text: &str,
        #[case] families: &str,
    ) -> Result<(), NoSubnets> {
        let subnets: Subnets = text.parse()?;
        assert_eq!(subnets.to_string(), text);
        assert_eq!(subnets.families(), families);
        Ok(())
    }

    #[rstest]
    #[case("10.7.0.0", "invalid IP address syntax")]
    #[case("", "invalid IP address syntax")]
    #[case("10.7.0.0/16,", "invalid IP address syntax")]
    #[case(
        "10.7.0.0/16,10.8.0.0/16",
        "at most one range of each family, with a comma between them"
    )]
    #[case(
        "10.7.0.0/16,fd07::/48,fd08::/48",
        "at most one range of each family, with a comma between them"
    )]
    fn other_texts_are_none(#[case] text: &str, #[case] reason: &str) {
        let error = text.parse::<Subnets>().map_err(|error| error.to_string());
        assert_eq!(error, Err(reason.to_owned()));
    }

    #[test]
    fn ranges_of_both_families_contain_and_overlap() -> Result<(), Box<dyn std::error::Error>> {
        let pods: Subnets = "10.7.0.0/16,fd07::/48".parse()?;
        assert!(pods.contains(&"fd07:0:0:4::/64".parse()?));
        assert!(pods.contains(&"10.7.3.0/24".parse()?));
        assert!(!pods.contains(&"10.8.3.0/24".parse()?));
        assert!(pods.overlaps("10.9.0.0/16,fd07:0:0:4::/64".parse()?));
        assert!(!pods.overlaps("10.9.0.0/16,fd09::/64".parse()?));
        Ok(())
    }
}
