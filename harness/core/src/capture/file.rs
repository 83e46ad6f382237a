//! A capture as the bytes of a file: JSON, gzip-compressed, the same bytes for the same capture.
//!
//! Reading trusts nothing: the compressed and the unpacked size are bounded before anything is parsed.

use std::io::{self, Read as _, Write as _};

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use serde::Deserialize;
use thiserror::Error;

use super::{Capture, FORMAT, READABLE};

/// The most bytes that a capture's file may have.
pub const LARGEST: usize = 1024 * 1024;

/// The most bytes that it may have unpacked: a real one has about a twentieth.
pub const LARGEST_UNPACKED: usize = 64 * 1024 * 1024;

/// Why bytes are not a capture.
#[derive(Debug, Error)]
pub enum ReadError {
    /// More bytes than any capture has.
    #[error("it has more than {LARGEST} bytes, which no capture has")]
    TooLarge,
    /// Unpacking it would fill the memory.
    #[error("unpacked it has more than {LARGEST_UNPACKED} bytes, which no capture has")]
    Bomb,
    /// It is not gzip, or ends early.
    #[error("it cannot be unpacked, so it is no capture or damaged")]
    Compression(#[from] io::Error),
    /// It is not JSON, or JSON of another shape.
    #[error("it is not what a capture is")]
    Shape(#[from] serde_json::Error),
    /// An output goes on after one that is not there.
    #[error("step {step} goes on after step {after}, which has no output of {query}")]
    After {
        /// The step.
        step: String,
        /// The step that it names.
        after: String,
        /// Of which query.
        query: String,
    },
    /// What it says of a step is not what it says of another, or of the same.
    #[error("{what} (hint: no run leaves that; capture a run again)")]
    Contradiction {
        /// The step, with both.
        what: String,
    },
    /// It is a capture of another version of this program.
    #[error(
        "it has format {found}, this program reads format {FORMAT} (hint: capture a run again)"
    )]
    Format {
        /// Its `format`.
        found: u32,
    },
}

/// What is read first: the rest of another format need not have our shape.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl Capture {
    /// The bytes of the capture's file: no time and no name of the machine is in them.
    ///
    /// # Errors
    /// When the compressor gives up, which memory alone can make it do.
    pub fn to_gzip(&self) -> io::Result<Vec<u8>> {
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
        let folded = self.folded();
        encoder.write_all(serde_json::json!(folded).to_string().as_bytes())?;
        encoder.write_all(b"\n")?;
        encoder.finish()
    }

    /// Reads what [`Capture::to_gzip`] wrote.
    ///
    /// # Errors
    /// [`ReadError`] where the bytes are too many, damaged, or something else than a capture of this format.
    pub fn from_gzip(bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.len() > LARGEST {
            return Err(ReadError::TooLarge);
        }
        let limit = u64::try_from(LARGEST_UNPACKED).unwrap_or(u64::MAX);
        let mut json = Vec::new();
        MultiGzDecoder::new(bytes)
            .take(limit.saturating_add(1))
            .read_to_end(&mut json)?;
        if json.len() > LARGEST_UNPACKED {
            return Err(ReadError::Bomb);
        }
        Self::from_json(&json)
    }

    /// Reads a capture that is not compressed.
    ///
    /// # Errors
    /// [`ReadError`] where the text is something else than a capture of this format.
    pub fn from_json(json: &[u8]) -> Result<Self, ReadError> {
        let head: Head = serde_json::from_slice(json)?;
        if !READABLE.contains(&head.format) {
            return Err(ReadError::Format { found: head.format });
        }
        let capture: Self = serde_json::from_slice(json)?;
        let mut capture = capture.believed()?;
        capture.unfold()?;
        Ok(capture)
    }
}
