//! The loop: each step acts, is observed, checked and recorded; what could not start is recorded too.
//!
//! It makes the record's parts and writes evidence as it goes. It neither makes the cluster nor takes it down, and it
//! renders no report.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use rehearse_core::check::Context;
use rehearse_core::judge::Next;
use rehearse_core::observation::{Observations, known};
use rehearse_core::plan::{self, Plan};
use rehearse_core::query::Query;
use rehearse_core::record::{self, Class, Outcome, StepTiming, milliseconds};
use rehearse_core::trouble::KnownMessages;
use tokio::time::Instant;

use crate::planted::Planting;
use crate::stage::Cluster;
use crate::step::{self, Surroundings};
use rehearse_stack::Stack;

pub mod assemble;
mod evidence;
pub mod node_state;
pub mod outputs;
mod perform;
pub mod played;
mod replayed;
pub mod reports;
pub mod timeline;

use crate::event::{Event, Listener};
use crate::folder::Folder;
use crate::interrupt::Interrupt;
use perform::{Notes, Performance};
pub use replayed::Replayed;

/// How long the evidence of a failed step may take: a node that does not answer must not hold the record up.
const EVIDENCE_LIMIT: Duration = Duration::from_mins(1);

/// What a replay needs.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// What is done.
    pub plan: &'a Plan,
    /// On which cluster.
    pub cluster: &'a Cluster,
    /// With which components.
    pub stack: &'a Stack,
    /// What the components are known to say.
    pub messages: &'a KnownMessages,
    /// Where evidence goes.
    pub folder: &'a Folder,
    /// Who is told.
    pub tell: Listener<'a>,
    /// What tells why a step did not pass.
    pub evidence: &'a BTreeSet<Query>,
    /// Whether it shall end early.
    pub interrupt: &'a Interrupt,
    /// The faults that are planted after each step that passed.
    pub planting: Option<&'a Planting>,
}

impl<'a> Replay<'a> {
    /// Replays the plan's steps in order, from the first one that has not been replayed, `number` of the plan's at most.
    /// Interrupted, it ends the step that goes on and records the rest as blocked.
    pub async fn run(self, mut replayed: Replayed, number: usize) -> Replayed {
        let retries = Mutex::new(Vec::new());
        let surroundings = self.surroundings(&retries);
        while replayed.judged.steps.len() < number
            && let Some((step, next)) = replayed.judged.next(self.plan)
        {
            match next {
                Next::Record(outcome) => replayed.judged.not_performed(step, outcome),
                Next::Perform => self.step(step, &surroundings, &mut replayed).await,
            }
        }
        replayed
            .retries
            .extend(retries.into_inner().unwrap_or_default());
        replayed
    }

    /// Judges a step that was performed before, without its acts, and keeps nothing.
    pub async fn judge_again(self, step: &plan::Step) -> record::Step {
        let retries = Mutex::new(Vec::new());
        let surroundings = self.surroundings(&retries);
        let context = self.plan.context(Timestamp::now());
        let step = plan::Step {
            acts: Vec::new(),
            ..step.clone()
        };
        let notes = self
            .perform(
                &step,
                &surroundings,
                &context,
                Instant::now(),
                BTreeSet::new(),
            )
            .await;
        notes.performed.judged(&step).step
    }

    /// Performs a step, or what is done of it before an interruption; `others` is looked at beside what its checks ask.
    async fn perform(
        self,
        step: &plan::Step,
        surroundings: &Surroundings<'_>,
        context: &Context,
        started: Instant,
        others: BTreeSet<Query>,
    ) -> Notes {
        let notes = RefCell::new(Notes::default());
        let performance = Performance {
            step,
            surroundings,
            context,
            tell: self.tell,
            notes: &notes,
            others: &others,
            started,
        };
        tokio::select! {
            biased;
            () = self.interrupt.token().cancelled() => {
                let why = self.interrupt.why().unwrap_or_default();
                let performed = &mut notes.borrow_mut().performed;
                let doing = if step.acts.len() > performed.acts.len() { "acting" } else { "looking" };
                performed.broken = Some((Class::Machine, format!("{why} while {doing}")));
            }
            () = performance.run() => {}
        }
        notes.into_inner()
    }

    /// Undoes what the plan's steps after the first `number` of them did since this time, until the deadline at most.
    ///
    /// # Errors
    /// What cannot be undone.
    pub async fn undo(
        self,
        number: usize,
        since: Timestamp,
        deadline: Instant,
    ) -> anyhow::Result<()> {
        let retries = Mutex::new(Vec::new());
        let steps = self.plan.steps.get(number..).unwrap_or_default();
        step::undo::undo(steps, since, &self.surroundings(&retries), deadline).await
    }

    fn surroundings<'b>(self, retries: &'b Mutex<Vec<String>>) -> Surroundings<'b>
    where
        'a: 'b,
    {
        Surroundings {
            cluster: self.cluster,
            stack: self.stack,
            messages: self.messages,
            plan: self.plan,
            retries,
        }
    }

    /// Performs and records one step.
    async fn step(
        self,
        step: &plan::Step,
        surroundings: &Surroundings<'_>,
        replayed: &mut Replayed,
    ) {
        let number = replayed.judged.steps.len() + 1;
        (self.tell)(Event::StepStarted {
            number,
            id: step.id.clone(),
            title: step.title.clone(),
        });
        tracing::info!(step = step.id, "step started");
        replayed.marks.push(timeline::mark(&step.id, "started"));
        let step_started = Timestamp::now();
        let started = Instant::now();
        let context = self.plan.context(step_started);
        let others = known::queries(&self.plan.queries(&context));
        let performed = self.perform(step, surroundings, &context, started, others);
        let mut notes = performed.await;
        let took = started.elapsed();
        if notes.performed.blames_another() && !self.cluster.engine_answers().await {
            notes.performed.blame_the_machine();
        }
        let name = step_folder(number, &step.id);
        // Before the diagnosis: what it fetches, no check has seen.
        if let Err(error) = outputs::keep(self.folder, &name, step, &context, &notes) {
            self.notice(format!(
                "the outputs of {} are not kept, so the run cannot be played again: {error:#}",
                step.id
            ));
        }
        let goes_on = !notes.performed.blocks();
        let recorded = replayed.judged.performed(step, &notes.performed, goes_on);
        let outcome = recorded.outcome.clone();
        tracing::info!(step = step.id, ?outcome, ?took, "step ended");
        (self.tell)(Event::StepEnded {
            id: step.id.clone(),
            outcome: outcome.clone(),
            took,
        });
        replayed
            .marks
            .push(timeline::mark(&step.id, outcome.word()));
        let concluded = notes.performed.concluded.iter();
        let timing = StepTiming {
            started: step_started.to_string(),
            total: milliseconds(took),
            acts: milliseconds(notes.acts_took),
            checks: concluded
                .map(|(that, concluded)| (that.clone(), milliseconds(concluded.took)))
                .collect(),
        };
        replayed.timing.insert(step.id.clone(), timing);
        let mut evidence = notes.last.observations().clone();
        if outcome != Outcome::Passed {
            self.diagnose(&mut evidence).await;
        }
        match evidence::keep(self.folder, &name, &evidence) {
            Ok(files) => {
                replayed.evidence.insert(step.id.clone(), files);
            }
            Err(error) => self.notice(format!(
                "evidence of {} is not complete: {error:#}",
                step.id
            )),
        }
        if let Some(planting) = self.planting.filter(|_| outcome == Outcome::Passed) {
            planting
                .after(step, &context, surroundings, self.tell, self.interrupt)
                .await;
        }
    }

    /// Adds what helps to find out why a step did not pass; what its checks saw stays as they saw it.
    async fn diagnose(self, evidence: &mut Observations) {
        let fetched = tokio::select! {
            () = self.interrupt.hurry().cancelled() => return,
            fetched = tokio::time::timeout(EVIDENCE_LIMIT, evidence::diagnostics(self.cluster, self.evidence)) => fetched,
        };
        match fetched {
            Ok(more) => {
                for (query, outputs) in more.iter() {
                    if evidence.outputs(query).is_err() {
                        evidence.insert(query.clone(), outputs.to_vec());
                    }
                }
            }
            Err(_elapsed) => self.notice(format!(
                "journals and logs are not in the evidence: they were not there within {} s",
                EVIDENCE_LIMIT.as_secs()
            )),
        }
    }

    fn notice(self, text: String) {
        tracing::warn!(text, "notice");
        (self.tell)(Event::Notice { text });
    }
}

/// The name under which a step's outputs and evidence are kept, such as `02-install-calico`.
pub fn step_folder(number: usize, id: &str) -> String {
    format!("{number:02}-{id}")
}
