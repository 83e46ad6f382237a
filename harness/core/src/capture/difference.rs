//! What a step's checks say now against what a record says: verdicts and facts, check by check.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::check::Fact;
use crate::record::{Check, Outcome, Step, Verdict};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepDifference {
    /// The step's id.
    pub step: String,
    /// The check's sentence; none where it is about the step as a whole.
    pub check: Option<String>,
    /// What differs.
    pub what: String,
}

impl fmt::Display for StepDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.check {
            Some(check) => write!(formatter, "{}: {check}: {}", self.step, self.what),
            None => write!(formatter, "{}: {}", self.step, self.what),
        }
    }
}

/// The differences between recorded steps and the same steps judged again, in the order of the steps. A step that the
/// run did not perform and that the capture does not answer is no difference.
pub fn differences(recorded: &[Step], now: &[Step]) -> Vec<StepDifference> {
    let mut found = Vec::new();
    let by_id: BTreeMap<&str, &Step> = now.iter().map(|step| (step.id.as_str(), step)).collect();
    for step in recorded {
        match by_id.get(step.id.as_str()) {
            Some(again) => of_step(step, again, &mut found),
            None => found.push(of_whole(step, "the scenario has no such step any more")),
        }
    }
    for step in now {
        if !recorded.iter().any(|one| one.id == step.id) {
            found.push(of_whole(
                step,
                &format!("new in the scenario: {}", outcome(&step.outcome)),
            ));
        }
    }
    found
}

fn of_whole(step: &Step, what: &str) -> StepDifference {
    StepDifference {
        step: step.id.clone(),
        check: None,
        what: what.to_owned(),
    }
}

/// Also a step whose acts broke, so that nothing was looked at.
fn was_not_performed(step: &Step) -> bool {
    match step.outcome {
        Outcome::Blocked { .. } | Outcome::Skipped { .. } => true,
        Outcome::Broken { .. } => step.checks.iter().all(|check| {
            matches!(
                check.verdict,
                Verdict::Blocked { .. } | Verdict::Skipped { .. }
            )
        }),
        Outcome::Passed | Outcome::Failed => false,
    }
}

fn of_step(recorded: &Step, now: &Step, found: &mut Vec<StepDifference>) {
    if was_not_performed(recorded) && was_not_performed(now) {
        return;
    }
    let before = found.len();
    for check in &recorded.checks {
        let again = now.checks.iter().find(|one| one.that == check.that);
        let what = match again {
            Some(again) => of_check(check, again),
            None => vec!["the scenario has no such check any more".to_owned()],
        };
        found.extend(what.into_iter().map(|what| StepDifference {
            step: recorded.id.clone(),
            check: Some(check.that.clone()),
            what,
        }));
    }
    for check in &now.checks {
        if !recorded.checks.iter().any(|one| one.that == check.that) {
            found.push(StepDifference {
                step: now.id.clone(),
                check: Some(check.that.clone()),
                what: format!("new in the scenario: {}", verdict(&check.verdict)),
            });
        }
    }
    if found.len() == before && recorded.outcome != now.outcome {
        let what = format!(
            "was {}, is {}",
            outcome(&recorded.outcome),
            outcome(&now.outcome)
        );
        found.push(of_whole(now, &what));
    }
}

fn of_check(recorded: &Check, now: &Check) -> Vec<String> {
    let mut what = Vec::new();
    if recorded.verdict != now.verdict {
        what.push(format!(
            "was {}, is {}",
            verdict(&recorded.verdict),
            verdict(&now.verdict)
        ));
    }
    // What could not be judged has no facts to compare.
    if matches!(now.verdict, Verdict::Blocked { .. }) {
        return what;
    }
    let values = |facts: &BTreeSet<Fact>, fact: &Fact| -> Vec<String> {
        let same = facts
            .iter()
            .filter(|one| (&one.subject, &one.name) == (&fact.subject, &fact.name));
        same.map(|one| one.value.clone()).collect()
    };
    let facts: BTreeSet<&Fact> = recorded.facts.symmetric_difference(&now.facts).collect();
    let keys: BTreeSet<(&str, &str)> = facts
        .iter()
        .map(|fact| (fact.subject.as_str(), fact.name.as_str()))
        .collect();
    for (subject, name) in keys {
        let Some(fact) = facts
            .iter()
            .find(|fact| (fact.subject.as_str(), fact.name.as_str()) == (subject, name))
        else {
            continue;
        };
        let told = |values: Vec<String>| {
            if values.is_empty() {
                "nothing".to_owned()
            } else {
                values.join(", ")
            }
        };
        what.push(format!(
            "fact {subject}, {name}: was {}, is {}",
            told(values(&recorded.facts, fact)),
            told(values(&now.facts, fact))
        ));
    }
    if recorded.remarks != now.remarks {
        what.push("its remarks differ".to_owned());
    }
    what
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed => "failed".to_owned(),
        Outcome::Blocked { by, why: None } => format!("blocked by {by}"),
        Outcome::Blocked { by, why: Some(why) } => format!("blocked by {by} ({why})"),
        Outcome::Skipped { why } => format!("skipped ({why})"),
        Outcome::Broken { why, .. } => format!("broken ({why})"),
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Failed => "failed".to_owned(),
        Verdict::Blocked { why: None } => "blocked".to_owned(),
        Verdict::Blocked { why: Some(why) } => format!("blocked ({why})"),
        Verdict::Skipped { why } => format!("skipped ({why})"),
        Verdict::Broken { why } => format!("broken ({why})"),
    }
}
