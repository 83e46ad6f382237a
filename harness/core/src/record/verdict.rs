//! A check's verdict, and how it is written: a word, or a word with its reason.

use serde::{Deserialize, Serialize};

/// A verdict without its details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Not as it should be; the failures are in [`Run::failures`](super::Run::failures).
    Failed,
    /// Not looked at: its step was not reached, or the capture has no answer.
    Blocked {
        /// What the capture lacks; none where its step says it.
        why: Option<String>,
    },
    /// Not meant for these versions.
    Skipped {
        /// Why.
        why: String,
    },
    /// It could not be found out.
    Broken {
        /// What happened.
        why: String,
    },
}

/// `blocked` alone is what records were made with before there were captures, and stays readable.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(Word),
    Reasoned(Reasoned),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Passed,
    Failed,
    Blocked,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Reasoned {
    Blocked { why: String },
    Skipped { why: String },
    Broken { why: String },
}

impl From<Written> for Verdict {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(Word::Passed) => Self::Passed,
            Written::Word(Word::Failed) => Self::Failed,
            Written::Word(Word::Blocked) => Self::Blocked { why: None },
            Written::Reasoned(Reasoned::Blocked { why }) => Self::Blocked { why: Some(why) },
            Written::Reasoned(Reasoned::Skipped { why }) => Self::Skipped { why },
            Written::Reasoned(Reasoned::Broken { why }) => Self::Broken { why },
        }
    }
}

impl From<Verdict> for Written {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Word(Word::Passed),
            Verdict::Failed => Self::Word(Word::Failed),
            Verdict::Blocked { why: None } => Self::Word(Word::Blocked),
            Verdict::Blocked { why: Some(why) } => Self::Reasoned(Reasoned::Blocked { why }),
            Verdict::Skipped { why } => Self::Reasoned(Reasoned::Skipped { why }),
            Verdict::Broken { why } => Self::Reasoned(Reasoned::Broken { why }),
        }
    }
}
