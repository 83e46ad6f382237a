//! How a rule writes down what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Context, Detail, Evaluation, Fact, Failure};
use crate::observation::nodes::Node;
use crate::observation::{Inability, Reading};

impl Evaluation {
    /// Whether nothing failed.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// Adds a failure.
    pub(super) fn fail(
        &mut self,
        subject: impl Into<String>,
        expected: impl Into<String>,
        observed: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.failures.push(Failure {
            subject: subject.into(),
            expected: expected.into(),
            observed: observed.into(),
            why: why.into(),
        });
    }

    /// Adds what was seen of several subjects of one kind (each node, each pod) as one fact. Where they differ the fact
    /// lists each value once, sorted, so that it does not tell which of them has which.
    pub(super) fn fact<V: Into<String>>(
        &mut self,
        subject: impl Into<String>,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) {
        let values: BTreeSet<String> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            return;
        }
        let values: Vec<String> = values.into_iter().collect();
        self.facts.insert(Fact {
            subject: subject.into(),
            name: name.into(),
            value: values.join(" | "),
        });
    }

    /// Adds what each witness says of one thing.
    pub(super) fn witnesses(&mut self, about: impl Into<String>, rows: Vec<(String, String)>) {
        self.details.push(Detail::Witnesses {
            about: about.into(),
            rows,
        });
    }

    /// Fails where not every planned node was looked at.
    pub(super) fn require_nodes(&mut self, found: usize, context: &Context) {
        let planned = context.nodes.count();
        if found != planned {
            self.fail(
                "the cluster",
                format!("{planned} nodes"),
                format!("{found} nodes"),
                "what was not looked at proves nothing",
            );
        }
    }

    /// The entries that are understood. Each other one is a failure of its subject, told with its text: it never costs
    /// the others their judgement, and what is not understood is not taken for right.
    pub(super) fn understood<T>(
        &mut self,
        subject: &str,
        what: &str,
        reading: Reading<T>,
    ) -> Vec<T> {
        for odd in reading.odd {
            self.fail(
                subject,
                format!("{what} that are understood"),
                odd.to_string(),
                "what is not understood proves nothing; the others were judged",
            );
        }
        reading.entries
    }

    /// What was read of one subject; none where it could not be, which is a failure of that subject.
    pub(super) fn readable<T>(
        &mut self,
        subject: impl Into<String>,
        what: &str,
        read: Result<T, Inability>,
    ) -> Option<T> {
        read.map_err(|inability| {
            self.fail(
                subject,
                format!("{what} that can be read"),
                inability.to_string(),
                "what cannot be read proves nothing; the others were judged",
            );
        })
        .ok()
    }

    /// What was read of one node, where the nodes were asked; that others have an answer and this one has none is a failure
    /// of it.
    pub(super) fn asked<T: Clone>(
        &mut self,
        node: &str,
        what: &str,
        answers: &BTreeMap<String, Result<T, Inability>>,
    ) -> Option<T> {
        let subject = format!("node {node}");
        if let Some(read) = answers.get(node) {
            return self.readable(subject, what, read.clone());
        }
        if !answers.is_empty() {
            let why = "what was not looked at proves nothing; the others were judged";
            self.fail(
                subject,
                format!("{what} that can be read"),
                "no output",
                why,
            );
        }
        None
    }

    /// Each node once; one that is listed twice is a failure, and counts once.
    pub(super) fn nodes(&mut self, reading: Reading<Node>) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        for node in self.understood("the cluster", "nodes", reading) {
            if nodes.iter().any(|other| other.name() == node.name()) {
                let why = "a name is one node's; what is listed twice hides one that is missing";
                self.fail(node.subject(), "one node of this name", "listed twice", why);
            } else {
                nodes.push(node);
            }
        }
        nodes
    }
}

/// The subject of facts about selected pods.
pub(super) fn pods_subject(selector: &str) -> String {
    format!("pods {selector}")
}

/// Values as one text, `none` where there are none.
pub(super) fn list<V: fmt::Display>(values: impl IntoIterator<Item = V>) -> String {
    let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
    }
}

/// How many are named of those that have one thing in common: enough to see which, however many there are.
const NAMED: usize = 10;

/// The first ten values as one text, with how many others there are.
pub(super) fn list_of_many<V: fmt::Display>(values: &[V]) -> String {
    let (named, others) = values.split_at(values.len().min(NAMED));
    match others.len() {
        0 => list(named),
        1 => format!("{} and 1 other", list(named)),
        count => format!("{} and {count} others", list(named)),
    }
}
