//! A line in each pod's log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::pods_subject;
use super::{Context, Evaluation, Rule};
use crate::observation::workloads::DaemonSet;
use crate::observation::{Inability, Observations, objects};
use crate::query::{Output, Query};
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PodLogs {
    /// The pods' namespace.
    pub namespace: String,
    /// A label selector.
    pub selector: String,
    /// The `DaemonSet` of the same namespace whose pods are selected: each pod that it wants must have a log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daemon_set: Option<String>,
    /// Texts, each of which some line contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Texts that no line contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

impl Rule for PodLogs {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let set = self.daemon_set.iter().map(|_| self.sets());
        set.chain([self.query()]).collect()
    }

    fn unwanted(&self) -> Option<(Query, &[String])> {
        Some((self.query(), &self.absent))
    }

    fn problems(&self, written: Written<'_>) {
        written.names_something(&["contains", "absent"]);
        let is_wanted = |text: &str| self.contains.iter().any(|wanted| wanted.contains(text));
        written
            .key("absent")
            .without(&self.absent, is_wanted, "contains");
        written.one_line("contains", &self.contains);
        written.one_line("absent", &self.absent);
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let query = self.query();
        let logs = observations.by_pod(&query)?;
        let mut evaluation = Evaluation::default();
        let subject = pods_subject(&self.selector);
        if logs.is_empty() || (self.contains.is_empty() && self.absent.is_empty()) {
            evaluation.fail(
                &subject,
                "at least one log and one text",
                format!("{} logs", logs.len()),
                "an empty set proves nothing",
            );
        }
        self.judge_set(&mut evaluation, observations, logs.len())?;
        for (pod, log) in logs.iter().filter(|(_, log)| log.status != 0) {
            evaluation.fail(
                format!("log of pod {pod}"),
                "a log",
                format!("none: {}", log.error.as_str()),
                "what was not looked at proves nothing",
            );
        }
        let contains = self.contains.iter().map(|text| (text, true));
        let absent = self.absent.iter().map(|text| (text, false));
        for (text, is_wanted) in contains.chain(absent) {
            for (pod, log) in logs.iter().filter(|(_, log)| log.status == 0) {
                if has(log, text) != is_wanted {
                    let last = log
                        .text
                        .lines()
                        .rev()
                        .find(|line| is_wanted != line.contains(text));
                    evaluation.fail(
                        format!("log of pod {pod}"),
                        format!("'{text}' {}", word(is_wanted)),
                        last.unwrap_or("an empty log"),
                        if is_wanted {
                            "no line has it; the last line is shown"
                        } else {
                            "the line shown has it"
                        },
                    );
                }
            }
            let seen = logs.values().map(|log| word(has(log, text)));
            evaluation.fact(&subject, format!("log: {text}"), seen);
        }
        Ok(evaluation)
    }
}

impl PodLogs {
    fn sets(&self) -> Query {
        objects::query("apps/v1", "DaemonSet", Some(&self.namespace), None)
    }

    /// As many logs as the `DaemonSet` wants pods.
    fn judge_set(
        &self,
        evaluation: &mut Evaluation,
        observations: &Observations,
        logs: usize,
    ) -> Result<(), Inability> {
        let Some(name) = &self.daemon_set else {
            return Ok(());
        };
        let sets: Vec<DaemonSet> = objects::read("daemon sets", observations, &self.sets())?;
        let set = sets.iter().find(|set| set.metadata.name == *name);
        let wanted = set.map(|set| set.status.desired_number_scheduled);
        if wanted.is_none_or(|wanted| usize::try_from(wanted) != Ok(logs)) {
            evaluation.fail(
                format!("DaemonSet {}/{name}", self.namespace),
                wanted.map_or_else(
                    || "that it is there".to_owned(),
                    |wanted| format!("{wanted} logs"),
                ),
                format!("{logs} logs"),
                "what was not looked at proves nothing",
            );
        }
        Ok(())
    }

    fn query(&self) -> Query {
        Query::PodLogs {
            namespace: self.namespace.clone(),
            selector: self.selector.clone(),
        }
    }
}

fn has(log: &Output, text: &str) -> bool {
    log.text.lines().any(|line| line.contains(text))
}

fn word(is_there: bool) -> &'static str {
    if is_there { "present" } else { "absent" }
}
