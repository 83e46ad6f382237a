//! Routes of both families: the JSON of `ip -j route` and the lines of `ip route` give the same [`Route`].
//!
//! Both forms are read as strictly: a key or a word that is not known makes its route one that is not understood. What
//! only one form tells is not read: the text says which metrics are locked, and the JSON never does.

pub(super) mod mutants;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::addresses::Family;

mod json;
mod text;

pub use json::read;

/// The program that prints a namespace's main table of a family.
pub fn command(family: Family) -> [&'static str; 5] {
    let family = match family {
        Family::V4 => "-4",
        Family::V6 => "-6",
    };
    ["ip", family, "-j", "route", "show"]
}

/// Kinds of routes that `ip` names before the destination. A plain route is `unicast` and is not named.
const KINDS: [&str; 11] = [
    "anycast",
    "blackhole",
    "broadcast",
    "local",
    "multicast",
    "nat",
    "prohibit",
    "throw",
    "unicast",
    "unreachable",
    "xresolve",
];

/// Words that `ip` prints after the rest, without a value.
const FLAGS: [&str; 11] = [
    "dead",
    "linkdown",
    "notify",
    "offload",
    "onlink",
    "pervasive",
    "rt_offload",
    "rt_offload_failed",
    "rt_trap",
    "trap",
    "unresolved",
];

/// What the kernel is told of the way, in the order in which `ip` prints it.
const METRICS: [&str; 16] = [
    "mtu",
    "window",
    "rtt",
    "rttvar",
    "ssthresh",
    "cwnd",
    "advmss",
    "reordering",
    "hoplimit",
    "initcwnd",
    "features",
    "rto_min",
    "initrwnd",
    "quickack",
    "congctl",
    "fastopen_no_cookie",
];

/// Metrics that are times: `ip` prints `40ms` as text and the number alone as JSON.
const TIMES: [&str; 3] = ["rtt", "rttvar", "rto_min"];

/// Features that a metric names.
const FEATURES: [&str; 2] = ["ecn", "tcp_usec_ts"];

/// What else a route may say, in three groups: before the gateway, after the metric, and at the end.
const BEFORE_GATEWAY: [&str; 4] = ["from", "nhid", "tos", "encap"];
const AFTER_METRIC: [&str; 5] = ["mark", "realms", "uid", "error", "expires"];
const AT_THE_END: [&str; 3] = ["iif", "pref", "ttl-propogate"];

/// One route of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `unicast`, `blackhole`, ...
    pub kind: String,
    /// Where to; `0.0.0.0/0` or `::/0` for a default route.
    pub destination: IpNet,
    /// The next hop, which need not be of the destination's family; none for what is on the link, or where there are
    /// several.
    pub gateway: Option<IpAddr>,
    /// The interface; none for a blackhole and the like, or where there are several next hops.
    pub device: Option<String>,
    /// Who made it; `boot` where `ip` prints nothing. A number where `ip` has no name for it.
    pub protocol: String,
    /// How far it is; `global` where `ip` prints nothing.
    pub scope: String,
    /// The source address for packets of this machine.
    pub source: Option<IpAddr>,
    /// Its metric; 0 where `ip` prints nothing.
    pub metric: u32,
    /// What the kernel is told of the way, such as `mtu`.
    pub metrics: BTreeMap<String, String>,
    /// Such as `onlink`.
    pub flags: BTreeSet<String>,
    /// What else is said by the word that `ip` prints, such as `tos`, `table`, `realms`, `encap`, `nhid` or `pref`. That a
    /// route expires is told without the seconds that are left, which differ from look to look.
    pub attributes: BTreeMap<String, String>,
    /// Its next hops where there are several, in the kernel's order.
    pub hops: Vec<Hop>,
}

/// One of several next hops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// Its address, which need not be of the destination's family.
    pub gateway: Option<IpAddr>,
    /// The interface.
    pub device: Option<String>,
    /// How many of the packets take it, against the others.
    pub weight: u32,
    /// Such as `linkdown`.
    pub flags: BTreeSet<String>,
    /// What else is said, such as `encap` or `realms`.
    pub attributes: BTreeMap<String, String>,
}

impl Hop {
    fn new() -> Self {
        Self {
            gateway: None,
            device: None,
            weight: 1,
            flags: BTreeSet::new(),
            attributes: BTreeMap::new(),
        }
    }
}

impl Route {
    /// A plain route to a destination, with nothing else said.
    fn to(destination: IpNet) -> Self {
        Self {
            kind: "unicast".to_owned(),
            destination,
            gateway: None,
            device: None,
            protocol: "boot".to_owned(),
            scope: "global".to_owned(),
            source: None,
            metric: 0,
            metrics: BTreeMap::new(),
            flags: BTreeSet::new(),
            attributes: BTreeMap::new(),
            hops: Vec::new(),
        }
    }

    /// Whether it is a default route.
    pub fn is_default(&self) -> bool {
        self.destination.prefix_len() == 0
    }

    /// The family of its destination.
    pub fn family(&self) -> Family {
        Family::of(self.destination.addr())
    }

    /// Every next hop's address.
    pub fn gateways(&self) -> impl Iterator<Item = IpAddr> {
        let of_hops = self.hops.iter().filter_map(|hop| hop.gateway);
        self.gateway.into_iter().chain(of_hops)
    }

    /// The family of its destination, where anything tells it; nothing of `default dev eth0` does.
    pub fn told_family(&self) -> Option<Family> {
        if !self.is_default() {
            return Some(self.family());
        }
        let by_gateway = self.gateways().next().map(|_| self.family());
        self.family_of_default(by_gateway)
    }

    /// The route as one of a family's table, which tells the family of `default dev eth0`.
    #[must_use]
    pub fn in_table(mut self, family: Family) -> Self {
        if self.told_family().is_none() {
            self.destination = everywhere(family);
        }
        self
    }

    /// The family of a destination that is written `default`, where anything else tells it; `by_gateway` is what the first
    /// next hop tells.
    fn family_of_default(&self, by_gateway: Option<Family>) -> Option<Family> {
        let is_ipv6 = self.attributes.contains_key("pref");
        by_gateway
            .or(self.source.map(Family::of))
            .or_else(|| is_ipv6.then_some(Family::V6))
    }
}

/// The family of a destination by a next hop, and whether `ip` marks that as one of the other family.
fn family_by_gateway(gateway: IpAddr, is_marked: bool) -> Family {
    if gateway.is_ipv4() == is_marked {
        Family::V6
    } else {
        Family::V4
    }
}

/// As `ip route` prints it, on one line and without a blank at the end.
impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != "unicast" {
            write!(formatter, "{} ", self.kind)?;
        }
        if self.is_default() && self.told_family().unwrap_or_default() == self.family() {
            formatter.write_str("default")?;
        } else if self.destination.prefix_len() == self.family().whole() {
            write!(formatter, "{}", self.destination.addr())?;
        } else {
            write!(formatter, "{}", self.destination)?;
        }
        attributes(formatter, &self.attributes, &BEFORE_GATEWAY)?;
        hop(
            formatter,
            self.gateway,
            self.device.as_deref(),
            self.family(),
        )?;
        attributes(formatter, &self.attributes, &["table"])?;
        if self.protocol != "boot" {
            write!(formatter, " proto {}", self.protocol)?;
        }
        if self.scope != "global" {
            write!(formatter, " scope {}", self.scope)?;
        }
        if let Some(source) = self.source {
            write!(formatter, " src {source}")?;
        }
        if self.metric != 0 {
            write!(formatter, " metric {}", self.metric)?;
        }
        attributes(formatter, &self.attributes, &AFTER_METRIC)?;
        for flag in &self.flags {
            write!(formatter, " {flag}")?;
        }
        attributes(formatter, &self.metrics, &METRICS)?;
        attributes(formatter, &self.attributes, &AT_THE_END)?;
        for each in &self.hops {
            formatter.write_str(" nexthop")?;
            attributes(formatter, &each.attributes, &["encap"])?;
            hop(
                formatter,
                each.gateway,
                each.device.as_deref(),
                self.family(),
            )?;
            write!(formatter, " weight {}", each.weight)?;
            attributes(formatter, &each.attributes, &["realms"])?;
            for flag in &each.flags {
                write!(formatter, " {flag}")?;
            }
        }
        Ok(())
    }
}

/// A gateway and an interface; a gateway of the other family is marked.
fn hop(
    formatter: &mut fmt::Formatter<'_>,
    gateway: Option<IpAddr>,
    device: Option<&str>,
    family: Family,
) -> fmt::Result {
    match gateway {
        Some(gateway) if Family::of(gateway) == family => write!(formatter, " via {gateway}")?,
        Some(IpAddr::V4(gateway)) => write!(formatter, " via inet {gateway}")?,
        Some(IpAddr::V6(gateway)) => write!(formatter, " via inet6 {gateway}")?,
        None => {}
    }
    match device {
        Some(device) => write!(formatter, " dev {device}"),
        None => Ok(()),
    }
}

/// The named ones, each as a word and its value, where it has one.
fn attributes(
    formatter: &mut fmt::Formatter<'_>,
    all: &BTreeMap<String, String>,
    names: &[&str],
) -> fmt::Result {
    for name in names {
        match all.get(*name).map(String::as_str) {
            None => {}
            Some("") => write!(formatter, " {name}")?,
            Some(value) if *name == "realms" && !value.contains('/') => {
                write!(formatter, " realm {value}")?;
            }
            Some(value) => write!(formatter, " {name} {value}")?,
        }
    }
    Ok(())
}

/// A destination as `ip` prints it; none for `default`, whose family is not told.
fn destination(text: &str) -> Result<Option<IpNet>, String> {
    if text == "default" {
        return Ok(None);
    }
    let net = if text.contains('/') {
        text.parse::<IpNet>().ok()
    } else {
        text.parse::<IpAddr>().ok().map(IpNet::from)
    };
    match net {
        None => Err(format!("'{text}' is no destination")),
        Some(net) if net.trunc() != net => Err(format!("'{text}' has bits after its prefix")),
        Some(net) => Ok(Some(net)),
    }
}

/// The destination of a default route of a family.
fn everywhere(family: Family) -> IpNet {
    match family {
        Family::V4 => Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0).into(),
        Family::V6 => Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("'{text}' is no address"))
}

/// A metric's value in the form of the text.
fn metric(name: &str, value: &str) -> Result<(), String> {
    let time = value.strip_suffix("ms").or(value.strip_suffix('s'));
    match name {
        "congctl" | "features" => Ok(()),
        _ if TIMES.contains(&name) => number::<f64>(time.unwrap_or(value)).map(|_| ()),
        _ => number::<u64>(value).map(|_| ()),
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("'{text}' is no number"))
}

#[cfg(test)]
mod tests;
