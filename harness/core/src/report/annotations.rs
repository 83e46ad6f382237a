//! GitHub's workflow commands: an error a check that failed or broke, a warning a step that was never reached. Each points
//! at the line of the scenario that is checked.
//!
//! The document is in no repository that GitHub could show, so that its lines are named in the text only.

use super::messages::{self, Message};
use super::text::append;
use crate::medium::{Safe, WorkflowCommand};
use crate::record::Record;

/// A line an annotation; nothing for a run in which all is well.
pub fn render(record: &Record) -> Safe {
    let steps = record.canonical.steps.iter();
    let messages = steps.flat_map(|step| messages::of_step(record, step));
    messages.map(command).collect()
}

/// GitHub shows files of the repository only, so that the path of any other is told in the message.
fn command(message: Message<'_>) -> WorkflowCommand {
    let mut text = message.text;
    let location = message.place.scenario;
    let line = location.map(|location| location.line.to_string());
    let mut properties = Vec::new();
    if let (Some(location), Some(line)) = (location, &line) {
        if location.is_relative() {
            properties.extend([("file", location.file.as_str()), ("line", line)]);
        } else {
            append(&mut text, format_args!("\nat {location}"));
        }
    }
    properties.push(("title", &message.title));
    WorkflowCommand::new(message.severity.annotation(), &properties, &text)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::record::tests::{failed, passed};
    use crate::record::{Outcome, ReadError};

    #[test]
    fn a_run_in_which_all_is_well_annotates_nothing() -> Result<(), ReadError> {
        assert_eq!(render(&passed()?), "");
        Ok(())
    }

    #[test]
    fn each_failed_check_and_each_step_not_reached_is_one_line() -> Result<(), ReadError> {
        assert_snapshot!(render(&failed()?));
        Ok(())
    }

    #[test]
    fn what_a_cluster_says_ends_no_command() -> Result<(), ReadError> {
        let mut record = failed()?;
        let nasty = "100%\r\n::error::x, y";
        for step in &mut record.canonical.steps {
            for check in &mut step.checks {
                nasty.clone_into(&mut check.that);
            }
            if let Outcome::Blocked { by, .. } = &mut step.outcome {
                nasty.clone_into(by);
            }
        }
        record.run.failures.clear();
        let text = render(&record);
        assert!(
            text.contains("100%25%0D%0A%3A%3Aerror%3A%3Ax%2C y failed"),
            "{text}"
        );
        for line in text.lines() {
            assert!(line.starts_with("::error title=") || line.starts_with("::warning title="));
            assert!(!line.contains('\r'), "{line}");
        }
        Ok(())
    }
}
