//! Golden tests on records of real runs of this project; their timelines, details and lists of evidence are left out.
//! Each case changes one thing of one record.

mod changes;
mod known;
mod whole;

use std::collections::BTreeSet;

use crate::check::Fact;
use crate::problem::Problems;
use crate::record::{Check, ReadError, Record, Step};

use super::{Comparison, KnownChanges, compare};

/// The committed known changes.
const KNOWN: &str = include_str!("../../../../../kind/changes.yaml");

pub(crate) fn multus_3() -> Result<Record, ReadError> {
    Record::from_json(include_str!(
        "../../../testdata/record/real/multus-3.9.3.json"
    ))
}

pub(crate) fn multus_4_0() -> Result<Record, ReadError> {
    Record::from_json(include_str!(
        "../../../testdata/record/real/multus-4.0.2.json"
    ))
}

pub(crate) fn multus_4() -> Result<Record, ReadError> {
    Record::from_json(include_str!(
        "../../../testdata/record/real/multus-4.2.1.json"
    ))
}

/// The components that the tests' known changes are of.
fn components() -> BTreeSet<String> {
    let names = [
        "calico",
        "cni-plugins",
        "cri-o",
        "kubernetes",
        "multus",
        "tigera-operator",
    ];
    names.map(str::to_owned).into()
}

pub(crate) fn known() -> Result<KnownChanges, Problems> {
    KnownChanges::parse("kind/changes.yaml", KNOWN, &components())
}

/// Compares without known changes and noise.
fn plainly(base: &Record, candidate: &Record) -> Comparison {
    compare(base, candidate, &KnownChanges::default(), &[])
}

/// The step; the tests' own steps are all there.
#[expect(clippy::expect_used, reason = "a test names a step of its own record")]
fn step<'record>(record: &'record mut Record, id: &str) -> &'record mut Step {
    let mut steps = record.canonical.steps.iter_mut();
    steps
        .find(|step| step.id == id)
        .expect("the step is in the record")
}

/// The first check that tells a fact of this name.
#[expect(clippy::expect_used, reason = "a test names a fact of its own record")]
fn check<'record>(record: &'record mut Record, id: &str, name: &str) -> &'record mut Check {
    let mut checks = step(record, id).checks.iter_mut();
    checks
        .find(|check| check.facts.iter().any(|fact| fact.name == name))
        .expect("the fact is in the record")
}

/// Changes the values of a fact by replacing a part of it.
fn set(record: &mut Record, id: &str, name: &str, part: &str, with: &str) {
    let check = check(record, id, name);
    let facts = check.facts.iter().map(|fact| Fact {
        value: if fact.name == name {
            fact.value.replace(part, with)
        } else {
            fact.value.clone()
        },
        ..fact.clone()
    });
    check.facts = facts.collect();
}

/// Gives a component another version.
fn with_version(record: &mut Record, name: &str, version: &str) {
    for component in &mut record.canonical.components {
        if component.name == name {
            version.clone_into(&mut component.version);
        }
    }
}
