//! The record as JSON, and back. It writes no file: the program does.

use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use super::{Canonical, FORMAT, Outcome, Record, Verdict, order};
use crate::medium::Safe;
use crate::redaction::redact;

impl Record {
    /// The canonical part as pretty JSON with a trailing newline. Keys are in the order in which [`Canonical`] names them
    /// and maps are sorted, so that two runs of the same versions give the same bytes.
    pub fn canonical_json(&self) -> String {
        self.canonical.to_json()
    }

    /// The whole record as pretty JSON with a trailing newline.
    pub fn to_json(&self) -> String {
        // A `Value` prints without a way to fail, and the record's types (text keys, no floats) always become one.
        Safe::json(&format!("{:#}\n", json!(self))).into_string()
    }

    /// Reads what [`Record::to_json`] wrote.
    ///
    /// # Errors
    /// [`ReadError`] with the line and column where the text is not a record, or the format that it has instead.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        let head: Head = serde_json::from_str(text)?;
        if head.format != FORMAT {
            return Err(ReadError::Format { found: head.format });
        }
        // Another program may have written it, or somebody else.
        let record: Self = serde_json::from_str(&redact(text))?;
        match record.contradiction() {
            Some(what) => Err(ReadError::Contradiction { what }),
            None => Ok(record),
        }
    }

    /// A step that contradicts its checks, or another step.
    fn contradiction(&self) -> Option<String> {
        let steps = self.canonical.steps.iter().map(|step| {
            let timing = self.timing.steps.get(&step.id);
            // What is no time says nothing of the order.
            let started = timing.and_then(|timing| timing.started.parse().ok());
            (step.id.as_str(), started)
        });
        let canonical = self.canonical.contradiction();
        canonical.or_else(|| order::contradiction(steps))
    }

    /// The same record after its texts passed the gate. What is made of outputs has passed it already; what is said of the
    /// machine, the scenario and errors has not.
    ///
    /// # Errors
    /// Where it is no record any more, as a key or a time was taken for a secret.
    pub fn redacted(self) -> Result<Self, ReadError> {
        let text = json!(self).to_string();
        let redacted = redact(&text);
        if redacted == text {
            return Ok(self);
        }
        Ok(serde_json::from_str(&redacted)?)
    }
}

impl Canonical {
    /// A step whose outcome is not that of its checks.
    fn contradiction(&self) -> Option<String> {
        self.steps.iter().find_map(|step| {
            let has =
                |is: fn(&Verdict) -> bool| step.checks.iter().find(|check| is(&check.verdict));
            let passed = |verdict: &Verdict| matches!(verdict, Verdict::Passed);
            let failed = |verdict: &Verdict| matches!(verdict, Verdict::Failed);
            let other = |verdict: &Verdict| {
                matches!(verdict, Verdict::Blocked { .. } | Verdict::Broken { .. })
            };
            let (word, against) = match &step.outcome {
                Outcome::Passed => match has(failed).or_else(|| has(other)) {
                    Some(check) => ("passed", format!("`{}` did not pass", check.that)),
                    None if has(passed).is_none() => ("passed", "no check passed".to_owned()),
                    None => return None,
                },
                Outcome::Failed if has(failed).is_none() => {
                    ("failed", "no check failed".to_owned())
                }
                Outcome::Blocked { .. } | Outcome::Skipped { .. } => {
                    let judged = has(passed).or_else(|| has(failed))?;
                    ("not performed", format!("`{}` was judged", judged.that))
                }
                Outcome::Failed | Outcome::Broken { .. } => return None,
            };
            Some(format!("step {} is {word}, and {against}", step.id))
        })
    }

    fn to_json(&self) -> String {
        Safe::json(&format!("{:#}\n", json!(self))).into_string()
    }
}

/// Why a text is not a record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// It is not JSON, or JSON of another shape.
    #[error("failed to read the record at line {line}, column {column}: {reason}")]
    Shape {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It is a record of another version of this program.
    #[error(
        "failed to read the record: it has format {found}, this program reads format {FORMAT} (hint: use the program that wrote it, or run again)"
    )]
    Format {
        /// Its `format`.
        found: u32,
    },
    /// What it says of a step is not what it says of the step's checks, or of another step.
    #[error("failed to believe the record: {what} (hint: no run writes that; run again)")]
    Contradiction {
        /// The step, with both.
        what: String,
    },
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let whole = error.to_string();
        // serde_json ends its message with the position, which has fields of its own here.
        let position = format!(" at line {line} column {column}");
        Self::Shape {
            line,
            column,
            reason: whole.strip_suffix(&position).unwrap_or(&whole).to_owned(),
        }
    }
}

/// What is read first: the rest of another format need not have our shape.
#[derive(Deserialize)]
struct Head {
    format: u32,
}
