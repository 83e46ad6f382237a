//! Shows how a stack is built: a bar for each unit that is being built on a terminal, a line for each event elsewhere.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output;
use rehearse_stack::StackEvent;

/// How often a bar moves.
const TICK: Duration = Duration::from_millis(200);

/// The renderer of [`StackEvent`]s.
#[derive(Debug)]
pub struct Progress {
    bars: Option<MultiProgress>,
    running: RefCell<BTreeMap<String, ProgressBar>>,
    estimates: RefCell<BTreeMap<String, Duration>>,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// One that suits standard error.
    pub fn new() -> Self {
        let bars = output::is_for_people().then(MultiProgress::new);
        Self {
            bars,
            running: RefCell::default(),
            estimates: RefCell::default(),
        }
    }

    /// Shows an event.
    pub fn show(&self, event: &StackEvent) {
        match event {
            StackEvent::Planned { kept, missing } => {
                self.estimates.replace(missing.iter().cloned().collect());
                let total: Duration = missing.iter().map(|(_, estimate)| *estimate).sum();
                self.say(&format!(
                    "stack: {kept} pieces are there, {} are missing (about {} min on two processors from empty caches)",
                    missing.len(),
                    total.as_secs().div_ceil(60)
                ));
            }
            StackEvent::Started { unit } => self.start(unit),
            StackEvent::Finished { unit, took } => {
                self.stop(unit);
                self.say(&format!("built   {unit} in {:.1} s", took.as_secs_f64()));
            }
            StackEvent::Failed { unit } => {
                self.stop(unit);
                self.say(&format!("failed  {unit}"));
            }
        }
    }

    fn start(&self, unit: &str) {
        let Some(bars) = &self.bars else {
            return self.say(&format!("build   {unit}"));
        };
        let estimate = self
            .estimates
            .borrow()
            .get(unit)
            .copied()
            .unwrap_or_default();
        let template = if estimate.is_zero() {
            "{spinner} {msg} {elapsed}"
        } else {
            "{spinner} {msg} {elapsed} of about {prefix}"
        };
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = bars
            .add(ProgressBar::new_spinner())
            .with_style(style)
            .with_message(output::line(&format!("{unit:<40}")));
        bar.set_prefix(format!("{} s", estimate.as_secs()));
        bar.enable_steady_tick(TICK);
        self.running.borrow_mut().insert(unit.to_owned(), bar);
    }

    fn stop(&self, unit: &str) {
        if let Some(bar) = self.running.borrow_mut().remove(unit) {
            bar.finish_and_clear();
        }
    }

    fn say(&self, line: &str) {
        // Progress that can't be shown must not end a build.
        match &self.bars {
            Some(bars) => bars.println(output::line(line)).unwrap_or_default(),
            None => writeln!(output::stderr(), "{line}").unwrap_or_default(),
        }
    }
}
