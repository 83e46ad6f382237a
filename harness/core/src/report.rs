//! Record to text. Every report is a pure function of the record, so that none of them can tell anything else than the
//! others; none reads a file, the clock or the cluster.

pub mod annotations;
pub mod comparison;
pub mod ctrf;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod matrix;
pub mod sarif;
pub mod stability;
pub mod terminal;

mod difference;
mod document;
mod messages;
mod overview;
mod template;
mod text;

#[cfg(test)]
pub(crate) mod tests;

use thiserror::Error;

/// Why a report could not be made. What a record says never leads here; it is this program's fault.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The XML writer refused.
    #[error("failed to write the JUnit report")]
    Junit(#[from] quick_junit::SerializeError),
    /// The page's template is wrong.
    #[error("failed to fill in the template of the HTML report")]
    Html(#[from] minijinja::Error),
}
