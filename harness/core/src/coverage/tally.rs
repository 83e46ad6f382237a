//! What all trials show together: which checks were seen failing, and which facts are watched.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ignored;
use super::trial::{Baseline, Trial, Trials, Unanswered};
use crate::mutant::FactKind;
use crate::plan::Plan;
use crate::problem::Problems;
use crate::scenario::Scenario;

/// The result of `rehearse faults`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Coverage {
    /// The scenario's name.
    pub scenario: String,
    /// The captures, by name.
    pub captures: Vec<String>,
    /// How many mutants were tried.
    pub mutants: usize,
    /// Every check of the scenario, in its order.
    pub checks: Vec<CheckRow>,
    /// Every fact that was seen.
    pub facts: Vec<FactRow>,
    /// Steps that a captured run ended before, a line each. Their checks must be seen failing on another capture.
    pub not_reached: Vec<String>,
    /// Checks that do not pass on a capture as it is, a line each.
    pub not_green: Vec<String>,
    /// Mutants that no check failed for but that some could not judge, by name.
    pub only_broken: Vec<String>,
    /// Mutants that changed nothing, a line each: a mistake of this program.
    pub not_made: Vec<String>,
    /// Outputs in JSON that no maker of mutants knows, a line each: nothing shows that any of their facts is watched.
    pub without_maker: BTreeSet<String>,
    #[serde(skip)]
    used: BTreeSet<usize>,
}

/// One check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckRow {
    /// Its step.
    pub step: String,
    /// Its sentence.
    pub that: String,
    /// Its kind.
    pub kind: &'static str,
    /// The captures for whose versions it is meant.
    pub meant_for: Vec<String>,
    /// By kind of mutants.
    pub kinds: BTreeMap<FactKind, Reds>,
}

/// How often a check noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reds {
    /// Mutants that it failed for.
    pub red: usize,
    /// Mutants that it could not judge.
    pub broken: usize,
    /// Mutants in what it looks at.
    pub touched: usize,
}

/// One fact of one capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FactRow {
    /// The capture.
    pub capture: String,
    /// The step.
    pub step: String,
    /// The kind of fact.
    pub kind: FactKind,
    /// Its key.
    pub fact: &'static str,
    /// Whose it is.
    pub subject: String,
    /// How many mutants changed it.
    pub mutants: usize,
    /// Those that nobody noticed.
    pub unnoticed: Vec<&'static str>,
    /// Those that no check failed for, and that some check could not judge.
    pub only_broken: Vec<&'static str>,
    /// Whether it is watched.
    pub watch: Watch,
}

/// A fact's mutants by what was done, and whether anybody noticed. A step's checks may have looked at a fact twice.
struct Seen {
    kind: FactKind,
    noticed: BTreeMap<&'static str, Notice>,
}

/// What the checks together made of a mutant. That an output could not be read shows nothing about the fact in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Notice {
    #[default]
    Nobody,
    OnlyBroken,
    Red,
}

/// Whether a fact is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watch {
    /// Some check fails for each of its mutants.
    Watched,
    /// Some check fails for some of its mutants.
    Partly,
    /// No check fails for any, on purpose, for this reason.
    Ignored(String),
    /// No check fails for any.
    Unwatched,
}

impl CheckRow {
    /// Whether any mutant turned it red.
    pub fn is_seen_failing(&self) -> bool {
        self.kinds.values().any(|reds| reds.red > 0)
    }

    /// Whether it is meant for any capture.
    pub fn is_meant(&self) -> bool {
        !self.meant_for.is_empty()
    }
}

impl Coverage {
    /// A coverage that has no trials yet.
    pub fn new(scenario: &Scenario) -> Self {
        let rows = scenario.steps.iter().flat_map(|step| {
            step.expect.iter().map(|expectation| CheckRow {
                step: step.id.clone(),
                that: expectation.that.clone(),
                kind: expectation.check.kind(),
                ..CheckRow::default()
            })
        });
        Self {
            scenario: scenario.scenario.clone(),
            checks: rows.collect(),
            ..Self::default()
        }
    }

    /// Adds a capture with what came of each step's mutants, in the order of [`Trials::mutants`], and the steps that it
    /// could not answer.
    pub fn add(
        &mut self,
        scenario: &Scenario,
        plan: &Plan,
        capture: &str,
        results: &[(&Trials, Vec<Trial>)],
        unanswered: &Unanswered,
    ) {
        self.captures.push(capture.to_owned());
        let of_capture = |line: &String| format!("{capture} / {line}");
        self.not_green
            .extend(unanswered.blocked.iter().map(of_capture));
        self.not_reached
            .extend(unanswered.not_reached.iter().map(of_capture));
        for step in &plan.steps {
            for check in step.checks.iter().filter(|check| check.skipped.is_none()) {
                if let Some(row) = self.row(&step.id, &check.that) {
                    row.meant_for.push(capture.to_owned());
                }
            }
        }
        let mut seen = BTreeMap::new();
        for (trials, outcomes) in results {
            self.add_step(capture, trials, outcomes, &mut seen);
        }
        for step in &plan.steps {
            for ((_, fact, subject), seen) in seen.iter().filter(|((of, ..), _)| *of == step.id) {
                let only = |wanted: Notice| {
                    let noticed = seen.noticed.iter();
                    let of_kind = noticed.filter(move |(_, notice)| **notice == wanted);
                    of_kind.map(|(mutation, _)| *mutation).collect()
                };
                let mut fact = FactRow {
                    capture: capture.to_owned(),
                    step: step.id.clone(),
                    kind: seen.kind,
                    fact,
                    subject: (*subject).to_owned(),
                    mutants: seen.noticed.len(),
                    unnoticed: only(Notice::Nobody),
                    only_broken: only(Notice::OnlyBroken),
                    watch: Watch::Unwatched,
                };
                fact.watch = self.watch(scenario, &fact);
                self.facts.push(fact);
            }
        }
    }

    fn row(&mut self, step: &str, that: &str) -> Option<&mut CheckRow> {
        let mut rows = self.checks.iter_mut();
        rows.find(|row| row.step == step && row.that == that)
    }

    fn add_step<'a>(
        &mut self,
        capture: &str,
        trials: &'a Trials,
        outcomes: &[Trial],
        facts: &mut BTreeMap<(&'a str, &'static str, &'a str), Seen>,
    ) {
        let step = &trials.step;
        let without_maker = trials.without_maker.iter();
        self.without_maker
            .extend(without_maker.map(|query| format!("{capture} / {step} / {query}")));
        for check in &trials.checks {
            let why = match &check.baseline {
                Baseline::Passed => continue,
                Baseline::Failed(why) | Baseline::Unknown(why) => why,
            };
            let line = format!("{capture} / {step} / {}: {why}", check.that);
            self.not_green.push(line);
        }
        for (mutant, trial) in trials.mutants.iter().zip(outcomes) {
            let name = format!("{capture} / {step} / {mutant}");
            if let Some(reason) = &trial.not_made {
                self.not_made.push(format!("{name}: {reason}"));
                continue;
            }
            self.mutants += 1;
            for place in &trial.touched {
                let that = trials.checks.get(*place).map(|check| check.that.as_str());
                if let Some(row) = that.and_then(|that| self.row(step, that)) {
                    let reds = row.kinds.entry(mutant.kind).or_default();
                    reds.touched += 1;
                    reds.red += usize::from(trial.red.contains(place));
                    reds.broken += usize::from(trial.broken.contains(place));
                }
            }
            if trial.red.is_empty() && !trial.broken.is_empty() {
                self.only_broken.push(name);
            }
            let seen = facts
                .entry((step, mutant.fact, &mutant.subject))
                .or_insert_with(|| Seen {
                    kind: mutant.kind,
                    noticed: BTreeMap::new(),
                });
            let notice = match (trial.red.is_empty(), trial.broken.is_empty()) {
                (false, _) => Notice::Red,
                (true, false) => Notice::OnlyBroken,
                (true, true) => Notice::Nobody,
            };
            let noticed = seen.noticed.entry(mutant.mutation).or_default();
            *noticed = notice.max(*noticed);
        }
    }

    /// Whether a fact is watched; an entry that it needs to be ignored is noted as used.
    fn watch(&mut self, scenario: &Scenario, fact: &FactRow) -> Watch {
        match fact.unnoticed.len() + fact.only_broken.len() {
            0 => return Watch::Watched,
            not_red if not_red < fact.mutants => return Watch::Partly,
            _ => {}
        }
        let mut entries = scenario.ignore.iter().enumerate();
        let found = entries
            .find(|(_, entry)| ignored::is_about(entry, &fact.step, fact.fact, &fact.subject));
        match found {
            Some((index, entry)) => {
                self.used.insert(index);
                Watch::Ignored(entry.reason.clone())
            }
            None => Watch::Unwatched,
        }
    }

    /// The facts of one kind of watch.
    pub fn unwatched(&self) -> impl Iterator<Item = &FactRow> {
        let facts = self.facts.iter();
        facts.filter(|fact| fact.watch == Watch::Unwatched)
    }

    /// The checks that are meant and that no mutant turned red.
    pub fn never_red(&self) -> impl Iterator<Item = &CheckRow> {
        let checks = self.checks.iter();
        checks.filter(|row| row.is_meant() && !row.is_seen_failing())
    }

    /// Whether every capture is green, every output in JSON has a maker, every check was seen failing, and every fact is
    /// watched or ignored.
    pub fn is_complete(&self) -> bool {
        self.mutants > 0
            && self.not_green.is_empty()
            && self.not_made.is_empty()
            && self.without_maker.is_empty()
            && self.never_red().next().is_none()
            && self.unwatched().next().is_none()
    }

    /// Entries of ignored facts that no capture needed, with their places in the scenario's file.
    pub fn unused(&self, scenario: &Scenario) -> Problems {
        ignored::unused(scenario, &self.used)
    }
}
