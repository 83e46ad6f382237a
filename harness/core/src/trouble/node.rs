//! Nodes: what they run out of, and whether they are ready.

use super::situation::Situation;
use super::{Level, Trouble};
use crate::observation::objects;

/// The conditions of a node that tell a lack while they are true.
const PRESSURES: [&str; 3] = ["DiskPressure", "MemoryPressure", "PIDPressure"];

/// What nodes run out of.
pub(super) fn resources(situation: &Situation) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for node in &situation.nodes {
        let conditions = node.status.conditions.iter();
        let pressing = conditions.filter(|condition| {
            PRESSURES.contains(&condition.kind.as_str()) && condition.status == "True"
        });
        troubles.extend(pressing.map(|condition| Trouble {
            level: Level::NodeResources,
            subject: node.subject(),
            reason: condition.kind.clone(),
            message: condition.message.clone(),
            ended: None,
            is_hopeless: false,
        }));
    }
    troubles
}

/// Nodes that are not ready, with what the kubelet says.
pub(super) fn not_ready(situation: &Situation) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for node in &situation.nodes {
        let status = objects::condition_status(&node.status.conditions, "Ready");
        if status == "True" {
            continue;
        }
        let message = node.ready().map(|condition| condition.message.clone());
        troubles.push(Trouble {
            level: Level::NodeNotReady,
            subject: node.subject(),
            reason: "NotReady".to_owned(),
            message: message
                .unwrap_or_else(|| "the kubelet has said nothing of its readiness".to_owned()),
            ended: None,
            is_hopeless: false,
        });
    }
    troubles
}
