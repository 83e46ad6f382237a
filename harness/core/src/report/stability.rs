//! What several runs of the same versions have in common, as Markdown: fit for a terminal and for a document.

use super::markdown::{code, code_cell, line};
use super::text::{append, count, duration};
use crate::medium::Safe;
use crate::record::repeat::{Flicker, Stability};

/// The table, with a line feed at its end.
pub fn render(stability: &Stability) -> Safe {
    let mut text = String::new();
    let identical = if stability.identical {
        "identical to the byte"
    } else {
        "not identical"
    };
    append(
        &mut text,
        format_args!(
            "| runs | facts, verdicts and outcomes | canonical records | facts that flicker |\n|--:|--:|---|--:|\n| {} | {} | {identical} | {} |\n\n",
            stability.runs,
            stability.facts,
            stability.flickers.len(),
        ),
    );
    for flicker in &stability.flickers {
        append(&mut text, format_args!("{}\n", self::flicker(flicker)));
    }
    for path in &stability.other_differences {
        append(&mut text, format_args!("- not the same: {}\n", code(path)));
    }
    if !stability.flickers.is_empty() || !stability.other_differences.is_empty() {
        text.push('\n');
    }
    text.push_str("| step | passed | shortest | median | longest |\n|---|--:|--:|--:|--:|\n");
    for spread in &stability.spread {
        append(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} |\n",
                code_cell(&spread.of),
                spread.runs,
                duration(spread.least),
                duration(spread.median),
                duration(spread.most),
            ),
        );
    }
    Safe::markdown(&text)
}

fn flicker(flicker: &Flicker) -> String {
    let values: Vec<_> = flicker
        .values
        .iter()
        .map(|(value, runs)| format!("{} in {}", code(value), count(*runs, "run")))
        .collect();
    let check = if flicker.check.is_empty() {
        String::new()
    } else {
        format!(" {},", line(&flicker.check))
    };
    format!(
        "- flickers: {}:{check} {}, {}: {}",
        code(&flicker.step),
        line(&flicker.subject),
        line(&flicker.fact),
        values.join("; ")
    )
}
