//! Whose fault an error is: the machine's, the cluster's, or this program's.

use std::io;

use rehearse_core::record::Class;
use rehearse_core::redaction::{RawText, Redacted};
use thiserror::Error;

use crate::stage::StageError;

/// Something that was looked at in one round with others could not be fetched.
#[derive(Clone, Debug, Error)]
#[error("{why}")]
pub struct NotFetched {
    /// Whose fault that is.
    pub class: Class,
    /// What happened, with its subject.
    pub why: Redacted,
}

impl NotFetched {
    /// What an error says, without secrets.
    pub fn of(error: &anyhow::Error) -> Self {
        Self {
            class: class(error),
            why: RawText::from(format!("{error:#}")).redacted(),
        }
    }
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
    fn the_class_is_found_under_any_context() {
        let answer = bollard::errors::Error::DockerResponseServerError {
            status_code: 409,
            message: "container is not running".to_owned(),
        };
        let error = anyhow::Error::new(StageError::node("a-worker", "run `ip`", answer));
        let error = error.context("failed to look at the routes");
        assert_eq!(class(&error), Class::Cluster);
        assert_eq!(
            format!("{error:#}"),
            "failed to look at the routes: failed to run `ip` on node a-worker: container is not running"
        );
    }

    #[test]
    fn the_class_of_what_was_not_seen_is_its_own() {
        let failed = NotFetched {
            class: Class::Machine,
            why: RawText::from("no answer").redacted(),
        };
        let error = Err::<(), _>(failed).context("failed to judge").err();
        assert_eq!(error.as_ref().map(class), Some(Class::Machine));
    }

    #[test]
    fn a_missing_file_is_the_machines_fault_and_what_nobody_knows_is_ours() {
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(class(&error), Class::Machine);
        assert_eq!(class(&anyhow::anyhow!("odd")), Class::Harness);
    }
}
