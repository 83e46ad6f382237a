//! A scenario while it is read: what could be read of it, each piece with its place, so that the rules, and what is said of
//! its files and components, look at a file that is broken elsewhere too.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

use super::{
    Act, Cluster, Document, DocumentLines, Expectation, Ignored, Nodes, Scenario, Step, Time,
};
use crate::check::Check;
use crate::problem::{Problems, SourceText};
use crate::yaml::Node;

/// What could be read of a scenario; what is missing here is among its problems.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub(crate) source: SourceText,
    pub(crate) node: Node,
    pub(super) problems: Problems,
    pub(super) scenario: Option<String>,
    pub(super) title: Option<String>,
    pub(super) document: Option<Document>,
    pub(super) nodes: Option<Nodes>,
    pub(super) cluster: Option<Cluster>,
    pub(crate) components: Option<BTreeMap<String, Version>>,
    pub(crate) steps: Vec<StepDraft>,
    pub(super) ignored: Vec<IgnoredDraft>,
}

/// What could be read of an entry of ignored facts.
#[derive(Clone, Debug)]
pub(super) struct IgnoredDraft {
    pub(super) node: Node,
    pub(super) fact: Option<String>,
    pub(super) step: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) reason: Option<String>,
}

/// What could be read of a step.
#[derive(Clone, Debug)]
pub(crate) struct StepDraft {
    pub(crate) node: Node,
    pub(crate) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) document: Option<DocumentLines>,
    pub(crate) deadline: Option<Time>,
    pub(crate) acts: Vec<ActDraft>,
    pub(crate) expectations: Vec<ExpectationDraft>,
}

/// An act with the node of its keys.
#[derive(Clone, Debug)]
pub(crate) struct ActDraft {
    pub(crate) node: Node,
    pub(crate) act: Act,
}

/// What could be read of an expectation.
#[derive(Clone, Debug)]
pub(crate) struct ExpectationDraft {
    pub(crate) node: Node,
    pub(crate) that: Option<String>,
    pub(super) check: Option<Check>,
    pub(crate) until: Option<Time>,
    pub(crate) hold: Option<Time>,
    pub(crate) when: BTreeMap<String, VersionReq>,
}

/// A scenario of which nothing could be read.
impl From<Problems> for Draft {
    fn from(problems: Problems) -> Self {
        Self {
            problems,
            ..Self::default()
        }
    }
}

impl Draft {
    /// The scenario's name; empty where it could not be read.
    pub fn name(&self) -> &str {
        self.scenario.as_deref().unwrap_or("")
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// What is wrong with the text, in its order.
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// The whole scenario, where nothing is wrong with its text.
    ///
    /// # Errors
    /// What is wrong.
    pub fn whole(&self) -> Result<Scenario, Problems> {
        match self.finish() {
            Some(scenario) => self.problems.clone().or(scenario),
            None => Err(self.problems.clone().sorted()),
        }
    }

    /// Every file of the scenario's folder that the acts name, once each: what the program has to read.
    pub fn files(&self) -> Vec<String> {
        let files: BTreeSet<&str> = self
            .acts()
            .filter_map(|act| Some(act.act.file()?.1))
            .collect();
        files.into_iter().map(str::to_owned).collect()
    }

    fn finish(&self) -> Option<Scenario> {
        let steps = self.steps.iter().map(StepDraft::finish);
        let ignored = self.ignored.iter().map(IgnoredDraft::finish);
        Some(Scenario {
            scenario: self.scenario.clone()?,
            title: self.title.clone()?,
            document: self.document.clone()?,
            nodes: self.nodes.clone()?,
            cluster: self.cluster.clone()?,
            components: self.components.clone()?,
            steps: steps.collect::<Option<_>>()?,
            ignore: ignored.collect::<Option<_>>()?,
            source: self.source.clone(),
        })
    }

    /// Whether every act could be read.
    pub(super) fn has_all_acts(&self) -> bool {
        let is_whole = |step: &StepDraft| step.acts.len() == step.node.key("act").items().len();
        self.steps.len() == self.node.key("steps").items().len() && self.steps.iter().all(is_whole)
    }

    /// Every act that could be read, in order.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &ActDraft> {
        self.steps.iter().flat_map(|step| &step.acts)
    }

    /// Every check that could be read, in order, with the node of its keys.
    pub(super) fn checks(&self) -> impl Iterator<Item = (&Node, &Check)> {
        self.steps.iter().flat_map(StepDraft::checks)
    }
}

impl StepDraft {
    /// Every check that could be read, in order, with the node of its keys.
    pub(super) fn checks(&self) -> impl Iterator<Item = (&Node, &Check)> {
        self.expectations.iter().filter_map(|expectation| {
            let node = expectation.node.key("check").only();
            expectation.check.as_ref().map(|check| (node, check))
        })
    }

    fn finish(&self) -> Option<Step> {
        let expect = self.expectations.iter().map(ExpectationDraft::finish);
        Some(Step {
            id: self.id.clone()?,
            title: self.title.clone()?,
            document: self.document.clone(),
            deadline: self.deadline,
            act: self.acts.iter().map(|draft| draft.act.clone()).collect(),
            expect: expect.collect::<Option<_>>()?,
        })
    }
}

impl IgnoredDraft {
    fn finish(&self) -> Option<Ignored> {
        Some(Ignored {
            fact: self.fact.clone()?,
            step: self.step.clone(),
            subject: self.subject.clone(),
            reason: self.reason.clone()?,
        })
    }
}

impl ExpectationDraft {
    fn finish(&self) -> Option<Expectation> {
        Some(Expectation {
            that: self.that.clone()?,
            check: self.check.clone()?,
            until: self.until,
            hold: self.hold,
            when: self.when.clone(),
        })
    }
}
