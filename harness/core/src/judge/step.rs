//! From what was done and concluded in a step to the step of the record: the one place that decides a step's outcome.

use std::collections::BTreeMap;

use crate::check::{Detail, Failure};
use crate::plan::{PlannedCheck, Step};
use crate::record::{self, Class, Outcome, THE_CAPTURE};

use super::conclusion::Conclusion;
use super::judgement::Judgement;
use super::look::{Look, Unfetched};

/// What was done in a step, and what came of its checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Performed {
    /// The acts that were done, a line each.
    pub acts: Vec<String>,
    /// Why the step could not be performed to its end, and whose fault that is.
    pub broken: Option<(Class, String)>,
    /// The checks that are done with, by their sentence.
    pub concluded: BTreeMap<String, Conclusion>,
}

/// A step of the record, and what of it belongs to the run only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedStep {
    /// For [`Canonical::steps`](record::Canonical::steps).
    pub step: record::Step,
    /// For [`Run::failures`](record::Run::failures), by check; checks without failures have no entry.
    pub failures: BTreeMap<String, Vec<Failure>>,
    /// For [`Run::details`](record::Run::details), by check; checks without details have no entry.
    pub details: BTreeMap<String, Vec<Detail>>,
}

impl Performed {
    /// Whether later steps cannot start from where this leaves the cluster.
    pub fn blocks(&self) -> bool {
        self.broken.is_some() || self.concluded.values().any(Conclusion::blocks)
    }

    /// Whether something could not be fetched or done, and that is not said to be the machine's fault.
    pub fn blames_another(&self) -> bool {
        let looks = self.concluded.values().map(|concluded| &concluded.saw);
        let of_checks =
            looks
                .flat_map(Look::unfetched)
                .filter_map(|(_, unfetched)| match unfetched {
                    Unfetched::Failed { class, .. } => Some(*class),
                    Unfetched::NotKept { .. } => None,
                });
        let of_step = self.broken.iter().map(|(class, _)| *class);
        of_checks
            .chain(of_step)
            .any(|class| class != Class::Machine)
    }

    /// Says that it is the machine's fault all the same: its engine does not answer.
    pub fn blame_the_machine(&mut self) {
        for concluded in self.concluded.values_mut() {
            let failed = concluded.saw.blame(Class::Machine);
            if let Judgement::Broken { class, .. } = &mut concluded.judgement
                && failed
            {
                *class = Class::Machine;
            }
        }
        if let Some((class, _)) = &mut self.broken {
            *class = Class::Machine;
        }
    }

    /// The step as the record holds it. Any failed check makes it failed; else what broke the step or any broken check
    /// makes it broken, else any that the capture has no answer to makes it blocked. It passes only when at least one
    /// check was evaluated and nothing was left out but what is not meant for these versions.
    pub fn judged(&self, step: &Step) -> JudgedStep {
        let checks: Vec<(&PlannedCheck, Judgement)> = step
            .checks
            .iter()
            .map(|check| (check, self.judgement(check)))
            .collect();
        let outcome = if checks.iter().any(|(_, judgement)| judgement.has_failed()) {
            Outcome::Failed
        } else if let Some((class, why)) = &self.broken {
            Outcome::Broken {
                class: *class,
                why: why.clone(),
            }
        } else {
            outcome(&checks)
        };
        let mut judged = JudgedStep {
            step: record::Step {
                id: step.id.clone(),
                title: step.title.clone(),
                document: step.document.clone(),
                acts: self.acts.clone(),
                outcome,
                checks: Vec::with_capacity(checks.len()),
            },
            failures: BTreeMap::new(),
            details: BTreeMap::new(),
        };
        for (check, judgement) in checks {
            judged.step.checks.push(judgement.recorded(check));
            let concluded = self.concluded.get(&check.that);
            let failures = concluded.map(Conclusion::failures).unwrap_or_default();
            if !failures.is_empty() {
                judged.failures.insert(check.that.clone(), failures);
            }
            if let Judgement::Evaluated(evaluation) = judgement
                && !evaluation.details.is_empty()
            {
                let details = evaluation.details;
                judged.details.insert(check.that.clone(), details);
            }
        }
        judged
    }

    fn judgement(&self, check: &PlannedCheck) -> Judgement {
        match (&check.skipped, self.concluded.get(&check.that)) {
            (Some(why), _) => Judgement::Skipped { why: why.clone() },
            (None, Some(concluded)) => concluded.judgement.clone(),
            (None, None) => Judgement::Blocked { why: None },
        }
    }
}

impl JudgedStep {
    /// A step that was not performed, with the outcome that says so: none of its checks was looked at.
    pub fn not_performed(step: &Step, outcome: Outcome) -> Self {
        let mut judged = Performed::default().judged(step);
        judged.step.outcome = outcome;
        judged
    }
}

fn outcome(checks: &[(&PlannedCheck, Judgement)]) -> Outcome {
    let broken = checks
        .iter()
        .find_map(|(check, judgement)| match judgement {
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
    let unanswered = checks
        .iter()
        .find_map(|(check, judgement)| match judgement {
            Judgement::Blocked { why: Some(why) } => Some(Outcome::Blocked {
                by: THE_CAPTURE.to_owned(),
                why: Some(format!("{}: {why}", check.that)),
            }),
            _ => None,
        });
    if let Some(outcome) = broken.or(unanswered) {
        return outcome;
    }
    let is_evaluated = |judgement: &Judgement| matches!(judgement, Judgement::Evaluated(_));
    if checks.iter().any(|(_, judgement)| is_evaluated(judgement)) {
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
