//! From judged checks to a step of the record: the one place that decides a step's outcome.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Class, Outcome, Step, THE_CAPTURE, Verdict};
use crate::check::{Detail, Evaluation, Failure};
use crate::scenario::DocumentLines;

/// What a step is, before its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepHead {
    /// Its id.
    pub id: String,
    /// What holds afterwards.
    pub title: String,
    /// The document's lines.
    pub document: Option<DocumentLines>,
    /// What was done, a line each.
    pub acts: Vec<String>,
}

/// One check with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedCheck {
    /// The short sentence; the key in its step.
    pub that: String,
    /// The rule's kind, such as `pod-routes`.
    pub kind: String,
    /// What came of it.
    pub judgement: Judgement,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The rule was applied.
    Evaluated(Evaluation),
    /// It was not looked at: the step ended before, or the capture has no answer.
    Blocked {
        /// What the capture lacks; none where the step ended before.
        why: Option<String>,
    },
    /// It is not meant for these versions.
    Skipped {
        /// Why.
        why: String,
    },
    /// It could not be found out.
    Broken {
        /// Whose fault that is.
        class: Class,
        /// What happened, with its subject.
        why: String,
    },
}

/// A step of the record, and what of it belongs to the run only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssembledStep {
    /// For [`Canonical::steps`](super::Canonical::steps).
    pub step: Step,
    /// For [`Run::failures`](super::Run::failures), by check; checks without failures have no entry.
    pub failures: BTreeMap<String, Vec<Failure>>,
    /// For [`Run::details`](super::Run::details), by check; checks without details have no entry.
    pub details: BTreeMap<String, Vec<Detail>>,
}

impl AssembledStep {
    /// A step whose acts were done and whose checks were judged. Any failed check makes it failed, else any broken check
    /// makes it broken, else any that the capture has no answer to makes it blocked; it passes only when at least one check was evaluated and nothing was left out but what is not
    /// meant for these versions.
    pub fn judged(head: StepHead, checks: Vec<JudgedCheck>) -> Self {
        let outcome = outcome(&checks);
        Self::new(head, outcome, checks)
    }

    /// A step that was not reached, was not asked for, or whose acts broke, with the outcome that says so. A failed check
    /// that was seen before stays in the record, and makes the step failed.
    pub fn ended(head: StepHead, outcome: Outcome, checks: Vec<JudgedCheck>) -> Self {
        let outcome = if checks.iter().any(has_failed) {
            Outcome::Failed
        } else {
            outcome
        };
        Self::new(head, outcome, checks)
    }

    fn new(head: StepHead, outcome: Outcome, checks: Vec<JudgedCheck>) -> Self {
        let mut assembled = Self {
            step: Step {
                id: head.id,
                title: head.title,
                document: head.document,
                acts: head.acts,
                outcome,
                checks: Vec::with_capacity(checks.len()),
            },
            failures: BTreeMap::new(),
            details: BTreeMap::new(),
        };
        for check in checks {
            assembled.push(check);
        }
        assembled
    }

    fn push(&mut self, check: JudgedCheck) {
        let mut facts = BTreeSet::new();
        let mut remarks = BTreeSet::new();
        let verdict = match check.judgement {
            Judgement::Evaluated(evaluation) => {
                facts = evaluation.facts;
                remarks = evaluation.remarks;
                if !evaluation.details.is_empty() {
                    self.details.insert(check.that.clone(), evaluation.details);
                }
                if evaluation.failures.is_empty() {
                    Verdict::Passed
                } else {
                    self.failures
                        .insert(check.that.clone(), evaluation.failures);
                    Verdict::Failed
                }
            }
            Judgement::Blocked { why } => Verdict::Blocked { why },
            Judgement::Skipped { why } => Verdict::Skipped { why },
            Judgement::Broken { why, .. } => Verdict::Broken { why },
        };
        self.step.checks.push(Check {
            that: check.that,
            kind: check.kind,
            verdict,
            facts,
            remarks,
        });
    }
}

fn has_failed(check: &JudgedCheck) -> bool {
    matches!(&check.judgement, Judgement::Evaluated(evaluation) if !evaluation.failures.is_empty())
}

fn outcome(checks: &[JudgedCheck]) -> Outcome {
    if checks.iter().any(has_failed) {
        return Outcome::Failed;
    }
    let broken = checks.iter().find_map(|check| match &check.judgement {
        Judgement::Broken { class, why } => Some(Outcome::Broken {
            class: *class,
            why: format!("{}: {why}", check.that),
        }),
        Judgement::Blocked { why: None } => Some(Outcome::Broken {
            class: Class::Harness,
            why: format!("{}: was not looked at", check.that),
        }),
        Judgement::Blocked { why: Some(_) }
        | Judgement::Evaluated(_)
        | Judgement::Skipped { .. } => None,
    });
    let unanswered = checks.iter().find_map(|check| match &check.judgement {
        Judgement::Blocked { why: Some(why) } => Some(Outcome::Blocked {
            by: THE_CAPTURE.to_owned(),
            why: Some(format!("{}: {why}", check.that)),
        }),
        _ => None,
    });
    if let Some(outcome) = broken.or(unanswered) {
        return outcome;
    }
    if checks
        .iter()
        .any(|check| matches!(check.judgement, Judgement::Evaluated(_)))
    {
        Outcome::Passed
    } else if checks.is_empty() {
        Outcome::Broken {
            class: Class::Harness,
            why: "the step has no checks, and nothing checked is never a pass".to_owned(),
        }
    } else {
        Outcome::Skipped {
            why: "none of its checks is meant for these versions".to_owned(),
        }
    }
}
