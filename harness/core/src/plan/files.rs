//! The scenario's own files: that each is there, and that it is what its act needs.
//!
//! What the API server thinks of a manifest is not judged here.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use crate::problem::{Problems, SourceText, known_names};
use crate::scenario::Draft;

/// The text of each file of the scenario's folder that its acts name, by its path in it, or what is wrong with it. One that
/// is not there is left out.
pub type Files = BTreeMap<String, Result<String, Problems>>;

/// Notes every file that is missing, or that its act cannot use.
pub(super) fn check(draft: &Draft, files: &Files, problems: &mut Problems) {
    for act in draft.acts() {
        let Some((key, path)) = act.act.file() else {
            continue;
        };
        // One that leaves the folder has been told.
        let mut parts = Path::new(path).components();
        if !parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            continue;
        }
        match files.get(path) {
            Some(Ok(text)) => problems.extend(act.act.file_problems(&source(draft, path, text))),
            Some(Err(unreadable)) => problems.extend(unreadable.clone()),
            None => {
                let message = format!("the scenario has no file `{path}`");
                let problem = draft.source.problem(act.node.key(key).span(), message);
                let known = files.keys().map(String::as_str);
                problems.push(problem.with_hint(known_names(path, known)));
            }
        }
    }
}

/// The file under the name that the user knows: beside the scenario file.
fn source(draft: &Draft, path: &str, text: &str) -> SourceText {
    let folder = Path::new(&draft.source.file).parent();
    let file = folder.unwrap_or(Path::new("")).join(path);
    SourceText::new(&file.to_string_lossy(), text)
}
