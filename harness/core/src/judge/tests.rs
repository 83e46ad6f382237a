//! From what was seen to the record's step, on a plan of small checks.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::observation::Observations;
use crate::plan::{self, Available, Options, Plan};
use crate::query::{Output, Query, Subject};
use crate::record::{Class, Outcome, THE_CAPTURE, Verdict};
use crate::redaction::RawText;
use crate::scenario;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SCENARIO: &str = r#"
scenario: small
title: Three steps
document: { sha256: "0000000000000000000000000000000000000000000000000000000000000000", lines: 10 }
nodes: { control-planes: 1, workers: 0, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { multus: 4.2.1 }
steps:
  - id: first
    title: The word is there
    expect:
      - { that: good, check: { node-command: { command: [word], contains: [yes] } } }
      - { that: other, check: { node-command: { command: [other], contains: [yes] } } }
      - { that: left out, when: { multus: "<4.0.0" }, check: { node-command: { command: [old], contains: [yes] } } }
  - id: second
    title: The word is there still
    expect:
      - { that: good, check: { node-command: { command: [word], contains: [yes] } } }
  - id: third
    title: The word is there to the end
    expect:
      - { that: good, check: { node-command: { command: [word], contains: [yes] } } }
"#;

fn plan(until: Option<&str>) -> Result<Plan> {
    let draft = scenario::read("scenario.yaml", SCENARIO);
    let version: semver::Version = "4.2.1".parse()?;
    let available = Available {
        versions: BTreeMap::from([("multus".to_owned(), [version.clone()].into())]),
        pins: BTreeMap::from([("multus".to_owned(), version)]),
        ..Available::default()
    };
    let options = Options {
        until: until.map(str::to_owned),
        ..Options::default()
    };
    Ok(plan::resolve(
        &draft,
        &BTreeMap::new(),
        &available,
        &options,
    )?)
}

fn query(command: &str) -> Query {
    Query::NodeCommand {
        command: vec![command.to_owned()],
    }
}

fn said(looks: &[(&str, &str)]) -> Look {
    let mut seen = Observations::default();
    for (command, text) in looks {
        let output = Output::fetched(Subject::Node("a".to_owned()), 0, *text, "");
        seen.insert(query(command), vec![output]);
    }
    seen.into()
}

/// The step's meant checks, each concluded on its part of one look.
fn concluded(plan: &Plan, index: usize, look: &Look) -> Performed {
    let context = plan.context(Timestamp::UNIX_EPOCH);
    let checks = plan.steps[index].checks.iter();
    let meant = checks.filter(|check| check.skipped.is_none());
    Performed {
        concluded: meant
            .map(|check| {
                let saw = look.only(&check.check.queries(&context));
                (check.that.clone(), Conclusion::of(check, saw, &context))
            })
            .collect(),
        ..Performed::default()
    }
}

fn outcome(plan: &Plan, look: &Look) -> Outcome {
    let judged = concluded(plan, 0, look).judged(&plan.steps[0]);
    judged.step.outcome
}

fn unreachable(command: &str) -> Look {
    Look::failed(
        [query(command)],
        Class::Cluster,
        &RawText::from("no answer").redacted(),
    )
}

#[test]
fn a_step_passes_only_when_something_was_checked_and_all_of_it_passed() -> Result {
    let plan = plan(None)?;
    let yes = said(&[("word", "yes\n"), ("other", "yes\n")]);
    assert_eq!(outcome(&plan, &yes), Outcome::Passed);
    let no = said(&[("word", "yes\n"), ("other", "no\n")]);
    assert_eq!(outcome(&plan, &no), Outcome::Failed);
    let mut unknown = said(&[("word", "yes\n")]);
    unknown.extend(&unreachable("other"));
    assert_eq!(
        outcome(&plan, &unknown),
        Outcome::Broken {
            class: Class::Cluster,
            why: "other: no answer".to_owned()
        }
    );
    let mut both = said(&[("word", "no\n")]);
    both.extend(&unreachable("other"));
    assert_eq!(outcome(&plan, &both), Outcome::Failed);
    let not_kept = Unfetched::NotKept {
        why: "the capture has no output".to_owned(),
    };
    let mut blocked = said(&[("word", "yes\n")]);
    blocked.insert(query("other"), Err(not_kept));
    assert_eq!(
        outcome(&plan, &blocked),
        Outcome::Blocked {
            by: THE_CAPTURE.to_owned(),
            why: Some("other: the capture has no output".to_owned())
        }
    );
    Ok(())
}

#[test]
fn nothing_checked_is_never_a_pass() -> Result {
    let plan = plan(None)?;
    let mut step = plan.steps[0].clone();
    let not_looked_at = Performed::default().judged(&step).step.outcome;
    assert_eq!(
        not_looked_at,
        Outcome::Broken {
            class: Class::Harness,
            why: "good: was not looked at".to_owned()
        }
    );
    step.checks.remove(0);
    step.checks.remove(0);
    let only_skipped = Performed::default().judged(&step).step.outcome;
    assert!(matches!(only_skipped, Outcome::Skipped { .. }));
    step.checks.clear();
    let none = Performed::default().judged(&step).step.outcome;
    assert!(matches!(none, Outcome::Broken { .. }));
    Ok(())
}

#[test]
fn a_failure_that_was_seen_outlives_what_broke_afterwards() -> Result {
    let plan = plan(None)?;
    let look = said(&[("word", "no\n"), ("other", "yes\n")]);
    let mut performed = concluded(&plan, 0, &look);
    performed.broken = Some((Class::Machine, "interrupted while looking".to_owned()));
    performed.concluded.remove("other");
    let judged = performed.judged(&plan.steps[0]);
    assert_eq!(judged.step.outcome, Outcome::Failed);
    assert_eq!(judged.failures["good"].len(), 1);
    assert_eq!(
        judged.step.checks[1].verdict,
        Verdict::Blocked { why: None }
    );
    assert!(performed.blocks());
    Ok(())
}

#[test]
fn a_wait_in_vain_is_told_first_and_blocks_and_a_window_that_breaks_does_not() -> Result {
    let plan = plan(None)?;
    let look = said(&[("word", "no\n"), ("other", "yes\n")]);
    let mut performed = concluded(&plan, 0, &look);
    assert!(!performed.blocks());
    let mut told = |in_vain| -> (String, bool) {
        if let Some(good) = performed.concluded.get_mut("good") {
            good.in_vain = Some(in_vain);
        }
        let failures = &performed.judged(&plan.steps[0]).failures["good"];
        let lines = failures.iter().map(|failure| {
            format!(
                "{}: {} / {} / {}",
                failure.subject, failure.expected, failure.observed, failure.why
            )
        });
        (lines.collect::<Vec<_>>().join("\n"), performed.blocks())
    };
    let minute = Duration::from_mins(1);
    let (lines, blocks) = told(InVain::TimedOut {
        within: minute,
        took: minute,
        looks: 4,
    });
    assert!(blocks);
    assert_eq!(
        lines.lines().next(),
        Some(
            "the wait: true within 60.0 s / not true after 60.0 s / looks: 4, the last one at the deadline; what it showed follows"
        )
    );
    let (lines, blocks) = told(InVain::Hopeless {
        within: minute * 2,
        took: minute,
        reason: "pod default/a: ErrImagePull: not found".to_owned(),
    });
    assert!(blocks);
    assert_eq!(
        lines.lines().next(),
        Some(
            "the wait: true within 120.0 s / pod default/a: ErrImagePull: not found / no waiting mends this, so it was given up after 60.0 s; what was last seen follows"
        )
    );
    let (lines, blocks) = told(InVain::NotHeld {
        window: Duration::from_secs(10),
        took: Duration::from_secs(3),
    });
    assert!(!blocks);
    assert_eq!(
        lines.lines().next(),
        Some(
            "the window: stays true for 10.0 s / not true any more after 3.0 s / what was seen then follows"
        )
    );
    assert_eq!(lines.lines().count(), 2);
    Ok(())
}

#[test]
fn a_cluster_on_a_dead_engine_is_the_machines_fault() -> Result {
    let plan = plan(None)?;
    let mut look = said(&[("word", "yes\n")]);
    look.extend(&unreachable("other"));
    let mut performed = concluded(&plan, 0, &look);
    performed.broken = Some((Class::Cluster, "failed to apply".to_owned()));
    assert!(performed.blames_another());
    performed.blame_the_machine();
    assert!(!performed.blames_another());
    let other = &performed.concluded["other"];
    let context = plan.context(Timestamp::UNIX_EPOCH);
    assert_eq!(
        other.judgement,
        judge(&plan.steps[0].checks[1], &other.saw, &context)
    );
    Ok(())
}

#[test]
fn an_output_that_no_tool_prints_is_the_harnesss_to_find_out() -> Result {
    let plan = plan(None)?;
    let context = plan.context(Timestamp::UNIX_EPOCH);
    let nothing = judge(&plan.steps[0].checks[0], &Look::default(), &context);
    assert!(matches!(
        nothing,
        Judgement::Broken {
            class: Class::Harness,
            ..
        }
    ));
    Ok(())
}

#[test]
fn what_was_fetched_before_a_failure_is_judged_no_more() -> Result {
    let plan = plan(None)?;
    let context = plan.context(Timestamp::UNIX_EPOCH);
    let check = &plan.steps[0].checks[0];
    let mut look = said(&[("word", "yes\n")]);
    assert!(judge(check, &look, &context).has_passed());
    look.extend(&unreachable("word"));
    assert!(judge(check, &look, &context).is_broken());
    look.extend(&said(&[("word", "no\n")]));
    assert!(judge(check, &look, &context).has_failed());
    Ok(())
}

#[test]
fn a_step_that_blocks_is_named_by_all_after_it() -> Result {
    let plan = plan(Some("second"))?;
    let mut steps = JudgedSteps::default();
    let (first, next) = steps.next(&plan).ok_or("no step")?;
    assert_eq!(next, Next::Perform);
    steps.performed(first, &Performed::default(), false);
    for _ in 0..2 {
        let (step, next) = steps.next(&plan).ok_or("no step")?;
        let Next::Record(outcome) = next else {
            return Err("performed after all".into());
        };
        assert_eq!(
            outcome,
            Outcome::Blocked {
                by: "first".to_owned(),
                why: None
            }
        );
        steps.not_performed(step, outcome);
    }
    assert_eq!(steps.next(&plan), None);
    Ok(())
}

#[test]
fn a_step_after_the_last_one_asked_for_is_skipped() -> Result {
    let plan = plan(Some("second"))?;
    let mut steps = JudgedSteps::default();
    for _ in 0..2 {
        let (step, next) = steps.next(&plan).ok_or("no step")?;
        assert_eq!(next, Next::Perform);
        steps.performed(step, &Performed::default(), true);
    }
    let next = steps.next(&plan).map(|(_, next)| next);
    assert_eq!(
        next,
        Some(Next::Record(Outcome::Skipped {
            why: "not asked for: the run ends after second".to_owned()
        }))
    );
    Ok(())
}

#[test]
fn without_a_cluster_the_first_step_is_broken_and_blocks_the_others() -> Result {
    let plan = plan(Some("first"))?;
    let steps = JudgedSteps::without_cluster(&plan, Class::Machine, "no engine");
    let outcomes: Vec<_> = steps.steps.iter().map(|step| &step.outcome).collect();
    let blocked = Outcome::Blocked {
        by: "first".to_owned(),
        why: None,
    };
    let broken = Outcome::Broken {
        class: Class::Machine,
        why: "no engine".to_owned(),
    };
    assert_eq!(outcomes, [&broken, &blocked, &blocked]);
    assert!(!steps.all_passed());
    Ok(())
}
