//! Keeps what was seen, word for word but for secrets: one file a query under `evidence/<number>-<step>/`, and where a
//! step did not pass, what helps to find out why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rehearse_core::observation::Observations;
use rehearse_core::query::{Output, Query, Subject};

use crate::folder::Folder;
use crate::look;
use crate::stage::Cluster;

/// How much of one output is kept: a journal of a whole run stays below it, a program that prints without end does not.
const LONGEST_OUTPUT: usize = 4 * 1024 * 1024;

/// Writes the outputs of a step.
///
/// # Errors
/// When a file cannot be written. The result names the files that were, relative to the run's folder.
pub(super) fn keep(
    folder: &Folder,
    step: &str,
    outputs: &Observations,
) -> anyhow::Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for (query, outputs) in outputs.iter() {
        let name = unused(&file_name(query), &names);
        let path = format!("evidence/{step}/{name}");
        folder.write(&path, &text(outputs))?;
        names.insert(name);
    }
    Ok(names
        .into_iter()
        .map(|name| format!("evidence/{step}/{name}"))
        .collect())
}

/// Fetches what helps to find out why a step did not pass. What cannot be fetched is left out and named in the log.
pub(super) async fn diagnostics(cluster: &Cluster, queries: &BTreeSet<Query>) -> Observations {
    let look = look::now(cluster, queries.clone()).await;
    look.observations().clone()
}

/// One output as it is, where it is the cluster's; else each under a line that says whose it is and how long.
fn text(outputs: &[Output]) -> String {
    if let [
        Output {
            subject: Subject::Cluster,
            text,
            ..
        },
    ] = outputs
    {
        return cut(text);
    }
    let mut all = String::new();
    for output in outputs {
        let (text, error) = (cut(&output.text), cut(&output.error));
        // Writing to a text cannot fail.
        writeln!(
            all,
            "=== {} (status {}, {} bytes, {} bytes of error)",
            subject(&output.subject),
            output.status,
            text.len(),
            error.len()
        )
        .unwrap_or_default();
        for part in [&text, &error] {
            all.push_str(part);
            if !part.is_empty() && !part.ends_with('\n') {
                all.push('\n');
            }
        }
    }
    all
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Cluster => "cluster".to_owned(),
        Subject::Node(name) => format!("node {name}"),
        Subject::Pod { namespace, name } => format!("pod {namespace}/{name}"),
    }
}

/// The end of a long text: what happened last is what is asked for.
fn cut(text: &str) -> String {
    if text.len() <= LONGEST_OUTPUT {
        return text.to_owned();
    }
    let start = text.ceil_char_boundary(text.len() - LONGEST_OUTPUT);
    format!(
        "[{start} bytes before this are left out]\n{}",
        &text[start..]
    )
}

fn file_name(query: &Query) -> String {
    let (words, extension): (Vec<&str>, &str) = match query {
        Query::Objects {
            kind,
            namespace,
            selector,
            ..
        } => (
            vec![
                kind,
                namespace.as_deref().unwrap_or("all"),
                selector.as_deref().unwrap_or_default(),
            ],
            "json",
        ),
        Query::NodeDirectory { path, .. } => (vec!["directory", path], "txt"),
        Query::NodeCommand { command } => (
            std::iter::once("node")
                .chain(command.iter().map(String::as_str))
                .collect(),
            "txt",
        ),
        Query::NodeJournal { unit } => (vec!["journal", unit], "txt"),
        Query::PodCommand {
            namespace,
            selector,
            command,
        } => (
            ["pod", namespace, selector]
                .into_iter()
                .chain(command.iter().map(String::as_str))
                .collect(),
            "txt",
        ),
        Query::PodLogs {
            namespace,
            selector,
        } => (vec!["logs", namespace, selector], "txt"),
        Query::Connections {
            namespace,
            selector,
            ..
        } => (vec!["connections", namespace, selector], "json"),
    };
    format!("{}.{extension}", slug(&words))
}

/// Words as a file name that every file system takes and that is not too long.
fn slug(words: &[&str]) -> String {
    let mut slug = String::new();
    for character in words.join("-").to_ascii_lowercase().chars() {
        let kept = character.is_ascii_alphanumeric() || "._=".contains(character);
        if kept {
            slug.push(character);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(100);
    slug.trim_end_matches(['-', '.']).to_owned()
}

fn unused(wanted: &str, used: &BTreeSet<String>) -> String {
    let (stem, extension) = wanted.rsplit_once('.').unwrap_or((wanted, "txt"));
    let mut name = wanted.to_owned();
    let mut number = 1;
    while used.contains(&name) {
        number += 1;
        name = format!("{stem}-{number}.{extension}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_gives_a_name_that_says_what_it_was() {
        let query = Query::PodCommand {
            namespace: "default".to_owned(),
            selector: "app=normal".to_owned(),
            command: ["ip", "-j", "route"].map(str::to_owned).to_vec(),
        };
        assert_eq!(file_name(&query), "pod-default-app=normal-ip-j-route.txt");
        let query = Query::NodeDirectory {
            path: "/etc/cni/net.d".to_owned(),
            contents: true,
        };
        assert_eq!(file_name(&query), "directory-etc-cni-net.d.txt");
    }

    #[test]
    fn two_queries_never_share_a_file() {
        let used = BTreeSet::from(["a.txt".to_owned(), "a-2.txt".to_owned()]);
        assert_eq!(unused("a.txt", &used), "a-3.txt");
        assert_eq!(unused("b.txt", &used), "b.txt");
    }

    #[test]
    fn outputs_of_several_nodes_say_whose_they_are() {
        let output =
            |name: &str, text: &str| Output::fetched(Subject::Node(name.to_owned()), 0, text, "");
        assert_eq!(
            text(&[output("a", "x\n"), output("b", "y")]),
            "=== node a (status 0, 2 bytes, 0 bytes of error)\nx\n=== node b (status 0, 1 bytes, 0 bytes of error)\ny\n"
        );
    }

    #[test]
    fn a_long_output_loses_its_beginning_and_says_so() {
        let long = "ä".repeat(LONGEST_OUTPUT);
        let cut = cut(&long);
        assert!(cut.starts_with(&format!(
            "[{LONGEST_OUTPUT} bytes before this are left out]\n"
        )));
    }
}
