//! The faults of one run: which are planted after which step, and what came of each.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rehearse_core::check::Context;
use rehearse_core::plan::Step;
use rehearse_core::planted::{self, Fault, Outcome};
use tokio::time::Instant;

use super::one_fault::{self, Ground};
use crate::event::{Event, Listener};
use crate::interrupt::Interrupt;
use crate::step::Surroundings;

/// The faults of one run.
#[derive(Debug)]
pub struct Planting {
    faults: Vec<Fault>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    done: Vec<planted::Planting>,
    spent: Duration,
    /// Why nothing is planted any more.
    ended: Option<String>,
}

impl Planting {
    /// Nothing is planted yet.
    pub fn of(faults: Vec<Fault>) -> Self {
        Self {
            faults,
            state: Mutex::default(),
        }
    }

    /// Plants the faults of a step that has passed, one after the other. Ends early when interrupted, and for good after a
    /// fault that could not be undone: what comes after it would prove nothing.
    pub async fn after(
        &self,
        step: &Step,
        context: &Context,
        surroundings: &Surroundings<'_>,
        tell: Listener<'_>,
        interrupt: &Interrupt,
    ) {
        let ground = Ground {
            step,
            context,
            surroundings,
            interrupt,
        };
        let started = Instant::now();
        for fault in self.faults.iter().filter(|fault| fault.after == step.id) {
            if self.state().ended.is_some() {
                break;
            }
            tell(Event::Doing {
                what: format!("planting {}: {}", fault.id, fault.title),
            });
            let began = Instant::now();
            let (planting, restored) = one_fault::plant(fault, ground).await;
            tracing::info!(fault = fault.id, ?planting, "fault ended");
            tell(Event::Done {
                what: told(&planting),
                took: began.elapsed(),
            });
            let mut state = self.state();
            if let Err(why) = restored {
                state.ended = Some(format!("not planted, as {} left traces: {why}", fault.id));
            } else if let Some(why) = interrupt.why() {
                state.ended = Some(why);
            }
            state.done.push(planting);
        }
        self.state().spent += started.elapsed();
    }

    /// What came of every fault, in the file's order, and how long all of it took.
    pub fn ended(self) -> (Vec<planted::Planting>, Duration) {
        let State { done, spent, ended } = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let results = self.faults.iter().map(|fault| {
            let planted = done.iter().find(|planted| planted.id == fault.id);
            planted.cloned().unwrap_or_else(|| {
                let why = ended.clone();
                let why = why.unwrap_or_else(|| {
                    format!("step {} was not reached or did not pass", fault.after)
                });
                one_fault::planting(fault, Outcome::Skipped { why })
            })
        });
        (results.collect(), spent)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a fault ended, on one line.
fn told(planting: &planted::Planting) -> String {
    let word = planting.outcome.word();
    let red = planting
        .until_red
        .map(|milliseconds| format!(", red after {milliseconds} ms"))
        .unwrap_or_default();
    let why = planting.outcome.why().join("; ");
    let why = if why.is_empty() {
        why
    } else {
        format!(": {why}")
    };
    format!("{} {word}{red}{why}", planting.id)
}
