//! The DaemonSets of network plugins: whoever writes CNI configurations on the nodes.

use super::situation::Situation;
use super::{Level, Trouble};

/// Those that are not ready, with why the latest probe failed.
pub(super) fn not_ready(situation: &Situation) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for set in situation.plugins().filter(|set| !set.is_rolled_out()) {
        let status = &set.status;
        let mut message = format!(
            "{} of {} pods are ready, {} are up to date",
            status.number_ready, status.desired_number_scheduled, status.updated_number_scheduled
        );
        let unhealthy = situation.events.iter().filter(|event| {
            event.reason == "Unhealthy"
                && situation
                    .pods
                    .iter()
                    .any(|pod| set.owns(pod) && !pod.is_ready() && event.is_about(pod))
        });
        if let Some(event) = unhealthy.max_by_key(|event| event.last_seen()) {
            message = format!("{message}; {}", event.message.trim());
        }
        troubles.push(Trouble {
            level: Level::PluginNotReady,
            subject: format!("daemonset {}/{}", set.metadata.namespace, set.metadata.name),
            reason: "NotReady".to_owned(),
            message,
            ended: None,
            is_hopeless: false,
        });
    }
    troubles
}
