//! The scenario's own files: which there are, that each is there, and that it is what its act needs.
//!
//! What the API server thinks of a manifest is not judged here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::problem::{Problems, SourceText, known_names};
use crate::scenario::Scenario;
use crate::yaml::Node;

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
                problems.extend(act.file_problems(&source(scenario, path, text)));
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
