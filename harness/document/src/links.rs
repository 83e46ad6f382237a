//! Whether every block of a document is replayed by a step or left out on purpose, and what has changed since that was
//! said. Pure: it compares, and reads nothing.

use std::collections::BTreeMap;

use rehearse_core::record::DocumentCoverage;

use super::overlay::{Link, Overlay, Target};
use super::{Document, Lines, PieceKind, digest};

mod target;

/// Of how many lines two blocks must share for the one to be taken as the other, changed.
const LIKENESS: f64 = 0.3;

/// A command, printed output or file of the document as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its lines.
    pub lines: Lines,
    /// What is typed or printed, without a prompt.
    pub text: &'a str,
    /// What it is.
    pub kind: PieceKind,
}

/// Every part of a document that has to be replayed or left out.
pub fn parts(document: &Document) -> Vec<Part<'_>> {
    let pieces = document.pieces().map(|(_, piece)| Part {
        lines: piece.lines,
        text: document.content(piece),
        kind: piece.kind,
    });
    pieces.filter(|part| !part.text.trim().is_empty()).collect()
}

/// What became of the document's blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Lines of blocks that steps replay.
    pub replayed: usize,
    /// Lines of blocks that are left out with a reason.
    pub left_out: usize,
    /// Lines of all blocks.
    pub lines: usize,
    /// Blocks that nothing is said of: first and last line.
    pub gaps: Vec<Lines>,
    /// Blocks that are not what was linked.
    pub changed: Vec<Changed>,
    /// Links whose block is not in the document any more.
    pub gone: Vec<Link>,
    /// Blocks that are the same on other lines: link and block now.
    pub moved: Vec<(Link, Lines)>,
    /// Blocks whose step has changed since, while the block has not: link and step.
    pub step_changed: Vec<(Link, String)>,
}

/// A block that is not what was linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What was linked.
    pub link: Link,
    /// Where the block is now.
    pub lines: Lines,
    /// Whether the step that replays it has changed too; none where the block is left out.
    pub step_changed: Option<bool>,
    /// Line by line.
    pub difference: Vec<Line>,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// In both; its number now.
    Same(usize, String),
    /// Only in the document as it is; its number.
    Added(usize, String),
    /// Only in the document that was linked: its number then. Its text is not kept, only that it was there.
    Removed(usize),
}

impl Coverage {
    /// How many of a hundred lines of blocks are replayed or left out on purpose. None where the document has no block.
    pub fn percent(&self) -> Option<f64> {
        DocumentCoverage::from(self).percent()
    }

    /// Whether the document has blocks, and none that is linked.
    pub fn is_of_another_document(&self) -> bool {
        !self.gone.is_empty()
            && !self.gaps.is_empty()
            && self.replayed == 0
            && self.left_out == 0
            && self.changed.is_empty()
            && self.moved.is_empty()
    }

    /// Whether everything is said of everything, and nothing has changed since. A document without blocks is not.
    pub fn is_whole(&self) -> bool {
        self.lines > 0
            && self.gaps.is_empty()
            && self.changed.is_empty()
            && self.gone.is_empty()
            && self.moved.is_empty()
            && self.step_changed.is_empty()
    }
}

/// Six hex digits that tell one line from another, white space at its end included.
pub fn line_hash(line: &str) -> String {
    let mut hash = digest(line);
    hash.truncate(6);
    hash
}

/// What a step is, so that a change of it shows: its acts and checks as written, and the texts of the files it uses.
pub fn step_hash(
    step: &rehearse_core::scenario::Step,
    files: &BTreeMap<String, String>,
) -> Result<String, serde_json::Error> {
    let used = step.act.iter().filter_map(|act| act.file());
    let used: Vec<_> = used.map(|(_, name)| files.get(name)).collect();
    let whole = serde_json::to_string(&(&step.act, &step.expect, used))?;
    let mut hash = digest(&whole);
    hash.truncate(16);
    Ok(hash)
}

/// Compares the blocks as they are with what the overlay says of them; `steps` are the hashes of the steps as they are.
pub fn cover(parts: &[Part<'_>], overlay: &Overlay, steps: &BTreeMap<String, String>) -> Coverage {
    let pairs = pairs(parts, &overlay.blocks);
    let mut coverage = Coverage::default();
    for (index, part) in parts.iter().enumerate() {
        let lines = part.text.lines().count();
        coverage.lines += lines;
        let link = pairs.iter().find(|(_, with)| *with == Some(index));
        let Some((link, _)) = link.map(|(link, with)| (&overlay.blocks[*link], with)) else {
            coverage.gaps.push(part.lines);
            continue;
        };
        match link.to {
            Target::Step { .. } => coverage.replayed += lines,
            Target::LeftOut { .. } => coverage.left_out += lines,
        }
        judge(link, part, steps, &mut coverage);
    }
    let gone = pairs.iter().filter(|(_, with)| with.is_none());
    coverage.gone = gone
        .map(|(link, _)| overlay.blocks[*link].clone())
        .collect();
    coverage
}

fn judge(link: &Link, part: &Part<'_>, steps: &BTreeMap<String, String>, coverage: &mut Coverage) {
    let step_changed = match &link.to {
        Target::Step { id, sha256 } => Some(steps.get(id) != Some(sha256)),
        Target::LeftOut { .. } => None,
    };
    if link.sha256 != digest(part.text) {
        coverage.changed.push(Changed {
            link: link.clone(),
            lines: part.lines,
            step_changed,
            difference: difference(link, part),
        });
        return;
    }
    if link.lines != part.lines {
        coverage.moved.push((link.clone(), part.lines));
    }
    if let (Target::Step { id, .. }, Some(true)) = (&link.to, step_changed) {
        coverage.step_changed.push((link.clone(), id.clone()));
    }
}

/// Each link with the block that it is about, if there is one: first the same text, then the likest one.
fn pairs(parts: &[Part<'_>], links: &[Link]) -> Vec<(usize, Option<usize>)> {
    let hashes: Vec<_> = parts.iter().map(|part| digest(part.text)).collect();
    let mut free = vec![true; parts.len()];
    let mut pairs: Vec<(usize, Option<usize>)> =
        (0..links.len()).map(|link| (link, None)).collect();
    // A block may stand in a document twice: the one on its old lines is taken before one that is elsewhere.
    for is_in_place in [true, false] {
        for (link, with) in pairs.iter_mut().filter(|(_, with)| with.is_none()) {
            let linked = &links[*link];
            let same = (0..parts.len())
                .filter(|part| free[*part] && hashes[*part] == linked.sha256)
                .filter(|part| !is_in_place || parts[*part].lines == linked.lines)
                .min_by_key(|part| parts[*part].lines.first.abs_diff(linked.lines.first));
            if let Some(part) = same {
                free[part] = false;
                *with = Some(part);
            }
        }
    }
    for (link, with) in pairs.iter_mut().filter(|(_, with)| with.is_none()) {
        let candidates = (0..parts.len()).filter(|part| free[*part]);
        let likest = candidates
            .map(|part| (likeness(&links[*link], &parts[part]), part))
            .filter(|(likeness, _)| *likeness >= LIKENESS)
            .max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((_, part)) = likest {
            free[part] = false;
            *with = Some(part);
        }
    }
    pairs
}

/// The share of lines that both have, of the longer one; a block on the very same lines is taken as the one that was there.
fn likeness(link: &Link, part: &Part<'_>) -> f64 {
    if link.lines.first == part.lines.first {
        return 1.0;
    }
    let now: Vec<_> = part.text.lines().map(line_hash).collect();
    let changes = similar::capture_diff_slices(similar::Algorithm::Myers, &link.line_hashes, &now);
    let common: usize = changes
        .iter()
        .filter(|change| change.tag() == similar::DiffTag::Equal)
        .map(|change| change.new_range().len())
        .sum();
    let longest = link.line_hashes.len().max(now.len()).max(1);
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(common) / number(longest)
}

fn difference(link: &Link, part: &Part<'_>) -> Vec<Line> {
    let texts: Vec<_> = part.text.lines().collect();
    let now: Vec<_> = texts.iter().map(|line| line_hash(line)).collect();
    let changes = similar::capture_diff_slices(similar::Algorithm::Myers, &link.line_hashes, &now);
    let added = |at: usize| Line::Added(part.lines.first + at, texts[at].to_owned());
    let removed = |at: usize| Line::Removed(link.lines.first + at);
    changes
        .iter()
        .flat_map(|change| {
            let (tag, before, after) = change.as_tag_tuple();
            let same = |at: usize| Line::Same(part.lines.first + at, texts[at].to_owned());
            match tag {
                similar::DiffTag::Equal => after.map(same).collect::<Vec<_>>(),
                _ => before.map(removed).chain(after.map(added)).collect(),
            }
        })
        .collect()
}

/// The entry of a block as `document.yaml` has it, linked as `to` says.
pub fn entry(part: &Part<'_>, to: &str) -> String {
    let hashes: Vec<_> = part.text.lines().map(line_hash).collect();
    let Lines { first, last } = part.lines;
    format!(
        "  - lines: [{first}, {last}]\n    sha256: {}\n    line-hashes: {:?}\n    {to}\n",
        digest(part.text),
        hashes.join(" ")
    )
}

#[cfg(test)]
mod tests;
