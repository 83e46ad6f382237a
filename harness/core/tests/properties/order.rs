//! Which configuration CRI-O takes, against a search for the least name byte by byte.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rehearse_core::observation::cni_selection::{Folder, Plugins, select};
use rehearse_core::observation::directory::{Entry, Kind};
use serde_json::json;

/// What a file holds.
#[derive(Clone, Debug)]
enum Content {
    /// A configuration of this network with this plugin.
    Network(u8, &'static str),
    /// No JSON.
    Broken,
    /// Bytes that are no text.
    Unreadable,
    /// It is a folder.
    Folder,
}

fn files() -> impl Strategy<Value = Vec<(String, Content)>> {
    let name = "[0-9]{0,3}[-_A-Za-zé]{0,3}\\.?(conf|conflist|json|CONF|bak|conf.bak)?";
    let content = prop_oneof![
        6 => (0_u8..4, prop_oneof![3 => Just("calico"), 1 => Just("absent")]).prop_map(|(network, plugin)| Content::Network(network, plugin)),
        1 => Just(Content::Broken),
        1 => Just(Content::Unreadable),
        1 => Just(Content::Folder),
    ];
    proptest::collection::btree_map(name, content, 0..9)
        .prop_map(|files| files.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn entry((name, content): &(String, Content)) -> Entry {
    let text = match content {
        Content::Network(network, plugin) if name.ends_with(".conflist") => {
            Some(json!({"cniVersion": "0.3.1", "name": format!("n{network}"), "plugins": [{"type": plugin}]}).to_string())
        }
        Content::Network(network, plugin) => {
            Some(json!({"cniVersion": "0.3.1", "name": format!("n{network}"), "type": plugin}).to_string())
        }
        Content::Broken => Some("{".to_owned()),
        Content::Unreadable | Content::Folder => None,
    };
    Entry {
        name: name.clone(),
        kind: if matches!(content, Content::Folder) {
            Kind::Directory
        } else {
            Kind::File
        },
        mode: "0644".to_owned(),
        size: 0,
        modified: jiff::Timestamp::UNIX_EPOCH,
        content: text,
        target: None,
        entries: None,
    }
}

/// Whether the first name comes before the second: the first byte that differs decides, and a name before its longer one.
fn is_before(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    loop {
        match (left.get(at), right.get(at)) {
            (Some(one), Some(other)) if one == other => at += 1,
            (Some(one), Some(other)) => return one < other,
            (None, Some(_)) => return true,
            (_, None) => return false,
        }
    }
}

/// What follows the last dot.
fn ending(name: &str) -> Option<String> {
    let dot = name.chars().rev().position(|character| character == '.')?;
    let from_dot: Vec<char> = name.chars().rev().take(dot).collect();
    Some(from_dot.into_iter().rev().collect())
}

/// The usable files as CRI-O has them: the least name of those that are left, again and again.
fn model(files: &[(String, Content)]) -> Vec<String> {
    let mut left: Vec<&(String, Content)> = files
        .iter()
        .filter(|(name, _)| {
            ending(name).is_some_and(|ending| {
                ["conf", "conflist", "json"]
                    .iter()
                    .any(|known| *known == ending)
            })
        })
        .collect();
    let (mut networks, mut taken) = (BTreeSet::new(), Vec::new());
    while !left.is_empty() {
        let mut least = 0;
        for index in 1..left.len() {
            if is_before(&left[index].0, &left[least].0) {
                least = index;
            }
        }
        let (name, content) = left.remove(least);
        if let Content::Network(network, "calico") = content
            && networks.insert(*network)
        {
            taken.push(name.clone());
        }
    }
    taken
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn files_are_taken_by_the_bytes_of_their_names(files in files()) {
        let entries: Vec<Entry> = files.iter().map(entry).collect();
        let program = Entry {
            mode: "0755".to_owned(),
            size: 1,
            ..entry(&("calico".to_owned(), Content::Broken))
        };
        let installed = Plugins::listed(&[program]);
        let selection = select(Folder::flat(&entries), &installed);
        let taken: Vec<String> = selection.networks.iter().map(|network| network.file.clone()).collect();
        prop_assert_eq!(&taken, &model(&files));
        prop_assert_eq!(selection.winner().map(|network| &network.file), taken.first());
        // What is not taken is told with a reason.
        let seen = files.iter().filter(|(name, content)| {
            !matches!(content, Content::Folder) && ending(name).is_some_and(|ending| ["conf", "conflist", "json"].iter().any(|known| *known == ending))
        });
        prop_assert_eq!(seen.count(), selection.networks.len() + selection.skipped.len());
    }
}
