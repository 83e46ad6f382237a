//! What happens in a run, as it happens: progress and the log both listen to it. The record is not made from it.

use std::time::Duration;

use rehearse_core::record::Outcome;
use rehearse_stack::StackEvent;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something goes on before a run begins, or between several.
    Preparing {
        /// What, as a sentence fragment.
        what: String,
    },
    /// A piece of the stack is made.
    Building(StackEvent),
    /// The run begins.
    Started {
        /// Its id.
        id: String,
        /// The scenario's name.
        scenario: String,
        /// How many steps the plan has.
        steps: usize,
        /// Which versions run, and why.
        versions: String,
    },
    /// Something goes on outside the steps, such as creating the cluster.
    Doing {
        /// What, as a sentence fragment.
        what: String,
    },
    /// That is done.
    Done {
        /// What, as a sentence fragment.
        what: String,
        /// How long it took.
        took: Duration,
    },
    /// A step begins.
    StepStarted {
        /// Counted from 1.
        number: usize,
        /// Its id.
        id: String,
        /// What holds afterwards.
        title: String,
    },
    /// An act begins.
    Acting {
        /// What is done.
        what: String,
    },
    /// A check was looked at and is not true yet.
    Waiting {
        /// The check.
        that: String,
        /// What was seen instead.
        seen: String,
    },
    /// A check has its verdict.
    Checked {
        /// The check.
        that: String,
        /// `passed`, `failed` or `broken`.
        word: &'static str,
    },
    /// A step has ended.
    StepEnded {
        /// Its id.
        id: String,
        /// How.
        outcome: Outcome,
        /// How long it took.
        took: Duration,
    },
    /// The run has ended.
    Ended,
    /// Something that a user should know and that changes no verdict, such as a retry.
    Notice {
        /// What.
        text: String,
    },
}

/// Who is told of events.
pub type Listener<'a> = &'a (dyn Fn(Event) + Send + Sync);
