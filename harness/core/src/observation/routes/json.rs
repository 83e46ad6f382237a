//! The JSON of `ip -j route`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    FEATURES, FLAGS, Hop, KINDS, METRICS, Route, TIMES, address, destination, everywhere,
    family_by_gateway, number,
};
use crate::observation::addresses::Family;
use crate::observation::{Inability, Odd, Reading, printed_json};
use crate::query::Output;

/// Keys with which a route goes on after an encapsulation, whose own keys `ip` prints among the route's.
const AFTER_ENCAPSULATION: [&str; 12] = [
    "gateway", "via", "dev", "table", "protocol", "scope", "prefsrc", "metric", "flow", "flags",
    "metrics", "weight",
];

/// An object with its keys in their order, one that is there twice also twice.
#[derive(Clone, Debug)]
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

impl fmt::Display for Pairs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.iter();
        let pairs: Vec<String> = pairs
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect();
        write!(formatter, "{{{}}}", pairs.join(","))
    }
}

/// A namespace's routes, in the kernel's order, and beside them those that are not understood.
///
/// # Errors
/// [`Inability`] where the program failed, or printed no JSON.
pub fn read(output: &Output) -> Result<Reading<Route>, Inability> {
    let table: Vec<Pairs> = printed_json("routes", output)?;
    let routes = table
        .into_iter()
        .map(|pairs| {
            let read = route(&pairs);
            read.map_err(|reason| Odd::new(format!("a route: {reason}"), &pairs.to_string()))
        })
        .collect();
    Ok(with_families(routes))
}

/// A route, and whether the family of its destination is known.
fn route(pairs: &Pairs) -> Result<(Route, bool), String> {
    let (pairs, encapsulation) = without_encapsulation(&pairs.0)?;
    let mut destination_text = None;
    let mut route = Route::to(everywhere(Family::V4));
    let mut by_gateway = None;
    for (key, value) in pairs {
        match key {
            "dst" => destination_text = Some(text(key, value)?),
            "type" => route.kind = known(key, value, &KINDS)?,
            "gateway" | "via" => {
                let (gateway, family) = gateway(key, value)?;
                route.gateway = Some(gateway);
                by_gateway = Some(family);
            }
            "dev" => route.device = Some(text(key, value)?),
            "protocol" => route.protocol = text(key, value)?,
            "scope" => route.scope = text(key, value)?,
            "prefsrc" => route.source = Some(address(&text(key, value)?)?),
            "metric" => route.metric = number(&text(key, value)?)?,
            "metrics" => route.metrics = metrics(value)?,
            "flags" => route.flags = flags(value)?,
            "nexthops" => {
                for value in list(key, value)? {
                    let pairs = Pairs::deserialize(value).map_err(|error| error.to_string())?;
                    let (hop, family) = hop(&pairs)?;
                    by_gateway = by_gateway.or(family);
                    route.hops.push(hop);
                }
            }
            "expires" => {
                route.attributes.insert(key.to_owned(), String::new());
            }
            "flow" => {
                route
                    .attributes
                    .insert("realms".to_owned(), text(key, value)?);
            }
            "from" | "nhid" | "tos" | "table" | "mark" | "uid" | "error" | "iif" | "pref"
            | "ttl-propogate" => {
                route.attributes.insert(key.to_owned(), text(key, value)?);
            }
            _ => return Err(format!("'{key}' is not understood")),
        }
    }
    if let Some(encapsulation) = encapsulation {
        route.attributes.insert("encap".to_owned(), encapsulation);
    }
    let known = destination(&destination_text.ok_or("it has no destination")?)?;
    let family = route.family_of_default(by_gateway);
    route.destination = match (known, family) {
        (Some(known), _) => known,
        (None, Some(family)) => everywhere(family),
        (None, None) => everywhere(Family::V4),
    };
    Ok((route, known.is_some() || family.is_some()))
}

/// A default route that says nothing of its family is of that of the other routes: a table has one.
fn with_families(mut table: Reading<(Route, bool)>) -> Reading<Route> {
    let mut known = table.entries.iter().filter(|(_, is_known)| *is_known);
    let family = known.next().map_or(Family::V4, |(route, _)| route.family());
    for (route, is_known) in &mut table.entries {
        if !*is_known {
            route.destination = everywhere(family);
        }
    }
    Reading {
        entries: table.entries.into_iter().map(|(route, _)| route).collect(),
        odd: table.odd,
    }
}

/// A next hop, and the family of the destination by it.
fn hop(pairs: &Pairs) -> Result<(Hop, Option<Family>), String> {
    let (pairs, encapsulation) = without_encapsulation(&pairs.0)?;
    let mut hop = Hop::new();
    let mut by_gateway = None;
    for (key, value) in pairs {
        match key {
            "gateway" | "via" => {
                let (gateway, family) = gateway(key, value)?;
                hop.gateway = Some(gateway);
                by_gateway = Some(family);
            }
            "dev" => hop.device = Some(text(key, value)?),
            "weight" => hop.weight = number(&text(key, value)?)?,
            "flags" => hop.flags = flags(value)?,
            "flow" => {
                hop.attributes
                    .insert("realms".to_owned(), text(key, value)?);
            }
            _ => return Err(format!("'{key}' of a next hop is not understood")),
        }
    }
    if let Some(encapsulation) = encapsulation {
        hop.attributes.insert("encap".to_owned(), encapsulation);
    }
    Ok((hop, by_gateway))
}

type Borrowed<'a> = Vec<(&'a str, &'a Value)>;

/// The keys that are the route's own, each there once, and what is said of an encapsulation.
fn without_encapsulation(
    pairs: &[(String, Value)],
) -> Result<(Borrowed<'_>, Option<String>), String> {
    let mut own: Borrowed<'_> = Vec::new();
    let mut encapsulation: Option<Vec<String>> = None;
    let mut is_inside = false;
    for (key, value) in pairs {
        is_inside = (is_inside && !AFTER_ENCAPSULATION.contains(&key.as_str())) || key == "encap";
        if is_inside {
            let said = encapsulation.get_or_insert_default();
            if key != "encap" {
                said.push(key.clone());
            }
            said.push(scalar(value).unwrap_or_else(|| value.to_string()));
        } else if own.iter().any(|(other, _)| other == key) {
            return Err(format!("'{key}' is there twice"));
        } else {
            own.push((key, value));
        }
    }
    Ok((own, encapsulation.map(|said| said.join(" "))))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One word, as the text form would have it.
fn text(key: &str, value: &Value) -> Result<String, String> {
    let text = scalar(value).filter(|text| text.split_whitespace().eq([text.as_str()]));
    text.ok_or_else(|| format!("'{key}' is not one word"))
}

fn known(key: &str, value: &Value, words: &[&str]) -> Result<String, String> {
    let text = text(key, value)?;
    if words.contains(&text.as_str()) {
        Ok(text)
    } else {
        Err(format!("'{text}' of '{key}' is not understood"))
    }
}

fn list<'a>(key: &str, value: &'a Value) -> Result<&'a [Value], String> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| format!("'{key}' is no list"))
}

fn flags(value: &Value) -> Result<BTreeSet<String>, String> {
    let flags = list("flags", value)?.iter();
    flags.map(|flag| known("flags", flag, &FLAGS)).collect()
}

/// A next hop, and the family of the destination by it: under `via` stands one of the other family.
fn gateway(key: &str, value: &Value) -> Result<(IpAddr, Family), String> {
    let is_marked = key == "via";
    let host = if is_marked {
        value.get("host")
    } else {
        Some(value)
    };
    let gateway = address(&text(key, host.ok_or("'via' has no host")?)?)?;
    Ok((gateway, family_by_gateway(gateway, is_marked)))
}

fn metrics(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let mut metrics = BTreeMap::new();
    for object in list("metrics", value)? {
        let object = object
            .as_object()
            .ok_or("'metrics' is no list of objects")?;
        for (key, value) in object {
            let (name, value) = match (key.as_str(), value) {
                ("congestion", value) => ("congctl", text(key, value)?),
                (name, Value::Null) if FEATURES.contains(&name) => ("features", key.clone()),
                (name, value) if TIMES.contains(&name) => (name, time(key, value)?),
                (name, value) if METRICS.contains(&name) => (name, text(key, value)?),
                _ => return Err(format!("the metric '{key}' is not understood")),
            };
            super::metric(name, &value)?;
            metrics
                .entry(name.to_owned())
                .and_modify(|said: &mut String| *said = format!("{said} {value}"))
                .or_insert(value);
        }
    }
    Ok(metrics)
}

/// As the text says it: whole numbers are milliseconds, others seconds.
fn time(key: &str, value: &Value) -> Result<String, String> {
    let unit = if value.is_f64() { "s" } else { "ms" };
    Ok(format!("{}{unit}", text(key, value)?))
}
