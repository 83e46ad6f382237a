//! IPv4 routes: the JSON of `ip -j route` and the lines of `ip route` give the same [`Route`].
//!
//! Routes with several next hops are not understood and are an error, as Multus and Calico make none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::Value;

use super::{Inability, json};
use crate::query::Output;

/// The program that prints a namespace's main IPv4 table.
pub const COMMAND: [&str; 5] = ["ip", "-4", "-j", "route", "show"];

/// Kinds of routes that `ip` names before the destination. A plain route is `unicast` and is not named.
const KINDS: [&str; 9] = [
    "anycast",
    "blackhole",
    "broadcast",
    "local",
    "multicast",
    "prohibit",
    "throw",
    "unicast",
    "unreachable",
];

/// Words that `ip` prints after the rest, without a value.
const FLAGS: [&str; 9] = [
    "dead",
    "linkdown",
    "notify",
    "offload",
    "onlink",
    "pervasive",
    "rt_offload",
    "rt_trap",
    "unresolved",
];

/// One route of the main table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `unicast`, `blackhole`, ...
    pub kind: String,
    /// Where to; `0.0.0.0/0` for the default route.
    pub destination: Ipv4Net,
    /// The next hop; none for what is on the link.
    pub gateway: Option<Ipv4Addr>,
    /// The interface; none for a blackhole and the like.
    pub device: Option<String>,
    /// Who made it; `boot` where `ip` prints nothing.
    pub protocol: String,
    /// How far it is; `global` where `ip` prints nothing.
    pub scope: String,
    /// The source address for packets of this machine.
    pub source: Option<Ipv4Addr>,
    /// Its metric; 0 where `ip` prints nothing.
    pub metric: u32,
    /// Such as `mtu`.
    pub metrics: BTreeMap<String, u64>,
    /// Such as `onlink`.
    pub flags: BTreeSet<String>,
}

impl Route {
    /// A plain route to a destination, with nothing else said.
    fn to(destination: Ipv4Net) -> Self {
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
        }
    }

    /// Whether it is a default route.
    pub fn is_default(&self) -> bool {
        self.destination.prefix_len() == 0
    }
}

/// As `ip route` prints it, without a blank at the end.
impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != "unicast" {
            write!(formatter, "{} ", self.kind)?;
        }
        match self.destination.prefix_len() {
            0 => formatter.write_str("default")?,
            32 => write!(formatter, "{}", self.destination.addr())?,
            _ => write!(formatter, "{}", self.destination)?,
        }
        if let Some(gateway) = self.gateway {
            write!(formatter, " via {gateway}")?;
        }
        if let Some(device) = &self.device {
            write!(formatter, " dev {device}")?;
        }
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
        for flag in &self.flags {
            write!(formatter, " {flag}")?;
        }
        for (name, value) in &self.metrics {
            write!(formatter, " {name} {value}")?;
        }
        Ok(())
    }
}

/// Reads one line of `ip route`; the error says which word is not understood.
impl FromStr for Route {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let mut words = line.split_whitespace().peekable();
        let kind = words.next_if(|word| KINDS.contains(word));
        let mut route = Self::to(destination(words.next().ok_or("no destination")?)?);
        if let Some(kind) = kind {
            kind.clone_into(&mut route.kind);
        }
        while let Some(word) = words.next() {
            if FLAGS.contains(&word) {
                route.flags.insert(word.to_owned());
                continue;
            }
            let value = words
                .next()
                .ok_or_else(|| format!("nothing after '{word}'"))?;
            match word {
                "via" => route.gateway = Some(address(value)?),
                "dev" => route.device = Some(value.to_owned()),
                "proto" => value.clone_into(&mut route.protocol),
                "scope" => value.clone_into(&mut route.scope),
                "src" => route.source = Some(address(value)?),
                "metric" => route.metric = number(value)?,
                "mtu" | "advmss" | "window" | "hoplimit" => {
                    route.metrics.insert(word.to_owned(), number(value)?);
                }
                _ => return Err(format!("'{word}' is not understood")),
            }
        }
        Ok(route)
    }
}

#[derive(Deserialize)]
struct Raw {
    dst: String,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    gateway: Option<Ipv4Addr>,
    #[serde(default)]
    dev: Option<String>,
    #[serde(default)]
    protocol: Option<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    prefsrc: Option<Ipv4Addr>,
    #[serde(default)]
    metric: u32,
    #[serde(default)]
    metrics: Vec<BTreeMap<String, u64>>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    nexthops: Option<Value>,
    #[serde(default)]
    via: Option<Value>,
}

impl TryFrom<Raw> for Route {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        if raw.nexthops.is_some() || raw.via.is_some() {
            return Err(format!(
                "the next hops of {} are more than one, or not IPv4",
                raw.dst
            ));
        }
        let plain = Self::to(destination(&raw.dst)?);
        Ok(Self {
            kind: raw.kind.unwrap_or(plain.kind),
            gateway: raw.gateway,
            device: raw.dev,
            protocol: raw.protocol.unwrap_or(plain.protocol),
            scope: raw.scope.unwrap_or(plain.scope),
            source: raw.prefsrc,
            metric: raw.metric,
            metrics: raw.metrics.into_iter().flatten().collect(),
            flags: raw.flags.into_iter().collect(),
            ..plain
        })
    }
}

/// A namespace's routes, in the kernel's order.
///
/// # Errors
/// [`Inability`] where the program failed, or printed what is not understood.
pub fn read(output: &Output) -> Result<Vec<Route>, Inability> {
    let raw: Vec<Raw> = json("routes", output)?;
    raw.into_iter()
        .map(Route::try_from)
        .collect::<Result<_, _>>()
        .map_err(|reason| Inability::unparsable("routes", output.subject.to_string(), reason))
}

fn destination(text: &str) -> Result<Ipv4Net, String> {
    if text == "default" {
        return Ok(Ipv4Net::default());
    }
    let net = if text.contains('/') {
        text.parse::<Ipv4Net>().ok()
    } else {
        text.parse::<Ipv4Addr>().ok().map(Ipv4Net::from)
    };
    match net {
        None => Err(format!("'{text}' is no IPv4 destination")),
        Some(net) if net.trunc() != net => Err(format!("'{text}' has bits after its prefix")),
        Some(net) => Ok(net),
    }
}

fn address(text: &str) -> Result<Ipv4Addr, String> {
    text.parse()
        .map_err(|_| format!("'{text}' is no IPv4 address"))
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("'{text}' is no number"))
}

#[cfg(test)]
mod tests;
