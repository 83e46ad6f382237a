//! A scenario while it is read: what could be read of it, each piece with its place, so that the rules can look at a file
//! that is broken elsewhere.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::{
    Act, Cluster, Document, DocumentLines, Expectation, Ignored, Nodes, Scenario, Step, Time,
};
use crate::check::Check;
use crate::problem::SourceText;
use crate::yaml::Node;

/// What could be read of a scenario; what is missing here has been told.
pub(super) struct Draft<'a> {
    pub(super) node: &'a Node,
    pub(super) scenario: Option<String>,
    pub(super) title: Option<String>,
    pub(super) document: Option<Document>,
    pub(super) nodes: Option<Nodes>,
    pub(super) cluster: Option<Cluster>,
    pub(super) components: Option<BTreeMap<String, Version>>,
    pub(super) steps: Vec<StepDraft<'a>>,
    pub(super) ignored: Vec<IgnoredDraft<'a>>,
}

/// What could be read of an entry of ignored facts.
pub(super) struct IgnoredDraft<'a> {
    pub(super) node: &'a Node,
    pub(super) fact: Option<String>,
    pub(super) step: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) reason: Option<String>,
}

/// What could be read of a step.
pub(super) struct StepDraft<'a> {
    pub(super) node: &'a Node,
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) document: Option<DocumentLines>,
    pub(super) deadline: Option<Time>,
    pub(super) acts: Vec<ActDraft<'a>>,
    pub(super) expectations: Vec<ExpectationDraft<'a>>,
}

/// An act with the node of its keys.
pub(super) struct ActDraft<'a> {
    pub(super) node: &'a Node,
    pub(super) act: Act,
}

/// What could be read of an expectation.
pub(super) struct ExpectationDraft<'a> {
    pub(super) node: &'a Node,
    pub(super) that: Option<String>,
    pub(super) check: Option<Check>,
    pub(super) until: Option<Time>,
    pub(super) hold: Option<Time>,
    pub(super) when: BTreeMap<String, VersionReq>,
}

impl<'a> Draft<'a> {
    /// The whole scenario, where nothing is missing.
    pub(super) fn finish(self, source: &SourceText) -> Option<Scenario> {
        Some(Scenario {
            scenario: self.scenario?,
            title: self.title?,
            document: self.document?,
            nodes: self.nodes?,
            cluster: self.cluster?,
            components: self.components?,
            steps: self
                .steps
                .into_iter()
                .map(StepDraft::finish)
                .collect::<Option<_>>()?,
            ignore: self
                .ignored
                .into_iter()
                .map(IgnoredDraft::finish)
                .collect::<Option<_>>()?,
            source: source.clone(),
        })
    }

    /// Every act, in order.
    pub(super) fn acts(&self) -> impl Iterator<Item = &ActDraft<'a>> {
        self.steps.iter().flat_map(|step| &step.acts)
    }

    /// Every check that could be read, in order, with the node of its keys.
    pub(super) fn checks(&self) -> impl Iterator<Item = (&'a Node, &Check)> {
        self.steps.iter().flat_map(StepDraft::checks)
    }
}

impl<'a> StepDraft<'a> {
    /// Every check that could be read, in order, with the node of its keys.
    pub(super) fn checks(&self) -> impl Iterator<Item = (&'a Node, &Check)> {
        self.expectations.iter().filter_map(|expectation| {
            let node = expectation.node.key("check").only();
            expectation.check.as_ref().map(|check| (node, check))
        })
    }

    fn finish(self) -> Option<Step> {
        Some(Step {
            id: self.id?,
            title: self.title?,
            document: self.document,
            deadline: self.deadline,
            act: self.acts.into_iter().map(|draft| draft.act).collect(),
            expect: self
                .expectations
                .into_iter()
                .map(ExpectationDraft::finish)
                .collect::<Option<_>>()?,
        })
    }
}

impl IgnoredDraft<'_> {
    fn finish(self) -> Option<Ignored> {
        Some(Ignored {
            fact: self.fact?,
            step: self.step,
            subject: self.subject,
            reason: self.reason?,
        })
    }
}

impl ExpectationDraft<'_> {
    fn finish(self) -> Option<Expectation> {
        Some(Expectation {
            that: self.that?,
            check: self.check?,
            until: self.until,
            hold: self.hold,
            when: self.when,
        })
    }
}
