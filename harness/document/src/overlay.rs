//! What a scenario says of its document, block by block: `document.yaml` beside the scenario. Each command block and
//! printed output is linked to the step that replays it or left out with a reason, and each place where a step does
//! something else than is printed is an erratum that names what shows that it is still needed.
//!
//! The document itself is not kept: a block is known by its hash, and by a short hash a line, so that a change can be
//! shown line by line. This module reads the file; [`super::links`] and [`super::errata`] judge it.

use std::collections::BTreeSet;

use rehearse_core::problem::{Place, Problems, SourceText};
use rehearse_core::scenario::Names;
use rehearse_core::yaml::{Fields, Node, Reading};
use serde::{Deserialize, Serialize};

use super::Lines;

const KEYS: &[&str] = &["blocks", "errata"];
const BLOCK_KEYS: &[&str] = &[
    "lines",
    "sha256",
    "line-hashes",
    "step",
    "step-sha256",
    "left-out",
];
const ERRATUM_KEYS: &[&str] = &["id", "lines", "instead", "why", "needed"];

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Every block of the document, in its order.
    pub blocks: Vec<Link>,
    /// Where a step does something else than is printed.
    pub errata: Vec<Erratum>,
    /// The file itself.
    pub source: SourceText,
}

/// One block of the document and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// First and last line of the block's text.
    pub lines: Lines,
    /// The sha256 of its text, in lower-case hex.
    pub sha256: String,
    /// Six hex digits a line, see [`super::links::line_hash`].
    pub line_hashes: Vec<String>,
    /// What becomes of it.
    pub to: Target,
}

/// What becomes of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A step replays it.
    Step {
        /// The step.
        id: String,
        /// What the step was when the block was linked, see [`super::links::step_hash`].
        sha256: String,
    },
    /// Nothing does.
    LeftOut {
        /// Why not.
        why: String,
    },
}

/// One place where a step does something else than is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erratum {
    /// Its name; unique in the file.
    pub id: String,
    /// The document's lines that are wrong, first and last of each place.
    pub lines: Vec<Lines>,
    /// What is done instead.
    pub instead: String,
    /// Why.
    pub why: String,
    /// What shows that it is still needed.
    pub needed: Needed,
    /// Where the file says so.
    pub line: usize,
}

/// What shows that an erratum is still one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Needed {
    /// A rule of `document lint` finds it at each of its places.
    Lint(String),
    /// A check of a run passes that asserts what comes of the text as it is printed.
    Check(CheckName),
}

/// A check of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CheckName {
    /// Its step.
    pub step: String,
    /// Its sentence.
    pub that: String,
}

/// Reads a `document.yaml`; `names` are the scenario's.
///
/// # Errors
/// Every problem of the file, in its order.
pub fn parse(file: &str, text: &str, names: &Names) -> Result<Overlay, Problems> {
    let source = SourceText::new(file, text);
    let reading = Reading::of(&source);
    let tree = reading.tree()?;
    let overlay = Fields::of(&tree, KEYS, &reading).map(|fields| {
        let blocks = fields.required_list("blocks").unwrap_or_default();
        let blocks: Vec<_> = blocks
            .iter()
            .filter_map(|node| block(node, &reading, names))
            .collect();
        let errata = fields.optional_list("errata");
        let errata: Vec<_> = errata
            .iter()
            .filter_map(|node| erratum(node, &reading, &source, names))
            .collect();
        refuse_overlap(&blocks, &tree, &reading);
        refuse_same_id(&errata, &tree, &reading);
        Overlay {
            blocks,
            errata,
            source: source.clone(),
        }
    });
    let problems = reading.finish();
    match overlay {
        Some(overlay) => problems.or(overlay),
        None => Err(problems.sorted()),
    }
}

fn block(node: &Node, reading: &Reading<'_>, names: &Names) -> Option<Link> {
    let fields = Fields::of(node, BLOCK_KEYS, reading)?;
    let lines: Option<[usize; 2]> = fields.required("lines");
    let sha256: Option<String> = fields.required("sha256");
    let line_hashes: Option<String> = fields.required("line-hashes");
    let step: Option<String> = fields.optional("step");
    let step_sha256: Option<String> = fields.optional("step-sha256");
    let left_out: Option<String> = fields.optional("left-out");
    let to = match (step, left_out) {
        (Some(id), None) => {
            names.refuse_unknown_step(&id, node.key("step"), reading);
            let Some(sha256) = step_sha256 else {
                reading.problem(node.span(), "missing key `step-sha256`");
                return None;
            };
            Target::Step { id, sha256 }
        }
        (None, Some(why)) if !why.trim().is_empty() => Target::LeftOut { why },
        (None, Some(_)) => {
            reading.problem(node.key("left-out").span(), "a reason is not empty");
            return None;
        }
        _ => {
            reading.problem_with_hint(
                node.span(),
                "a block has either a `step` or a reason in `left-out`",
                "`rehearse document check --print` prints the blocks as they are",
            );
            return None;
        }
    };
    Some(Link {
        lines: place(lines?, node.key("lines"), reading),
        sha256: sha256?,
        line_hashes: line_hashes?.split_whitespace().map(str::to_owned).collect(),
        to,
    })
}

fn erratum(
    node: &Node,
    reading: &Reading<'_>,
    source: &SourceText,
    names: &Names,
) -> Option<Erratum> {
    let fields = Fields::of(node, ERRATUM_KEYS, reading)?;
    let id = fields.required("id");
    let lines: Option<Vec<[usize; 2]>> = fields.required("lines");
    let instead = fields.required("instead");
    let why = fields.required("why");
    let needed: Option<Needed> = fields.required("needed");
    let lines: Option<Vec<Lines>> = lines.map(|lines| {
        let places = lines.into_iter().enumerate();
        places
            .map(|(index, lines)| place(lines, node.key("lines").item(index), reading))
            .collect()
    });
    if lines.as_ref().is_some_and(Vec::is_empty) {
        reading.problem(node.key("lines").span(), "an erratum is somewhere");
    }
    if let Some(Needed::Check(check)) = &needed {
        let place = node.key("needed").only();
        names.refuse_unknown_step(&check.step, place.key("step"), reading);
        names.refuse_unknown_check(&check.step, &check.that, place.key("that"), reading);
    }
    Some(Erratum {
        id: id?,
        lines: lines?,
        instead: instead?,
        why: why?,
        needed: needed?,
        line: Place::new(source, node.span()).line(),
    })
}

fn place([first, last]: [usize; 2], node: &Node, reading: &Reading<'_>) -> Lines {
    if first == 0 || first > last {
        reading.problem(
            node.span(),
            format!(
                "lines {first} to {last} are none: they are counted from 1, the first one first"
            ),
        );
    }
    Lines { first, last }
}

fn refuse_overlap(blocks: &[Link], tree: &Node, reading: &Reading<'_>) {
    for (index, pair) in blocks.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        if before.lines.last >= after.lines.first {
            reading.problem(
                tree.key("blocks").item(index + 1).key("lines").span(),
                format!(
                    "the block starts at line {}, inside or before the one that ends at line {}",
                    after.lines.first, before.lines.last
                ),
            );
        }
    }
}

fn refuse_same_id(errata: &[Erratum], tree: &Node, reading: &Reading<'_>) {
    let mut seen = BTreeSet::new();
    for (index, erratum) in errata.iter().enumerate() {
        if !seen.insert(&erratum.id) {
            reading.problem(
                tree.key("errata").item(index).key("id").span(),
                format!("there is an erratum {} already", erratum.id),
            );
        }
    }
}
