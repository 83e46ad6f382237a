//! What operators and aggregated APIs say of themselves. Mostly that is a consequence; where an operator has not made the
//! network plugin at all, its word is the cause.

use super::situation::Situation;
use super::{Level, Trouble};
use crate::observation::objects;

/// Components that their operator calls degraded, controllers that may not make their pods, and APIs that do not answer.
pub(super) fn troubles(situation: &Situation) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let has_plugin = situation.plugins().next().is_some();
    for status in &situation.statuses {
        let degraded = objects::condition(&status.status.conditions, "Degraded");
        let Some(condition) = degraded.filter(|condition| condition.status == "True") else {
            continue;
        };
        troubles.push(trouble(
            if has_plugin {
                Level::OperatorStatus
            } else {
                Level::PluginNotMade
            },
            format!("tigerastatus {}", status.metadata.name),
            "Degraded",
            &condition.message,
        ));
    }
    for event in situation
        .events
        .iter()
        .filter(|event| event.reason == "FailedCreate")
    {
        let object = &event.involved_object;
        let is_plugin = object.kind == "DaemonSet"
            && situation.plugins().any(|set| {
                set.metadata.namespace == object.namespace && set.metadata.name == object.name
            });
        troubles.push(trouble(
            if is_plugin {
                Level::PluginNotMade
            } else {
                Level::PodContainer
            },
            format!(
                "{} {}/{}",
                object.kind.to_lowercase(),
                object.namespace,
                object.name
            ),
            &event.reason,
            &event.message,
        ));
    }
    for service in &situation.api_services {
        let available = objects::condition(&service.status.conditions, "Available");
        if let Some(condition) = available.filter(|condition| condition.status == "False") {
            troubles.push(trouble(
                Level::Api,
                format!("apiservice {}", service.metadata.name),
                &condition.reason,
                &condition.message,
            ));
        }
    }
    troubles
}

fn trouble(level: Level, subject: String, reason: &str, message: &str) -> Trouble {
    Trouble {
        level,
        subject,
        reason: reason.to_owned(),
        message: message.to_owned(),
        ended: None,
        is_hopeless: false,
    }
}
