//! The mutants of one step of one capture, and what the step's checks say of each.

use std::collections::BTreeSet;

use serde::Serialize;

use super::surroundings;
use crate::capture::{self, Capture, CapturedLook, CapturedStep};
use crate::check::{Check, Context};
use crate::judge::{self, Judgement};
use crate::mutant::{Mutant, Original, Surroundings};
use crate::observation::{self, Observations};
use crate::plan::{self, Plan, PlannedCheck};
use crate::query::{Output, Query};
use crate::record::{self, Outcome};

/// What a check says of the capture as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// All is as it should be.
    Passed,
    /// Something is not; the first failure as a line.
    Failed(String),
    /// It could not be found out, and why.
    Unknown(String),
}

/// A check that is meant for the capture's versions.
#[derive(Clone, Debug)]
pub struct TriedCheck {
    /// Its sentence.
    pub that: String,
    /// What it says of the capture as it is.
    pub baseline: Baseline,
    check: Check,
    queries: Vec<Query>,
}

/// One step's mutants with what they are tried on: the step's last outputs, or those that one of its checks saw before.
#[derive(Clone, Debug)]
pub struct Trials {
    /// The step's id.
    pub step: String,
    /// The checks that are meant, in order.
    pub checks: Vec<TriedCheck>,
    /// The mutants.
    pub mutants: Vec<Mutant>,
    /// The queries whose outputs are JSON that no maker knows.
    pub without_maker: Vec<Query>,
    looks: Vec<(Query, Vec<Original>)>,
    context: Context,
}

/// What the checks say of one mutant; each number is a check's place in [`Trials::checks`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// The checks that look at the changed output and pass without the change.
    pub touched: Vec<usize>,
    /// Those that failed.
    pub red: Vec<usize>,
    /// Those that could not find it out.
    pub broken: Vec<usize>,
    /// Why there was no change, where there was none: then nothing was tried.
    pub not_made: Option<String>,
}

/// The steps of a plan that a capture cannot answer, with why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unanswered {
    /// The captured run ended before them, such as one of a version with a known defect.
    pub not_reached: Vec<String>,
    /// The capture has them, and they are not what the scenario asks for now.
    pub blocked: Vec<String>,
}

impl Trials {
    /// The mutants of each step of a plan, in its order, that the capture can answer, and those that it cannot.
    pub fn of(plan: &Plan, capture: &Capture) -> (Vec<Self>, Unanswered) {
        let mut trials = Vec::new();
        let mut unanswered = Unanswered::default();
        let played = capture::play(plan, capture);
        for (planned, played) in plan.steps.iter().zip(played.steps) {
            let is_judged = |verdict: &record::Verdict| {
                matches!(verdict, record::Verdict::Passed | record::Verdict::Failed)
            };
            let mut verdicts = played.checks.iter().map(|check| &check.verdict);
            match (capture.step(&planned.id), played.outcome) {
                // A check that the capture cannot answer alone is told as one that is not green.
                (Some(captured), _) if verdicts.any(is_judged) => {
                    trials.extend(Self::of_step(plan, capture, planned, captured));
                }
                (captured, outcome) => {
                    let why = match outcome {
                        Outcome::Blocked { why: Some(why), .. } | Outcome::Skipped { why } => why,
                        Outcome::Blocked { by, .. } => format!("blocked by {by}"),
                        _ => "no check was judged".to_owned(),
                    };
                    let steps = match captured {
                        None => &mut unanswered.not_reached,
                        Some(_) => &mut unanswered.blocked,
                    };
                    steps.push(format!("{}: {why}", planned.id));
                }
            }
        }
        (trials, unanswered)
    }

    /// The checks that judge the step's last outputs together, then each that had seen something else before.
    fn of_step(
        plan: &Plan,
        capture: &Capture,
        planned: &plan::Step,
        captured: &CapturedStep,
    ) -> Vec<Self> {
        let context = plan.context(captured.started);
        let surroundings = surroundings::of(capture, captured, planned);
        let (mut last, mut alone) = (Vec::new(), Vec::new());
        for check in planned
            .checks
            .iter()
            .filter(|check| check.skipped.is_none())
        {
            let mut earlier = captured.earlier.iter();
            match earlier.find(|earlier| earlier.that == check.that) {
                Some(earlier) => alone.push((vec![check], earlier.looks.clone())),
                None => last.push(check),
            }
        }
        let looks = answered(captured, &last, &context);
        alone.insert(0, (last, looks));
        let scenes = alone.into_iter().filter(|(checks, _)| !checks.is_empty());
        scenes
            .map(|(checks, looks)| Self::new(planned, &checks, &looks, &context, &surroundings))
            .collect()
    }

    fn new(
        planned: &plan::Step,
        checks: &[&PlannedCheck],
        captured: &[CapturedLook],
        context: &Context,
        surroundings: &Surroundings,
    ) -> Self {
        let checks: Vec<(&PlannedCheck, Vec<Query>)> = checks
            .iter()
            .map(|check| (*check, check.check.queries(context)))
            .collect();
        let is_asked = |query: &Query| checks.iter().any(|(_, queries)| queries.contains(query));
        // The baseline is that of the whole outputs, so that what is trimmed cannot make it green.
        let mut whole = Observations::default();
        let mut looks = Vec::new();
        for look in captured.iter().filter(|look| is_asked(&look.query)) {
            whole.insert(look.query.clone(), look.outputs.clone());
            let outputs = look.outputs.iter();
            let outputs = outputs
                .map(|output| Original::new(observation::mutants::trimmed(&look.query, output)));
            looks.push((look.query.clone(), outputs.collect::<Vec<_>>()));
        }
        let checks = checks.into_iter().map(|(planned, queries)| TriedCheck {
            that: planned.that.clone(),
            baseline: baseline(&planned.check, &whole, context),
            queries,
            check: planned.check.clone(),
        });
        let made = observation::mutants::mutants(&looks, surroundings);
        Self {
            step: planned.id.clone(),
            checks: checks.collect(),
            mutants: made.mutants,
            without_maker: made.without_maker,
            looks,
            context: context.clone(),
        }
    }

    /// The step's observations without a mutant, for [`Trials::run`] to change and to restore.
    pub fn observations(&self) -> Observations {
        let mut observations = Observations::default();
        for (query, outputs) in &self.looks {
            let outputs = outputs.iter().map(|original| original.output.clone());
            observations.insert(query.clone(), outputs.collect());
        }
        observations
    }

    /// Tries the mutant at an index of [`Trials::mutants`]; the observations are afterwards as before.
    pub fn run(&self, observations: &mut Observations, index: usize) -> Trial {
        let mut trial = Trial::default();
        let Some(mutant) = self.mutants.get(index) else {
            return trial;
        };
        let Some((query, originals)) = self.looks.get(mutant.look) else {
            return trial;
        };
        let changed = originals
            .get(mutant.output)
            .map(|original| original.changed(&mutant.edit));
        let changed = match changed {
            Some(Ok(changed)) => changed,
            Some(Err(reason)) => {
                trial.not_made = Some(reason);
                return trial;
            }
            None => return trial,
        };
        let Some(before) = replace(observations, query, mutant.output, changed) else {
            return trial;
        };
        for (place, check) in self.checks.iter().enumerate() {
            if check.baseline != Baseline::Passed || !check.queries.contains(query) {
                continue;
            }
            trial.touched.push(place);
            let judgement = judge::apply(&check.check, observations, &self.context);
            if judgement.has_failed() {
                trial.red.push(place);
            } else if judgement.is_broken() {
                trial.broken.push(place);
            }
        }
        restore(observations, query, mutant.output, before);
        trial
    }
}

/// The facts that a capture has of each step of a plan, each with whose it is: those that the step's checks can see.
/// Nothing is judged, so that what a step does now may be something else than the captured run did.
pub(super) fn facts<'a>(
    plan: &'a Plan,
    capture: &'a Capture,
) -> impl Iterator<Item = (&'a str, BTreeSet<(&'static str, String)>)> {
    plan.steps.iter().filter_map(|planned| {
        let captured = capture.step(&planned.id)?;
        let context = plan.context(captured.started);
        let surroundings = surroundings::of(capture, captured, planned);
        let meant = planned.checks.iter();
        let meant: Vec<_> = meant.filter(|check| check.skipped.is_none()).collect();
        let last = answered(captured, &meant, &context);
        let earlier = captured.earlier.iter().flat_map(|check| &check.looks);
        let looks = last.iter().chain(earlier).map(|look| {
            let outputs = look.outputs.iter();
            let outputs = outputs
                .map(|output| Original::new(observation::mutants::trimmed(&look.query, output)));
            (look.query.clone(), outputs.collect())
        });
        let looks: Vec<(Query, Vec<Original>)> = looks.collect();
        let made = observation::mutants::mutants(&looks, &surroundings);
        let mutants = made.mutants.into_iter();
        let facts = mutants.map(|mutant| (mutant.fact, mutant.subject));
        Some((planned.id.as_str(), facts.collect()))
    })
}

/// What a captured step answers to the queries of some checks, also where it kept a broader answer.
fn answered(
    captured: &CapturedStep,
    checks: &[&PlannedCheck],
    context: &Context,
) -> Vec<CapturedLook> {
    let queries: BTreeSet<Query> = checks
        .iter()
        .flat_map(|check| check.check.queries(context))
        .collect();
    let queries: Vec<Query> = queries.into_iter().collect();
    let look = captured.look("", &queries);
    let answers = look.observations().iter();
    answers
        .map(|(query, outputs)| CapturedLook::of(query.clone(), outputs.to_vec()))
        .collect()
}

/// Puts an output, or none, in the place of one; gives the one and whether its place is taken.
fn replace(
    observations: &mut Observations,
    query: &Query,
    index: usize,
    output: Option<Output>,
) -> Option<(Output, bool)> {
    let outputs = observations.outputs_mut(query)?;
    if index >= outputs.len() {
        return None;
    }
    match output {
        Some(output) => {
            let place = outputs.get_mut(index)?;
            Some((std::mem::replace(place, output), true))
        }
        None => Some((outputs.remove(index), false)),
    }
}

fn restore(
    observations: &mut Observations,
    query: &Query,
    index: usize,
    (output, is_taken): (Output, bool),
) {
    let Some(outputs) = observations.outputs_mut(query) else {
        return;
    };
    match outputs.get_mut(index) {
        Some(place) if is_taken => *place = output,
        _ => outputs.insert(index, output),
    }
}

fn baseline(check: &Check, observations: &Observations, context: &Context) -> Baseline {
    let judgement = judge::apply(check, observations, context);
    match (judgement.first_failure(), &judgement) {
        (Some(failure), _) => Baseline::Failed(format!(
            "{}: expected {}, observed {}: {}",
            failure.subject, failure.expected, failure.observed, failure.why
        )),
        (None, Judgement::Evaluated(_)) => Baseline::Passed,
        (None, Judgement::Broken { why, .. } | Judgement::Skipped { why }) => {
            Baseline::Unknown(why.clone())
        }
        (None, Judgement::Blocked { why }) => {
            Baseline::Unknown(why.clone().unwrap_or_else(|| "not looked at".to_owned()))
        }
    }
}
