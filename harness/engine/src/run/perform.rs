//! Performs one step: its acts in order; then the checks that are waited for, in order; then all others in one round; then
//! the windows in which checks must stay true.

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use rehearse_core::check::{Context, Evaluation, Failure};
use rehearse_core::observation::Observations;
use rehearse_core::plan::{self, PlannedCheck};
use rehearse_core::query::Query;
use tokio::time::Instant;

use super::notes::{Looked, Notes};
use crate::event::{Event, Listener};
use crate::hopeless::{self, Baseline};
use crate::look::Look;
use crate::step::{self, Surroundings};
use crate::wait::{self, Sight};
use crate::{failure, observe};

/// A step that is being performed.
#[derive(Clone, Copy)]
pub(super) struct Performance<'a> {
    /// The step.
    pub step: &'a plan::Step,
    /// What its acts may use.
    pub surroundings: &'a Surroundings<'a>,
    /// What its checks may know.
    pub context: &'a Context,
    /// Who is told.
    pub tell: Listener<'a>,
    /// What has been noted so far; it stays when the step is interrupted.
    pub notes: &'a RefCell<Notes>,
    /// When the step began.
    pub started: Instant,
}

impl<'a> Performance<'a> {
    /// Performs the step. What came of it is in the notes.
    pub(super) async fn run(self) {
        let baseline = match self.baseline().await {
            Ok(baseline) => baseline,
            Err(error) => return self.broken(&error),
        };
        if let Err(error) = self.act().await {
            return self.broken(&error);
        }
        let acted = Instant::now();
        self.notes.borrow_mut().acts_took = acted - self.started;
        self.wait(baseline.as_ref()).await;
        self.look(acted).await;
        self.hold().await;
    }

    fn broken(self, error: &anyhow::Error) {
        tracing::error!(
            step = self.step.id,
            error = format!("{error:#}"),
            "step broken"
        );
        let mut notes = self.notes.borrow_mut();
        notes.acts_took = self.started.elapsed();
        notes.broken = Some((failure::class(error), format!("{error:#}")));
    }

    fn deadline(self) -> Instant {
        self.started + self.step.deadline
    }

    /// What is wrong already, where the step waits and a hopeless state is not what it waits for.
    async fn baseline(self) -> anyhow::Result<Option<Baseline<'a>>> {
        if self.meant().any(|check| check.check.expects_hopeless()) {
            return Ok(None);
        }
        let waited = self.meant().filter(|check| check.until.is_some());
        let queries: Vec<_> = waited
            .flat_map(|check| check.check.queries(self.context))
            .collect();
        let namespaces = hopeless::namespaces(&queries);
        if namespaces.is_empty() {
            return Ok(None);
        }
        let surroundings = self.surroundings;
        let components = self.context.components.clone();
        Baseline::taken(
            surroundings.cluster,
            namespaces,
            components,
            surroundings.messages,
        )
        .await
        .map(Some)
    }

    async fn act(self) -> anyhow::Result<()> {
        for act in &self.step.acts {
            let what = step::describe(&act.act);
            tracing::info!(step = self.step.id, act = what, "acting");
            (self.tell)(Event::Acting { what: what.clone() });
            let deadline = self.deadline();
            wait::within(
                deadline,
                &what,
                step::perform(act, self.surroundings, deadline),
            )
            .await?;
            self.notes.borrow_mut().acts.push(what);
        }
        Ok(())
    }

    /// Waits for the checks that are waited for, in order: each is given its time from when the one before became true.
    /// After one that was waited for in vain, the others are looked at once.
    async fn wait(self, baseline: Option<&Baseline<'_>>) {
        let (acted, acted_at) = (Instant::now(), Timestamp::now());
        for check in self.meant() {
            let Some(until) = check.until else { continue };
            let queries: BTreeSet<_> = check.check.queries(self.context).into_iter().collect();
            if self.notes.borrow().blocks() {
                let seen = self.evaluate(check, queries).await;
                self.note(check, Looked::once(seen, acted.elapsed()));
                continue;
            }
            let now = Instant::now();
            let limit = self.deadline().min(now + until);
            let within = limit.saturating_duration_since(now);
            let watch = || {
                let troubles = baseline.map(Baseline::queries).unwrap_or_default();
                let watched: Vec<_> = queries.union(&troubles).cloned().collect();
                observe::changes(self.surroundings.cluster, &watched)
            };
            let waited = wait::until(limit, watch, async || {
                self.look_until(check, queries.clone(), baseline, acted_at)
                    .await
            });
            let looked = Looked::waited(waited.await, within);
            self.note(
                check,
                Looked {
                    took: acted.elapsed(),
                    ..looked
                },
            );
        }
    }

    async fn look_until(
        self,
        check: &PlannedCheck,
        queries: BTreeSet<Query>,
        baseline: Option<&Baseline<'_>>,
        acted: Timestamp,
    ) -> Sight<Evaluation> {
        let cluster = self.surroundings.cluster;
        let evaluated = self.evaluate(check, queries).await;
        if let Ok(evaluation) = &evaluated
            && evaluation.failures.is_empty()
        {
            return evaluated.map_or_else(Sight::Unknown, Sight::True);
        }
        let seen = match &evaluated {
            Ok(evaluation) => evaluation.failures.first().map(said).unwrap_or_default(),
            Err(error) => format!("{error:#}"),
        };
        tracing::debug!(step = self.step.id, check = check.that, seen, "not yet");
        (self.tell)(Event::Waiting {
            that: check.that.clone(),
            seen: seen.clone(),
        });
        let hopeless = match baseline {
            Some(baseline) => baseline.hopeless(cluster, acted).await,
            None => Ok(None),
        };
        match (evaluated, hopeless) {
            (Ok(evaluation), Ok(Some(why))) => Sight::Hopeless(evaluation, why),
            (Ok(evaluation), Ok(None)) => Sight::NotYet(evaluation),
            (Err(_), Ok(Some(why))) => {
                Sight::Hopeless(Evaluation::default(), format!("{why} ({seen})"))
            }
            (Err(error), _) | (Ok(_), Err(error)) => Sight::Unknown(error),
        }
    }

    /// Looks once at all checks that are not waited for; each query is fetched once.
    async fn look(self, acted: Instant) {
        let checks: Vec<_> = self.meant().filter(|check| check.until.is_none()).collect();
        let queries = checks
            .iter()
            .flat_map(|check| check.check.queries(self.context))
            .collect();
        let look = Look::now(self.surroundings.cluster, queries).await;
        for check in checks {
            let seen = look.judge(&check.check, self.context);
            self.note(check, Looked::once(seen, acted.elapsed()));
            self.keep(check, &look);
        }
    }

    /// Looks at the checks that must stay true until their windows are over, side by side.
    async fn hold(self) {
        let mut windows: FuturesUnordered<_> = self
            .meant()
            .filter_map(|check| check.hold.map(|window| (check, window)))
            .filter_map(|(check, window)| {
                let looked = self.notes.borrow().looked.get(&check.that).cloned()?;
                looked.has_passed().then_some((check, window, looked))
            })
            .map(async |(check, window, looked)| {
                let queries: BTreeSet<_> = check.check.queries(self.context).into_iter().collect();
                let watched: Vec<_> = queries.iter().cloned().collect();
                let changes = observe::changes(self.surroundings.cluster, &watched);
                let held = wait::hold(window, changes, async || {
                    match self.evaluate(check, queries.clone()).await {
                        Ok(evaluation) if evaluation.failures.is_empty() => Sight::True(evaluation),
                        Ok(evaluation) => Sight::NotYet(evaluation),
                        Err(error) => Sight::Unknown(error),
                    }
                });
                (check, looked.held(held.await, window))
            })
            .collect();
        while let Some((check, looked)) = windows.next().await {
            self.note(check, looked);
        }
    }

    async fn evaluate(
        self,
        check: &PlannedCheck,
        queries: BTreeSet<Query>,
    ) -> anyhow::Result<Evaluation> {
        let look = Look::now(self.surroundings.cluster, queries).await;
        let seen = look.judge(&check.check, self.context);
        self.keep(check, &look);
        seen
    }

    /// Keeps what a look showed of a check's queries, in place of what was seen before.
    fn keep(self, check: &PlannedCheck, look: &Look) {
        let mut notes = self.notes.borrow_mut();
        let queries = check.check.queries(self.context);
        let mut seen = Observations::default();
        for (query, outputs) in look.outputs() {
            if queries.contains(query) {
                notes.outputs.insert(query.clone(), outputs.to_vec());
                seen.insert(query.clone(), outputs.to_vec());
            }
        }
        notes.seen.insert(check.that.clone(), seen);
    }

    fn note(self, check: &PlannedCheck, looked: Looked) {
        tracing::info!(
            step = self.step.id,
            check = check.that,
            judgement = looked.word(),
            "checked"
        );
        (self.tell)(Event::Checked {
            that: check.that.clone(),
            word: looked.word(),
        });
        self.notes
            .borrow_mut()
            .looked
            .insert(check.that.clone(), looked);
    }

    /// The checks that are meant for these versions.
    fn meant(&self) -> impl Iterator<Item = &PlannedCheck> {
        self.step
            .checks
            .iter()
            .filter(|check| check.skipped.is_none())
    }
}

fn said(failure: &Failure) -> String {
    format!(
        "{}: {} instead of {}",
        failure.subject, failure.observed, failure.expected
    )
}
