//! What is printed of a record, and how standard output looks.

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use rehearse_core::record::Record;
use rehearse_core::report::terminal;

/// The variable that says that colours are not wanted.
const NO_COLOUR: &str = "NO_COLOR";

/// How wide what is not a terminal is taken to be.
const WIDTH: usize = 110;

/// What is printed of a record that is in this place.
pub fn of(record: &Record, place: &Path) -> String {
    terminal::render(record, &place.display().to_string(), look())
}

/// How standard output looks.
pub fn look() -> terminal::Look {
    let colour = io::stdout().is_terminal() && env::var_os(NO_COLOUR).is_none();
    let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
    terminal::Look { width, colour }
}
