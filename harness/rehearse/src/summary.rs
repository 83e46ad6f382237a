//! What is printed of a record, and how standard output looks.

use std::path::Path;

use crate::output;
use rehearse_core::medium::Safe;
use rehearse_core::record::Record;
use rehearse_core::report::terminal;

/// How wide what is not a terminal is taken to be.
const WIDTH: usize = 110;

/// What is printed of a record that is in this place.
pub fn of(record: &Record, place: &Path) -> Safe {
    output::text(&terminal::render(
        record,
        &place.display().to_string(),
        look(),
    ))
}

/// How standard output looks.
pub fn look() -> terminal::Look {
    let colour = output::has_colour();
    let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
    terminal::Look { width, colour }
}
