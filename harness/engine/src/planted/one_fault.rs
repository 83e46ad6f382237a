//! One fault: planted, watched until its checks are red, looked at from all other checks, undone, and watched until all
//! is green again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::anyhow;
use rehearse_core::check::Context;
use rehearse_core::judge::judge;
use rehearse_core::plan::{PlannedCheck, Step};
use rehearse_core::planted::{self, Fault, Meant, Outcome, Sight, Turned, meant};
use rehearse_core::query::Query;
use rehearse_core::record::milliseconds;
use tokio::time::Instant;

use super::act;
use super::undo::Undo;
use crate::interrupt::Interrupt;
use crate::look;
use crate::observe;
use crate::step::Surroundings;
use crate::wait::{self, End, Sight as Seen};

/// How long it may take until all checks are green again.
const RESTORED_WITHIN: Duration = Duration::from_mins(1);

/// How long they must stay so: what CRI-O does with a file that came back is still to come when the file is there.
const RESTORED_FOR: Duration = Duration::from_millis(250);

/// Where a fault is planted.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    /// The step whose state it is.
    pub step: &'a Step,
    /// What its checks may know.
    pub context: &'a Context,
    /// The cluster.
    pub surroundings: &'a Surroundings<'a>,
    /// Whether to end early.
    pub interrupt: &'a Interrupt,
}

type Sights = BTreeMap<String, Sight>;

/// Plants a fault and undoes it. The second part is an error where the cluster is not as it was.
pub(super) async fn plant(
    fault: &Fault,
    ground: Ground<'_>,
) -> (planted::Planting, Result<(), String>) {
    let mut result = planting(fault, Outcome::Seen);
    let wanted: Vec<_> =
        ground.meant(|that| matches!(meant(fault, that), Meant::Red | Meant::Broken));
    if wanted.is_empty() {
        let why = "none of its checks is meant for these versions".to_owned();
        result.outcome = Outcome::Skipped { why };
        return (result, Ok(()));
    }
    let mut undos = Vec::new();
    let mut why = Vec::new();
    let mut broken = None;
    match act::plant(fault, ground.surroundings, &mut undos).await {
        Ok(()) => tokio::select! {
            biased;
            () = ground.interrupt.token().cancelled() => broken = ground.interrupt.why(),
            watched = ground.watch(fault, &wanted, &mut result) => match watched {
                Ok(lines) => why = lines,
                Err(error) => broken = Some(format!("{error:#}")),
            },
        },
        Err(error) => broken = Some(format!("{error:#}")),
    }
    let restored = ground.restore(undos, &mut result).await;
    if let Err(trace) = &restored {
        why.push(trace.clone());
    }
    result.outcome = match broken {
        Some(why) => Outcome::Broken { why },
        None if why.is_empty() => Outcome::Seen,
        None => Outcome::Failed { why },
    };
    (result, restored)
}

/// A fault's result before anything is seen.
pub(super) fn planting(fault: &Fault, outcome: Outcome) -> planted::Planting {
    planted::Planting {
        id: fault.id.clone(),
        title: fault.title.clone(),
        after: fault.after.clone(),
        outcome,
        turned: Vec::new(),
        until_red: None,
        until_green: None,
    }
}

impl<'a> Ground<'a> {
    /// The step's checks of these versions that are asked for.
    fn meant(self, is_asked: impl Fn(&str) -> bool) -> Vec<&'a PlannedCheck> {
        let checks = self.step.checks.iter();
        checks
            .filter(|check| check.skipped.is_none() && is_asked(&check.that))
            .collect()
    }

    fn queries(self, checks: &[&PlannedCheck]) -> BTreeSet<Query> {
        let queries = checks
            .iter()
            .flat_map(|check| check.check.queries(self.context));
        queries.collect()
    }

    /// Waits until the checks are as they must be, then looks at all others; what is not as the data says, a line each.
    async fn watch(
        self,
        fault: &Fault,
        wanted: &[&PlannedCheck],
        result: &mut planted::Planting,
    ) -> anyhow::Result<Vec<String>> {
        let planted = Instant::now();
        let turned: RefCell<Vec<Turned>> = RefCell::default();
        let queries: Vec<_> = self.queries(wanted).into_iter().collect();
        let ended = wait::until(
            planted + fault.within,
            || observe::changes(self.surroundings.cluster, &queries),
            async || {
                let sights = match self.look(wanted).await {
                    Ok(sights) => sights,
                    Err(error) => return Seen::Unknown(Err(error)),
                };
                note_turned(fault, &sights, planted, &mut turned.borrow_mut());
                if planted::not_yet(fault, &sights).is_empty() {
                    Seen::True(Ok(sights))
                } else {
                    Seen::NotYet(Ok(sights))
                }
            },
        )
        .await?;
        result.turned = turned.into_inner();
        let last = ended
            .last
            .unwrap_or_else(|| Err(anyhow!("the last look gave no answer")))?;
        let mut why = planted::not_yet(fault, &last);
        if ended.end == End::True {
            result.until_red = Some(milliseconds(planted.elapsed()));
        } else {
            let within = fault.within.as_secs();
            why.push(format!("that was so {within} s after it was planted"));
        }
        let others = self.meant(|that| meant(fault, that) == Meant::Green);
        let sights = self.look(&others).await?;
        why.extend(planted::not_as_said(fault, &sights));
        Ok(why)
    }

    /// Undoes everything, as far as it goes, and waits until all checks are green.
    async fn restore(self, undos: Vec<Undo>, result: &mut planted::Planting) -> Result<(), String> {
        let mut traces = Vec::new();
        for undo in undos.into_iter().rev() {
            if let Err(error) = undo.perform(self.surroundings).await {
                traces.push(format!("not undone: {error:#}"));
            }
        }
        let checks = self.meant(|_| true);
        let queries: Vec<_> = self.queries(&checks).into_iter().collect();
        let undone = Instant::now();
        let changes = || observe::changes(self.surroundings.cluster, &queries);
        let look = async || match self.look(&checks).await {
            Ok(sights) => {
                let wrong = not_green(sights);
                if wrong.is_empty() {
                    Seen::True(Ok(wrong))
                } else {
                    Seen::NotYet(Ok(wrong))
                }
            }
            Err(error) => Seen::Unknown(Err(error)),
        };
        let deadline = undone + RESTORED_WITHIN;
        loop {
            let waited = tokio::select! {
                () = self.interrupt.token().cancelled() => break,
                waited = wait::until(deadline, changes, look) => waited,
            };
            match waited {
                Ok(waited) if waited.end == End::True => {}
                Ok(waited) => {
                    let seconds = RESTORED_WITHIN.as_secs();
                    match waited.last {
                        Some(Ok(wrong)) => traces.extend(wrong.into_iter().map(|line| {
                            format!("not green again {seconds} s after the undoing: {line}")
                        })),
                        Some(Err(error)) => {
                            traces.push(format!("not seen green again: {error:#}"));
                        }
                        None => traces.push("not seen green again: no answer".to_owned()),
                    }
                    break;
                }
                Err(error) => {
                    traces.push(format!("not seen green again: {error:#}"));
                    break;
                }
            }
            result.until_green = Some(milliseconds(undone.elapsed()));
            match wait::hold(RESTORED_FOR, changes(), look).await {
                Ok(held) if held.end == End::True => break,
                // What was still to come has come: it is waited for once more, until the same deadline.
                Ok(_) => {}
                Err(error) => {
                    traces.push(format!("not seen green again: {error:#}"));
                    break;
                }
            }
        }
        if traces.is_empty() {
            Ok(())
        } else {
            Err(traces.join("; "))
        }
    }

    /// What these checks show now. What could not be fetched is an error.
    async fn look(self, checks: &[&PlannedCheck]) -> anyhow::Result<Sights> {
        let look = look::now(self.surroundings.cluster, self.queries(checks)).await;
        if let Some(failure) = look::failure(&look) {
            return Err(failure.into());
        }
        let sights = checks.iter().map(|check| {
            let judgement = judge(check, &look, self.context);
            (check.that.clone(), Sight::from(&judgement))
        });
        Ok(sights.collect())
    }
}

/// Notes each check that is as it must be for the first time.
fn note_turned(fault: &Fault, sights: &Sights, planted: Instant, turned: &mut Vec<Turned>) {
    let after = milliseconds(planted.elapsed());
    for (that, sight) in sights {
        let ((Meant::Red, Sight::Red(why)) | (Meant::Broken, Sight::Broken(why))) =
            (meant(fault, that), sight)
        else {
            continue;
        };
        if turned.iter().all(|turned| turned.that != *that) {
            turned.push(Turned {
                that: that.clone(),
                after,
                why: why.clone(),
            });
        }
    }
}

fn not_green(sights: Sights) -> Vec<String> {
    let wrong = sights.into_iter().filter_map(|(that, sight)| match sight {
        Sight::Green => None,
        Sight::Red(why) | Sight::Broken(why) => Some(format!("{that}: {why}")),
    });
    wrong.collect()
}
