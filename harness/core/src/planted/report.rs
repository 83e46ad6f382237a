//! What came of the planted faults: `faults.json`, and the table on the terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// All faults of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The version of each component that ran.
    pub versions: BTreeMap<String, String>,
    /// How long the run took, replay and teardown included, in milliseconds.
    pub total: u64,
    /// How much of that was planting, watching and undoing, in milliseconds.
    pub planting: u64,
    /// In the file's order.
    pub faults: Vec<Planting>,
}

/// One fault, planted or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Planting {
    /// The fault's id.
    pub id: String,
    /// What was wrong.
    pub title: String,
    /// The step in whose state it was planted.
    pub after: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The checks that turned red, in the order in which they did.
    pub turned: Vec<Turned>,
    /// How long it took until the last of them was seen red, in milliseconds from the end of the planting.
    pub until_red: Option<u64>,
    /// How long it took until all checks of the step were seen green again, from the end of the undoing.
    pub until_green: Option<u64>,
}

/// A check that turned red, or broken where the data says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Turned {
    /// The check.
    pub that: String,
    /// When that was seen, in milliseconds from the end of the planting.
    pub after: u64,
    /// The first failure, or why it could not be judged.
    pub why: String,
}

/// What came of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// Exactly the checks that its data names turned red, and all were green again afterwards.
    Seen,
    /// A check did not turn red, another one did, or one was not green again.
    Failed {
        /// A line each.
        why: Vec<String>,
    },
    /// It could not be planted, undone or looked at.
    Broken {
        /// Why.
        why: String,
    },
    /// It was not planted.
    Skipped {
        /// Why.
        why: String,
    },
}

impl Report {
    /// 0 where at least one fault was planted and every planted one was seen, 1 where one was not, 3 where it could not
    /// be found out.
    pub fn exit_code(&self) -> u8 {
        let any = |is: fn(&Outcome) -> bool| self.faults.iter().any(|fault| is(&fault.outcome));
        if any(|outcome| matches!(outcome, Outcome::Failed { .. })) {
            1
        } else if any(|outcome| matches!(outcome, Outcome::Broken { .. }))
            || !any(|outcome| *outcome == Outcome::Seen)
        {
            3
        } else {
            0
        }
    }

    /// The table: a line a fault, what is wrong with it below, and the counts.
    pub fn terminal(&self) -> String {
        let mut text = String::new();
        let width = self.faults.iter().map(|fault| fault.id.len()).max();
        let width = width.unwrap_or_default();
        let mut after = "";
        for fault in &self.faults {
            if fault.after != after {
                after = &fault.after;
                line(&mut text, format_args!("after {after}"));
            }
            let red = seconds(fault.until_red);
            let green = seconds(fault.until_green);
            let checks: Vec<&str> = fault
                .turned
                .iter()
                .map(|turned| turned.that.as_str())
                .collect();
            line(
                &mut text,
                format_args!(
                    "  {:<7}  {:<width$}  red {red}  green {green}  {}",
                    fault.outcome.word(),
                    fault.id,
                    checks.join("; ")
                ),
            );
            for why in fault.outcome.why() {
                line(&mut text, format_args!("           {why}"));
            }
        }
        let count = |word: &str| {
            let of = self.faults.iter();
            of.filter(|fault| fault.outcome.word() == word).count()
        };
        let slowest = self.faults.iter().filter_map(|fault| fault.until_red).max();
        line(
            &mut text,
            format_args!(
                "{} faults: {} seen, {} failed, {} broken, {} skipped; slowest red after {}; {} of {} for planting",
                self.faults.len(),
                count("seen"),
                count("failed"),
                count("broken"),
                count("skipped"),
                seconds(slowest).trim(),
                seconds(Some(self.planting)).trim(),
                seconds(Some(self.total)).trim(),
            ),
        );
        text
    }
}

impl Outcome {
    /// One word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Failed { .. } => "failed",
            Self::Broken { .. } => "broken",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// Why it is not seen, a line each.
    pub fn why(&self) -> Vec<&str> {
        match self {
            Self::Seen => Vec::new(),
            Self::Failed { why } => why.iter().map(String::as_str).collect(),
            Self::Broken { why } | Self::Skipped { why } => vec![why],
        }
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    writeln!(text, "{arguments}").unwrap_or_default();
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of one run are far below what a float holds exactly"
)]
fn seconds(milliseconds: Option<u64>) -> String {
    match milliseconds {
        Some(milliseconds) => format!("{:>6.2} s", milliseconds as f64 / 1000.0),
        None => format!("{:>8}", "-"),
    }
}
