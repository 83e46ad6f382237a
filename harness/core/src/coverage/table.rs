//! A [`Coverage`] as text: a table of checks and kinds of mutants a step, then what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use super::tally::{CheckRow, Coverage, FactRow, Reds, Watch};
use crate::mutant::FactKind;

/// How much of a check's sentence is shown.
const LONGEST_SENTENCE: usize = 60;

/// The whole text, with a newline at the end.
///
/// # Errors
/// Never in fact: writing to a text cannot fail.
pub fn render(coverage: &Coverage) -> Result<String, fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "{}: {} mutants on {}",
        coverage.scenario,
        coverage.mutants,
        coverage.captures.join(", ")
    )?;
    writeln!(
        text,
        "mutants that turned the check red / mutants in what it looks at (+n: it could not judge n more)"
    )?;
    let mut steps: Vec<&str> = Vec::new();
    for row in &coverage.checks {
        if !steps.contains(&row.step.as_str()) {
            steps.push(&row.step);
        }
    }
    for step in steps {
        let rows: Vec<&CheckRow> = coverage
            .checks
            .iter()
            .filter(|row| row.step == step)
            .collect();
        of_step(&mut text, step, &rows)?;
    }
    summary(&mut text, coverage)?;
    Ok(text)
}

fn of_step(text: &mut String, step: &str, rows: &[&CheckRow]) -> fmt::Result {
    let kinds: BTreeSet<FactKind> = rows
        .iter()
        .flat_map(|row| row.kinds.keys().copied())
        .collect();
    let width = |kind: FactKind| {
        let cells = rows.iter().filter_map(|row| row.kinds.get(&kind));
        let cells = cells.map(|reds| cell(*reds).len());
        cells.chain([kind.name().len()]).max().unwrap_or_default()
    };
    write!(text, "\n{step:<LONGEST_SENTENCE$}")?;
    for kind in &kinds {
        write!(text, "  {:>1$}", kind.name(), width(*kind))?;
    }
    writeln!(text)?;
    for row in rows {
        let sentence: String = row.that.chars().take(LONGEST_SENTENCE - 2).collect();
        write!(text, "  {sentence:<0$}", LONGEST_SENTENCE - 2)?;
        if row.meant_for.is_empty() {
            writeln!(text, "  not meant for these versions")?;
            continue;
        }
        let mut line = String::new();
        for kind in &kinds {
            let reds = row
                .kinds
                .get(kind)
                .map_or_else(String::new, |reds| cell(*reds));
            write!(line, "  {reds:>0$}", width(*kind))?;
        }
        writeln!(text, "{}", line.trim_end())?;
    }
    Ok(())
}

fn cell(reds: Reds) -> String {
    let broken = if reds.broken > 0 {
        format!("+{}", reds.broken)
    } else {
        String::new()
    };
    format!("{}{broken}/{}", reds.red, reds.touched)
}

fn summary(text: &mut String, coverage: &Coverage) -> fmt::Result {
    let meant = coverage.checks.iter().filter(|row| row.is_meant());
    let meant = meant.count();
    let seen = meant - coverage.never_red().count();
    let not_meant = coverage.checks.len() - meant;
    writeln!(
        text,
        "\nchecks: {seen} of {meant} seen failing{}",
        match not_meant {
            0 => String::new(),
            number => format!("; {number} more are meant for none of these versions"),
        }
    )?;
    let count =
        |is: &dyn Fn(&Watch) -> bool| coverage.facts.iter().filter(|fact| is(&fact.watch)).count();
    let all = coverage.facts.len();
    let watched = count(&|watch| matches!(watch, Watch::Watched));
    let partly = count(&|watch| matches!(watch, Watch::Partly));
    let ignored = count(&|watch| matches!(watch, Watch::Ignored(_)));
    let unwatched = count(&|watch| matches!(watch, Watch::Unwatched));
    writeln!(
        text,
        "facts: {all} seen; {} watched ({}), {partly} of them not against every mutant; {ignored} ignored with a reason; \
         {unwatched} unwatched; watched or ignored: {}",
        watched + partly,
        share(watched + partly, all),
        share(all - unwatched, all),
    )?;
    if !coverage.only_broken.is_empty() {
        writeln!(
            text,
            "noticed only as `could not be found out`: {} mutants, such as {}",
            coverage.only_broken.len(),
            coverage.only_broken.first().map_or("", String::as_str)
        )?;
    }
    missing(text, coverage)
}

fn share(part: usize, all: usize) -> String {
    let tenths = (part * 1000).checked_div(all).unwrap_or_default();
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn missing(text: &mut String, coverage: &Coverage) -> fmt::Result {
    section(
        text,
        "not reached by the captured run, so shown by the others alone",
        &coverage.not_reached,
    )?;
    section(text, "not green without a mutant", &coverage.not_green)?;
    section(text, "mutants that changed nothing", &coverage.not_made)?;
    let without_maker: Vec<String> = coverage.without_maker.iter().cloned().collect();
    section(
        text,
        "outputs in JSON without a maker of mutants",
        &without_maker,
    )?;
    let never_red: Vec<String> = coverage
        .never_red()
        .map(|row| format!("{} / {} ({})", row.step, row.that, row.kind))
        .collect();
    section(text, "checks that no mutant turned red", &never_red)?;
    let mut unwatched: BTreeMap<(&str, &str), Vec<&FactRow>> = BTreeMap::new();
    for fact in coverage.unwatched() {
        unwatched
            .entry((&fact.step, fact.fact))
            .or_default()
            .push(fact);
    }
    let lines: Vec<String> = unwatched
        .into_iter()
        .map(|((step, fact), rows)| {
            // Of those that break a check the first is named: there a reader of outputs is to be mended.
            let broken = rows.iter().find(|row| !row.only_broken.is_empty());
            let named = broken.or(rows.first()).map_or("", |row| &row.subject);
            let how = match broken.and_then(|row| row.only_broken.first()) {
                Some(mutation) => format!(" ({mutation}: it could not be judged)"),
                None => String::new(),
            };
            format!("{step} / {fact}: {} such as `{named}`{how}", rows.len())
        })
        .collect();
    section(
        text,
        "facts that no check watches and that are not ignored",
        &lines,
    )
}

fn section(text: &mut String, title: &str, lines: &[String]) -> fmt::Result {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{title}:")?;
    for line in lines {
        writeln!(text, "  {line}")?;
    }
    Ok(())
}
