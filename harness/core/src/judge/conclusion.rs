//! A check that is done with: what its last look showed, what that makes of it, and whether its wait was in vain.

use std::time::Duration;

use crate::check::{Context, Failure};
use crate::plan::PlannedCheck;

use super::judgement::{Judgement, judge};
use super::look::Look;

/// A check that is done with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// What its last look showed.
    pub saw: Look,
    /// What came of it: always [`judge`] of what it saw.
    pub judgement: Judgement,
    /// Why waiting for it, or its window, ended without it; none where it was true, or was not waited for.
    pub in_vain: Option<InVain>,
    /// What stood in the way of a wait in vain, where that is known.
    pub cause: Option<Failure>,
    /// Since the step's acts were done.
    pub took: Duration,
}

/// How a wait or a window ended without what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InVain {
    /// It did not become true in time.
    TimedOut {
        /// The time that it was given.
        within: Duration,
        /// The time that it took.
        took: Duration,
        /// How many looks were made.
        looks: u32,
    },
    /// It cannot become true any more.
    Hopeless {
        /// The time that it was given.
        within: Duration,
        /// The time that it took.
        took: Duration,
        /// Why.
        reason: String,
    },
    /// It was true, and did not stay so.
    NotHeld {
        /// The window.
        window: Duration,
        /// Since the window began.
        took: Duration,
    },
}

impl Conclusion {
    /// One look, with no wait.
    pub fn of(check: &PlannedCheck, saw: Look, context: &Context) -> Self {
        Self {
            judgement: judge(check, &saw, context),
            saw,
            in_vain: None,
            cause: None,
            took: Duration::ZERO,
        }
    }

    /// Whether it is as it should be: no wait for it was in vain.
    pub fn has_passed(&self) -> bool {
        self.in_vain.is_none() && self.judgement.has_passed()
    }

    /// Whether later steps cannot start from where this leaves the cluster: it was waited for, in vain. A window that was
    /// not held is no such state: it had been reached.
    pub fn blocks(&self) -> bool {
        match &self.in_vain {
            Some(InVain::TimedOut { .. } | InVain::Hopeless { .. }) => true,
            Some(InVain::NotHeld { .. }) | None => false,
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

    /// All that is wrong: first what stood in the way, then how the wait ended, then what was last seen.
    pub fn failures(&self) -> Vec<Failure> {
        let waited = self.in_vain.iter().map(InVain::failure);
        let waited = self.cause.iter().cloned().chain(waited);
        match &self.judgement {
            Judgement::Evaluated(evaluation) => {
                waited.chain(evaluation.failures.iter().cloned()).collect()
            }
            Judgement::Broken { .. } => waited.collect(),
            Judgement::Blocked { .. } | Judgement::Skipped { .. } => Vec::new(),
        }
    }
}

impl InVain {
    fn failure(&self) -> Failure {
        match self {
            Self::TimedOut {
                within,
                took,
                looks,
            } => Failure {
                subject: "the wait".to_owned(),
                expected: format!("true within {}", seconds(*within)),
                observed: format!("not true after {}", seconds(*took)),
                why: format!(
                    "looks: {looks}, the last one at the deadline; what it showed follows"
                ),
            },
            Self::Hopeless {
                within,
                took,
                reason,
            } => Failure {
                subject: "the wait".to_owned(),
                expected: format!("true within {}", seconds(*within)),
                observed: reason.clone(),
                why: format!(
                    "no waiting mends this, so it was given up after {}; what was last seen follows",
                    seconds(*took)
                ),
            },
            Self::NotHeld { window, took } => Failure {
                subject: "the window".to_owned(),
                expected: format!("stays true for {}", seconds(*window)),
                observed: format!("not true any more after {}", seconds(*took)),
                why: "what was seen then follows".to_owned(),
            },
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
