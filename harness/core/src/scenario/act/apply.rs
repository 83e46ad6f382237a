//! A manifest of the scenario, applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReadFile, Rule};
use crate::problem::{Problem, Problems, SourceText};
use crate::yaml::Reading;

/// A manifest of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Apply {
    /// Path inside the scenario's folder.
    pub file: String,
}

impl Rule for Apply {
    fn file(&self) -> Option<ReadFile<'_>> {
        Some(ReadFile {
            key: "file",
            path: &self.file,
            problems: manifest_problems,
        })
    }
}

fn manifest_problems(source: &SourceText) -> Problems {
    let reading = Reading::of(source);
    let documents = match reading.documents() {
        Ok(documents) => documents,
        Err(problems) => return problems,
    };
    if documents.is_empty() {
        reading.note(Problem::new(&source.file, "the manifest has no object"));
    }
    for document in &documents {
        let metadata = document.key("metadata");
        let missing = ["apiVersion", "kind"]
            .into_iter()
            .filter(|key| document.text(key).is_none())
            .chain(metadata.text("name").is_none().then_some("metadata.name"));
        let missing: Vec<_> = missing.collect();
        if !missing.is_empty() {
            reading.problem(
                document.span(),
                format!("this is no object: it has no {}", missing.join(", ")),
            );
        }
    }
    reading.finish()
}
