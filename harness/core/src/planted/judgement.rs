//! Whether a planted fault did what its data says. Pure.

use std::collections::BTreeMap;

use super::Fault;
use crate::judge::Judgement;

/// What one look showed of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It passes.
    Green,
    /// It fails; the first failure as text.
    Red(String),
    /// It can't be judged, for this reason.
    Broken(String),
}

impl From<&Judgement> for Sight {
    fn from(judgement: &Judgement) -> Self {
        match (judgement.first_failure(), judgement) {
            (Some(failure), _) => Self::Red(format!(
                "{}: {} instead of {}",
                failure.subject, failure.observed, failure.expected
            )),
            (None, Judgement::Evaluated(_)) => Self::Green,
            (None, Judgement::Broken { why, .. } | Judgement::Skipped { why }) => {
                Self::Broken(why.clone())
            }
            (None, Judgement::Blocked { why }) => {
                Self::Broken(why.clone().unwrap_or_else(|| "not looked at".to_owned()))
            }
        }
    }
}

/// What a fault means for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// It must turn red.
    Red,
    /// It must become unjudgeable.
    Broken,
    /// Whatever it does, it does as a consequence.
    Any,
    /// It must stay green.
    Green,
}

/// What a fault means for a check of its step.
pub fn meant(fault: &Fault, that: &str) -> Meant {
    let names = |list: &[String]| list.iter().any(|name| name == that);
    if names(&fault.red) {
        Meant::Red
    } else if names(&fault.broken) {
        Meant::Broken
    } else if names(&fault.consequences) {
        Meant::Any
    } else {
        Meant::Green
    }
}

/// The checks that must turn red (or broken) and have not, among those that were looked at; a line each.
pub fn not_yet(fault: &Fault, seen: &BTreeMap<String, Sight>) -> Vec<String> {
    seen.iter()
        .filter_map(|(that, sight)| match (meant(fault, that), sight) {
            (Meant::Red, Sight::Green) => Some(format!("stayed green: {that}")),
            (Meant::Red, Sight::Broken(why)) => {
                Some(format!("broken instead of red: {that}: {why}"))
            }
            (Meant::Broken, Sight::Green) => Some(format!("stayed green, not broken: {that}")),
            (Meant::Broken, Sight::Red(why)) => {
                Some(format!("red instead of broken: {that}: {why}"))
            }
            (Meant::Red, Sight::Red(_))
            | (Meant::Broken, Sight::Broken(_))
            | (Meant::Any | Meant::Green, _) => None,
        })
        .collect()
}

/// The checks that had to stay green and have not; a line each.
pub fn not_as_said(fault: &Fault, seen: &BTreeMap<String, Sight>) -> Vec<String> {
    seen.iter()
        .filter(|(that, _)| meant(fault, that) == Meant::Green)
        .filter_map(|(that, sight)| match sight {
            Sight::Green => None,
            Sight::Red(why) => Some(format!("turned red too: {that}: {why}")),
            Sight::Broken(why) => Some(format!("broke: {that}: {why}")),
        })
        .collect()
}
