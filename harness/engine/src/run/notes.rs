//! What is noted of one step while it is performed, and what that makes of it. Pure: it decides, others act.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearse_core::check::{Evaluation, Failure};
use rehearse_core::observation::Observations;
use rehearse_core::plan::{self, PlannedCheck};
use rehearse_core::query::{Output, Query};
use rehearse_core::record::{AssembledStep, Class, JudgedCheck, Judgement, Outcome, StepHead};

use crate::failure;
use crate::wait::{End, Waited};

/// One check that has its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// What came of it.
    pub judgement: Judgement,
    /// Since the step's acts were done.
    pub took: Duration,
    /// Whether later steps cannot start from where this leaves the cluster: it was waited for, in vain.
    pub blocks: bool,
}

/// What is noted of one step.
#[derive(Debug, Default)]
pub struct Notes {
    /// The acts that were done, a line each.
    pub acts: Vec<String>,
    /// How long the acts took.
    pub acts_took: Duration,
    /// Why the step could not be performed, and whose fault that is.
    pub broken: Option<(Class, String)>,
    /// Checks with a verdict, by their sentence.
    pub looked: BTreeMap<String, Looked>,
    /// The last raw outputs of each query.
    pub outputs: BTreeMap<Query, Vec<Output>>,
    /// What each check's last look showed, by its sentence.
    pub seen: BTreeMap<String, Observations>,
}

impl Looked {
    /// One look without a wait.
    pub fn once(seen: anyhow::Result<Evaluation>, took: Duration) -> Self {
        let judgement = match seen {
            Ok(evaluation) => Judgement::Evaluated(evaluation),
            Err(error) => unknown(&error),
        };
        Self {
            judgement,
            took,
            blocks: false,
        }
    }

    /// A wait that has ended; `within` is how long it was given.
    pub fn waited(waited: anyhow::Result<Waited<Evaluation>>, within: Duration) -> Self {
        let waited = match waited {
            Ok(waited) => waited,
            Err(error) => {
                return Self {
                    judgement: unknown(&error),
                    took: Duration::ZERO,
                    blocks: true,
                };
            }
        };
        let (took, looks) = (waited.took, waited.looks);
        let blocks = waited.end != End::True;
        let judgement = match (waited.end, waited.last) {
            (End::True, Ok(evaluation)) => Judgement::Evaluated(evaluation),
            (End::TimedOut, Ok(evaluation)) => failed(
                evaluation,
                Failure {
                    subject: "the wait".to_owned(),
                    expected: format!("true within {}", seconds(within)),
                    observed: format!("not true after {}", seconds(took)),
                    why: format!(
                        "looks: {looks}, the last one at the deadline; what it showed follows"
                    ),
                },
            ),
            (End::Hopeless(reason), Ok(evaluation)) => failed(
                evaluation,
                Failure {
                    subject: "the wait".to_owned(),
                    expected: format!("true within {}", seconds(within)),
                    observed: reason,
                    why: format!(
                        "no waiting mends this, so it was given up after {}; what was last seen follows",
                        seconds(took)
                    ),
                },
            ),
            (_, Err(error)) => {
                unknown(&error.context(format!("failed to find it out within {}", seconds(took))))
            }
        };
        Self {
            judgement,
            took,
            blocks,
        }
    }

    /// What came of a check that was true and then had to stay so for the window.
    #[must_use]
    pub fn held(self, held: anyhow::Result<Waited<Evaluation>>, window: Duration) -> Self {
        let held = match held {
            Ok(held) => held,
            Err(error) => {
                return Self {
                    judgement: unknown(&error),
                    ..self
                };
            }
        };
        let took = self.took + held.took;
        let judgement = match (held.end, held.last) {
            (End::True, Ok(evaluation)) => Judgement::Evaluated(evaluation),
            (End::TimedOut | End::Hopeless(_), Ok(evaluation)) => failed(
                evaluation,
                Failure {
                    subject: "the window".to_owned(),
                    expected: format!("stays true for {}", seconds(window)),
                    observed: format!("not true any more after {}", seconds(held.took)),
                    why: "what was seen then follows".to_owned(),
                },
            ),
            (_, Err(error)) => unknown(&error),
        };
        Self {
            judgement,
            took,
            ..self
        }
    }

    /// `passed`, `failed` or `broken`.
    pub fn word(&self) -> &'static str {
        match &self.judgement {
            Judgement::Evaluated(_) if self.has_passed() => "passed",
            Judgement::Evaluated(_) => "failed",
            Judgement::Broken { .. } | Judgement::Blocked { .. } | Judgement::Skipped { .. } => {
                "broken"
            }
        }
    }

    /// Whether the rule was applied and found nothing wrong.
    pub fn has_passed(&self) -> bool {
        matches!(&self.judgement, Judgement::Evaluated(evaluation) if evaluation.failures.is_empty())
    }
}

impl Notes {
    /// Whether later steps cannot start from where this step leaves the cluster.
    pub fn blocks(&self) -> bool {
        self.broken.is_some() || self.looked.values().any(|looked| looked.blocks)
    }

    /// Whether something could not be found out, and is not said to be the machine's fault.
    pub fn blames_another(&self) -> bool {
        let of_checks = self
            .looked
            .values()
            .filter_map(|looked| match &looked.judgement {
                Judgement::Broken { class, .. } => Some(*class),
                _ => None,
            });
        let of_step = self.broken.iter().map(|(class, _)| *class);
        of_checks
            .chain(of_step)
            .any(|class| class != Class::Machine)
    }

    /// Says that it is the machine's fault all the same.
    pub fn blame_the_machine(&mut self) {
        for looked in self.looked.values_mut() {
            if let Judgement::Broken { class, .. } = &mut looked.judgement {
                *class = Class::Machine;
            }
        }
        if let Some((class, _)) = &mut self.broken {
            *class = Class::Machine;
        }
    }

    /// The step as the record holds it, and what of it belongs to this run only.
    pub fn assembled(&self, step: &plan::Step) -> AssembledStep {
        let checks = step
            .checks
            .iter()
            .map(|check| judged(check, self.looked.get(&check.that)))
            .collect();
        let head = head(step, self.acts.clone());
        match &self.broken {
            None => AssembledStep::judged(head, checks),
            Some((class, why)) => AssembledStep::ended(
                head,
                Outcome::Broken {
                    class: *class,
                    why: why.clone(),
                },
                checks,
            ),
        }
    }
}

/// A step that was not performed.
pub(super) fn not_performed(step: &plan::Step, outcome: Outcome) -> AssembledStep {
    let checks = step
        .checks
        .iter()
        .map(|check| judged(check, None))
        .collect();
    AssembledStep::ended(head(step, Vec::new()), outcome, checks)
}

fn head(step: &plan::Step, acts: Vec<String>) -> StepHead {
    StepHead {
        id: step.id.clone(),
        title: step.title.clone(),
        document: step.document.clone(),
        acts,
    }
}

fn judged(check: &PlannedCheck, looked: Option<&Looked>) -> JudgedCheck {
    let judgement = match (&check.skipped, looked) {
        (Some(why), _) => Judgement::Skipped { why: why.clone() },
        (None, Some(looked)) => looked.judgement.clone(),
        (None, None) => Judgement::Blocked { why: None },
    };
    JudgedCheck {
        that: check.that.clone(),
        kind: check.check.kind().to_owned(),
        judgement,
    }
}

fn failed(mut evaluation: Evaluation, first: Failure) -> Judgement {
    evaluation.failures.insert(0, first);
    Judgement::Evaluated(evaluation)
}

fn unknown(error: &anyhow::Error) -> Judgement {
    Judgement::Broken {
        class: failure::class(error),
        why: format!("{error:#}"),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn wrong() -> Evaluation {
        Evaluation {
            failures: vec![Failure {
                subject: "pods app=normal".to_owned(),
                expected: "3 ready".to_owned(),
                observed: "2 ready".to_owned(),
                why: "one is waiting".to_owned(),
            }],
            ..Evaluation::default()
        }
    }

    fn waited(end: End, last: anyhow::Result<Evaluation>) -> Waited<Evaluation> {
        Waited {
            end,
            last,
            looks: 4,
            took: Duration::from_mins(1),
        }
    }

    fn failures(looked: &Looked) -> Vec<String> {
        match &looked.judgement {
            Judgement::Evaluated(evaluation) => evaluation
                .failures
                .iter()
                .map(|failure| {
                    format!(
                        "{}: {} / {} / {}",
                        failure.subject, failure.expected, failure.observed, failure.why
                    )
                })
                .collect(),
            other => vec![format!("{other:?}")],
        }
    }

    #[test]
    fn a_time_out_says_how_long_and_what_was_last_seen_and_blocks() {
        let looked = Looked::waited(
            Ok(waited(End::TimedOut, Ok(wrong()))),
            Duration::from_mins(1),
        );
        assert!(looked.blocks);
        insta::assert_snapshot!(failures(&looked).join("\n"), @r"
        the wait: true within 60.0 s / not true after 60.0 s / looks: 4, the last one at the deadline; what it showed follows
        pods app=normal: 3 ready / 2 ready / one is waiting
        ");
    }

    #[test]
    fn a_hopeless_state_is_named_and_blocks() {
        let end = End::Hopeless("pod default/a: ErrImagePull: not found".to_owned());
        let looked = Looked::waited(Ok(waited(end, Ok(wrong()))), Duration::from_mins(2));
        assert!(looked.blocks);
        insta::assert_snapshot!(failures(&looked)[0], @"the wait: true within 120.0 s / pod default/a: ErrImagePull: not found / no waiting mends this, so it was given up after 60.0 s; what was last seen follows");
    }

    #[test]
    fn what_could_not_be_found_out_at_the_deadline_is_broken_and_blocks() {
        let looked = Looked::waited(
            Ok(waited(End::TimedOut, Err(anyhow!("no route to host")))),
            Duration::from_mins(1),
        );
        assert!(looked.blocks);
        insta::assert_snapshot!(failures(&looked)[0], @r#"Broken { class: Harness, why: "failed to find it out within 60.0 s: no route to host" }"#);
    }

    #[test]
    fn a_check_that_does_not_stay_true_fails_but_does_not_block() {
        let looked = Looked::once(Ok(Evaluation::default()), Duration::ZERO);
        assert!(looked.has_passed());
        let held = looked.held(
            Ok(waited(End::TimedOut, Ok(wrong()))),
            Duration::from_secs(10),
        );
        assert!(!held.has_passed());
        assert!(!held.blocks);
        insta::assert_snapshot!(failures(&held)[0], @"the window: stays true for 10.0 s / not true any more after 60.0 s / what was seen then follows");
    }

    #[test]
    fn a_cluster_on_a_dead_engine_is_the_machines_fault() {
        let mut notes = Notes::default();
        let unknown = Err(anyhow!("connection refused"));
        notes
            .looked
            .insert("that".to_owned(), Looked::once(unknown, Duration::ZERO));
        notes.broken = Some((Class::Cluster, "failed to apply".to_owned()));
        assert!(notes.blames_another());
        notes.blame_the_machine();
        assert!(!notes.blames_another());
    }

    #[test]
    fn a_failed_check_does_not_block_and_a_broken_act_does() {
        let mut notes = Notes::default();
        notes
            .looked
            .insert("that".to_owned(), Looked::once(Ok(wrong()), Duration::ZERO));
        assert!(!notes.blocks());
        notes.broken = Some((Class::Cluster, "failed to apply".to_owned()));
        assert!(notes.blocks());
    }
}
