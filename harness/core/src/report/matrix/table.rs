//! The result of a matrix as a table: for the terminal a line a cell, in Markdown step × cell.

use super::page::{headline, state, steps, total, word};
use crate::matrix::{Merged, MergedCell};
use crate::medium::Safe;
use crate::record::State;
use crate::report::markdown::{code, line};
use crate::report::text::{append, one_line};

/// A line for each cell with its verdict and why, then the verdict of the whole.
pub fn terminal(merged: &Merged) -> Safe {
    let mut text = String::new();
    let width = merged
        .cells
        .iter()
        .map(|cell| cell.name.chars().count())
        .max();
    let width = width.unwrap_or_default();
    for cell in &merged.cells {
        let (_, mark) = state(cell.judgement.verdict);
        append(
            &mut text,
            format_args!(
                "{mark} {:width$}  {:13}  {:>12}  {}\n",
                one_line(&cell.name),
                word(cell.judgement.verdict),
                total(cell),
                one_line(&cell.judgement.why),
            ),
        );
    }
    for left_out in &merged.left_out {
        append(
            &mut text,
            format_args!("– {:width$}  not run: {}\n", left_out.name, left_out.why),
        );
    }
    append(
        &mut text,
        format_args!(
            "\nagain  {}\n{}: {}\n",
            one_line(&merged.command),
            one_line(&merged.scenario),
            headline(merged)
        ),
    );
    Safe::terminal(&text, false)
}

/// A table of step × cell for a step summary or a pull request.
pub fn markdown(merged: &Merged) -> Safe {
    let (_, mark) = state(match merged.exit_code() {
        0 => crate::matrix::CellVerdict::AsExpected,
        1 => crate::matrix::CellVerdict::Unexpected,
        _ => crate::matrix::CellVerdict::NotFoundOut,
    });
    let mut text = format!(
        "## {mark} {}: {}\n\n|  |",
        line(&merged.scenario),
        headline(merged)
    );
    for cell in &merged.cells {
        append(&mut text, format_args!(" {} |", versions(cell)));
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(merged.cells.len()));
    for step in steps(merged) {
        append(&mut text, format_args!("\n| {} |", line(&step.id)));
        for cell in &merged.cells {
            let found = cell.record.as_ref().and_then(|record| {
                let mut steps = record.canonical.steps.iter();
                steps.find(|other| other.id == step.id)
            });
            let mark = found.map_or(' ', |step| State::from(&step.outcome).mark());
            append(&mut text, format_args!(" {mark} |"));
        }
    }
    text.push_str("\n| **verdict** |");
    for cell in &merged.cells {
        append(
            &mut text,
            format_args!(" {} |", word(cell.judgement.verdict)),
        );
    }
    text.push_str("\n\n");
    for cell in &merged.cells {
        append(
            &mut text,
            format_args!("- {}: {}\n", code(&cell.name), line(&cell.judgement.why)),
        );
    }
    for left_out in &merged.left_out {
        let why = line(&left_out.why);
        append(
            &mut text,
            format_args!("- {}: not run, {why}\n", code(&left_out.name)),
        );
    }
    append(
        &mut text,
        format_args!(
            "\nHow to do it again:\n\n```sh\n{}\n```\n",
            one_line(&merged.command)
        ),
    );
    Safe::markdown(&text)
}

fn versions(cell: &MergedCell) -> String {
    let versions = cell.versions.iter();
    let versions: Vec<_> = versions
        .map(|(name, version)| format!("{} {}", line(name), line(version)))
        .collect();
    versions.join("<br>")
}
