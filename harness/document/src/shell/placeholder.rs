//! What the reader is to fill in, such as `<node name>` or `{{< param "version" >}}`: a shell would take its brackets for
//! redirections, so they are masked before a text is read, and unmasked in its words.

use std::borrow::Cow;

/// Stands for each byte of a placeholder; no guide holds it.
const MASK: u8 = 0x1a;

/// The longest placeholder, in bytes.
const LONGEST: usize = 96;

/// A text of the same length in which each placeholder is one plain word.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '{']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b'<' => angle(text, at),
            b'{' => braces(text, at),
            _ => None,
        };
        let Some(length) = length else {
            at += 1;
            continue;
        };
        let out = out.get_or_insert_with(|| bytes.to_vec());
        out[at..at + length].fill(MASK);
        at += length;
    }
    match out.map(String::from_utf8) {
        Some(Ok(masked)) => Cow::Owned(masked),
        _ => Cow::Borrowed(text),
    }
}

/// A word of the masked text as it is written; `source` is the text of the word's bytes.
pub(super) fn unmasked(word: &str, source: &str) -> String {
    let mask = char::from(MASK);
    if !word.contains(mask) {
        return word.to_owned();
    }
    let masked = masked(source);
    // The placeholders of the word, in order: each run of masks is one or several of them, of the same bytes in both.
    let mut hidden = masked
        .char_indices()
        .filter(|(_, next)| *next == mask)
        .map(|(at, _)| source.as_bytes()[at]);
    let bytes: Vec<u8> = word
        .bytes()
        .map(|byte| {
            if byte == MASK {
                hidden.next().unwrap_or(b'?')
            } else {
                byte
            }
        })
        .collect();
    String::from_utf8(bytes).unwrap_or_else(|_| source.to_owned())
}

/// The length of `<name>` at a byte.
fn angle(text: &str, at: usize) -> Option<usize> {
    let before = text[..at].bytes().next_back();
    if before == Some(b'<') {
        return None;
    }
    let rest = &text.as_bytes()[at + 1..];
    let first = *rest.first()?;
    if !(first.is_ascii_alphanumeric() || matches!(first, b'.' | b'_') || first >= 0x80) {
        return None;
    }
    let length = rest
        .iter()
        .take(LONGEST)
        .position(|byte| b"<>\n'\"$|;&()`".contains(byte))?;
    (rest[length] == b'>' && rest[length - 1] != b' ').then_some(length + 2)
}

/// The length of `{{ ... }}` or `{% ... %}` at a byte.
fn braces(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let closing = match rest.as_bytes().get(1)? {
        b'{' => "}}",
        b'%' => "%}",
        _ => return None,
    };
    let limit = rest.floor_char_boundary(LONGEST);
    let line = rest[..limit].split('\n').next().unwrap_or_default();
    line.find(closing).map(|end| end + closing.len())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::at_the_end("kubeadm init <args>", "kubeadm init ??????")]
    #[case::inside_a_word("nslookup <name>.<space>", "nslookup ??????.???????")]
    #[case::with_blanks("--image=<an image> x", "--image=?????????? x")]
    #[case::a_shortcode("kubectl v{{< skew version >}}", "kubectl v????????????????????")]
    #[case::a_here_document("cat <<EOF > a", "cat <<EOF > a")]
    #[case::redirections("sort <in >out", "sort <in >out")]
    #[case::a_process("diff <(a) <(b)", "diff <(a) <(b)")]
    fn what_is_to_be_filled_in_is_one_word(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(masked(text).replace('\u{1a}', "?"), expected);
    }

    #[test]
    fn a_word_is_told_as_it_is_written() {
        let source = "\"a <b c>\"-<d>";
        let masked = masked(source).replace('"', "");
        assert_eq!(unmasked(&masked, source), "a <b c>-<d>");
    }
}
