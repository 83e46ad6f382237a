//! What is fetched is used.

use crate::lint::context::{Context, Typed};
use crate::lint::facts::{file_name, urls};
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "unused-download",
    about: "A file is fetched and never used",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let patterns: Vec<&str> = context
        .commands
        .iter()
        .flat_map(|command| &command.words)
        .map(|word| word.text.as_str())
        .filter(|text| text.contains('*'))
        .collect();
    for command in context.commands.iter().filter(|command| !command.inline) {
        // With `-O NAME` wget stores under that name.
        let keeps_name = match command.program() {
            "wget" => {
                command.find(&["-O", "--output-document"]).is_none()
                    && !Typed::short_options(&command.words).any(|(_, letter)| letter == 'O')
            }
            "curl" => {
                command.find(&["--remote-name"]).is_some()
                    || Typed::short_options(&command.words).any(|(_, letter)| letter == 'O')
            }
            _ => false,
        };
        let piped = context.pipeline(command.pipeline).count() > 1;
        if !keeps_name || piped {
            continue;
        }
        for word in &command.words {
            let text = without_substitutions(context.text(&word.span));
            for (at, url) in urls(&text) {
                let name = file_name(url);
                let span = word.span.start + at.start..word.span.start + at.end;
                let plain = |next: char| next.is_ascii_alphanumeric() || "-_.".contains(next);
                if !name.contains('.') && name.len() < 3 || !name.chars().all(plain) {
                    continue;
                }
                let elsewhere = context
                    .mentions
                    .of_file(name)
                    .iter()
                    .any(|place| !span.contains(place));
                if !elsewhere && !patterns.iter().any(|pattern| may_match(pattern, name)) {
                    drafts.push(Draft::note(
                        span,
                        format!("`{name}` is fetched here and never used"),
                        "leave the command out, or say what the file is for",
                    ));
                }
            }
        }
    }
    drafts
}

/// Whether a pattern of file names starts and ends as a name does.
fn may_match(pattern: &str, name: &str) -> bool {
    let pattern = file_name(pattern);
    let (Some(start), Some(end)) = (pattern.split('*').next(), pattern.rsplit('*').next()) else {
        return false;
    };
    name.starts_with(start) && name.ends_with(end)
}

/// A text of the same length in which each `$(...)` is letters, since a shell puts something else there.
fn without_substitutions(text: &str) -> String {
    let mut depth = 0_usize;
    let mut before = ' ';
    text.chars()
        .map(|next| {
            match next {
                '(' if before == '$' || depth > 0 => depth += 1,
                ')' if depth > 0 => {
                    depth -= 1;
                    before = next;
                    return 'x';
                }
                _ => {}
            }
            before = next;
            if depth > 0 && next.is_ascii() {
                'x'
            } else if next == '$' {
                '$'
            } else {
                next
            }
        })
        .collect::<String>()
        .replace("$x", "xx")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn a_file_that_nobody_uses() {
        let fetch = "```\ncurl -fLO https://example.org/v1.0.0/a.yaml\n```\n";
        assert_snapshot!(found(&RULE, fetch), @"2:11 note unused-download: `a.yaml` is fetched here and never used (hint: leave the command out, or say what the file is for)");
        assert_eq!(
            found(
                &RULE,
                &format!("{fetch}\n```\nkubectl create -f a.yaml\n```\n")
            ),
            ""
        );
    }
}
