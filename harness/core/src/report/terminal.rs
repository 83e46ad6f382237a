//! The end of a run on a terminal: a table of the steps, what failed, what to know, where the record is. Progress while
//! the run goes on is the program's.

mod document;
mod page;

use anstyle::{AnsiColor, Style};

pub use document::of_several;
pub(super) use page::{BOLD, DIM, Page};

use crate::medium::Safe;
use crate::record::{Outcome, Record, State, Step, Tally};

use super::difference::{Side, difference};
use super::overview::{Place, Trouble, grouped, headline, played, remarks, run_state, troubles};
use super::text::{cell, count, duration, one_line, printable, shorten, width, wrap};

/// The columns of a step's duration bar.
const BAR: usize = 10;

/// How the terminal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its columns.
    pub width: usize,
    /// Whether it takes colours.
    pub colour: bool,
}

/// The report, with a line feed at its end. `place` is where the record is, such as its folder.
pub fn render(record: &Record, place: &str, look: Look) -> Safe {
    let mut page = Page::new(look);
    page.head(record);
    page.steps(record);
    page.troubles(record);
    page.remarks(record);
    page.document(record);
    page.foot(record, place);
    page.finish()
}

fn colour(state: State) -> Style {
    match state {
        State::Passed => AnsiColor::Green,
        State::Failed => AnsiColor::Red,
        State::Broken => AnsiColor::Magenta,
        State::Blocked | State::Skipped => AnsiColor::Yellow,
    }
    .on_default()
}

impl Page {
    fn head(&mut self, record: &Record) {
        let canonical = &record.canonical;
        let title = shorten(&one_line(&canonical.title), self.width);
        self.line(&self.paint(BOLD, &title));
        let nodes = canonical.nodes.control_planes + canonical.nodes.workers;
        let about = format!(
            "{} · stage {} · source {} · {}",
            one_line(&canonical.scenario),
            one_line(&canonical.stage),
            canonical.source,
            count(nodes.into(), "node"),
        );
        self.line(&self.paint(DIM, &shorten(&about, self.width)));
        if let Some(played) = played(record) {
            for line in wrap(&printable(&played), self.width) {
                self.line(&self.paint(BOLD, &line));
            }
        }
        self.line("");
    }

    fn steps(&mut self, record: &Record) {
        let steps = &record.canonical.steps;
        let longest_id = steps.iter().map(|step| width(&step.id)).max();
        let id = longest_id.unwrap_or(0).clamp(4, 28);
        let took = |step: &Step| record.timing.steps.get(&step.id).map(|timing| timing.total);
        let longest = steps.iter().filter_map(took).max().unwrap_or(0).max(1);
        // Mark, checks, time and bar, with what is between the columns.
        let title = self.width.saturating_sub(3 + id + 2 + 7 + 12 + 2 + BAR);
        let title = if title < 20 { 0 } else { title };
        let head = format!(
            "   {:id$}  {:title$}{:>7}{:>12}",
            "step",
            if title == 0 {
                ""
            } else {
                "what holds afterwards"
            },
            "checks",
            "time"
        );
        self.line(&self.paint(DIM, &head));
        for step in steps {
            let state = State::from(&step.outcome);
            let checks = Tally::checks(step);
            let what = match &step.outcome {
                Outcome::Blocked { .. } | Outcome::Skipped { .. } => step.outcome.reason(),
                Outcome::Passed | Outcome::Failed | Outcome::Broken { .. } => None,
            };
            let what = one_line(&what.unwrap_or_else(|| step.title.clone()));
            let what = cell(&shorten(&what, title.saturating_sub(1)), title);
            let time = took(step).map_or_else(|| state.word().to_owned(), duration);
            let bar = took(step).map_or(0, |total| length(total, longest));
            let row = format!(
                "{}  {what}{:>7}{time:>12}",
                cell(&one_line(&step.id), id),
                format!("{}/{}", checks.passed, checks.total() - checks.skipped),
            );
            let row = match state {
                State::Passed => row,
                State::Failed => self.paint(BOLD, &row),
                State::Broken | State::Blocked | State::Skipped => self.paint(DIM, &row),
            };
            let mark = self.paint(colour(state), &format!(" {} ", state.mark()));
            let bar = self.paint(colour(state), &"▬".repeat(bar));
            self.line(&format!("{mark}{row}  {bar}"));
        }
    }

    fn troubles(&mut self, record: &Record) {
        // A capture that does not fit blocks every step for the same reason, which is told once.
        let mut told = None;
        for step in &record.canonical.steps {
            let troubles = troubles(record, step);
            for trouble in &troubles {
                self.trouble(trouble);
            }
            let state = State::from(&step.outcome);
            let is_told_here = match &step.outcome {
                Outcome::Broken { .. } => true,
                Outcome::Blocked { why, .. } => why.is_some(),
                Outcome::Passed | Outcome::Failed | Outcome::Skipped { .. } => false,
            };
            let why = step
                .outcome
                .reason()
                .filter(|_| is_told_here && troubles.is_empty());
            if let Some(why) = why.filter(|why| told.as_ref() != Some(why)) {
                self.heading(state, step, Place::of_step(record, step), state.word());
                self.labelled(3, "why", &why);
                told = Some(why);
            }
        }
    }

    fn heading(&mut self, state: State, step: &Step, place: Place<'_>, text: &str) {
        self.line("");
        let lines = place.document();
        let columns = self.width.saturating_sub(3 + width(&lines) + 2);
        let heading = format!("{}: {}", one_line(&step.id), one_line(text));
        let mark = self.paint(colour(state), &format!(" {} ", state.mark()));
        let heading = self.paint(BOLD, &cell(&heading, columns));
        self.line(&format!("{mark}{heading}  {}", self.paint(DIM, &lines)));
        // Never broken, so that a terminal that knows such places opens it.
        if place.scenario.is_some() {
            self.line(&format!("   {}", self.paint(DIM, &place.scenario())));
        }
    }

    fn trouble(&mut self, trouble: &Trouble<'_>) {
        let that = &trouble.check.that;
        self.heading(trouble.state, trouble.step, trouble.place, that);
        if let Some(why) = trouble.why {
            self.labelled(3, "why", why);
        }
        for (subjects, failure) in grouped(trouble.failures) {
            for subject in subjects {
                self.line(&format!("   {}", one_line(subject)));
            }
            if failure.expected.contains('\n') && failure.observed.contains('\n') {
                self.difference(&failure.expected, &failure.observed);
            } else {
                self.labelled(5, "expected", &failure.expected);
                self.labelled(5, "observed", &failure.observed);
            }
            self.labelled(5, "why", &failure.why);
        }
    }

    fn difference(&mut self, expected: &str, observed: &str) {
        let (expected, observed) = (printable(expected), printable(observed));
        for (side, text) in difference(&expected, &observed) {
            let line = match side {
                Side::Both => format!("                {text}"),
                Side::Expected => {
                    self.paint(colour(State::Passed), &format!("     expected - {text}"))
                }
                Side::Observed => {
                    self.paint(colour(State::Failed), &format!("     observed + {text}"))
                }
            };
            self.line(&line);
        }
    }

    fn remarks(&mut self, record: &Record) {
        let mut remarks = remarks(record).peekable();
        if remarks.peek().is_some() {
            self.section("Remarks");
        }
        for remark in remarks {
            let from = format!("{} {}", one_line(&remark.step.id), remark.place);
            self.bullet(remark.text);
            self.line(&format!("   {}", self.paint(DIM, from.trim_end())));
        }
    }

    fn foot(&mut self, record: &Record, place: &str) {
        self.line("");
        let canonical = &record.canonical;
        let versions: Vec<_> = canonical
            .components
            .iter()
            .map(|component| {
                let mark = if component.notes.is_empty() { "" } else { "*" };
                format!(
                    "{} {}{mark}",
                    one_line(&component.name),
                    one_line(&component.version)
                )
            })
            .collect();
        let mut versions = versions.join(", ");
        if canonical
            .components
            .iter()
            .any(|component| !component.notes.is_empty())
        {
            versions.push_str(" (* has notes in the record)");
        }
        self.labelled(0, "versions", &versions);
        if let Some(shared) = &record.run.shared {
            self.labelled(0, "shared", &shared.sentence());
        }
        for retry in &record.run.retries {
            self.labelled(0, "retry", retry);
        }
        self.labelled(0, "again", &record.run.command);
        self.labelled(0, "record", place);
        self.line("");
        let style = colour(run_state(record)).bold();
        let verdict = self.paint(style, &headline(record));
        let checks = Tally::all_checks(record).words();
        let took = duration(record.timing.total);
        self.line(&format!("{verdict} · checks: {checks} · {took}"));
    }
}

fn length(total: u64, longest: u64) -> usize {
    let columns = u64::try_from(BAR).unwrap_or(u64::MAX);
    usize::try_from((total * columns).div_ceil(longest)).unwrap_or(BAR)
}
