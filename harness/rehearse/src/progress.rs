//! Shows what happens while it happens, on standard error. The verdict itself is printed by the command, at the end.

use std::io::Write as _;
use std::sync::Mutex;

use crate::output;
use rehearse_engine::event::Event;

mod run;
mod stack;

pub use stack::Progress as StackProgress;

/// Shows the events of a command: what is made ready, the stack that is built, and one run after the other.
#[derive(Debug, Default)]
pub struct Progress {
    run: Mutex<Option<run::Progress>>,
    stack: Mutex<Option<StackProgress>>,
}

impl Progress {
    /// Shows one event.
    pub fn show(&self, event: &Event) {
        // A thread that panicked while it showed something has ended the command.
        let (Ok(mut run), Ok(mut stack)) = (self.run.lock(), self.stack.lock()) else {
            return;
        };
        match event {
            // Where standard error is closed, nobody is there to be told so.
            Event::Preparing { what } => writeln!(output::stderr(), "{what}").unwrap_or_default(),
            Event::Building(event) => stack.get_or_insert_default().show(event),
            Event::Ended => {
                if let Some(run) = run.take() {
                    run.end();
                }
            }
            event => run.get_or_insert_default().show(event),
        }
    }
}
