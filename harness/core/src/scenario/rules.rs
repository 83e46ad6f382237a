//! What must hold inside one scenario file beyond the shape of its pieces. Every rule looks at all it can, and notes each
//! problem at the value that it is about.

mod conditions;
mod document;
mod ignored;
mod kinds;
mod names;
mod nodes;
mod probes;
mod ranges;

use super::draft::Draft;
use crate::yaml::Reading;

/// Notes everything that breaks a rule.
pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    names::check(draft, reading);
    ignored::check(draft, reading);
    document::check(draft, reading);
    nodes::check(draft, reading);
    conditions::check(draft, reading);
    ranges::check(draft, reading);
    probes::check(draft, reading);
    kinds::check(draft, reading);
}
