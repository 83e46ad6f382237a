//! SIGINT and SIGTERM: the first ends what goes on, and the cluster is torn down; a second one hurries that.

use std::convert::Infallible;
use std::sync::OnceLock;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Whether the run shall end early.
#[derive(Debug, Default)]
pub struct Interrupt {
    first: CancellationToken,
    second: CancellationToken,
    name: OnceLock<&'static str>,
}

/// The signals, caught from now on.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to catch them.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn caught() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("failed to listen for SIGINT")?,
            terminate: signal(SignalKind::terminate()).context("failed to listen for SIGTERM")?,
        })
    }
}

impl Interrupt {
    /// Passes signals on for as long as it is polled.
    pub async fn listen(&self, mut signals: Signals) -> Infallible {
        loop {
            let name = tokio::select! {
                _ = signals.interrupt.recv() => "SIGINT",
                _ = signals.terminate.recv() => "SIGTERM",
            };
            tracing::warn!(signal = name, "interrupted");
            if self.first.is_cancelled() {
                self.second.cancel();
            } else {
                // Only the first one is kept, so the result of a later call does not matter.
                self.name.get_or_init(|| name);
                self.first.cancel();
            }
        }
    }

    /// Cancelled by the first signal.
    pub fn token(&self) -> &CancellationToken {
        &self.first
    }

    /// Cancelled by the second signal.
    pub fn hurry(&self) -> &CancellationToken {
        &self.second
    }

    /// `interrupted by SIGINT`, once it is so.
    pub fn why(&self) -> Option<String> {
        self.first.is_cancelled().then(|| {
            format!(
                "interrupted by {}",
                self.name.get().copied().unwrap_or("a request")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_run_has_no_reason_to_end() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.why(), None);
        interrupt.token().cancel();
        assert_eq!(interrupt.why().as_deref(), Some("interrupted by a request"));
        assert!(!interrupt.hurry().is_cancelled());
    }
}
