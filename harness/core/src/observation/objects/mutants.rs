//! What objects of several kinds have: annotations (gone, stale, of another node, one that should not be there), and the
//! `Ready` condition.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::mutant::{FactId, FactKind, Maker, Site, Surroundings, address, array, escape};

/// The maker of the nodes and the pods makes these; no output is theirs alone.
pub(crate) const MAKER: Maker = Maker {
    facts: &["annotations.others"],
    make: |_, _| false,
};

/// Each annotation of an object in the output's array, but those that have makers of their own.
pub(crate) fn annotations(
    site: &mut Site<'_>,
    index: usize,
    object: &Value,
    fact: &'static str,
    subject: &str,
    is_another_makers: impl Fn(&str) -> bool,
) {
    let annotations = object.pointer("/metadata/annotations");
    let annotations = annotations.and_then(Value::as_object).into_iter().flatten();
    for (name, value) in annotations.filter(|(name, _)| !is_another_makers(name)) {
        let fact = FactId::new(FactKind::Annotation, fact, format!("{subject}: {name}"));
        let pointer = format!("/{index}/metadata/annotations/{}", escape(name));
        site.remove(&fact, "gone", &pointer);
        site.set(&fact, "empty", &pointer, "");
        let value = value.as_str().unwrap_or_default();
        for (mutation, other) in others(value, site.surroundings) {
            site.set(&fact, mutation, &pointer, other);
        }
    }
}

/// An address in the annotation's own form, or any stale text.
pub(crate) fn others(value: &str, surroundings: &Surroundings) -> Vec<(&'static str, String)> {
    let (before, length) = value
        .split_once('/')
        .map_or((value, None), |(before, after)| (before, Some(after)));
    let Ok(address) = before.parse::<Ipv4Addr>() else {
        return vec![("stale", format!("stale-{value}"))];
    };
    let with_length = |address: Ipv4Addr| match length {
        Some(length) => format!("{address}/{length}"),
        None => address.to_string(),
    };
    let mut others: Vec<_> = address::others(address, surroundings)
        .into_iter()
        .map(|(mutation, other)| (mutation, with_length(other)))
        .collect();
    if let Some(length) = length {
        let other = if length == "24" { "32" } else { "24" };
        others.push(("other prefix length", format!("{address}/{other}")));
    }
    others
}

/// The annotations that a check of the step wants absent.
pub(crate) fn unwanted(site: &mut Site<'_>, index: usize, subject: &str, names: &[String]) {
    for name in names {
        let fact = FactId::new(
            FactKind::Annotation,
            "annotations.others",
            format!("{subject}: {name}"),
        );
        let pointer = format!("/{index}/metadata/annotations/{}", escape(name));
        site.set(&fact, "there", pointer, "[]");
    }
}

/// The `Ready` condition of an object in the output's array.
pub(crate) fn condition(
    site: &mut Site<'_>,
    index: usize,
    object: &Value,
    fact: &'static str,
    subject: &str,
) {
    let conditions = array(object, "/status/conditions");
    let Some(place) = conditions.iter().position(|found| found["type"] == "Ready") else {
        return;
    };
    let pointer = format!("/{index}/status/conditions/{place}");
    let fact = FactId::new(FactKind::Readiness, fact, subject);
    for (mutation, status) in [("false", "False"), ("true", "True"), ("unknown", "Unknown")] {
        site.set(&fact, mutation, format!("{pointer}/status"), status);
    }
    site.remove(&fact, "gone", &pointer);
}
