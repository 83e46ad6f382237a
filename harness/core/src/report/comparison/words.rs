//! What all forms of a comparison say alike.

use crate::record::compare::{
    Band, Blame, Change, Comparison, Conclusion, Explanation, Input, InputKind, NotCompared,
    TimingChange, Unmatched,
};
use crate::report::text::{count, duration};

/// The result in one line, such as `2 unexpected changes, 4 expected; 61 facts are the same`.
pub(super) fn headline(comparison: &Comparison) -> String {
    if let Some(why) = &comparison.incomparable {
        return format!("Not comparable: {why}");
    }
    let unexpected = comparison.unexpected().count();
    let expected = comparison.explained().count();
    let same = format!("{} the same", count(comparison.same, "fact"));
    let expected = match expected {
        0 => String::new(),
        number => format!("{number} expected, "),
    };
    match comparison.result() {
        Conclusion::Unexpected => {
            let unexpected = count(unexpected, "unexpected change");
            format!("Changed: {unexpected}, {expected}{same}")
        }
        Conclusion::NotComparable => {
            let gaps = comparison.gaps().count();
            format!(
                "Not comparable in full: {} not compared, {expected}{same}",
                count(gaps, "part")
            )
        }
        Conclusion::NothingUnexpected if expected.is_empty() => format!("Nothing changed: {same}"),
        Conclusion::NothingUnexpected => {
            format!("Nothing unexpected: {expected}{same}")
        }
    }
}

/// Inputs with another version, origin or presence, machine and plan; then those that were only built again.
pub(super) fn inputs(comparison: &Comparison) -> (Vec<String>, Vec<&str>) {
    let mut told = Vec::new();
    let mut rebuilt = Vec::new();
    for input in &comparison.inputs {
        match input.kind {
            InputKind::Digests { .. } => rebuilt.push(input.name.as_str()),
            _ => told.push(self::input(input)),
        }
    }
    (told, rebuilt)
}

fn input(input: &Input) -> String {
    let Input {
        name,
        base,
        candidate,
        ..
    } = input;
    if input.kind == InputKind::Origin {
        return format!("{name}, made from {base} → {candidate}");
    }
    format!("{name} {base} → {candidate}")
}

/// Whom a change is blamed on.
pub(super) fn blame(blame: &Blame) -> String {
    match blame {
        Blame::Nothing => "nothing differs between the runs: it flickers".to_owned(),
        Blame::Only { input } => format!("{input}, the only one that differs"),
        Blame::Foremost { input, rebuilt } => format!(
            "{input}, the only one with another version (the same versions built again: {})",
            rebuilt.join(", ")
        ),
        Blame::OneOf { inputs } => format!("one of {}", inputs.join(", ")),
    }
}

/// Why a change is no surprise, and where upstream says so.
pub(super) fn explanation(explanation: &Explanation) -> (String, Option<&str>) {
    match explanation {
        Explanation::Known {
            because, reference, ..
        } => (because.clone(), Some(reference)),
        Explanation::Scenario { when } => (format!("the scenario says so: {when}"), None),
        Explanation::Flickers { seen } => (
            format!(
                "runs of the same versions differ in it too: {}",
                seen.join(" / ")
            ),
            None,
        ),
    }
}

/// Where a change is: the check, or the step itself.
pub(super) fn place(change: &Change) -> &str {
    change.check.as_deref().unwrap_or(&change.subject)
}

/// Whom a change is about and what of it, such as `pods app=normal, routes`.
pub(super) fn about(change: &Change) -> String {
    format!("{}, {}", change.subject, change.fact)
}

pub(super) fn gap(gap: &NotCompared) -> String {
    let what = gap
        .check
        .as_ref()
        .map_or_else(String::new, |check| format!(" · {check}"));
    format!(
        "{}{what}: {}, {}",
        gap.step,
        gap.why,
        count(gap.facts, "fact")
    )
}

pub(super) fn timing(change: &TimingChange) -> String {
    let way = if change.after > change.before {
        "slower"
    } else {
        "faster"
    };
    format!(
        "{}: {} → {}, {way} than the noise of {} to {}",
        change.of,
        duration(change.before),
        duration(change.after),
        duration(change.from),
        duration(change.to),
    )
}

pub(super) fn band(band: &Band) -> String {
    match band {
        Band::Stated { percent, least } => format!(
            "noise is taken to be {percent} % of the base's time, and at least {}; --noise measures it",
            duration(*least)
        ),
        Band::Measured { runs, least } => format!(
            "noise is what {} of the same versions took, and half of their spread more on both sides, at least {}",
            count(*runs, "run"),
            duration(*least)
        ),
    }
}

pub(super) fn unmatched(unmatched: &Unmatched) -> String {
    let why = if unmatched.could_not_be_seen {
        "its step was not compared"
    } else {
        "stale: nothing of this pair matches"
    };
    format!(
        "{} ({}), part {}: {why}",
        unmatched.id, unmatched.component, unmatched.part
    )
}
