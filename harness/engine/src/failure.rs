//! Which exit code an error has. Whose fault it is, [`blame`](crate::blame) says.
//!
//! 0 all passed, 1 a check failed, 2 the scenario or the usage is wrong, 3 it could not be found out.

use rehearse_core::catalogue::Unknown;
use rehearse_core::problem::Problems;
use thiserror::Error;

/// What the user asked for cannot be done as it was asked.
#[derive(Debug, Error)]
#[error("{message} (hint: {hint})")]
pub struct Usage {
    message: String,
    hint: String,
}

impl Usage {
    /// An error with what would be right.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// The value of a result, where nothing is wrong with what it was made of; its problems join those of before, so that all
/// are told at once.
///
/// # Errors
/// Any error that is no list of problems.
pub fn joined<T>(result: anyhow::Result<T>, problems: &mut Problems) -> anyhow::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            problems.extend(error.downcast::<Problems>()?);
            Ok(None)
        }
    }
}

/// The exit code of a program that ends with this error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let wrong = |cause: &(dyn std::error::Error + 'static)| {
        cause.is::<Usage>() || cause.is::<Problems>() || cause.is::<Unknown>()
    };
    if error.chain().any(wrong) { 2 } else { 3 }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn wrong_usage_is_two_under_any_context() {
        let error = Err::<(), _>(Usage::new("no such folder", "give a folder"))
            .context("failed to read the scenario")
            .err();
        assert_eq!(error.as_ref().map(exit_code), Some(2));
    }

    #[test]
    fn anything_else_could_not_be_found_out() {
        let error = anyhow::Error::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        assert_eq!(exit_code(&error), 3);
    }
}
