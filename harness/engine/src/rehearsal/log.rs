//! What the program says to itself: JSON lines in the run's folder, or standard error where `REHEARSE_LOG` asks for it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::anyhow;
use rehearse_core::medium::Safe;
use rehearse_core::redaction::redact;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use crate::folder;

/// The variable that says what goes to standard error, such as `info` or `rehearse=debug`.
const VARIABLE: &str = "REHEARSE_LOG";

/// What goes to the run's log.
const IN_FILE: &str = "info,rehearse=debug";

/// The file of the run that goes on.
static FILE: Mutex<Option<File>> = Mutex::new(None);

/// Writes to the file of the run that goes on.
struct Current;

impl Write for Current {
    /// Takes a whole event, as the layer hands it on.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = current().as_mut() {
            let text = redact(&String::from_utf8_lossy(bytes));
            file.write_all(Safe::json(&text).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        current().as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Writes to standard error.
struct OnTerminal;

#[expect(
    clippy::disallowed_methods,
    reason = "a log passes the same gate before it is shown"
)]
impl Write for OnTerminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = redact(&String::from_utf8_lossy(bytes));
        io::stderr().write_all(Safe::terminal(&text, false).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// A thread that panicked while it wrote has at worst left half a line.
fn current() -> MutexGuard<'static, Option<File>> {
    FILE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Logs to a file from now on, and to standard error where the variable asks for it. Each run that follows in this
/// process takes the log to a file of its own.
///
/// # Errors
/// When the file cannot be made, or something else logs already.
pub fn to_file(path: &Path) -> anyhow::Result<()> {
    let file = folder::create_file(path)?;
    if current().replace(file).is_some() {
        return Ok(());
    }
    let in_file = fmt::layer()
        .json()
        .with_writer(|| Current)
        .with_filter(EnvFilter::new(IN_FILE));
    let on_terminal = EnvFilter::try_from_env(VARIABLE).ok().map(|filter| {
        let layer = fmt::layer().with_ansi(false).with_writer(|| OnTerminal);
        layer.with_filter(filter)
    });
    registry()
        .with(in_file)
        .with(on_terminal)
        .try_init()
        .map_err(|error| anyhow!("failed to start the log: {error}"))
}
