//! Whether what is missing may be made: asked on a terminal, never assumed elsewhere.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;

use crate::output;
use anyhow::{Context as _, Result, bail};
use rehearse_engine::prepare::Prepared;
use rehearse_engine::setup::Piece;
use rehearse_engine::stage::capture;

/// What follows from what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Go,
    Ask,
    Refuse,
}

/// Agrees where the user has said so, or says so now.
///
/// # Errors
/// What is missing and the command that cures it.
pub fn agree(setup: bool, prepared: &Prepared, missing: &[Piece]) -> Result<()> {
    let terminal = io::stdin().is_terminal() && output::is_for_people();
    let agreed = match next(setup, terminal) {
        Next::Go => true,
        Next::Ask => is_agreed(missing)?,
        Next::Refuse => false,
    };
    if !agreed {
        bail!(refusal(missing, offer(prepared)?));
    }
    Ok(())
}

fn next(setup: bool, terminal: bool) -> Next {
    match (setup, terminal) {
        (true, _) => Next::Go,
        (false, true) => Next::Ask,
        (false, false) => Next::Refuse,
    }
}

fn is_agreed(missing: &[Piece]) -> Result<bool> {
    let mut stderr = output::stderr();
    write!(stderr, "{}make it now? [y/N] ", listed(missing))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("failed to read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The command that shows the whole program at once, where the scenario has a capture: the one that fits the plan, else
/// the first.
fn offer(prepared: &Prepared) -> Result<Option<String>> {
    let names = capture::names(&prepared.folder)?;
    let fitting = capture::name(&prepared.plan);
    let name = names.iter().find(|name| **name == fitting);
    let scenario = match &prepared.selection.scenario {
        Some(folder) => format!(" {}", folder.display()),
        None => String::new(),
    };
    Ok(name
        .or(names.first())
        .map(|name| format!("rehearse run{scenario} --on capture:{name}")))
}

fn refusal(missing: &[Piece], offer: Option<String>) -> String {
    let offer = offer.map_or_else(String::new, |command| {
        format!("\nor, at once and without a cluster, judge what an earlier run saw: {command}")
    });
    format!(
        "{}cure: the same command with --setup makes it first{offer}",
        listed(missing)
    )
}

fn listed(missing: &[Piece]) -> String {
    let width = missing
        .iter()
        .map(|piece| piece.what.chars().count())
        .max()
        .unwrap_or_default();
    let total: Duration = missing.iter().map(|piece| piece.estimate).sum();
    let mut text = format!(
        "missing, {} in all from empty caches on two processors:\n",
        about(total)
    );
    for piece in missing {
        // Writing to a text cannot fail.
        writeln!(text, "  {:width$}  {}", piece.what, about(piece.estimate)).unwrap_or_default();
    }
    text
}

/// A time for people, as far as it can be told beforehand.
pub(crate) fn about(estimate: Duration) -> String {
    match estimate.as_secs() {
        seconds @ 0..60 => format!("about {seconds} s"),
        seconds => format!("about {} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_unasked() {
        assert_eq!(next(true, false), Next::Go);
        assert_eq!(next(true, true), Next::Go);
        assert_eq!(next(false, true), Next::Ask);
        assert_eq!(next(false, false), Next::Refuse);
    }

    #[test]
    fn what_is_missing_is_listed_with_its_cure() {
        let piece = |what: &str, seconds| Piece {
            what: what.to_owned(),
            estimate: Duration::from_secs(seconds),
        };
        let missing = [
            piece("a Docker engine that answers", 60),
            piece("kubernetes 1.34.4", 480),
            piece("pause 3.10.1", 5),
        ];
        let offer = Some("rehearse run --on capture:calico-3.28.4_multus-4.2.1".to_owned());
        insta::assert_snapshot!(refusal(&missing, offer), @r"
        missing, about 10 min in all from empty caches on two processors:
          a Docker engine that answers  about 1 min
          kubernetes 1.34.4             about 8 min
          pause 3.10.1                  about 5 s
        cure: the same command with --setup makes it first
        or, at once and without a cluster, judge what an earlier run saw: rehearse run --on capture:calico-3.28.4_multus-4.2.1
        ");
    }
}
