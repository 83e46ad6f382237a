//! Why the stage could not do or find out something, and whose fault that is.

use rehearse_core::record::Class;

/// What went wrong on the stage. It travels inside an `anyhow::Error`; `blame::class` finds it again.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The engine does not answer, or refused something.
    #[error("failed to {operation}: {cause}{}", in_brackets(.hint))]
    Engine {
        /// What was tried, with its subject, as it follows "failed to".
        operation: String,
        /// What to do about it.
        hint: Option<String>,
        /// What the engine's client says; not a source, as the hint follows it.
        cause: bollard::errors::Error,
    },
    /// Something else of the machine does not work: the kind program, the registry, a file.
    #[error("failed to {operation}: {reason}")]
    Machine {
        /// What was tried, with its subject.
        operation: String,
        /// What was said.
        reason: String,
    },
    /// A node is there but does not do what it is asked.
    #[error("failed to {operation} on node {node}: {reason}")]
    Node {
        /// The node's name.
        node: String,
        /// What was tried.
        operation: String,
        /// What the node or the engine says.
        reason: String,
    },
    /// The cluster's API does not answer, or refused something.
    #[error("failed to {operation}")]
    Api {
        /// What was tried, with its subject.
        operation: String,
        /// What the API's client says.
        source: Box<kube::Error>,
    },
    /// A cluster of the wanted name is not this run's to use.
    #[error("failed to {operation} cluster {cluster}: {owner} (hint: {hint})")]
    Owned {
        /// `create`, `reuse` or `remove`.
        operation: &'static str,
        /// The cluster's name.
        cluster: String,
        /// Who owns it.
        owner: String,
        /// What to do about it.
        hint: String,
    },
    /// A cluster that is to be used again is not what the plan wants.
    #[error("failed to reuse cluster {cluster}: {}", .differences.join("; "))]
    Unfit {
        /// The cluster's name.
        cluster: String,
        /// What is different, a sentence each.
        differences: Vec<String>,
    },
    /// Something took longer than it may.
    #[error("failed to {operation} within {} s (hint: {hint})", .limit.as_secs())]
    Late {
        /// What was tried, with its subject.
        operation: String,
        /// How long it may take.
        limit: std::time::Duration,
        /// What to do about it.
        hint: String,
    },
    /// The run was told to stop.
    #[error("interrupted while {operation}")]
    Interrupted {
        /// What was going on.
        operation: String,
    },
}

#[expect(
    clippy::ref_option,
    reason = "thiserror hands a reference to the field"
)]
fn in_brackets(hint: &Option<String>) -> String {
    hint.as_ref()
        .map(|hint| format!(" (hint: {hint})"))
        .unwrap_or_default()
}

impl StageError {
    /// An engine's failure; `operation` follows "failed to".
    pub(crate) fn engine(operation: impl Into<String>, cause: bollard::errors::Error) -> Self {
        let answered = matches!(
            cause,
            bollard::errors::Error::DockerResponseServerError { .. }
        );
        let full = cause.to_string().contains("no space left on device");
        Self::Engine {
            operation: operation.into(),
            hint: match (answered, full) {
                (_, true) => Some(
                    "the engine's disk is full: `rehearse stack prune`, `docker system prune`"
                        .to_owned(),
                ),
                (false, false) => Some("does the engine answer? `docker info`".to_owned()),
                (true, false) => None,
            },
            cause,
        }
    }

    /// A failure of the cluster's API; `operation` follows "failed to".
    pub(crate) fn api(operation: impl Into<String>, source: kube::Error) -> Self {
        Self::Api {
            operation: operation.into(),
            source: Box::new(source),
        }
    }

    /// A failure on one node: the node's own where the engine answered, else the engine's.
    pub(crate) fn node(
        node: &str,
        operation: impl Into<String>,
        source: bollard::errors::Error,
    ) -> Self {
        let operation = operation.into();
        match source {
            bollard::errors::Error::DockerResponseServerError {
                status_code: 404 | 409,
                message,
            } => Self::Node {
                node: node.to_owned(),
                operation,
                reason: message,
            },
            other => Self::engine(format!("{operation} on node {node}"), other),
        }
    }

    /// Whose fault it is.
    pub fn class(&self) -> Class {
        match self {
            Self::Engine { .. }
            | Self::Machine { .. }
            | Self::Owned { .. }
            | Self::Late { .. }
            | Self::Interrupted { .. } => Class::Machine,
            Self::Node { .. } | Self::Api { .. } | Self::Unfit { .. } => Class::Cluster,
        }
    }
}

#[cfg(test)]
mod tests {
    use rehearse_core::record::Class;

    use super::StageError;

    fn answer(status_code: u16, message: &str) -> bollard::errors::Error {
        bollard::errors::Error::DockerResponseServerError {
            status_code,
            message: message.to_owned(),
        }
    }

    #[test]
    fn an_engine_that_is_gone_is_the_machines_fault_and_has_a_hint() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = StageError::node("a-worker", "run `ip`", refused.into());
        assert_eq!(error.class(), Class::Machine);
        assert_eq!(
            error.to_string(),
            "failed to run `ip` on node a-worker: connection refused (hint: does the engine answer? `docker info`)"
        );
    }

    #[test]
    fn a_full_disk_says_so() {
        let error = StageError::engine(
            "start the registry",
            answer(500, "write: no space left on device"),
        );
        assert!(error.to_string().contains("disk is full"), "{error}");
    }
}
