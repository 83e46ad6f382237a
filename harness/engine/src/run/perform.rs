//! Performs one step: its acts in order; then the checks that are waited for, in order; then all others in one round; then
//! the windows in which checks must stay true.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::anyhow;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use rehearse_core::check::{Context, Failure};
use rehearse_core::judge::{Conclusion, InVain, Look, Performed, judge};
use rehearse_core::plan::{self, PlannedCheck};
use rehearse_core::planted;
use rehearse_core::query::Query;
use tokio::time::Instant;

use crate::blame::{self, NotFetched};
use crate::event::{Event, Listener};
use crate::hopeless::{self, Baseline};
use crate::look;
use crate::step::{self, Surroundings};
use crate::wait::{self, End, Sight};
use crate::{diagnosis, observe};

/// How long the look at what no check asks may take: a pod that does not answer must not hold a step up.
const OTHERS_LIMIT: Duration = Duration::from_secs(15);

/// What is noted of one step while it is performed.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What was done, and what came of it so far.
    pub performed: Performed,
    /// How long the acts took.
    pub acts_took: Duration,
    /// The last answer to each query.
    pub last: Look,
    /// The answers to what else is known to be asked.
    pub others: Look,
}

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
    /// What is looked at once besides, for checks that are written later.
    pub others: &'a BTreeSet<Query>,
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
        let checks = async {
            self.look(acted).await;
            self.hold().await;
        };
        tokio::join!(checks, self.look_at_others());
    }

    fn broken(self, error: &anyhow::Error) {
        tracing::error!(
            step = self.step.id,
            error = format!("{error:#}"),
            "step broken"
        );
        let mut notes = self.notes.borrow_mut();
        notes.acts_took = self.started.elapsed();
        notes.performed.broken = Some((blame::class(error), format!("{error:#}")));
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
            self.notes.borrow_mut().performed.acts.push(what);
        }
        Ok(())
    }

    /// Waits for the checks that are waited for, in order: each is given its time from when the one before became true.
    /// After one that was waited for in vain, the others are looked at once.
    async fn wait(self, baseline: Option<&Baseline<'_>>) {
        let (acted, acted_at) = (Instant::now(), Timestamp::now());
        for check in self.meant() {
            let Some(until) = check.until else { continue };
            let queries = self.queries(check);
            if self.notes.borrow().performed.blocks() {
                let saw = self.look_at(queries).await;
                self.conclude(check, saw, None, None, acted.elapsed());
                continue;
            }
            let now = Instant::now();
            let limit = self.deadline().min(now + until);
            let within = limit.saturating_duration_since(now);
            let watch = || {
                let watched: Vec<_> = queries.iter().cloned().collect();
                let cluster = self.surroundings.cluster;
                match baseline {
                    Some(baseline) => baseline.changes(cluster, &watched).left_stream(),
                    None => observe::changes(cluster, &watched).right_stream(),
                }
            };
            let waited = wait::until(limit, watch, async || {
                self.look_until(check, queries.clone(), baseline, acted_at)
                    .await
            });
            let waited = waited.await;
            let (saw, in_vain) = match waited {
                Ok(waited) => {
                    let (took, looks) = (waited.took, waited.looks);
                    let in_vain = match waited.end {
                        End::True => None,
                        End::TimedOut => Some(InVain::TimedOut {
                            within,
                            took,
                            looks,
                        }),
                        End::Hopeless(reason) => Some(InVain::Hopeless {
                            within,
                            took,
                            reason,
                        }),
                    };
                    let saw = waited.last.unwrap_or_else(|| no_answer(&queries));
                    (saw, in_vain)
                }
                Err(error) => {
                    let in_vain = InVain::TimedOut {
                        within,
                        took: now.elapsed(),
                        looks: 0,
                    };
                    (failed(&queries, &error), Some(in_vain))
                }
            };
            let took = acted.elapsed();
            let cause = match baseline.filter(|_| in_vain.is_some()) {
                Some(baseline) => self.cause(baseline, acted_at).await,
                None => None,
            };
            self.conclude(check, saw, in_vain, cause, took);
        }
    }

    /// What stands in the way of what is waited for; none where that cannot be found out.
    async fn cause(self, baseline: &Baseline<'_>, acted: Timestamp) -> Option<Failure> {
        match diagnosis::cause(self.surroundings.cluster, baseline, acted).await {
            Ok(cause) => cause,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the cause is not known");
                None
            }
        }
    }

    async fn look_until(
        self,
        check: &PlannedCheck,
        queries: BTreeSet<Query>,
        baseline: Option<&Baseline<'_>>,
        acted: Timestamp,
    ) -> Sight<Look> {
        let saw = self.look_at(queries).await;
        let judgement = judge(check, &saw, self.context);
        if judgement.has_passed() {
            return Sight::True(saw);
        }
        let seen = match planted::Sight::from(&judgement) {
            planted::Sight::Green => String::new(),
            planted::Sight::Red(why) | planted::Sight::Broken(why) => why,
        };
        tracing::debug!(step = self.step.id, check = check.that, seen, "not yet");
        (self.tell)(Event::Waiting {
            that: check.that.clone(),
            seen,
        });
        match baseline.map_or(Ok(None), |baseline| baseline.hopeless(acted)) {
            Ok(Some(why)) => Sight::Hopeless(saw, why),
            Ok(None) if !judgement.is_broken() => Sight::NotYet(saw),
            Ok(None) => Sight::Unknown(saw),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "hopelessness not judged");
                Sight::Unknown(saw)
            }
        }
    }

    /// Looks once at all checks that are not waited for; each query is fetched once.
    async fn look(self, acted: Instant) {
        let checks: Vec<_> = self.meant().filter(|check| check.until.is_none()).collect();
        let queries = checks
            .iter()
            .flat_map(|check| self.queries(check))
            .collect();
        let look = self.look_at(queries).await;
        for check in checks {
            self.conclude(
                check,
                look.only(&self.queries(check)),
                None,
                None,
                acted.elapsed(),
            );
        }
    }

    /// Looks at the checks that must stay true until their windows are over, side by side.
    async fn hold(self) {
        let mut windows: FuturesUnordered<_> = self
            .meant()
            .filter_map(|check| check.hold.map(|window| (check, window)))
            .filter_map(|(check, window)| {
                let notes = self.notes.borrow();
                let concluded = notes.performed.concluded.get(&check.that)?;
                let took = concluded.took;
                concluded.has_passed().then_some((check, window, took))
            })
            .map(async |(check, window, took)| {
                let queries = self.queries(check);
                let watched: Vec<_> = queries.iter().cloned().collect();
                let changes = observe::changes(self.surroundings.cluster, &watched);
                let held = wait::hold(window, changes, async || {
                    let saw = self.look_at(queries.clone()).await;
                    let judgement = judge(check, &saw, self.context);
                    if judgement.has_passed() {
                        Sight::True(saw)
                    } else if judgement.is_broken() {
                        Sight::Unknown(saw)
                    } else {
                        Sight::NotYet(saw)
                    }
                });
                let (saw, in_vain, took) = match held.await {
                    Ok(held) => {
                        let saw = held.last.unwrap_or_else(|| no_answer(&queries));
                        let is_false = judge(check, &saw, self.context).has_failed();
                        let in_vain = is_false.then_some(InVain::NotHeld {
                            window,
                            took: held.took,
                        });
                        (saw, in_vain, took + held.took)
                    }
                    Err(error) => (failed(&queries, &error), None, took),
                };
                (check, saw, in_vain, took)
            })
            .collect();
        while let Some((check, saw, in_vain, took)) = windows.next().await {
            self.conclude(check, saw, in_vain, None, took);
        }
    }

    /// Looks once at what no check of this step asks. No verdict hangs on it, so it is given a short time and no second try.
    async fn look_at_others(self) {
        let began = Instant::now();
        let asked: BTreeSet<Query> = self.meant().flat_map(|check| self.queries(check)).collect();
        let others = self.others.difference(&asked).cloned().collect();
        let look = look::now(self.surroundings.cluster, others);
        match tokio::time::timeout(OTHERS_LIMIT, look).await {
            Ok(look) => self.notes.borrow_mut().others = look,
            Err(_elapsed) => tracing::warn!(step = self.step.id, "others not looked at in time"),
        }
        tracing::info!(step = self.step.id, took = ?began.elapsed(), "looked at others");
    }

    fn queries(self, check: &PlannedCheck) -> BTreeSet<Query> {
        check.check.queries(self.context).into_iter().collect()
    }

    /// Looks now, and notes the answers in place of those of before.
    async fn look_at(self, queries: BTreeSet<Query>) -> Look {
        let look = look::now(self.surroundings.cluster, queries).await;
        self.notes.borrow_mut().last.extend(&look);
        look
    }

    /// Notes what came of a check; `saw` is what its last look showed of its queries, and `cause` what stood in the way of
    /// a wait in vain.
    fn conclude(
        self,
        check: &PlannedCheck,
        saw: Look,
        in_vain: Option<InVain>,
        cause: Option<Failure>,
        took: Duration,
    ) {
        let concluded = Conclusion {
            in_vain,
            cause,
            took,
            ..Conclusion::of(check, saw, self.context)
        };
        tracing::info!(
            step = self.step.id,
            check = check.that,
            judgement = concluded.word(),
            "checked"
        );
        (self.tell)(Event::Checked {
            that: check.that.clone(),
            word: concluded.word(),
        });
        let mut notes = self.notes.borrow_mut();
        notes.last.extend(&concluded.saw);
        notes
            .performed
            .concluded
            .insert(check.that.clone(), concluded);
    }

    /// The checks that are meant for these versions.
    fn meant(&self) -> impl Iterator<Item = &PlannedCheck> {
        self.step
            .checks
            .iter()
            .filter(|check| check.skipped.is_none())
    }
}

/// What a look shows that could not be made, for one reason.
fn failed(queries: &BTreeSet<Query>, error: &anyhow::Error) -> Look {
    let NotFetched { class, why } = NotFetched::of(error);
    Look::failed(queries.iter().cloned(), class, &why)
}

fn no_answer(queries: &BTreeSet<Query>) -> Look {
    failed(
        queries,
        &anyhow!("failed to look: no answer came long after the deadline"),
    )
}
