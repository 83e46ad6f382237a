//! Where the tags of a template are: what stands between `{{` and `}}`, or other such marks.

use std::ops::Range;

/// What opens and what closes a tag; both have two letters.
pub(super) type Marks = [&'static str; 2];

/// The marks of a variable.
pub(super) const VARIABLE: Marks = ["{{", "}}"];

/// The marks of a statement, which only templates of files have.
pub(super) const STATEMENT: Marks = ["{%", "%}"];

/// The inside of each tag, in the text's order. One that is not closed is an error, and the last.
pub(super) fn tags<'a>(
    text: &'a str,
    marks: &'a [Marks],
) -> impl Iterator<Item = Result<Range<usize>, String>> + 'a {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..)?;
        let found = marks
            .iter()
            .filter_map(|[open, close]| Some((rest.find(open)?, open, close)));
        let (at, open, close) = found.min_by_key(|(at, ..)| *at)?;
        let inside = start + at + open.len();
        let length = text.get(inside..).and_then(|rest| rest.find(close));
        let Some(length) = length else {
            start = text.len();
            return Some(Err(format!("`{open}` without `{close}`")));
        };
        start = inside + length + close.len();
        Some(Ok(inside..inside + length))
    })
}

/// The first word of a text; a variable is one word, whatever blanks are in it.
pub(crate) fn word(text: &str) -> &str {
    let end = match tags(text, &[VARIABLE]).next() {
        Some(Ok(tag)) if text.starts_with(VARIABLE[0]) => Some(tag.end + VARIABLE[1].len()),
        _ => text.find(' '),
    };
    end.map_or(text, |end| &text[..end])
}
