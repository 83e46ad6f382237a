//! The scenario's own files: which there are, that each is there, and that it is what its act needs.
//!
//! What the API server thinks of a manifest is not judged here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::problem::{Problem, Problems, SourceText, known_names};
use crate::scenario::{Act, Scenario};
use crate::template;
use crate::yaml::{self, Node};

/// Every file of the scenario's folder that the acts name, once each: what the program has to read.
pub fn scenario_files(scenario: &Scenario) -> Vec<String> {
    let acts = scenario.steps.iter().flat_map(|step| &step.act);
    let files: BTreeSet<&str> = acts.filter_map(|act| Some(act.file()?.1)).collect();
    files.into_iter().map(str::to_owned).collect()
}

/// Notes every file that is missing or that its act cannot use. `tree` is the scenario file's own.
pub(super) fn check(
    scenario: &Scenario,
    tree: &Node,
    files: &BTreeMap<String, String>,
    problems: &mut Problems,
) {
    for (index, step) in scenario.steps.iter().enumerate() {
        let acts = tree.key("steps").item(index).key("act");
        for (index, act) in step.act.iter().enumerate() {
            let Some((key, path)) = act.file() else {
                continue;
            };
            if let Some(text) = files.get(path) {
                problems.extend(content(act, &source(scenario, path, text)));
                continue;
            }
            let span = acts.item(index).only().key(key).span();
            let problem = scenario
                .source
                .problem(span, format!("the scenario has no file `{path}`"));
            let known = files.keys().map(String::as_str);
            problems.push(problem.with_hint(known_names(path, known)));
        }
    }
}

/// The file under the name that the user knows: beside the scenario file.
fn source(scenario: &Scenario, path: &str, text: &str) -> SourceText {
    let folder = Path::new(&scenario.source.file).parent();
    let file = folder.unwrap_or(Path::new("")).join(path);
    SourceText::new(&file.to_string_lossy(), text)
}

fn content(act: &Act, source: &SourceText) -> Problems {
    match act {
        Act::NodeFile(_) => template::check(&source.file, &source.text),
        Act::Apply(_) => manifest(source),
        Act::Patch(_) => patch(source),
        Act::Install(_) | Act::NodeDirectory(_) | Act::RenameNodeFile(_) | Act::ProbePods(_) => {
            Problems::default()
        }
    }
}

fn manifest(source: &SourceText) -> Problems {
    let documents = match yaml::read_documents(source) {
        Ok(documents) => documents,
        Err(problems) => return problems,
    };
    let mut problems = Problems::default();
    if documents.is_empty() {
        problems.push(Problem::new(&source.file, "the manifest has no object"));
    }
    for document in &documents {
        let metadata = document.key("metadata");
        let missing = ["apiVersion", "kind"]
            .into_iter()
            .filter(|key| document.text(key).is_none())
            .chain(metadata.text("name").is_none().then_some("metadata.name"));
        let missing: Vec<_> = missing.collect();
        if !missing.is_empty() {
            problems.push(source.problem(
                document.span(),
                format!("this is no object: it has no {}", missing.join(", ")),
            ));
        }
    }
    problems
}

fn patch(source: &SourceText) -> Problems {
    match yaml::read(source) {
        Ok(node) if node.is_mapping() => Problems::default(),
        Ok(node) => source.problem(node.span(), "a patch is a mapping").into(),
        Err(problems) => problems,
    }
}
