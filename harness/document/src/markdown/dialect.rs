//! What only one renderer's Markdown means → plain Markdown of the same length, line by line.

/// Shortcodes whose inside is code.
const CODE: [&str; 5] = ["highlight", "codeFromInline", "codeblock", "text", "prism"];

/// Tags whose inside is taken as it is written.
const VERBATIM: [&str; 5] = ["pre", "code", "script", "style", "textarea"];

/// A text in which the dialects' own words are plain Markdown; every byte keeps its place.
pub(super) fn plain(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // A shortcode that is never closed is no code.
    let last_end = lines.iter().rposition(|line| is_code_end(line.trim()));
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<(char, usize)> = None;
    let mut in_shortcode = false;
    for (number, line) in lines.iter().enumerate() {
        let body = line.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim();
        let start = out.len();
        if in_shortcode {
            if is_code_end(trimmed) {
                in_shortcode = false;
                push(&mut out, body, "~~~~");
            } else {
                out.push_str(body);
            }
        } else if let Some((mark, length)) = fence {
            let behind = trimmed.trim_start_matches(['>', ' ']);
            if run(behind, mark) >= length && behind.chars().all(|next| next == mark) {
                fence = None;
            }
            out.push_str(body);
        } else if let Some(opened) = opened_fence(trimmed) {
            fence = Some(opened);
            out.push_str(body);
        } else if let Some(language) =
            code_start(trimmed).filter(|_| last_end.is_some_and(|end| end > number))
        {
            in_shortcode = true;
            push(&mut out, body, &format!("~~~~{language}"));
        } else {
            outside(&mut out, body, trimmed);
        }
        debug_assert_eq!(out.len(), start + body.len(), "{body:?}");
        out.push_str(&line[body.len()..]);
    }
    out
}

/// A line outside of code.
fn outside(out: &mut String, body: &str, trimmed: &str) {
    let indentation = &body[..body.len() - body.trim_start().len()];
    let head = ["!!! ", "??? ", "???+ ", "=== \"", "=== '"]
        .iter()
        .find(|head| trimmed.starts_with(**head));
    if let Some(head) = head {
        // Its content is indented by four, as that of this list item is.
        out.push_str(indentation);
        out.push_str("-   ");
        out.push_str(&"_".repeat(head.len() - 4));
        out.push_str(&body[indentation.len() + head.len()..]);
    } else if trimmed.starts_with(":::") || is_tags(trimmed) {
        out.push_str(&" ".repeat(body.len()));
    } else {
        out.push_str(body);
    }
}

/// Writes a word at the indentation of a line, as long as the line; a line that is too short stays as it is.
fn push(out: &mut String, body: &str, word: &str) {
    let indentation = body.len() - body.trim_start().len();
    if indentation + word.len() > body.len() {
        out.push_str(body);
        return;
    }
    out.push_str(&body[..indentation]);
    out.push_str(word);
    out.push_str(&" ".repeat(body.len() - indentation - word.len()));
}

fn run(text: &str, mark: char) -> usize {
    text.chars().take_while(|next| *next == mark).count()
}

/// The mark and length of a fence that a line opens, behind the marks of lists and quotes.
fn opened_fence(trimmed: &str) -> Option<(char, usize)> {
    let behind = trimmed
        .trim_start_matches(['>', ' ', '-', '*', '+'])
        .trim_start_matches(|next: char| next.is_ascii_digit() || matches!(next, '.' | ')' | ' '));
    let mark = behind
        .chars()
        .next()
        .filter(|mark| matches!(mark, '`' | '~'))?;
    let length = run(behind, mark);
    let inline = mark == '`' && behind[length..].contains('`');
    (length >= 3 && !inline).then_some((mark, length))
}

/// The words between a shortcode's brackets.
fn shortcode(trimmed: &str) -> Option<&str> {
    [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}")]
        .iter()
        .find_map(|(opening, closing)| {
            let inside = trimmed.strip_prefix(opening)?.strip_suffix(closing)?;
            (!inside.contains(opening)).then_some(inside.trim())
        })
}

/// The language of the code that starts behind a shortcode.
fn code_start(trimmed: &str) -> Option<String> {
    let inside = shortcode(trimmed)?;
    let mut words = inside.split_whitespace();
    if !CODE.contains(&words.next()?) {
        return None;
    }
    let language = words.find_map(|word| match word.split_once('=') {
        None => Some(word),
        Some(("lang" | "language" | "syntax", value)) => Some(value),
        Some(_) => None,
    });
    let is_plain = |next: &char| next.is_ascii_alphanumeric() || *next == '-';
    Some(
        language
            .unwrap_or_default()
            .trim_matches(['"', '\''])
            .chars()
            .take_while(is_plain)
            .collect(),
    )
}

fn is_code_end(trimmed: &str) -> bool {
    shortcode(trimmed).is_some_and(|inside| {
        let name = inside
            .strip_prefix('/')
            .or_else(|| inside.strip_prefix("end"));
        name.is_some_and(|name| CODE.contains(&name.trim()))
    })
}

/// Whether a line is nothing but tags, so that what follows it is Markdown for MDX, though HTML for others.
fn is_tags(trimmed: &str) -> bool {
    let mut rest = trimmed;
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let Some(inside) = rest.strip_prefix('<') else {
            return false;
        };
        let name = inside.strip_prefix('/').unwrap_or(inside);
        let Some(end) = inside.find('>') else {
            return false;
        };
        let word: String = name
            .chars()
            .take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '-'))
            .collect();
        let named = word.starts_with(|first: char| first.is_ascii_alphabetic());
        // `<https://...>` is a link.
        let link = name[word.len()..].starts_with([':', '@']);
        if !named || link || VERBATIM.contains(&word.to_lowercase().as_str()) {
            return false;
        }
        rest = inside[end + 1..].trim_start();
    }
    true
}
