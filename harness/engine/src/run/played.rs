//! The record of a plan that was played on a capture. The same form as a run's on a cluster, and it says what it is.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rehearse_core::capture;
use rehearse_core::plan::Plan;
use rehearse_core::record::{CAPTURE, Component, Record, Timing, milliseconds};

use super::Replayed;
use super::assemble::{self, Circumstances};
use crate::stage::capture::Stored;

/// Plays a plan on a capture, or says of every step why none answers. `id` and `command` are the record's.
pub fn record(plan: &Plan, stored: Result<&Stored, &str>, id: &str, command: String) -> Record {
    let started = Timestamp::now();
    let steps = match stored {
        Ok(stored) => capture::play(plan, &stored.capture),
        Err(why) => capture::unanswered(plan, why),
    };
    let replayed = Replayed::from(steps);
    let took = started.duration_until(Timestamp::now());
    let components = match stored {
        Ok(stored) => stored.capture.components.clone(),
        Err(_) => planned(plan),
    };
    let circumstances = Circumstances {
        id: id.to_owned(),
        cluster: "none".to_owned(),
        command,
        timing: Timing {
            started: started.to_string(),
            total: milliseconds(Duration::try_from(took).unwrap_or_default()),
            ..Timing::default()
        },
        ..Circumstances::default()
    };
    let mut record = assemble::record(plan, &components, replayed, circumstances);
    CAPTURE.clone_into(&mut record.canonical.stage);
    record.canonical.capture = stored.ok().map(Stored::played);
    // Who chose a version is what the captured run says; this plan takes whatever the capture has.
    if stored.is_ok() {
        record.canonical.components = components;
    }
    record
}

/// The plan's components where none was ever made.
fn planned(plan: &Plan) -> Vec<Component> {
    let components = plan.components.iter();
    components
        .map(|(name, choice)| Component {
            name: name.clone(),
            version: choice.version.to_string(),
            reason: None,
            origin: "planned, and not made".to_owned(),
            digests: BTreeMap::new(),
            notes: Vec::new(),
        })
        .collect()
}
