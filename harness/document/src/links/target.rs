//! What becomes of a block, wherever it is now.

use super::Coverage;
use crate::Lines;
use crate::overlay::{Overlay, Target};

impl Coverage {
    /// What becomes of the block on these lines, as `overlay` says, which this coverage was made of. None where nothing is
    /// said of it.
    pub fn target<'a>(&'a self, lines: Lines, overlay: &'a Overlay) -> Option<&'a Target> {
        // The block that was linked on these lines may be elsewhere now.
        if self.gaps.contains(&lines) {
            return None;
        }
        let changed = self.changed.iter();
        let changed = changed.map(|changed| (changed.lines, &changed.link));
        let moved = self.moved.iter().map(|(link, lines)| (*lines, link));
        let same = overlay.blocks.iter().map(|link| (link.lines, link));
        let mut linked = changed.chain(moved).chain(same);
        let (_, link) = linked.find(|(known, _)| *known == lines)?;
        Some(&link.to)
    }
}
