//! Raw text and redacted text as types of their own.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};

use super::redact;

/// A text as it was fetched. It may hold secrets, so it has no `Display` and no `Serialize`, and its `Debug` tells only how
/// long it is. To be kept or shown it must become [`Redacted`], as a whole: a secret that was cut is not known any more.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawText(String);

impl RawText {
    /// The text without its secrets.
    pub fn redacted(&self) -> Redacted {
        Redacted(redact(&self.0))
    }

    /// The text itself, to be parsed and never to be shown: what is made of it and kept must be a raw text again.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RawText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RawText({} bytes)", self.0.len())
    }
}

impl From<String> for RawText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for RawText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Bytes that are not UTF-8 are replaced.
impl From<&[u8]> for RawText {
    fn from(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// Bytes that are not UTF-8 are replaced.
impl From<Vec<u8>> for RawText {
    fn from(bytes: Vec<u8>) -> Self {
        Self(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }
}

/// A text without its secrets. Reading one from a file redacts it again, so that what an older program wrote, or somebody
/// else, passes the gate too.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Redacted(String);

impl Redacted {
    /// The text changed: cut, trimmed, a part replaced. What the change puts in must itself be free of secrets, as it does
    /// not pass the gate again.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&str) -> String) -> Self {
        Self(change(&self.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as an owned one.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<RawText> for Redacted {
    fn from(text: RawText) -> Self {
        text.redacted()
    }
}

impl Deref for Redacted {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PartialEq<str> for Redacted {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Redacted {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl<'de> Deserialize<'de> for Redacted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(redact(&text)))
    }
}
