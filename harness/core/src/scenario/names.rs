//! What other files of a scenario's folder refer to: its steps and the sentences of their checks.

use super::draft::Draft;
use crate::problem::known_names;
use crate::yaml::{Node, Reading};

/// The names of a scenario's steps and checks, as far as they could be read. A name that is not among them is told as
/// unknown only where all of them could be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    steps: Vec<StepNames>,
    is_whole: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct StepNames {
    id: String,
    checks: Vec<String>,
    is_whole: bool,
}

impl Draft {
    /// What other files of the scenario refer to.
    pub fn names(&self) -> Names {
        let steps = self.steps.iter().filter_map(|step| {
            let checks = step.expectations.iter();
            let checks: Vec<_> = checks.filter_map(|check| check.that.clone()).collect();
            Some(StepNames {
                id: step.id.clone()?,
                is_whole: is_whole(&checks, step.node.key("expect")),
                checks,
            })
        });
        let steps: Vec<_> = steps.collect();
        Names {
            is_whole: is_whole(&steps, self.node.key("steps")),
            steps,
        }
    }
}

impl Names {
    /// The ids of the steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.id.as_str())
    }

    /// Whether there is surely no such step.
    pub fn lacks_step(&self, id: &str) -> bool {
        self.is_whole && self.step(id).is_none()
    }

    /// Notes a step that there is not.
    pub fn refuse_unknown_step(&self, id: &str, node: &Node, reading: &Reading<'_>) {
        if self.lacks_step(id) {
            reading.problem_with_hint(
                node.span(),
                format!("the scenario has no step `{id}`"),
                known_names(id, self.steps()),
            );
        }
    }

    /// Notes a check that its step does not have; a step that there is not, is told by
    /// [`Names::refuse_unknown_step`].
    pub fn refuse_unknown_check(&self, id: &str, that: &str, node: &Node, reading: &Reading<'_>) {
        let Some(step) = self.step(id) else {
            return;
        };
        if step.is_whole && !step.checks.iter().any(|check| check == that) {
            reading.problem_with_hint(
                node.span(),
                format!("step `{id}` has no check `{that}`"),
                known_names(that, step.checks.iter().map(String::as_str)),
            );
        }
    }

    fn step(&self, id: &str) -> Option<&StepNames> {
        self.steps.iter().find(|step| step.id == id)
    }
}

/// Whether something was read of each element of a list. A list that is not there may only be misspelt.
fn is_whole<T>(read: &[T], list: &Node) -> bool {
    !read.is_empty() && read.len() == list.items().len()
}
