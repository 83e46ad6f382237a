//! A page from its templates: strict about names, every text escaped, nothing loaded from anywhere.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use super::RenderError;
use crate::medium::Safe;

/// What of a page is not its values.
pub(super) struct Layout<'a> {
    /// By name; the first one is the page, the others are included in it.
    pub(super) templates: &'a [(&'static str, &'static str)],
    /// Style sheets, one after the other.
    pub(super) styles: &'a [&'static str],
    /// Empty for a page that has no script.
    pub(super) script: &'static str,
}

/// The page with its values, which the template knows as `page`, beside `style` and `script`.
///
/// # Errors
/// [`RenderError::Html`] where a template is wrong.
pub(super) fn fill(layout: &Layout<'_>, page: impl Serialize) -> Result<Safe, RenderError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    for (name, text) in layout.templates {
        environment.add_template(name, text)?;
    }
    let page = environment.get_template("page")?.render(context! {
        page => Value::from(Serde(page)),
        style => Value::from_safe_string(layout.styles.concat()),
        script => Value::from_safe_string(layout.script.to_owned()),
    })?;
    Ok(Safe::html(&page))
}
