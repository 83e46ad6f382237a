//! Whole outputs: none of a node or a pod, an empty list, a program that failed.

use serde_json::json;

use crate::mutant::{Edit, FactId, FactKind, Maker, Site};
use crate::query::{self, Query, Subject};

/// Every output has these beside its own maker's.
pub(super) const MAKER: Maker = Maker {
    facts: &["outputs.present", "outputs.status"],
    make: |_, _| false,
};

/// The output as a whole.
pub(super) fn output(site: &mut Site<'_>, query: &Query) {
    let present = FactId::new(
        FactKind::Output,
        "outputs.present",
        format!("{}: {}", site.whom(), words(query)),
    );
    let status = FactId::new(
        FactKind::Output,
        "outputs.status",
        format!("{}: {}", site.whom(), words(query)),
    );
    if site.original.output.subject == Subject::Cluster {
        site.set(&present, "an empty list", "", json!([]));
    } else {
        site.push(&present, "none", Edit::Gone);
    }
    if matches!(query, Query::NodeCommand { .. } | Query::PodCommand { .. }) {
        let error = "the program was not found".to_owned();
        site.push(&status, "failed", Edit::Failed { status: 127, error });
    }
}

/// What was asked, in a few words.
fn words(query: &Query) -> String {
    match query {
        Query::Objects { .. } => query.to_string(),
        Query::NodeDirectory { path, .. } => path.clone(),
        Query::NodeCommand { command } | Query::PodCommand { command, .. } => query::words(command),
        Query::NodeJournal { unit } => format!("journal of {unit}"),
        Query::PodLogs { .. } => "log".to_owned(),
        Query::Connections { .. } => "connections".to_owned(),
    }
}
