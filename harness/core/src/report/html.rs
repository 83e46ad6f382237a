//! One self-contained HTML page: no file, font or script from anywhere else, and everything essential works with scripts
//! off. The template only lays out what `page` prepares; it decides nothing.

mod document;
mod drawing;
mod link;
mod page;
mod steps;
mod timeline;
mod witnesses;

use super::RenderError;
use super::template::{Layout, fill};
use crate::medium::Safe;
use crate::record::Record;

const LAYOUT: Layout<'static> = Layout {
    templates: &[
        ("page", include_str!("html/page.html")),
        ("steps", include_str!("html/steps.html")),
        ("versions", include_str!("html/versions.html")),
        ("document", include_str!("html/document.html")),
        ("timeline", include_str!("html/timeline.html")),
    ],
    styles: &[include_str!("html/style.css")],
    script: include_str!("html/script.js"),
};

/// The page. Links to evidence are relative to the folder of the record.
///
/// # Errors
/// [`RenderError::Html`], which nothing in a record causes.
pub fn render(record: &Record) -> Result<Safe, RenderError> {
    fill(&LAYOUT, page::Page::new(record))
}
