//! Whether a cell ended as it should: all passed, or stopped where and how its known defect stops it.

use serde::{Deserialize, Serialize};

use super::{DefectOutcome, KnownDefect};
use crate::record::{Check, Outcome, Record, Step, THE_CAPTURES_END, Verdict};

/// How many characters of a broken step's reason stand in a line; the record has all of it.
const LONGEST: usize = 200;

/// How a cell ended, measured by what was expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellVerdict {
    /// Every step passed, or the known defect is still there.
    AsExpected,
    /// A check failed that should not, or a known defect is gone or another one.
    Unexpected,
    /// It could not be found out.
    NotFoundOut,
    /// There is no record of the cell.
    Missing,
}

/// A cell's verdict and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Judgement {
    /// The verdict.
    pub verdict: CellVerdict,
    /// Why, as a sentence fragment.
    pub why: String,
}

impl Judgement {
    fn new(verdict: CellVerdict, why: impl Into<String>) -> Self {
        Self {
            verdict,
            why: why.into(),
        }
    }

    /// What is said of a cell without a record.
    pub(super) fn missing() -> Self {
        Self::new(CellVerdict::Missing, "there is no record of it")
    }
}

/// Judges a cell's record by the defect that is known of it, if any.
pub fn judge(record: &Record, known: Option<&KnownDefect>) -> Judgement {
    let Some(stopped) = stopped(record) else {
        return passed(record, known);
    };
    let broken = !matches!(stopped.outcome, Outcome::Failed);
    let is = if broken { "is " } else { "" };
    let ending = format!("{} {is}{}", stopped.id, stopped.outcome.word());
    let verdict = if broken {
        CellVerdict::NotFoundOut
    } else {
        CellVerdict::Unexpected
    };
    let Some(known) = known else {
        let why = details(record, stopped);
        return Judgement::new(verdict, format!("{ending}: {why}"));
    };
    if stopped.id == known.step && is_end_of_capture(known, &stopped.outcome) {
        return Judgement::new(
            CellVerdict::AsExpected,
            format!(
                "the captured run ended before {}, as is known: {} ({})",
                known.step, known.why, known.reference
            ),
        );
    }
    let expected = matches!(
        (known.outcome, &stopped.outcome),
        (DefectOutcome::Failed, Outcome::Failed) | (DefectOutcome::Broken, Outcome::Broken { .. })
    );
    let texts = texts(record, stopped);
    let unsaid = known
        .says
        .iter()
        .find(|wanted| !texts.iter().any(|text| text.contains(wanted.as_str())));
    match unsaid {
        None if expected && stopped.id == known.step => Judgement::new(
            CellVerdict::AsExpected,
            format!("{ending}, as is known: {} ({})", known.why, known.reference),
        ),
        Some(unsaid) if expected && stopped.id == known.step => Judgement::new(
            verdict,
            format!("{ending}, but not in the known way: it does not say `{unsaid}`"),
        ),
        _ => Judgement::new(
            verdict,
            format!("{ending}; known is that {} does not pass", known.step),
        ),
    }
}

/// Whether a capture's run ended where a known defect breaks a run: of a step whose act fails, a capture has nothing.
fn is_end_of_capture(known: &KnownDefect, outcome: &Outcome) -> bool {
    known.outcome == DefectOutcome::Broken
        && matches!(outcome, Outcome::Blocked { by, .. } if by == THE_CAPTURES_END)
}

/// What is said where no step stopped the run.
fn passed(record: &Record, known: Option<&KnownDefect>) -> Judgement {
    let steps = &record.canonical.steps;
    let has_passed = |step: &Step| step.outcome == Outcome::Passed;
    if !steps.iter().any(has_passed) {
        return Judgement::new(CellVerdict::NotFoundOut, "no step was reached");
    }
    match known {
        Some(known)
            if steps
                .iter()
                .any(|step| step.id == known.step && has_passed(step)) =>
        {
            Judgement::new(
                CellVerdict::Unexpected,
                format!(
                    "{} passed, so the known defect is gone: {} (hint: take {} out of `known`)",
                    known.step, known.why, known.reference
                ),
            )
        }
        Some(known) => Judgement::new(
            CellVerdict::AsExpected,
            format!(
                "the step with the known defect, {}, was not asked for",
                known.step
            ),
        ),
        None => Judgement::new(CellVerdict::AsExpected, "every step passed"),
    }
}

/// The first step that neither passed nor was left out.
fn stopped(record: &Record) -> Option<&Step> {
    let is_good = |step: &&Step| matches!(step.outcome, Outcome::Passed | Outcome::Skipped { .. });
    record.canonical.steps.iter().find(|step| !is_good(step))
}

/// The checks that failed, or the beginning of why the step broke, each with where it is written.
fn details(record: &Record, step: &Step) -> String {
    let at = |check: Option<&Check>| {
        let location = record.location(step, check);
        location.map_or_else(String::new, |location| format!(" ({location})"))
    };
    if let Outcome::Broken { why, .. } | Outcome::Blocked { why: Some(why), .. } = &step.outcome {
        // An empty reason is an empty line.
        let line = why.lines().next().unwrap_or("");
        let line = match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        };
        let mut checks = step.checks.iter();
        return line + &at(checks.find(|check| check.verdict.reason().is_some()));
    }
    let failed = step.checks.iter();
    let failed: Vec<_> = failed
        .filter(|check| check.verdict == Verdict::Failed)
        .map(|check| format!("{}{}", check.that, at(Some(check))))
        .collect();
    failed.join("; ")
}

/// Everything that is said about why a step did not pass.
fn texts<'a>(record: &'a Record, step: &'a Step) -> Vec<&'a str> {
    let mut texts = Vec::new();
    if let Outcome::Broken { why, .. } = &step.outcome {
        texts.push(why.as_str());
    }
    let failures = record.run.failures.get(&step.id).into_iter();
    for failure in failures.flat_map(|by_check| by_check.values().flatten()) {
        texts.extend([failure.observed.as_str(), failure.why.as_str()]);
    }
    for check in &step.checks {
        if let Verdict::Broken { why } = &check.verdict {
            texts.push(why);
        }
    }
    texts
}
