//! CRI-O as the judge of our rules: what it takes for the default network, when it reads its folder again, and what a new
//! sandbox is given, against `observation::{cni_selection, cni_reload}`. Run by `cargo nextest run --profile judge`.
//!
//! `REHEARSE_SEED` and `REHEARSE_CASES` give other folders and more of them; a third as many sequences are made.

mod configuration;
mod folder;
mod node;
mod sequence;
mod shell;
mod wrong;

use std::cell::{Cell, RefCell};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rehearse_core::observation::cni_log::{self, Reading};
use rehearse_core::observation::cni_network;
use rehearse_core::observation::cni_reload::{Event, Loaded};
use rehearse_core::observation::cni_selection::{self, Folder, Network, Plugins, Selection};

use crate::configuration::{Item, folder_of_configurations};
use crate::folder::{Items, Known, make};
use crate::node::{Node, Sandbox};
use crate::sequence::{Sequence, World, sequence};

/// What says what CRI-O takes of a folder.
type Rule = fn(Folder<'_>, &Plugins) -> Selection;

/// As many folders as are judged where nothing else is said.
const CASES: u32 = 300;

fn number(variable: &str, default: u64) -> Result<u64> {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{variable}={text} is not a number")),
        Err(_) => Ok(default),
    }
}

fn cases() -> Result<u32> {
    let cases = number("REHEARSE_CASES", CASES.into())?;
    u32::try_from(cases).with_context(|| format!("REHEARSE_CASES={cases} is too large"))
}

/// Judges values of a strategy, and prints how long that took.
#[expect(
    clippy::print_stdout,
    reason = "the seed and the time are what somebody wants to see"
)]
fn judge<S: Strategy>(
    what: &str,
    strategy: &S,
    cases: u32,
    case: impl Fn(S::Value) -> Result<()>,
) -> Result<()>
where
    S::Value: std::fmt::Debug,
{
    let seed = number("REHEARSE_SEED", 1)?;
    println!("REHEARSE_SEED={seed} REHEARSE_CASES={cases}");
    let began = Instant::now();
    // A smaller case can't be sought without CRI-O.
    let has_ended = Cell::new(false);
    let judged = runner(seed, cases).run(strategy, |value| {
        if has_ended.get() {
            return Err(TestCaseError::reject("CRI-O has ended"));
        }
        case(value).map_err(|error| {
            let reason = format!("{error:#}");
            has_ended.set(reason.contains(node::ENDED));
            TestCaseError::fail(reason)
        })
    });
    let took = began.elapsed();
    match judged {
        Ok(()) => {
            let each = took.as_secs_f64() * 1000.0 / f64::from(cases);
            println!(
                "{cases} {what}: {:.1} s, {each:.0} ms each",
                took.as_secs_f64()
            );
            Ok(())
        }
        Err(TestError::Fail(reason, value)) => {
            anyhow::bail!("CRI-O disagrees (seed {seed}): {reason}\nsmallest case: {value:#?}")
        }
        Err(TestError::Abort(reason)) => anyhow::bail!("no values: {reason}"),
    }
}

fn runner(seed: u64, cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// How often what happened, so that a judge who is never asked is noticed.
#[derive(Debug, Default)]
struct Tally {
    with_default: Cell<u32>,
    given: Cell<u32>,
    refused_name: Cell<u32>,
    unread: Cell<u32>,
    deadly: Cell<u32>,
}

fn count(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

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

#[expect(clippy::print_stdout, reason = "shows what was compared")]
fn say(tally: &Tally) {
    println!("{tally:?}");
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
    cni_network::parse(name, &String::from_utf8_lossy(&content.0))
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

/// The whole selection, not the winner alone: what comes second wins tomorrow.
fn agree(selection: &Selection, reading: &Reading, said: &[String]) -> Result<()> {
    let ours = Reading {
        networks: selection.networks.clone(),
        default_network: selection
            .winner()
            .map_or(String::new(), |network| network.name.clone()),
    };
    ensure!(
        ours == *reading,
        "our rule: {ours:#?}\nskipped: {:#?}\nCRI-O: {reading:#?}\nits words: {said:#?}",
        selection.skipped
    );
    Ok(())
}

fn agree_on_sandbox(network: Option<&Network>, sandbox: &Sandbox, tally: &Tally) -> Result<()> {
    let Some(network) = network else {
        ensure!(
            sandbox.called.is_none() && sandbox.result.is_err(),
            "our rule: no network\nCRI-O: {sandbox:#?}"
        );
        return Ok(());
    };
    count(&tally.with_default);
    let called = (network.name.clone(), network.plugin.clone());
    ensure!(
        sandbox.called.as_ref() == Some(&called),
        "our rule: {network:?}\nCRI-O: {:#?}",
        sandbox.said
    );
    match &sandbox.result {
        Ok(result) => {
            ensure!(
                result.network == network.name && cni_network::is_name(&network.name),
                "our rule: {network:?}\nCRI-O: {result:?}"
            );
            count(&tally.given);
        }
        // Whether the plugin can do it is not the rule's matter; that it was called is.
        Err(reason) if reason.contains("invalid characters found in network name") => {
            ensure!(
                !cni_network::is_name(&network.name),
                "our rule takes {} for a name, libcni does not",
                network.name
            );
            count(&tally.refused_name);
        }
        Err(_) => {}
    }
    Ok(())
}

/// The sandbox's addresses are of a range that stands in the winner's file or in its folder, and so were not given by
/// another one of the same name.
fn agree_on_addresses(network: Option<&Network>, items: &Items, sandbox: &Sandbox) -> Result<()> {
    let (Some(network), Ok(result)) = (network, &sandbox.result) else {
        return Ok(());
    };
    let mut texts = Vec::new();
    for (name, item) in items {
        match item {
            // A list without a name has that of its file, and takes what stands in the folder itself.
            Item::File(content) | Item::Link(content)
                if *name == network.file || network.name == network.file =>
            {
                texts.push(String::from_utf8_lossy(&content.0));
            }
            Item::Folder(files) | Item::LinkToFolder(files) if *name == network.name => {
                let files = files.iter();
                texts.extend(files.map(|(_, content)| String::from_utf8_lossy(&content.0)));
            }
            _ => {}
        }
    }
    for address in &result.addresses {
        let [10, 77, subnet, _] = address.octets() else {
            continue;
        };
        let range = format!("10.77.{subnet}.0/24");
        ensure!(
            texts.iter().any(|text| text.contains(&range)),
            "our rule: {network:?} with {texts:?}\nCRI-O: {result:?}"
        );
    }
    Ok(())
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

fn agree_on_loaded(loaded: &Loaded, said: &[String], reads: bool) -> Result<()> {
    let readings =
        cni_log::readings(said.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
    ensure!(
        readings.is_empty() != reads,
        "our rule: reads again {reads}\nCRI-O: {said:#?}"
    );
    match readings.last() {
        Some(last) => agree(loaded.selection(), last, said),
        None => Ok(()),
    }
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
