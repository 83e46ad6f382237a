//! What came of a matrix: one self-contained page, a table for the terminal and one in Markdown.
//!
//! The page loads nothing and has no script: which cell is open is in its address, after the `#`.

use super::RenderError;
use super::template::{Layout, fill};
use crate::matrix::Merged;
use crate::medium::Safe;
use crate::record::compare::KnownChanges;

mod page;
mod table;

pub use table::{markdown, terminal};

const LAYOUT: Layout<'static> = Layout {
    templates: &[("page", include_str!("matrix/page.html"))],
    styles: &[
        include_str!("html/style.css"),
        include_str!("matrix/style.css"),
    ],
    script: "",
};

/// The page, with what the cells have other than the base cell, and whether a known change explains it. Links to the
/// reports of cells are relative to the folder in which the cells' folders are.
///
/// # Errors
/// [`RenderError::Html`], which nothing in a result causes.
pub fn html(merged: &Merged, known: &KnownChanges) -> Result<Safe, RenderError> {
    fill(&LAYOUT, page::Page::new(merged, known))
}
