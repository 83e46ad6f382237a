//! What keeps a wait from becoming true, told once it has ended: the troubles, and the last words of the container that
//! is their cause. It decides nothing; [`trouble`] does.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use rehearse_core::check::Failure;
use rehearse_core::redaction::{RawText, Redacted};
use rehearse_core::trouble::{self, EndedContainer};

use crate::hopeless::Baseline;
use crate::stage::Cluster;

/// How many of a log's lines are told.
const LINES: i64 = 5;

/// The cause of what is wrong now, with its last words; none where nothing is. `acted` is when all that the step does was
/// done.
///
/// # Errors
/// When the API server does not answer. A log that cannot be read is left out, as the cause stands without it.
pub(crate) async fn cause(
    cluster: &Cluster,
    baseline: &Baseline<'_>,
    acted: Timestamp,
) -> anyhow::Result<Option<Failure>> {
    let troubles = baseline.troubles(acted)?;
    let ended = troubles.first().and_then(|cause| cause.ended.as_ref());
    let words = match ended {
        Some(ended) => last_words(cluster, ended).await,
        None => None,
    };
    Ok(trouble::cause(&troubles, words.as_ref()))
}

async fn last_words(cluster: &Cluster, ended: &EndedContainer) -> Option<Redacted> {
    let api = Api::<Pod>::namespaced(cluster.client().clone(), &ended.namespace);
    let parameters = LogParams {
        container: Some(ended.container.clone()),
        previous: ended.was_restarted,
        tail_lines: Some(LINES),
        ..LogParams::default()
    };
    match api.logs(&ended.pod, &parameters).await {
        Ok(text) => Some(RawText::from(text).redacted()),
        Err(error) => {
            let error = error.to_string();
            tracing::debug!(pod = ended.pod, error, "the last words cannot be read");
            None
        }
    }
}
