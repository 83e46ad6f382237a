//! Where mutants are made: one output of a step, with its JSON. It keeps what is made of it.

use serde_json::Value;

use super::edit::{Edit, Original};
use super::surroundings::Surroundings;
use super::{FactKind, Mutant};
use crate::query::Subject;

/// One output.
pub(crate) struct Site<'a> {
    pub(crate) look: usize,
    pub(crate) output: usize,
    pub(crate) original: &'a Original,
    /// What the rest of the step knows.
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) mutants: Vec<Mutant>,
}

/// A fact at a site.
#[derive(Clone, Debug)]
pub(crate) struct FactId {
    kind: FactKind,
    key: &'static str,
    subject: String,
}

impl FactId {
    pub(crate) fn new(kind: FactKind, key: &'static str, subject: impl Into<String>) -> Self {
        Self {
            kind,
            key,
            subject: subject.into(),
        }
    }
}

impl Site<'_> {
    /// The output's subject as text, such as `node doc-worker`.
    pub(crate) fn whom(&self) -> String {
        self.original.output.subject.to_string()
    }

    /// The node that the output is of; none for a pod's or the cluster's.
    pub(crate) fn node(&self) -> Option<&str> {
        match &self.original.output.subject {
            Subject::Node(name) => Some(name),
            Subject::Cluster | Subject::Pod { .. } => None,
        }
    }

    /// The elements of the output's JSON array; empty where it is none.
    pub(crate) fn elements(&self) -> Vec<Value> {
        let array = self.original.json.as_ref().and_then(Value::as_array);
        array.cloned().unwrap_or_default()
    }

    /// Another value at a JSON pointer. A value that is already there makes no mutant.
    pub(crate) fn set(
        &mut self,
        fact: &FactId,
        mutation: &'static str,
        pointer: impl Into<String>,
        value: impl Into<Value>,
    ) {
        let (pointer, value) = (pointer.into(), value.into());
        let json = self.original.json.as_ref();
        if json.and_then(|json| json.pointer(&pointer)) != Some(&value) {
            self.push(fact, mutation, Edit::Set { pointer, value });
        }
    }

    /// What stands at a JSON pointer is gone; nothing there makes no mutant.
    pub(crate) fn remove(
        &mut self,
        fact: &FactId,
        mutation: &'static str,
        pointer: impl Into<String>,
    ) {
        let pointer = pointer.into();
        let json = self.original.json.as_ref();
        if json.and_then(|json| json.pointer(&pointer)).is_some() {
            self.push(fact, mutation, Edit::Remove { pointer });
        }
    }

    /// One more element of the array at a JSON pointer.
    pub(crate) fn insert(
        &mut self,
        fact: &FactId,
        mutation: &'static str,
        pointer: impl Into<String>,
        index: usize,
        value: Value,
    ) {
        let pointer = pointer.into();
        self.push(
            fact,
            mutation,
            Edit::Insert {
                pointer,
                index,
                value,
            },
        );
    }

    /// Any other change.
    pub(crate) fn push(&mut self, fact: &FactId, mutation: &'static str, edit: Edit) {
        self.mutants.push(Mutant {
            kind: fact.kind,
            fact: fact.key,
            subject: fact.subject.clone(),
            mutation,
            look: self.look,
            output: self.output,
            edit,
        });
    }
}

/// What a writer that ended in the middle leaves.
pub(crate) fn first_half(text: &str) -> &str {
    text.get(..text.floor_char_boundary(text.len() / 2))
        .unwrap_or(text)
}
