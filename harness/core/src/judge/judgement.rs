//! One check on what one look showed.

use crate::check::{Check, Context, Evaluation, Failure};
use crate::observation::Observations;
use crate::plan::PlannedCheck;
use crate::record::{self, Class, Verdict};

use super::look::{Look, Unfetched};

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The rule was applied.
    Evaluated(Evaluation),
    /// It was not looked at: the step ended before, or the capture has no answer.
    Blocked {
        /// What the capture lacks; none where the step ended before.
        why: Option<String>,
    },
    /// It is not meant for these versions.
    Skipped {
        /// Why.
        why: String,
    },
    /// It could not be found out.
    Broken {
        /// Whose fault that is.
        class: Class,
        /// What happened, with its subject.
        why: String,
    },
}

/// Judges one planned check: skipped where it is not meant for these versions, broken where one of its queries could not
/// be fetched, blocked where one was never asked, and else what its rule says.
pub fn judge(check: &PlannedCheck, look: &Look, context: &Context) -> Judgement {
    if let Some(why) = &check.skipped {
        return Judgement::Skipped { why: why.clone() };
    }
    let queries = check.check.queries(context);
    let unfetched = queries.iter().find_map(|query| match look.answer(query) {
        Some(Err(Unfetched::NotKept { .. })) if check.check.does_without(query) => None,
        Some(Err(unfetched)) => Some(unfetched.clone()),
        Some(Ok(_)) | None => None,
    });
    match unfetched {
        Some(Unfetched::Failed { class, why }) => Judgement::Broken {
            class,
            why: why.into_string(),
        },
        Some(Unfetched::NotKept { why }) => Judgement::Blocked { why: Some(why) },
        None => apply(&check.check, look.observations(), context),
    }
}

/// Applies a rule to outputs that are all there; broken where one is not, or is not what its tool prints.
pub fn apply(check: &Check, observations: &Observations, context: &Context) -> Judgement {
    match check.evaluate(observations, context) {
        Ok(evaluation) => Judgement::Evaluated(evaluation),
        Err(inability) => Judgement::Broken {
            class: Class::Harness,
            why: format!("failed to judge {}: {inability}", check.kind()),
        },
    }
}

impl Judgement {
    /// Whether the rule was applied and found nothing wrong.
    pub fn has_passed(&self) -> bool {
        matches!(self, Self::Evaluated(evaluation) if evaluation.failures.is_empty())
    }

    /// Whether the rule was applied and found something wrong.
    pub fn has_failed(&self) -> bool {
        self.first_failure().is_some()
    }

    /// Whether it could not be found out.
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }

    /// Whether a record would say the same of the check: verdict, facts and remarks. What failed is told beside the
    /// canonical part, and may differ.
    pub fn records_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Evaluated(left), Self::Evaluated(right)) => {
                left.failures.is_empty() == right.failures.is_empty()
                    && left.facts == right.facts
                    && left.remarks == right.remarks
            }
            (left, right) => left == right,
        }
    }

    /// The first thing that the rule found wrong.
    pub fn first_failure(&self) -> Option<&Failure> {
        match self {
            Self::Evaluated(evaluation) => evaluation.failures.first(),
            Self::Blocked { .. } | Self::Skipped { .. } | Self::Broken { .. } => None,
        }
    }

    /// The check as the record holds it.
    pub fn recorded(&self, check: &PlannedCheck) -> record::Check {
        let (facts, remarks) = match self {
            Self::Evaluated(evaluation) => (evaluation.facts.clone(), evaluation.remarks.clone()),
            Self::Blocked { .. } | Self::Skipped { .. } | Self::Broken { .. } => Default::default(),
        };
        record::Check {
            that: check.that.clone(),
            kind: check.check.kind().to_owned(),
            verdict: self.verdict(),
            facts,
            remarks,
        }
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::Evaluated(evaluation) if evaluation.failures.is_empty() => Verdict::Passed,
            Self::Evaluated(_) => Verdict::Failed,
            Self::Blocked { why } => Verdict::Blocked { why: why.clone() },
            Self::Skipped { why } => Verdict::Skipped { why: why.clone() },
            Self::Broken { why, .. } => Verdict::Broken { why: why.clone() },
        }
    }
}
