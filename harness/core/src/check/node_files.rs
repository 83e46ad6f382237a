//! Which files a folder has on each node, and for whom.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::directory::{self, Entry};
use crate::observation::{Inability, Observations};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check; names without the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeFiles {
    /// Absolute path on the node.
    pub directory: String,
    /// Names that are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Names that are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Exactly the names that are there and are no folder, in any order: files, and links, which CRI-O follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exactly: Option<Vec<String>>,
    /// Permissions in octal by name, such as `{ calico-kubeconfig: "0600" }`; the names must be there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modes: BTreeMap<String, String>,
}

impl Rule for NodeFiles {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![directory::query(&self.directory, false)]
    }

    fn problems(&self, written: Written<'_>) {
        written.key("directory").on_node(&self.directory);
        written.names_something(&["contains", "absent", "exactly", "modes"]);
        let exactly = self.exactly.as_deref().unwrap_or_default();
        for (key, names) in [
            ("contains", self.contains.as_slice()),
            ("absent", &self.absent),
            ("exactly", exactly),
        ] {
            for (index, name) in names.iter().enumerate() {
                written.key(key).item(index).file_name(name);
            }
        }
        for (name, mode) in &self.modes {
            let written = written.key("modes").key(name);
            written.file_name(name);
            let is_octal = |digit: u8| (b'0'..=b'7').contains(&digit);
            if mode.len() != 4 || !mode.bytes().all(is_octal) {
                written.problem_with_hint(
                    format!("`{mode}` is no mode"),
                    "a mode has four octal digits, such as `\"0600\"`",
                );
            }
        }
        let absent = written.key("absent");
        let has = |names: &[String], name: &str| names.iter().any(|other| other == name);
        absent.without(&self.absent, |name| has(&self.contains, name), "contains");
        absent.without(&self.absent, |name| has(exactly, name), "exactly");
        let has_mode = |name: &str| self.modes.contains_key(name);
        absent.without(&self.absent, has_mode, "modes");
    }

    /// A folder without a regular file is one that can be looked for.
    fn may_be_empty(&self, key: &str) -> bool {
        key == "exactly"
    }

    fn unwanted(&self) -> Option<(Query, &[String])> {
        Some((directory::query(&self.directory, false), &self.absent))
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let folders = directory::read(observations, &self.directory, false)?;
        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(folders.len(), context);
        if self.names_nothing() {
            evaluation.fail(
                &self.directory,
                "at least one name",
                "none",
                "a check that names nothing proves nothing",
            );
        }
        for (node, entries) in &folders {
            let subject = format!("{} on node {node}", self.directory);
            match entries {
                Some(entries) => self.judge(&mut evaluation, &subject, entries),
                None => evaluation.fail(
                    subject,
                    "a folder",
                    "absent",
                    "nothing has made the folder on this node",
                ),
            }
        }
        for name in self.contains.iter().chain(&self.absent) {
            let there = folders.values().map(|entries| {
                let is_there = names(entries.as_deref()).any(|there| there == name);
                if is_there { "present" } else { "absent" }
            });
            evaluation.fact("each node", format!("{}/{name}", self.directory), there);
        }
        for name in self.modes.keys() {
            let modes = folders.values();
            let modes = modes.map(|entries| mode(entries.as_deref().unwrap_or_default(), name));
            evaluation.fact(
                "each node",
                format!("mode of {}/{name}", self.directory),
                modes,
            );
        }
        if self.exactly.is_some() {
            let files = folders
                .values()
                .map(|entries| list(files(entries.as_deref())));
            evaluation.fact("each node", format!("files of {}", self.directory), files);
        }
        Ok(evaluation)
    }
}

impl NodeFiles {
    fn names_nothing(&self) -> bool {
        self.contains.is_empty()
            && self.absent.is_empty()
            && self.exactly.is_none()
            && self.modes.is_empty()
    }

    fn judge(&self, evaluation: &mut Evaluation, subject: &str, entries: &[Entry]) {
        let there = list(names(Some(entries)));
        let is_there = |wanted: &&String| names(Some(entries)).any(|name| name == *wanted);
        for name in self.contains.iter().filter(|name| !is_there(name)) {
            let why = "the file is not there on this node";
            evaluation.fail(subject, name, &there, why);
        }
        for name in self.absent.iter().filter(is_there) {
            let why = "the file should not be there on this node";
            evaluation.fail(subject, format!("no {name}"), &there, why);
        }
        for (name, wanted) in &self.modes {
            let observed = mode(entries, name);
            if observed != wanted {
                evaluation.fail(
                    subject,
                    format!("{name} with mode {wanted}"),
                    observed,
                    "who may read a file with credentials, and whether its reader can, is a matter of its mode",
                );
            }
        }
        if let Some(exactly) = &self.exactly {
            let expected: BTreeSet<&str> = exactly.iter().map(String::as_str).collect();
            let observed = files(Some(entries));
            if observed != expected {
                let missing = list(expected.difference(&observed));
                let unexpected = list(observed.difference(&expected));
                evaluation.fail(
                    subject,
                    list(&expected),
                    list(&observed),
                    format!("missing: {missing}; unexpected: {unexpected}"),
                );
            }
        }
    }
}

fn names(entries: Option<&[Entry]>) -> impl Iterator<Item = &str> {
    entries
        .unwrap_or_default()
        .iter()
        .map(|entry| entry.name.as_str())
}

fn mode<'a>(entries: &'a [Entry], name: &str) -> &'a str {
    let entry = entries.iter().find(|entry| entry.name == name);
    entry.map_or("absent", |entry| entry.mode.as_str())
}

/// The names of all that is no folder, sorted: what libcni takes for a file.
fn files(entries: Option<&[Entry]>) -> BTreeSet<&str> {
    let entries = entries.unwrap_or_default().iter();
    entries
        .filter(|entry| entry.is_taken_for_file())
        .map(|entry| entry.name.as_str())
        .collect()
}
