//! GitHub's workflow commands: an error a check that failed or broke, a warning a step that was never reached.
//!
//! The document is in no repository that GitHub could show, so that an annotation names the document's lines in its text
//! and points at no file.

use super::overview::{grouped, reason, troubles};
use super::text::{append, document_lines};
use crate::medium::{Safe, WorkflowCommand};
use crate::record::{Outcome, Record, Step};

/// A line an annotation; nothing for a run in which all is well.
pub fn render(record: &Record) -> Safe {
    let mut commands = Vec::new();
    for step in &record.canonical.steps {
        annotate(&mut commands, record, step);
    }
    commands.into_iter().collect()
}

fn annotate(commands: &mut Vec<WorkflowCommand>, record: &Record, step: &Step) {
    let place = step.document.as_ref().map(document_lines);
    let title = |that: &str| match &place {
        Some(lines) => format!("{}: {that} ({lines})", step.id),
        None => format!("{}: {that}", step.id),
    };
    let troubles = troubles(record, step);
    // A check that broke says why already.
    let is_told = troubles.iter().any(|trouble| trouble.why.is_some());
    for trouble in troubles {
        let mut message = trouble.why.unwrap_or_default().to_owned();
        for (subjects, failure) in grouped(trouble.failures) {
            let subjects = subjects.join(", ");
            let (expected, observed) = (&failure.expected, &failure.observed);
            append(
                &mut message,
                format_args!("{subjects}\n  expected: {expected}\n  observed: {observed}\n"),
            );
            append(&mut message, format_args!("  why: {}\n", failure.why));
        }
        let that = format!("{} {}", trouble.check.that, trouble.state.word());
        command(commands, "error", &title(&that), &message);
    }
    match &step.outcome {
        Outcome::Broken { .. } if !is_told => {
            let why = reason(&step.outcome).unwrap_or_default();
            command(commands, "error", &title("could not be found out"), &why);
        }
        Outcome::Blocked { .. } => {
            let why = reason(&step.outcome).unwrap_or_default();
            command(commands, "warning", &title("was not reached"), &why);
        }
        Outcome::Broken { .. } | Outcome::Passed | Outcome::Failed | Outcome::Skipped { .. } => {}
    }
}

fn command(commands: &mut Vec<WorkflowCommand>, level: &str, title: &str, message: &str) {
    // GitHub shows no annotation without a message.
    commands.push(WorkflowCommand::new(level, &[("title", title)], message));
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::record::ReadError;
    use crate::record::tests::{failed, passed};

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
