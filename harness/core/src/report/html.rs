//! One self-contained HTML page: no file, font or script from anywhere else, and everything essential works with scripts
//! off. The template only lays out what `page` prepares; it decides nothing.

mod document;
mod drawing;
mod link;
mod page;
mod steps;
mod timeline;
mod witnesses;

use crate::medium::Safe;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::RenderError;
use crate::record::Record;

/// The page. Links to evidence are relative to the folder of the record.
///
/// # Errors
/// [`RenderError::Html`], which nothing in a record causes.
pub fn render(record: &Record) -> Result<Safe, RenderError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.add_template("page", include_str!("html/page.html"))?;
    environment.add_template("steps", include_str!("html/steps.html"))?;
    environment.add_template("versions", include_str!("html/versions.html"))?;
    environment.add_template("document", include_str!("html/document.html"))?;
    environment.add_template("timeline", include_str!("html/timeline.html"))?;
    let page = environment.get_template("page")?.render(context! {
        page => Value::from(Serde(page::Page::new(record))),
        style => Value::from_safe_string(include_str!("html/style.css").to_owned()),
        script => Value::from_safe_string(include_str!("html/script.js").to_owned()),
    })?;
    Ok(Safe::html(&page))
}
