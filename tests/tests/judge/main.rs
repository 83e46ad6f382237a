//! CRI-O as the judge of our rules: what it takes for the default network, when it reads its folder again, and what a new
//! sandbox is given, against `observation::{cni_selection, cni_reload}`. Run by `cargo nextest run --profile judge`.
//!
//! `REHEARSE_SEED` and `REHEARSE_CASES` give other folders and more of them; a third as many sequences are made.

mod agreement;
mod cases;
mod configuration;
mod entries;
mod folder;
mod node;
mod sequence;
mod shell;
mod stack;
mod wrong;

use std::cell::{Cell, RefCell};

use anyhow::{Context as _, Result, ensure};
use rehearse_core::observation::cni_log::{self, Reading};
use rehearse_core::observation::cni_network;
use rehearse_core::observation::cni_reload::{Event, Loaded};
use rehearse_core::observation::cni_selection::{self, Folder, Network, Plugins, Selection};

use crate::agreement::{agree, agree_on_addresses, agree_on_loaded, agree_on_sandbox};
use crate::cases::{Tally, cases, count, judge, say};
use crate::configuration::Item;
use crate::entries::folder_of_configurations;
use crate::folder::{Items, Known, make};
use crate::node::Node;
use crate::sequence::{Sequence, World, sequence};

/// What says what CRI-O takes of a folder.
type Rule = fn(Folder<'_>, &Plugins) -> Selection;

#[test]
fn crio_takes_the_default_network_that_our_rule_says() -> Result<()> {
    let node = RefCell::new(Node::start()?);
    let cases = cases()?;
    let (made, tally) = (Cell::new(0), Tally::default());
    judge("folders", &folder_of_configurations(), cases, |entries| {
        count(&made);
        judge_folder(&mut node.borrow_mut(), entries, made.get(), &tally)
    })?;
    say(&tally);
    ensure!(
        tally.given.get() * 4 >= cases,
        "too few sandboxes got a network to prove anything: {tally:?}"
    );
    Ok(())
}

fn judge_folder(
    node: &mut Node,
    entries: Vec<(String, Item)>,
    number: u32,
    tally: &Tally,
) -> Result<()> {
    let items: Items = entries.into_iter().collect();
    let selection = compare(node, &items, number, cni_selection::select)?;
    if kills_crio(selection.winner(), &items) {
        count(&tally.deadly);
        return Ok(());
    }
    node.clear_sandboxes()?;
    let sandbox = node.sandbox()?;
    agree_on_sandbox(selection.winner(), &sandbox, tally)?;
    agree_on_addresses(selection.winner(), &items, &sandbox)
}

/// Whether a sandbox of that network ends CRI-O: all of its plugins are left to its folder
/// ([`crio_ends_at_a_sandbox_whose_plugins_are_in_a_folder`]).
fn kills_crio(network: Option<&Network>, items: &Items) -> bool {
    let file = network.and_then(|network| Some((&network.file, items.get(&network.file)?)));
    let Some((name, Item::File(content) | Item::Link(content))) = file else {
        return false;
    };
    cni_network::parse(
        cni_network::Libcni::V1_3,
        name,
        &String::from_utf8_lossy(&content.0),
    )
    .is_ok_and(|list| list.plugins.is_empty())
}

/// Lets CRI-O read a folder, and a rule judge it; they must agree on all of it.
fn compare(node: &mut Node, items: &Items, number: u32, rule: Rule) -> Result<Selection> {
    let name = format!("folder-{number}");
    let (cni, path) = (node.cni(), node.cni().join(&name));
    std::fs::create_dir(&path)?;
    for (index, (file, item)) in items.iter().enumerate() {
        let target = number as usize * 100 + index;
        make(&path.join(file), item, &cni.join("targets"), target)?;
    }
    let known = Known::of(items);
    let selection = rule(known.folder(), &node.plugins);
    let said = node.show(&name)?;
    let readings =
        cni_log::readings(said.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
    let last = readings
        .last()
        .with_context(|| format!("CRI-O did not read the folder: {said:#?}"))?;
    agree(&selection, last, &said)?;
    Ok(selection)
}

#[test]
fn crio_reads_again_when_our_rule_says_so() -> Result<()> {
    let node = RefCell::new(Node::start()?);
    let cases = cases()?.div_ceil(3);
    let (made, tally) = (Cell::new(0), Tally::default());
    judge("sequences", &sequence(), cases, |sequence| {
        judge_sequence(&mut node.borrow_mut(), &sequence, &made, &tally, |_| ())
    })?;
    say(&tally);
    ensure!(
        tally.given.get() * 4 >= cases && tally.unread.get() > 0,
        "too little happened to prove anything: {tally:?}"
    );
    Ok(())
}

fn judge_sequence(
    node: &mut Node,
    sequence: &Sequence,
    made: &Cell<usize>,
    tally: &Tally,
    distort: fn(&mut Event),
) -> Result<()> {
    let mut world = World::new(node, made.get())?;
    for (name, item) in &sequence.first {
        world.put(name, item.clone())?;
        made.set(world.made());
    }
    // A reading of what is there at first, whatever was there before.
    let said = world.node.show("watched")?;
    let mut loaded = Loaded::at_start(Known::of(&world.items).folder(), &world.plugins);
    agree_on_loaded(&loaded, &said, true)?;
    for act in &sequence.acts {
        let Some(mut events) = world.perform(act)? else {
            continue;
        };
        made.set(world.made());
        events.iter_mut().for_each(distort);
        let known = Known::of(&world.items);
        let mut reads = false;
        for event in &events {
            reads |= loaded.take(event, known.folder(), &world.plugins);
        }
        if !reads {
            count(&tally.unread);
        }
        let said = world.node.said()?;
        agree_on_loaded(&loaded, &said, reads).with_context(|| format!("after {act:?}"))?;
    }
    let sandbox = world.node.sandbox()?;
    agree_on_sandbox(loaded.default_network(), &sandbox, tally)
}

/// A finding, watched: NetworkReady is looked at until it was true once. A node that loses its last network stays ready,
/// and every new sandbox fails.
#[test]
fn crio_stays_ready_without_a_network() -> Result<()> {
    let mut node = Node::start()?;
    std::fs::remove_file(node.watched().join("first.conf"))?;
    let said = node.said()?;
    let readings =
        cni_log::readings(said.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
    ensure!(
        readings.last() == Some(&Reading::default()),
        "CRI-O did not lose its network: {said:#?}"
    );
    let sandbox = node.sandbox()?;
    let (ready, message) = node.network_ready()?;
    ensure!(ready, "NetworkReady is no longer true: {message}");
    let reason = sandbox
        .result
        .err()
        .context("a sandbox came up without a network")?;
    ensure!(
        reason.to_lowercase().contains("no cni configuration file"),
        "another reason: {reason}"
    );
    Ok(())
}

/// A finding, watched: CRI-O 1.34.0 (ocicni 0.4.3) panics at the first sandbox of a network whose list has no `plugins` of its
/// own. It looks for the first plugin in its cached copy of the list, to which those of the folder do not belong.
#[test]
fn crio_ends_at_a_sandbox_whose_plugins_are_in_a_folder() -> Result<()> {
    let mut node = Node::start()?;
    let folder = node.cni().join("deadly");
    std::fs::create_dir_all(folder.join("deadly"))?;
    std::fs::write(
        folder.join("00.conflist"),
        r#"{"name": "deadly", "cniVersion": "1.0.0"}"#,
    )?;
    std::fs::write(folder.join("deadly/00.conf"), r#"{"type": "loopback"}"#)?;
    let said = node.show("deadly")?;
    let readings =
        cni_log::readings(said.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
    let default = readings
        .last()
        .map(|reading| reading.default_network.as_str());
    ensure!(default == Some("deadly"), "not the default: {said:#?}");
    let ended = node.sandbox().err().map(|error| format!("{error:#}"));
    let ended = ended.context("CRI-O made a sandbox: the finding is of the past")?;
    ensure!(
        ended.contains(node::ENDED) && ended.contains("index out of range"),
        "another end: {ended}"
    );
    Ok(())
}
