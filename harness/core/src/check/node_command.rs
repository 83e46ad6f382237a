//! What a program prints on each node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Evaluation, Rule};
use crate::observation::{Inability, Observations};
use crate::query::{Output, Query};
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeCommand {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Whole lines of the output, without the blanks at their ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Texts, each of which some line of the output contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Texts that the output does not contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

impl Rule for NodeCommand {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![self.query()]
    }

    fn unwanted(&self) -> Option<(Query, &[String])> {
        Some((self.query(), &self.absent))
    }

    fn problems(&self, written: Written<'_>) {
        written.names_something(&["lines", "contains", "absent"]);
        let absent = written.key("absent");
        for (key, texts) in [("lines", &self.lines), ("contains", &self.contains)] {
            written.one_line(key, texts);
            let is_wanted = |text: &str| texts.iter().any(|wanted| wanted.contains(text));
            absent.without(&self.absent, is_wanted, key);
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let query = self.query();
        let outputs = observations.by_node(&query)?;
        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(outputs.len(), context);
        let command = self.command.join(" ");
        if self.lines.is_empty() && self.contains.is_empty() && self.absent.is_empty() {
            evaluation.fail(
                &command,
                "at least one text",
                "none",
                "a check that names nothing proves nothing",
            );
        }
        for (node, output) in &outputs {
            self.judge(
                &mut evaluation,
                &format!("{command} on node {node}"),
                output,
            );
        }
        let fact = |text: &String| format!("{command}: {text}");
        for line in &self.lines {
            let seen = outputs
                .values()
                .map(|output| printed(has_line(output, line)));
            evaluation.fact("each node", fact(line), seen);
        }
        for text in self.contains.iter().chain(&self.absent) {
            let seen = outputs
                .values()
                .map(|output| printed(output.text.contains(text)));
            evaluation.fact("each node", fact(text), seen);
        }
        Ok(evaluation)
    }
}

impl NodeCommand {
    fn query(&self) -> Query {
        Query::NodeCommand {
            command: self.command.clone(),
        }
    }

    fn judge(&self, evaluation: &mut Evaluation, subject: &str, output: &Output) {
        if output.status != 0 {
            evaluation.fail(
                subject,
                "status 0",
                format!("status {}: {}", output.status, output.error.trim()),
                "the program failed",
            );
        }
        for line in self.lines.iter().filter(|line| !has_line(output, line)) {
            evaluation.fail(
                subject,
                format!("the line '{line}'"),
                output.text.trim(),
                "no line is this one",
            );
        }
        for text in self
            .contains
            .iter()
            .filter(|text| !output.text.contains(*text))
        {
            evaluation.fail(
                subject,
                format!("'{text}' in a line"),
                output.text.trim(),
                "no line contains it",
            );
        }
        for text in self
            .absent
            .iter()
            .filter(|text| output.text.contains(*text))
        {
            let line = output.text.lines().find(|line| line.contains(text));
            evaluation.fail(
                subject,
                format!("'{text}' nowhere"),
                line.unwrap_or_default().trim(),
                "a line contains it",
            );
        }
    }
}

fn has_line(output: &Output, wanted: &str) -> bool {
    output.text.lines().any(|line| line.trim() == wanted.trim())
}

fn printed(is_printed: bool) -> &'static str {
    if is_printed { "printed" } else { "not printed" }
}
