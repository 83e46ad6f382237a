//! A CNI configuration is JSON: no comments, every key in quotes, no comma behind the last value.

use std::ops::Range;

use serde_json::Value;

use crate::PieceKind;
use crate::lint::context::Context;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "configuration-json",
    about: "A CNI configuration is no JSON",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut texts = Vec::new();
    for (block, piece) in context.document.pieces() {
        if piece.kind != PieceKind::File {
            continue;
        }
        // `jsonc` and `json5` say themselves that they are none.
        let language = block.fence.as_ref().map_or("", |fence| fence.info.as_str());
        let text = context.text(&piece.content);
        let is_json = matches!(language, "" | "json") && text.trim_start().starts_with('{');
        if is_json && text.contains("\"cniVersion\"") {
            texts.push(piece.content.clone());
        }
    }
    for file in &context.files {
        let text = context.text(&file.body);
        if text.trim_start().starts_with('{') && text.contains("\"cniVersion\"") {
            texts.push(file.body.clone());
        }
    }
    for manifest in &context.manifests {
        if manifest.text("/kind") == "NetworkAttachmentDefinition"
            && manifest
                .value
                .pointer("/spec/config")
                .is_some_and(Value::is_string)
        {
            texts.extend(embedded(context, &manifest.span));
        }
    }
    texts
        .iter()
        .filter_map(|text| broken(context, text))
        .collect()
}

/// The JSON of a definition as it is written in its object's YAML.
fn embedded(context: &Context<'_>, object: &Range<usize>) -> Option<Range<usize>> {
    let text = context.configuration_text(object);
    let written = context.text(&text);
    let trimmed = written.trim_start();
    let from = text.start + written.len() - trimmed.len();
    if let Some(inside) = trimmed.strip_prefix('\'') {
        let end = inside.find('\'')?;
        return Some(from + 1..from + 1 + end);
    }
    if !trimmed.starts_with(['|', '>']) {
        return None;
    }
    let start = written.find('\n')? + 1;
    // The text ends where a line is indented less than its first one.
    let lines = context.lines(&(text.start + start..text.end));
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let first = lines.iter().find(|(_, line)| !line.trim().is_empty())?;
    let within = indentation(first.1);
    let last = lines
        .iter()
        .take_while(|(_, line)| line.trim().is_empty() || indentation(line) >= within)
        .last()?;
    Some(text.start + start..last.0.end)
}

fn broken(context: &Context<'_>, span: &Range<usize>) -> Option<Draft> {
    let text = context.text(span);
    let error = serde_json::from_str::<Value>(text).err()?;
    // What is left out or filled in by the reader is no mistake.
    let left_out = text.contains("...") || text.contains('…');
    let (line, column) = (error.line(), error.column());
    let (place, written) = context
        .lines(span)
        .into_iter()
        .nth(line.saturating_sub(1))?;
    let before = context.lines(span).into_iter().nth(line.saturating_sub(2));
    let filled = [Some(written), before.map(|(_, line)| line)]
        .into_iter()
        .flatten()
        .any(is_filled_in);
    if left_out || filled || error.is_eof() && text.trim().is_empty() {
        return None;
    }
    let at = place.start + written.floor_char_boundary(column.saturating_sub(1).min(written.len()));
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    Some(Draft::error(
        at..at,
        format!(
            "this configuration is no JSON: {message}; whoever reads it refuses it, and no pod gets the network"
        ),
        "take comments out, put every key in quotes, and no comma behind the last value",
    ))
}

/// Whether the reader, a shell or a template puts something into a line.
fn is_filled_in(line: &str) -> bool {
    let placeholder = line
        .match_indices('<')
        .any(|(at, _)| line[at + 1..].starts_with(|next: char| next.is_alphabetic()));
    placeholder
        || ["$", "{{", "{%", "__"]
            .iter()
            .any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn what_is_no_json() {
        assert_eq!(
            found(
                &RULE,
                "```json\n{\n  \"cniVersion\": \"1.0.0\",\n  \"type\": \"bridge\",\n}\n```\n"
            )
            .lines()
            .count(),
            1
        );
        assert_eq!(
            found(
                &RULE,
                "```\n{\n  \"cniVersion\": \"1.0.0\",\n  ...\n}\n```\n"
            ),
            ""
        );
        let inside = "{ \"cniVersion\": \"1.0.0\", \"type\": \"multus\",\n  \"delegates\": [...] }";
        assert_eq!(found(&RULE, &format!("```json\n{inside}\n```\n")), "");
        assert_eq!(
            found(
                &RULE,
                "```jsonc\n{\n  // why\n  \"cniVersion\": \"1.0.0\"\n}\n```\n"
            ),
            ""
        );
    }
}
