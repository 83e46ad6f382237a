//! Which exit code an error has, and whose fault it is.
//!
//! 0 all passed, 1 a check failed, 2 the scenario or the usage is wrong, 3 it could not be found out.

use std::io;

use rehearse_core::catalogue::Unknown;
use rehearse_core::problem::Problems;
use rehearse_core::record::Class;
use rehearse_core::redaction::Redacted;
use thiserror::Error;

use crate::stage::StageError;

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

/// Something that was looked at in one round with others could not be fetched.
#[derive(Clone, Debug, Error)]
#[error("{why}")]
pub struct NotFetched {
    /// Whose fault that is.
    pub class: Class,
    /// What happened, with its subject.
    pub why: Redacted,
}

/// The exit code of a program that ends with this error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let wrong = |cause: &(dyn std::error::Error + 'static)| {
        cause.is::<Usage>() || cause.is::<Problems>() || cause.is::<Unknown>()
    };
    if error.chain().any(wrong) { 2 } else { 3 }
}

/// Whose fault an error is, by the first cause in its chain that tells.
pub fn class(error: &anyhow::Error) -> Class {
    error
        .chain()
        .find_map(|cause| {
            if let Some(error) = cause.downcast_ref::<StageError>() {
                Some(error.class())
            } else if let Some(failed) = cause.downcast_ref::<NotFetched>() {
                Some(failed.class)
            } else if cause.is::<kube::Error>() || cause.is::<kube::runtime::watcher::Error>() {
                Some(Class::Cluster)
            } else if cause.is::<bollard::errors::Error>() || cause.is::<io::Error>() {
                Some(Class::Machine)
            } else {
                None
            }
        })
        .unwrap_or(Class::Harness)
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
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(exit_code(&error), 3);
        assert_eq!(class(&error), Class::Machine);
    }
}
