//! Text inside JSON strings: each string that has escapes, single marks or a Secret in flow form is read, redacted as a text of its own and written again where
//! that changed it. So nothing hides behind `\\n`, `\\u0041` or a second quoting.

use std::borrow::Cow;
use std::ops::Range;

use super::redact_at;

/// How often a text is looked for inside a text.
pub(super) const DEPTH: usize = 4;

/// The text with its strings redacted, which stand `depth` deep in others.
pub(super) fn redact(text: &str, depth: usize) -> Cow<'_, str> {
    if depth >= DEPTH || !differs_inside(text) {
        return text.into();
    }
    let mut changed = String::new();
    let mut kept = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for range in strings(line) {
            let range = start + range.start..start + range.end;
            if range.start < kept {
                continue;
            }
            if let Some(with) = redacted(&text[range.clone()], depth) {
                changed.push_str(&text[kept..range.start]);
                changed.push_str(&with);
                kept = range.end;
            }
        }
        start += line.len();
    }
    if kept == 0 {
        return text.into();
    }
    changed.push_str(&text[kept..]);
    changed.into()
}

/// Whether a text may read otherwise as one of its own than between its marks: it has escapes, single marks, or objects in
/// flow form.
fn differs_inside(text: &str) -> bool {
    text.contains(['\\', '\'']) || text.contains("Secret") && text.contains('{')
}

/// The strings of a line that [differ inside](differs_inside), with their marks. Where a mark stands alone, what lies between the others may
/// be read either way.
fn strings(line: &str) -> Vec<Range<usize>> {
    let mut marks = Vec::new();
    let mut is_escaped = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'\\' => is_escaped = !is_escaped,
            b'"' if !is_escaped => marks.push(at),
            _ => is_escaped = false,
        }
    }
    let first = marks.chunks_exact(2);
    let is_odd = marks.len() % 2 == 1;
    let second = marks[usize::from(is_odd)..].chunks_exact(2);
    let second = second.filter(|_| is_odd);
    let mut all: Vec<Range<usize>> = first
        .chain(second)
        .map(|pair| pair[0]..pair[1] + 1)
        .filter(|range| differs_inside(&line[range.clone()]))
        .collect();
    all.sort_unstable_by_key(|range| range.start);
    all
}

fn redacted(string: &str, depth: usize) -> Option<String> {
    let inner: String = serde_json::from_str(string).ok()?;
    let redacted = redact_at(&inner, depth + 1)?;
    serde_json::to_string(&redacted).ok()
}
