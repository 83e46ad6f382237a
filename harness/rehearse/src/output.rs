//! The only place that writes to standard output and standard error, so that nothing leaves the program with a secret in
//! it, steers a terminal or is a command to a workflow's runner.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place of both streams"
)]

use std::env;
use std::io::{self, IsTerminal as _, LineWriter, Write};

use rehearse_core::medium::{Safe, one_line};
use rehearse_core::redaction::redact;

/// The variable that says that colours are not wanted.
const NO_COLOUR: &str = "NO_COLOR";

/// One of the two streams. What is written to it is text for a terminal or a log.
pub struct Gate<Stream> {
    stream: Stream,
    colour: bool,
}

impl<Stream: Write> Write for Gate<Stream> {
    /// Takes whole lines, as a [`LineWriter`] hands them on.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = redact(&String::from_utf8_lossy(bytes));
        let safe = Safe::terminal(&text, self.colour);
        self.stream.write_all(safe.as_str().as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Standard output, for text.
pub fn stdout() -> LineWriter<Gate<io::Stdout>> {
    LineWriter::new(Gate {
        colour: has_colour(),
        stream: io::stdout(),
    })
}

/// Standard error, for text.
pub fn stderr() -> LineWriter<Gate<io::Stderr>> {
    LineWriter::new(Gate {
        colour: is_for_people(),
        stream: io::stderr(),
    })
}

/// Writes to standard output what was made safe for a medium of its own: a page, JSON, commands of a workflow.
///
/// # Errors
/// When it cannot be written.
pub fn print(text: &Safe) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_str().as_bytes())?;
    stdout.flush()
}

/// A text for a terminal or a log, without secrets.
pub fn text(text: &str) -> Safe {
    Safe::terminal(&redact(text), has_colour())
}

/// JSON without secrets, to be printed.
pub fn json(text: &str) -> Safe {
    Safe::json(&redact(text))
}

/// A text on one line, for a living line that somebody else draws.
pub fn line(text: &str) -> String {
    let line = one_line(&redact(text));
    Safe::terminal(&line, false).into_string()
}

/// Whether standard output takes colours.
pub fn has_colour() -> bool {
    io::stdout().is_terminal() && env::var_os(NO_COLOUR).is_none()
}

/// Whether standard error is a terminal.
pub fn is_for_people() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_safe_line_by_line() -> io::Result<()> {
        let mut writer = LineWriter::new(Gate {
            stream: Vec::new(),
            colour: false,
        });
        write!(writer, "a \u{1b}[2J")?;
        writeln!(writer, " password=hunter2hunter")?;
        writer.write_all(b"  ::error::x\nlast")?;
        writer.flush()?;
        let written = String::from_utf8_lossy(&writer.get_ref().stream).into_owned();
        assert_eq!(written, "a ␛[2J password=[redacted]\n  \\::error::x\nlast");
        Ok(())
    }
}
