//! Shows one run while it goes on: on a terminal one living line with a spinner, elsewhere plain lines with the time since
//! the start.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::output;
use indicatif::{ProgressBar, ProgressStyle};
use rehearse_core::record::{Outcome, State as Ending};

use rehearse_engine::event::Event;

/// How often a plain line may say what a check still waits for.
const QUIET: Duration = Duration::from_secs(5);

/// How many characters of what was seen a line shows; the record has all of it.
const LONGEST_SEEN: usize = 160;

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Where progress is shown.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    kind: Kind,
    state: Mutex<State>,
}

#[derive(Debug)]
enum Kind {
    Terminal(ProgressBar),
    Plain,
}

#[derive(Debug, Default)]
struct State {
    steps: usize,
    step: String,
    /// When a plain line last said what a check waits for.
    said: BTreeMap<String, Instant>,
}

impl Progress {
    /// Progress on standard error, by what that is.
    pub fn new() -> Self {
        let kind = if output::is_for_people() {
            let bar = ProgressBar::new_spinner();
            // The template is a constant that the crate knows; the default style is the worst that could come of it.
            if let Ok(style) =
                ProgressStyle::with_template("{spinner:.cyan} {wide_msg} {elapsed:.dim}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(TICK);
            Kind::Terminal(bar)
        } else {
            Kind::Plain
        };
        Self {
            started: Instant::now(),
            kind,
            state: Mutex::default(),
        }
    }

    /// Shows one event.
    pub fn show(&self, event: &Event) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        let line = state.take(event, self.started);
        match &self.kind {
            Kind::Terminal(bar) => {
                if let Some(living) = living(event, &state.step) {
                    bar.set_message(output::line(&living));
                }
                if matches!(event, Event::StepStarted { .. } | Event::Doing { .. }) {
                    bar.reset_elapsed();
                }
                if let Some(line) = line.filter(|_| lasts(event)) {
                    bar.println(output::line(&line));
                }
            }
            Kind::Plain => {
                if let Some(line) = line {
                    let seconds = self.started.elapsed().as_secs_f64();
                    // Where standard error is closed, nobody is there to be told so.
                    writeln!(output::stderr(), "[{seconds:7.1} s] {line}").unwrap_or_default();
                }
            }
        }
    }

    /// Takes the living line away.
    pub fn end(&self) {
        if let Kind::Terminal(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// The line that an event is worth.
    fn take(&mut self, event: &Event, started: Instant) -> Option<String> {
        Some(match event {
            Event::Started {
                id,
                scenario,
                steps,
                versions,
            } => {
                self.steps = *steps;
                format!("run {id}: {scenario}, {steps} steps; {versions}")
            }
            Event::Doing { what } => what.clone(),
            Event::Done { what, took } => format!("{what} ({})", seconds(*took)),
            Event::StepStarted { number, id, title } => {
                self.step = format!("{number}/{} {id}", self.steps);
                self.said.clear();
                format!("{}: {title}", self.step)
            }
            Event::Acting { what, .. } => format!("  {what}"),
            Event::Waiting { that, seen, .. } => {
                let now = Instant::now();
                let last = self.said.get(that).copied().unwrap_or(started);
                if now.duration_since(last) < QUIET {
                    return None;
                }
                self.said.insert(that.clone(), now);
                format!("  waiting for: {that} (seen: {})", first_line(seen))
            }
            Event::Checked { that, word, .. } => format!("  {word}: {that}"),
            Event::StepEnded { id, outcome, took } => {
                let why = match outcome {
                    Outcome::Broken { why, .. } | Outcome::Skipped { why } => {
                        format!(": {}", first_line(why))
                    }
                    Outcome::Blocked { by, .. } => format!(" by {by}"),
                    Outcome::Passed | Outcome::Failed => String::new(),
                };
                format!(
                    "{} {id} {} ({}){why}",
                    Ending::from(outcome).mark(),
                    outcome.word(),
                    seconds(*took)
                )
            }
            Event::Notice { text } => format!("note: {text}"),
            // What is not of one run has its own place.
            Event::Preparing { .. } | Event::Building(_) | Event::Ended => return None,
        })
    }
}

/// What the living line says.
fn living(event: &Event, step: &str) -> Option<String> {
    Some(match event {
        Event::Doing { what } => what.clone(),
        Event::StepStarted { title, .. } => format!("{step}: {title}"),
        Event::Acting { what, .. } => format!("{step}: {what}"),
        Event::Waiting { that, seen, .. } => format!("{step}: {that} ({})", first_line(seen)),
        _ => return None,
    })
}

/// Whether an event's line stays on a terminal.
fn lasts(event: &Event) -> bool {
    matches!(
        event,
        Event::Started { .. } | Event::Done { .. } | Event::StepEnded { .. } | Event::Notice { .. }
    )
}

/// The beginning of a text, as much as a line of progress takes.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST_SEEN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_after_a_while_and_not_at_each_look() {
        let mut state = State::default();
        let event = Event::Waiting {
            that: "three pods are ready".to_owned(),
            seen: "pods app=normal: 2 ready instead of 3\nmore".to_owned(),
        };
        assert_eq!(state.take(&event, Instant::now()), None);
        let Some(long_ago) = Instant::now().checked_sub(QUIET) else {
            return;
        };
        insta::assert_snapshot!(
            state.take(&event, long_ago).unwrap_or_default(),
            @"  waiting for: three pods are ready (seen: pods app=normal: 2 ready instead of 3)"
        );
        assert_eq!(state.take(&event, long_ago), None);
    }

    #[test]
    fn a_step_that_ends_says_how_and_why() {
        let mut state = State::default();
        let ended = |outcome| Event::StepEnded {
            id: "normal".to_owned(),
            outcome,
            took: Duration::from_millis(4210),
        };
        let blocked = Outcome::Blocked {
            by: "install-calico".to_owned(),
            why: None,
        };
        let lines: Vec<_> = [Outcome::Passed, Outcome::Failed, blocked]
            .into_iter()
            .filter_map(|outcome| state.take(&ended(outcome), Instant::now()))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        ✓ normal passed (4.2 s)
        ✗ normal failed (4.2 s)
        ⊘ normal blocked (4.2 s) by install-calico
        ");
    }
}
