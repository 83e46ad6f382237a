//! Two records of one scenario as classified facts, keyed by step, check and subject, with the components that differ.
//!
//! It takes the records' facts as they are: it judges nothing again, and of two values it says in which way they differ.
//! What one side did not look at is not compared, which is never the same as gone. Timing is told and decides nothing.

mod difference;
mod explanation;
pub(super) mod facts;
mod inputs;
mod known;
mod outcome;
mod steps;
pub(super) mod timing;

#[cfg(test)]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};

use super::Record;
use crate::check::Failure;
use crate::problem::Location;

pub use difference::Difference;
pub use explanation::Explanation;
pub use inputs::{Blame, Input, InputKind};
pub use known::{KnownChange, KnownChanges, Unmatched, Where};
pub use timing::{Band, TimingChange, Timings};

/// What two records have in common and in what they differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// The record that is compared with.
    pub base: Side,
    /// The record that is looked at.
    pub candidate: Side,
    /// Why the two cannot be compared at all; then nothing below holds anything.
    pub incomparable: Option<String>,
    /// Components, machine and plan, where they differ.
    pub inputs: Vec<Input>,
    /// How many facts are the same on both sides.
    pub same: usize,
    /// What differs, in the order of the candidate's steps.
    pub changes: Vec<Change>,
    /// What only one side looked at.
    pub not_compared: Vec<NotCompared>,
    /// Steps that neither side reached.
    pub reached_by_neither: Vec<String>,
    /// What became slower or faster.
    pub timings: Timings,
    /// Known changes that apply to these versions and were not seen.
    pub unmatched: Vec<Unmatched>,
}

/// One of the two records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Side {
    /// The run's id.
    pub run: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// The scenario's name.
    pub scenario: String,
    /// `kind` or `capture`.
    pub stage: String,
    /// How to do the same again.
    pub command: String,
}

/// In which way something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A fact that both have, with another value.
    Changed,
    /// A fact that only the candidate has.
    New,
    /// A fact that only the base has.
    Gone,
    /// A step or check that ended in another way.
    Verdict,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The step's id.
    pub step: String,
    /// The check's sentence; none for what is about the step itself.
    pub check: Option<String>,
    /// The rule's kind, such as `pod-routes`.
    pub kind: Option<String>,
    /// Whom it is about, such as `pods app=normal`.
    pub subject: String,
    /// What it tells, such as `routes`, or `verdict`.
    pub fact: String,
    /// In which way it differs.
    pub class: Class,
    /// The base's value.
    pub before: Option<String>,
    /// The candidate's value.
    pub after: Option<String>,
    /// The same in typed pieces, at least one.
    pub differences: Vec<Difference>,
    /// What failed on the candidate's side, for a verdict.
    pub failures: Vec<Failure>,
    /// Where the candidate's scenario writes the check or the step, or the base's where only that has it; none where the
    /// records do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Which inputs may have done it.
    pub blame: Blame,
    /// Why it is no surprise; none for what nobody expected.
    pub explanation: Option<Explanation>,
}

/// Something that only one side looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotCompared {
    /// The step's id.
    pub step: String,
    /// The check's sentence; none for the whole step.
    pub check: Option<String>,
    /// How many facts of the side that looked.
    pub facts: usize,
    /// Why, with the side that did not look.
    pub why: String,
    /// The step whose own change keeps this from being compared.
    pub because_of: Option<String>,
}

/// How a comparison ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// Nothing differs that nobody expected.
    NothingUnexpected,
    /// Something does.
    Unexpected,
    /// The records cannot be compared, or not in all that one of them looked at.
    NotComparable,
}

/// Compares two records; `noise` are more runs of the base's versions: what differs between those says nothing.
pub fn compare(
    base: &Record,
    candidate: &Record,
    known: &KnownChanges,
    noise: &[Record],
) -> Comparison {
    let mut comparison = Comparison {
        base: Side::of(base),
        candidate: Side::of(candidate),
        incomparable: inputs::incomparable(base, candidate),
        inputs: Vec::new(),
        same: 0,
        changes: Vec::new(),
        not_compared: Vec::new(),
        reached_by_neither: Vec::new(),
        timings: Timings::default(),
        unmatched: Vec::new(),
    };
    if comparison.incomparable.is_some() {
        return comparison;
    }
    comparison.inputs = inputs::inputs(base, candidate);
    steps::compare(base, candidate, &mut comparison);
    let flickering = explanation::Flickering::of(base, noise);
    for change in &mut comparison.changes {
        change.blame = Blame::of(&comparison.inputs, &change.step);
        flickering.explain(change);
    }
    comparison.unmatched = known.explain(base, candidate, &mut comparison);
    comparison.timings = timing::compare(base, candidate, noise);
    if comparison.same == 0 && comparison.changes.is_empty() {
        comparison.incomparable = Some("no step was looked at by both runs".to_owned());
    }
    comparison
}

impl Side {
    fn of(record: &Record) -> Self {
        Self {
            run: record.run.id.clone(),
            started: record.timing.started.clone(),
            scenario: record.canonical.scenario.clone(),
            stage: record.canonical.stage.clone(),
            command: record.run.command.clone(),
        }
    }
}

impl Comparison {
    /// Changes that nobody expected.
    pub fn unexpected(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_unexpected())
    }

    /// Changes with an explanation.
    pub fn explained(&self) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(|change| !change.is_unexpected())
    }

    /// What is not compared and does not follow from a change of a step that is told already.
    pub fn gaps(&self) -> impl Iterator<Item = &NotCompared> {
        self.not_compared.iter().filter(|gap| {
            let cause = gap.because_of.as_ref();
            !cause.is_some_and(|step| self.changes.iter().any(|change| change.step == *step))
        })
    }

    /// How it ended.
    pub fn result(&self) -> Conclusion {
        if self.incomparable.is_some() {
            Conclusion::NotComparable
        } else if self.unexpected().next().is_some() {
            Conclusion::Unexpected
        } else if self.gaps().next().is_some() {
            Conclusion::NotComparable
        } else {
            Conclusion::NothingUnexpected
        }
    }

    /// 0 nothing unexpected, 1 an unexpected change, 3 not comparable.
    pub fn exit_code(&self) -> u8 {
        match self.result() {
            Conclusion::NothingUnexpected => 0,
            Conclusion::Unexpected => 1,
            Conclusion::NotComparable => 3,
        }
    }

    /// As pretty JSON with a trailing newline, the result and its exit code first.
    pub fn to_json(&self) -> String {
        let mut object = serde_json::Map::new();
        object.insert("result".to_owned(), serde_json::json!(self.result()));
        object.insert("exit-code".to_owned(), self.exit_code().into());
        if let serde_json::Value::Object(rest) = serde_json::json!(self) {
            object.extend(rest);
        }
        format!("{:#}\n", serde_json::Value::Object(object))
    }
}

impl Change {
    /// Whether nobody expected it.
    pub fn is_unexpected(&self) -> bool {
        self.explanation.is_none()
    }

    /// All of it on one line.
    pub fn line(&self) -> String {
        let of = |value: &Option<String>| {
            let text = value.as_deref().unwrap_or("nothing");
            text.replace('\n', ", ")
        };
        let check = self.check.iter().map(|check| format!("{check}: "));
        format!(
            "{}: {}{} {}: {} → {}",
            self.step,
            check.collect::<String>(),
            self.subject,
            self.fact,
            of(&self.before),
            of(&self.after)
        )
    }

    /// Whether another change is of the same fact or verdict. A fact is the same whichever check of a kind tells it.
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        let is_of_one_check = if self.class == Class::Verdict {
            self.check == other.check
        } else {
            self.kind == other.kind
        };
        is_of_one_check
            && (&self.step, &self.subject, &self.fact) == (&other.step, &other.subject, &other.fact)
    }

    /// What differs, as one sentence fragment.
    pub fn words(&self) -> String {
        let pieces: Vec<_> = self.differences.iter().map(ToString::to_string).collect();
        pieces.join("; ")
    }
}
