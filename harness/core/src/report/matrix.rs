//! What came of a matrix: one self-contained page, a table for the terminal and one in Markdown.
//!
//! The page loads nothing and has no script: which cell is open is in its address, after the `#`.

use crate::medium::Safe;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::RenderError;
use crate::matrix::Merged;
use crate::record::compare::KnownChanges;

mod page;
mod table;

pub use table::{markdown, terminal};

/// The page, with what the cells have other than the base cell, and whether a known change explains it. Links to the reports of cells are relative to the folder in which the cells' folders are.
///
/// # Errors
/// [`RenderError::Html`], which nothing in a result causes.
pub fn html(merged: &Merged, known: &KnownChanges) -> Result<Safe, RenderError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.add_template("page", include_str!("matrix/page.html"))?;
    let style = concat!(
        include_str!("html/style.css"),
        include_str!("matrix/style.css")
    );
    let page = environment.get_template("page")?.render(context! {
        page => Value::from(Serde(page::Page::new(merged, known))),
        style => Value::from_safe_string(style.to_owned()),
    })?;
    Ok(Safe::html(&page))
}
