//! Tries the faults of captures on every processor. What a fault is and what a check says of it is the core's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Context as _;
use rehearse_core::capture::Capture;
use rehearse_core::fault::{Trial, Trials};
use rehearse_core::observation::Observations;
use rehearse_core::plan::{Available, Options};

use crate::failure::Usage;

/// The folder of a scenario's captures.
const CAPTURES: &str = "captures";

/// The file of a capture in a folder of its own.
const CAPTURE_FILE: &str = "capture.json.gz";

/// How many faults a thread takes at once: few enough that both end together.
const BATCH: usize = 16;

/// A capture and its name.
#[derive(Debug)]
pub struct Captured {
    /// The name of its folder, or its path as the user gave it.
    pub name: String,
    /// What it holds.
    pub capture: Capture,
}

/// The captures of a scenario, sorted by name, or the one with a name or at a path.
///
/// # Errors
/// [`Usage`] where there is none, or what is wrong with one.
pub fn captures(scenario: &Path, name: Option<&str>) -> anyhow::Result<Vec<Captured>> {
    let folder = scenario.join(CAPTURES);
    let mut names = BTreeMap::new();
    if folder.is_dir() {
        let entries = fs::read_dir(&folder);
        for entry in entries.with_context(|| format!("failed to read {}", folder.display()))? {
            let entry = entry.with_context(|| format!("failed to read {}", folder.display()))?;
            let path = entry.path().join(CAPTURE_FILE);
            if path.is_file() {
                names.insert(entry.file_name().to_string_lossy().into_owned(), path);
            }
        }
    }
    let chosen: Vec<(String, PathBuf)> = match name {
        None => names.into_iter().collect(),
        Some(name) => match names.remove(name) {
            Some(path) => vec![(name.to_owned(), path)],
            None if Path::new(name).is_file() => vec![(name.to_owned(), PathBuf::from(name))],
            None => {
                let known: Vec<String> = names.into_keys().collect();
                return Err(Usage::new(
                    format!("the scenario has no capture {name}"),
                    format!("known: {}", known.join(", ")),
                )
                .into());
            }
        },
    };
    if chosen.is_empty() {
        return Err(Usage::new(
            format!("there is no capture in {}", folder.display()),
            "make one of a run with `rehearse capture`",
        )
        .into());
    }
    chosen
        .into_iter()
        .map(|(name, path)| {
            let capture = read(&path)
                .with_context(|| format!("failed to read the capture {}", path.display()))?;
            Ok(Captured { name, capture })
        })
        .collect()
}

/// The versions that a plan for this capture has: those that ran, and no others.
pub fn versions(capture: &Capture) -> (Available, Options) {
    let pins = capture.versions();
    let versions = pins
        .iter()
        .map(|(name, version)| (name.clone(), BTreeSet::from([version.clone()])));
    let available = Available {
        source: capture.source,
        versions: versions.collect(),
        pins: pins.clone(),
    };
    let options = Options {
        source: capture.source,
        with: pins,
        until: None,
    };
    (available, options)
}

/// What the checks say of each fault of each step.
pub fn try_all(steps: &[Trials]) -> Vec<Vec<Trial>> {
    let places: Vec<(usize, usize)> = steps
        .iter()
        .enumerate()
        .flat_map(|(step, trials)| (0..trials.faults.len()).map(move |fault| (step, fault)))
        .collect();
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut outcomes: Vec<Vec<Trial>> = steps
        .iter()
        .map(|trials| vec![Trial::default(); trials.faults.len()])
        .collect();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| work(steps, &places, &next)))
            .collect();
        for worker in workers {
            // A panic in a worker is a panic here: there is no result without it.
            let done = worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for ((step, fault), trial) in done {
                outcomes[step][fault] = trial;
            }
        }
    });
    outcomes
}

fn work(
    steps: &[Trials],
    places: &[(usize, usize)],
    next: &AtomicUsize,
) -> Vec<((usize, usize), Trial)> {
    let mut observations: BTreeMap<usize, Observations> = BTreeMap::new();
    let mut done = Vec::new();
    loop {
        let start = next.fetch_add(BATCH, Ordering::Relaxed);
        let Some(batch) = places.get(start..places.len().min(start + BATCH)) else {
            return done;
        };
        if batch.is_empty() {
            return done;
        }
        for &(step, fault) in batch {
            let trials = &steps[step];
            let seen = observations
                .entry(step)
                .or_insert_with(|| trials.observations());
            done.push(((step, fault), trials.run(seen, fault)));
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Capture> {
    let bytes = fs::read(path)?;
    Ok(serde_json::from_slice(&bytes)?)
}
