//! Texts in which nothing was found, so that they are looked through once. What a cluster says is mostly what it said at the
//! step before, and a journal is the journal of before with more lines.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// Shorter texts are looked through as fast as they are looked up.
const SHORTEST: usize = 64;

/// How many are remembered.
const MOST: usize = 1 << 16;

thread_local! {
    /// A digest of each text with the depth in which it stands, under keys of this thread's own.
    static KNOWN: RefCell<(RandomState, HashSet<u64>)> = RefCell::default();
}

/// Whether nothing was found in this text, so deep in others.
pub(super) fn is_known(text: &str, depth: usize) -> bool {
    text.len() >= SHORTEST
        && KNOWN.with_borrow(|(keys, known)| known.contains(&keys.hash_one((text, depth))))
}

/// Remembers that nothing was found.
pub(super) fn remember(text: &str, depth: usize) {
    if text.len() < SHORTEST {
        return;
    }
    KNOWN.with_borrow_mut(|(keys, known)| {
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(keys.hash_one((text, depth)));
    });
}
