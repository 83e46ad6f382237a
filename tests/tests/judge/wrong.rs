//! The judge is judged: rules and predictions that are wrong in one thing each, with every one of which CRI-O must be
//! heard to disagree.

use std::cell::Cell;

use anyhow::{Result, anyhow, ensure};
use proptest::strategy::{Strategy as _, ValueTree as _};
use rehearse_core::observation::cni_reload::{Event, Operation};
use rehearse_core::observation::cni_selection::{self, Folder, Network};
use rehearse_core::observation::directory::Kind;

use crate::cases::{CASES, Tally, runner};
use crate::entries::folder_of_configurations;
use crate::folder::{Items, Known};
use crate::node::Node;
use crate::sequence::sequence;
use crate::{Rule, compare, judge_sequence};

/// These folders and sequences are known to tell every wrong rule from the right one; others need not.
const SEED: u64 = 1;

/// What makes a prediction wrong.
type Distort = fn(&mut Event);

/// Wrong rules, each with what is wrong in it.
const WRONG: [(&str, Rule); 7] = [
    ("case does not count", |folder, plugins| {
        let mut selection = cni_selection::select(folder, plugins);
        selection
            .networks
            .sort_by_key(|network| network.file.to_lowercase());
        selection
    }),
    ("numbers count", |folder, plugins| {
        let mut selection = cni_selection::select(folder, plugins);
        let number = |network: &Network| {
            let digits = network
                .file
                .split(|character: char| !character.is_ascii_digit())
                .next();
            digits
                .and_then(|digits| digits.parse::<u32>().ok())
                .unwrap_or(u32::MAX)
        };
        selection.networks.sort_by_key(number);
        selection
    }),
    ("nothing is asked of plugins", |folder, _| {
        let names = [
            "ptp",
            "bridge",
            "loopback",
            "old",
            "linked",
            "mute",
            "portmap",
            "tuning",
            "not-executable",
        ];
        cni_selection::select(folder, &names.into_iter().collect())
    }),
    ("folders do not count", |folder, plugins| {
        cni_selection::select(Folder::flat(folder.entries), plugins)
    }),
    ("links do not count", |folder, plugins| {
        let entries = folder
            .entries
            .iter()
            .filter(|entry| entry.kind != Kind::Link);
        let entries: Vec<_> = entries.cloned().collect();
        cni_selection::select(
            Folder {
                entries: &entries,
                ..folder
            },
            plugins,
        )
    }),
    ("names that end in n do not count", |folder, plugins| {
        let entries = folder
            .entries
            .iter()
            .filter(|entry| !entry.name.ends_with('n'));
        let entries: Vec<_> = entries.cloned().collect();
        cni_selection::select(
            Folder {
                entries: &entries,
                ..folder
            },
            plugins,
        )
    }),
    ("all files are well-formed or not", |folder, plugins| {
        let is_strict = |text: &str| !text.contains("null");
        let entries = folder
            .entries
            .iter()
            .filter(|entry| entry.content.as_deref().is_none_or(is_strict));
        let entries: Vec<_> = entries.cloned().collect();
        cni_selection::select(
            Folder {
                entries: &entries,
                ..folder
            },
            plugins,
        )
    }),
];

#[test]
fn crio_disagrees_with_rules_that_are_wrong() -> Result<()> {
    let mut node = Node::start()?;
    let mut runner = runner(SEED, CASES);
    let strategy = folder_of_configurations();
    let mut undetected: Vec<_> = WRONG.to_vec();
    for round in 0..CASES {
        let value = strategy
            .new_tree(&mut runner)
            .map_err(|reason| anyhow!("{reason}"))?;
        let items: Items = value.current().into_iter().collect();
        // Where right and wrong say the same, there is nothing to ask.
        let known = Known::of(&items);
        let right = cni_selection::select(known.folder(), &node.plugins);
        let mut index = 0;
        while let Some((_, wrong)) = undetected.get(index) {
            let says = wrong(known.folder(), &node.plugins);
            let place = round * 10 + u32::try_from(index)?;
            if says.networks != right.networks && compare(&mut node, &items, place, *wrong).is_err()
            {
                undetected.remove(index);
            } else {
                index += 1;
            }
        }
    }
    let names: Vec<&str> = undetected.iter().map(|(name, _)| *name).collect();
    ensure!(names.is_empty(), "CRI-O did not disagree with: {names:?}");
    Ok(())
}

#[test]
fn crio_disagrees_with_predictions_that_are_wrong() -> Result<()> {
    let mut node = Node::start()?;
    let wrong: [(&str, Distort); 4] = [
        ("a removal is read", |event| {
            replace(event, Operation::Remove, Operation::Rename);
        }),
        ("a mode is read", |event| {
            replace(event, Operation::Chmod, Operation::Write);
        }),
        ("a move away is not read", |event| {
            replace(event, Operation::Rename, Operation::Chmod);
        }),
        ("a new file is not read", |event| {
            replace(event, Operation::Create, Operation::Chmod);
        }),
    ];
    let (made, tally) = (Cell::new(0), Tally::default());
    for (name, distort) in wrong {
        let mut runner = runner(SEED, CASES);
        let mut is_detected = false;
        for _ in 0..CASES {
            let value = sequence()
                .new_tree(&mut runner)
                .map_err(|reason| anyhow!("{reason}"))?;
            is_detected =
                judge_sequence(&mut node, &value.current(), &made, &tally, distort).is_err();
            if is_detected {
                break;
            }
        }
        ensure!(is_detected, "CRI-O did not disagree with: {name}");
    }
    Ok(())
}

fn replace(event: &mut Event, right: Operation, wrong: Operation) {
    if event.operation == right {
        event.operation = wrong;
    }
}
