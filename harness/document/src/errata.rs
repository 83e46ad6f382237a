//! Whether each erratum of a scenario's overlay is still needed: a rule finds the fault in the document as it is, or a
//! check of a run passes that asserts what comes of the text as it is printed.

use rehearse_core::record::{Record, Verdict};

use super::Lines;
use super::finding::Finding;
use super::overlay::{Erratum, Needed, Overlay};

/// What is known of one erratum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The erratum.
    pub erratum: Erratum,
    /// Whether it is still one.
    pub state: State,
}

/// Whether an erratum is still one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Yes; what shows it.
    Needed(String),
    /// No; what shows it.
    NotNeeded(String),
    /// It could not be found out, and why.
    Unknown(String),
}

/// Judges every erratum. `findings` are those of the document as it is; `record` is a run's, where there is one.
pub fn judge(overlay: &Overlay, findings: &[Finding], record: Option<&Record>) -> Vec<Judged> {
    let judged = overlay.errata.iter().map(|erratum| Judged {
        state: match &erratum.needed {
            Needed::Lint(code) => by_lint(erratum, code, findings),
            Needed::Check(name) => by_check(&name.step, &name.that, record),
        },
        erratum: erratum.clone(),
    });
    judged.collect()
}

fn by_lint(erratum: &Erratum, code: &str, findings: &[Finding]) -> State {
    let found = |place: &Lines| {
        findings
            .iter()
            .any(|finding| finding.code == code && place.contains(finding.line))
    };
    let missing: Vec<_> = erratum
        .lines
        .iter()
        .filter(|place| !found(place))
        .map(|place| format!("line {place}"))
        .collect();
    if missing.is_empty() {
        State::Needed(format!("rule {code} finds it"))
    } else {
        State::NotNeeded(format!(
            "rule {code} does not find it at {}",
            missing.join(", ")
        ))
    }
}

fn by_check(step: &str, that: &str, record: Option<&Record>) -> State {
    let Some(record) = record else {
        return State::Unknown("no run was given whose check shows it".to_owned());
    };
    let steps = &record.canonical.steps;
    let check = steps
        .iter()
        .find(|known| known.id == step)
        .and_then(|known| known.checks.iter().find(|check| check.that == that));
    match check.map(|check| &check.verdict) {
        Some(Verdict::Passed) => State::Needed(format!("step {step} saw it: {that}")),
        Some(Verdict::Failed) => State::NotNeeded(format!("step {step} did not see it: {that}")),
        Some(other) => State::Unknown(format!(
            "the check of step {step} was not judged: {other:?}"
        )),
        None => State::Unknown(format!("the run has no check `{that}` in step {step}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of a small run.
    const PASSED: &str = include_str!("../../core/testdata/record/passed.json");
    use crate::Document;
    use crate::lint::lint;
    use crate::overlay::CheckName;
    use rehearse_core::problem::SourceText;

    const DOCUMENT: &str = "```\nkubectl run a --image=b\n```\n";

    fn state(needed: Needed, line: usize, record: Option<&Record>) -> State {
        let overlay = Overlay {
            blocks: Vec::new(),
            errata: vec![Erratum {
                id: "E1".to_owned(),
                lines: vec![Lines {
                    first: line,
                    last: line,
                }],
                instead: "with a tag".to_owned(),
                why: "it moves".to_owned(),
                needed,
                line: 1,
            }],
            source: SourceText::new("document.yaml", ""),
        };
        let findings = lint(&Document::parse("a.md", DOCUMENT));
        judge(&overlay, &findings, record).remove(0).state
    }

    fn check(that: &str) -> Needed {
        Needed::Check(CheckName {
            step: "cluster".to_owned(),
            that: that.to_owned(),
        })
    }

    #[test]
    fn a_fault_that_a_rule_finds_there_is_needed_and_elsewhere_not() {
        let rule = || Needed::Lint("image-tag".to_owned());
        assert!(matches!(state(rule(), 2, None), State::Needed(_)));
        let gone = State::NotNeeded("rule image-tag does not find it at line 3".to_owned());
        assert_eq!(state(rule(), 3, None), gone);
    }

    #[test]
    fn a_check_that_no_longer_passes_makes_an_erratum_unneeded()
    -> Result<(), rehearse_core::record::ReadError> {
        let mut record = Record::from_json(PASSED)?;
        let step = &mut record.canonical.steps[0];
        step.id = "cluster".to_owned();
        let that = step.checks[0].that.clone();
        step.checks[0].verdict = Verdict::Passed;
        assert!(matches!(
            state(check(&that), 2, Some(&record)),
            State::Needed(_)
        ));
        record.canonical.steps[0].checks[0].verdict = Verdict::Failed;
        assert!(matches!(
            state(check(&that), 2, Some(&record)),
            State::NotNeeded(_)
        ));
        record.canonical.steps[0].checks[0].verdict = Verdict::Blocked { why: None };
        assert!(matches!(
            state(check(&that), 2, Some(&record)),
            State::Unknown(_)
        ));
        assert!(matches!(state(check(&that), 2, None), State::Unknown(_)));
        Ok(())
    }
}
