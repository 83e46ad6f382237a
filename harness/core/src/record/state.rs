//! How a step or a check ended, in one word and with its reason. Whoever tells it in words takes them from here.

use super::{Class, Outcome, Record, Step, Verdict};

/// How a step or a check ended, without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Passed,
    /// Not as it should be.
    Failed,
    /// It could not be found out.
    Broken,
    /// It was not reached, or the capture has no answer.
    Blocked,
    /// It was not asked for, or not meant for these versions.
    Skipped,
}

impl State {
    /// `passed`, `failed`, ...
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::Blocked => "blocked",
            Self::Skipped => "skipped",
        }
    }

    /// One character that differs in shape, not only in colour.
    pub fn mark(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Broken => '!',
            Self::Blocked => '⊘',
            Self::Skipped => '–',
        }
    }
}

impl From<&Outcome> for State {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::Broken { .. } => Self::Broken,
            Outcome::Blocked { .. } => Self::Blocked,
            Outcome::Skipped { .. } => Self::Skipped,
        }
    }
}

impl From<&Verdict> for State {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed => Self::Failed,
            Verdict::Broken { .. } => Self::Broken,
            Verdict::Blocked { .. } => Self::Blocked,
            Verdict::Skipped { .. } => Self::Skipped,
        }
    }
}

impl Outcome {
    /// `passed`, `failed`, ...
    pub fn word(&self) -> &'static str {
        State::from(self).word()
    }

    /// The word with its reason, such as `blocked by install-calico`.
    pub fn words(&self) -> String {
        match self {
            Self::Passed | Self::Failed => self.word().to_owned(),
            Self::Blocked { by, why: None } => format!("blocked by {by}"),
            Self::Blocked { by, why: Some(why) } => format!("blocked by {by}: {why}"),
            Self::Skipped { why } => format!("skipped: {why}"),
            Self::Broken { class, why } => format!("broken ({}): {why}", class.word()),
        }
    }

    /// Why a step ended as it did, where its checks do not say it.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Passed | Self::Failed => None,
            Self::Broken { class, why } => Some(format!("{why} ({})", class.word())),
            Self::Blocked { .. } => Some(self.words()),
            Self::Skipped { why } => Some(why.clone()),
        }
    }
}

impl Verdict {
    /// `passed`, `failed`, ...
    pub fn word(&self) -> &'static str {
        State::from(self).word()
    }

    /// Why a check has no verdict of its own, where that is said.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Skipped { why } | Self::Broken { why } | Self::Blocked { why: Some(why) } => {
                Some(why)
            }
            Self::Passed | Self::Failed | Self::Blocked { why: None } => None,
        }
    }

    /// The word with its reason, such as `skipped: meant for multus <4.0.0, runs 4.2.1`.
    pub fn words(&self) -> String {
        match (self, self.reason()) {
            (Self::Blocked { .. }, Some(why)) => format!("blocked ({why})"),
            (_, Some(why)) => format!("{}: {why}", self.word()),
            (_, None) => self.word().to_owned(),
        }
    }
}

impl Class {
    /// `harness`, `machine` or `cluster`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Harness => "harness",
            Self::Machine => "machine",
            Self::Cluster => "cluster",
        }
    }
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Broken.
    pub broken: usize,
    /// Blocked.
    pub blocked: usize,
    /// Skipped.
    pub skipped: usize,
}

impl Tally {
    fn of(states: impl Iterator<Item = State>) -> Self {
        let mut tally = Self::default();
        for state in states {
            match state {
                State::Passed => tally.passed += 1,
                State::Failed => tally.failed += 1,
                State::Broken => tally.broken += 1,
                State::Blocked => tally.blocked += 1,
                State::Skipped => tally.skipped += 1,
            }
        }
        tally
    }

    /// The steps of a record.
    pub fn steps(record: &Record) -> Self {
        let steps = &record.canonical.steps;
        Self::of(steps.iter().map(|step| State::from(&step.outcome)))
    }

    /// The checks of all steps.
    pub fn all_checks(record: &Record) -> Self {
        let checks = record.canonical.steps.iter().flat_map(|step| &step.checks);
        Self::of(checks.map(|check| State::from(&check.verdict)))
    }

    /// The checks of a step.
    pub fn checks(step: &Step) -> Self {
        Self::of(step.checks.iter().map(|check| State::from(&check.verdict)))
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.passed + self.failed + self.broken + self.blocked + self.skipped
    }

    /// `3 passed, 2 failed, 1 skipped`; what there is none of is left out.
    pub fn words(self) -> String {
        let parts = [
            (self.passed, State::Passed),
            (self.failed, State::Failed),
            (self.broken, State::Broken),
            (self.blocked, State::Blocked),
            (self.skipped, State::Skipped),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, state)| format!("{number} {}", state.word()))
            .collect();
        if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        }
    }
}
