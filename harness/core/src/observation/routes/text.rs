//! The lines of `ip route`, as a scenario writes what it expects.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::net::IpAddr;
use std::str::{FromStr, SplitWhitespace};

use super::{
    AFTER_METRIC, AT_THE_END, BEFORE_GATEWAY, FEATURES, FLAGS, Hop, KINDS, METRICS, Route, address,
    destination, everywhere, family_by_gateway, number,
};
use crate::observation::addresses::Family;

type Words<'a> = Peekable<SplitWhitespace<'a>>;

/// Words that may stand after an encapsulation, so that it ends before them.
const AFTER_ENCAPSULATION: [&str; 8] = [
    "via", "dev", "table", "proto", "scope", "metric", "nexthop", "weight",
];

/// Reads one route of `ip route`, its next hops on the same line or each on its own; the error says which word is not
/// understood.
impl FromStr for Route {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let mut words = line.split_whitespace().peekable();
        let kind = words.next_if(|word| KINDS.contains(word));
        let destination = destination(words.next().ok_or("no destination")?)?;
        let mut route = Self::to(destination.unwrap_or(everywhere(Family::V4)));
        if let Some(kind) = kind {
            kind.clone_into(&mut route.kind);
        }
        let mut by_gateway = None;
        while let Some(word) = words.next() {
            if FLAGS.contains(&word) {
                route.flags.insert(word.to_owned());
                continue;
            }
            match word {
                "nexthop" => {
                    let (hop, family) = hop(&mut words)?;
                    by_gateway = by_gateway.or(family);
                    route.hops.push(hop);
                }
                "via" => {
                    let (gateway, family) = gateway(&mut words)?;
                    route.gateway = Some(gateway);
                    by_gateway = Some(family);
                }
                "dev" => route.device = Some(value(word, &mut words)?.to_owned()),
                "proto" => value(word, &mut words)?.clone_into(&mut route.protocol),
                "scope" => value(word, &mut words)?.clone_into(&mut route.scope),
                "src" => route.source = Some(address(value(word, &mut words)?)?),
                "metric" => route.metric = number(value(word, &mut words)?)?,
                _ if METRICS.contains(&word) => metric(word, &mut words, &mut route.metrics)?,
                _ => attribute(word, &mut words, &mut route.attributes)?,
            }
        }
        if destination.is_none() {
            let family = route.family_of_default(by_gateway);
            route.destination = everywhere(family.unwrap_or(Family::V4));
        }
        Ok(route)
    }
}

fn value<'a>(word: &str, words: &mut Words<'a>) -> Result<&'a str, String> {
    words
        .next()
        .ok_or_else(|| format!("nothing after '{word}'"))
}

/// A gateway, and the family of the destination by it.
fn gateway(words: &mut Words<'_>) -> Result<(IpAddr, Family), String> {
    let mark = words.next_if(|word| ["inet", "inet6"].contains(word));
    let gateway = address(value("via", words)?)?;
    Ok((gateway, family_by_gateway(gateway, mark.is_some())))
}

fn hop(words: &mut Words<'_>) -> Result<(Hop, Option<Family>), String> {
    let mut hop = Hop::new();
    let mut by_gateway = None;
    while let Some(word) = words.next_if(|word| *word != "nexthop") {
        if FLAGS.contains(&word) {
            hop.flags.insert(word.to_owned());
            continue;
        }
        match word {
            "via" => {
                let (gateway, family) = gateway(words)?;
                hop.gateway = Some(gateway);
                by_gateway = Some(family);
            }
            "dev" => hop.device = Some(value(word, words)?.to_owned()),
            "weight" => hop.weight = number(value(word, words)?)?,
            "encap" | "realm" | "realms" => attribute(word, words, &mut hop.attributes)?,
            _ => return Err(format!("'{word}' of a next hop is not understood")),
        }
    }
    Ok((hop, by_gateway))
}

fn metric(
    word: &str,
    words: &mut Words<'_>,
    metrics: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    // Only the text tells that one is locked, so that it could not be compared.
    words.next_if_eq(&"lock");
    let mut value = value(word, words)?.to_owned();
    if word == "features" {
        let is_another = |word: &&str| FEATURES.contains(word) || word.starts_with("0x");
        while let Some(other) = words.next_if(is_another) {
            value = format!("{value} {other}");
        }
    }
    super::metric(word, &value)?;
    metrics.insert(word.to_owned(), value);
    Ok(())
}

fn attribute(
    word: &str,
    words: &mut Words<'_>,
    attributes: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let (name, value) = match word {
        "expires" => {
            words.next_if(|word| word.starts_with(|digit: char| digit.is_ascii_digit()));
            (word, String::new())
        }
        "encap" => (word, encapsulation(words)?),
        "realm" | "realms" => ("realms", value(word, words)?.to_owned()),
        "table" => (word, value(word, words)?.to_owned()),
        _ if is_attribute(word) => (word, value(word, words)?.to_owned()),
        _ => return Err(format!("'{word}' is not understood")),
    };
    attributes.insert(name.to_owned(), value);
    Ok(())
}

fn is_attribute(word: &str) -> bool {
    let groups = [&BEFORE_GATEWAY[..], &AFTER_METRIC[..], &AT_THE_END[..]];
    groups.iter().any(|group| group.contains(&word))
}

/// What is said of an encapsulation, up to the word with which the route goes on.
fn encapsulation(words: &mut Words<'_>) -> Result<String, String> {
    let mut said = vec![value("encap", words)?];
    while let Some(word) = words.next_if(|word| !AFTER_ENCAPSULATION.contains(word)) {
        said.push(word);
    }
    Ok(said.join(" "))
}
