//! The scenario's files are inside its folder, and paths on a node are absolute.

use crate::check::Check;
use crate::scenario::Act;
use crate::scenario::draft::Draft;
use crate::yaml::{Node, Reading};

pub(super) fn check(draft: &Draft<'_>, reading: &Reading<'_>) {
    for act in draft.acts() {
        if let Some((key, path)) = act.act.file() {
            inside_folder(path, act.node.key(key), reading);
        }
        for (key, path) in node_paths(&act.act) {
            absolute(path, act.node.key(key), reading);
        }
    }
    for (node, check) in draft.checks() {
        match check {
            Check::NodeFiles(files) => absolute(&files.directory, node.key("directory"), reading),
            Check::CniConfiguration(file) => absolute(&file.path, node.key("path"), reading),
            Check::PodAddresses(addresses) => {
                for (index, interface) in addresses.interfaces.iter().enumerate() {
                    if let Some(range) = &interface.range {
                        let node = node.key("interfaces").item(index).key("range");
                        absolute(&range.file, node.key("file"), reading);
                    }
                }
            }
            _ => {}
        }
    }
}

fn node_paths(act: &Act) -> Vec<(&'static str, &str)> {
    match act {
        Act::NodeDirectory(directory) => vec![("path", &directory.path)],
        Act::NodeFile(file) => vec![("path", &file.path)],
        Act::RenameNodeFile(file) => vec![("from", &file.from), ("to", &file.to)],
        Act::Apply(_) | Act::Install(_) | Act::Patch(_) | Act::ProbePods(_) => Vec::new(),
    }
}

fn inside_folder(path: &str, node: &Node, reading: &Reading<'_>) {
    let is_inside = !path.contains('\\')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..");
    if !is_inside {
        reading.problem_with_hint(
            node.span(),
            format!("`{path}` leaves the scenario's folder"),
            "a file of a scenario is named from its folder down, such as `manifests/calico.yaml`",
        );
    }
}

fn absolute(path: &str, node: &Node, reading: &Reading<'_>) {
    if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
        reading.problem_with_hint(
            node.span(),
            format!("`{path}` is no absolute path"),
            "a path on a node begins with `/` and has no `..`",
        );
    }
}
