//! Makes a capture small and stable enough to be kept: what no parser of this crate reads goes, the rest stays word for
//! word.
//!
//! Of a journal's lines the time and the message stay. Of the API's objects the names, labels, annotations, specs and
//! statuses stay, and `managedFields` goes. Everything else is kept as it was printed. Text stays parseable by the same parsers.

use serde_json::{Map, Value};

use crate::query::{Output, Query};

use super::{Capture, CapturedLook};

/// The fields of a journal's line that are read.
const JOURNAL_FIELDS: [&str; 2] = ["__REALTIME_TIMESTAMP", "MESSAGE"];

impl Capture {
    /// The same capture with what nobody reads left out.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        for step in &mut self.steps {
            let earlier = step.earlier.iter_mut().flat_map(|check| &mut check.looks);
            let looks = step.looks.iter_mut().chain(&mut step.others);
            for look in looks.chain(earlier) {
                trim(look);
            }
        }
        self
    }
}

fn trim(look: &mut CapturedLook) {
    let rule: fn(&str) -> Option<String> = match look.query {
        Query::NodeJournal { .. } => journal,
        Query::Objects { .. } => objects,
        Query::NodeDirectory { .. }
        | Query::NodeCommand { .. }
        | Query::PodCommand { .. }
        | Query::PodLogs { .. }
        | Query::Connections { .. } => return,
    };
    for Output { text, .. } in &mut look.outputs {
        if let Some(trimmed) = rule(text) {
            *text = text.changed(|_| trimmed);
        }
    }
}

/// None where a line is not JSON: it is kept as it is, and the parser says so again.
fn journal(text: &str) -> Option<String> {
    let mut trimmed = String::with_capacity(text.len() / 4);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Map<String, Value> = serde_json::from_str(line).ok()?;
        let kept: Map<String, Value> = JOURNAL_FIELDS
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), fields.get(name)?.clone())))
            .collect();
        trimmed.push_str(&Value::Object(kept).to_string());
        trimmed.push('\n');
    }
    Some(trimmed)
}

fn objects(text: &str) -> Option<String> {
    let mut objects: Vec<Value> = serde_json::from_str(text).ok()?;
    for object in &mut objects {
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.shift_remove("managedFields");
        }
    }
    Some(Value::Array(objects).to_string())
}
