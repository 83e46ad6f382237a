//! API events, CRI-O's words on CNI, changes of configuration files and the steps' own marks, merged by time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rehearse_core::observation::events::Event;
use rehearse_core::observation::journal::Entry;
use rehearse_core::observation::{Inability, Observations, directory, journal, objects};
use rehearse_core::query::Query;
use rehearse_core::record::Moment;

use crate::look;
use crate::stage::Cluster;

/// How many moments are kept: a page with more is not read, and a run of the whole document has about a thousand.
const MOST: usize = 2000;

/// The folders whose changes are told.
const FOLDERS: [&str; 2] = ["/etc/cni/net.d", "/etc/cni/multus/net.d"];

/// The unit whose words on CNI are told.
const RUNTIME: &str = "crio";

/// What CRI-O says of CNI begins with one of these.
const CNI_LINES: [&str; 8] = [
    "Updated default CNI network name",
    "Found CNI network",
    "Ignored CNI network",
    "Error loading CNI config",
    "Error validating CNI config",
    "CNI monitoring event",
    "Adding pod",
    "Deleting pod",
];

/// The timeline of a run, and a line for each source that could not be read.
pub async fn of(cluster: &Cluster, marks: Vec<Moment>) -> (Vec<Moment>, Vec<String>) {
    let folders = FOLDERS.iter().map(|path| directory::query(path, false));
    let queries: BTreeSet<Query> = folders
        .chain([all_events(), journal::query(RUNTIME)])
        .collect();
    let look = look::now(cluster, queries).await;
    let seen = look.observations();
    let mut missing: Vec<String> = look
        .unfetched()
        .map(|(_, unfetched)| unfetched.why().to_owned())
        .collect();
    let mut moments = marks;
    let parts = [of_events(seen), of_journal(seen)]
        .into_iter()
        .chain(FOLDERS.iter().map(|path| of_folder(seen, path)));
    for part in parts {
        match part {
            Ok(more) => moments.extend(more),
            // Why it was not fetched is said already.
            Err(Inability::NotObserved { .. }) => {}
            Err(inability) => missing.push(inability.to_string()),
        }
    }
    (merged(moments), missing)
}

/// A mark of a step, now.
pub fn mark(step: &str, text: impl Into<String>) -> Moment {
    Moment {
        at: at(Timestamp::now()),
        source: "step".to_owned(),
        subject: step.to_owned(),
        text: text.into(),
    }
}

fn all_events() -> Query {
    Query::Objects {
        api_version: "v1".to_owned(),
        kind: "Event".to_owned(),
        namespace: None,
        selector: None,
    }
}

fn of_events(seen: &Observations) -> Result<Vec<Moment>, Inability> {
    let events: Vec<Event> = objects::read("events", seen, &all_events())?;
    Ok(events.iter().filter_map(of_event).collect())
}

fn of_event(event: &Event) -> Option<Moment> {
    let object = &event.involved_object;
    let times = match event.times() {
        1 => String::new(),
        times => format!(" ({times} times)"),
    };
    Some(Moment {
        at: at(event.last_seen()?),
        source: "event".to_owned(),
        subject: if object.namespace.is_empty() {
            format!("{} {}", object.kind, object.name)
        } else {
            format!("{} {}/{}", object.kind, object.namespace, object.name)
        },
        text: format!("{}{times}: {}", event.reason, event.message),
    })
}

fn of_journal(seen: &Observations) -> Result<Vec<Moment>, Inability> {
    let mut moments = Vec::new();
    for (node, journal) in journal::read(seen, RUNTIME)? {
        let journal = journal?;
        let lines = journal
            .entries
            .iter()
            .map(|entry| (entry.time, said(entry)));
        let told = lines.filter(|(_, line)| {
            CNI_LINES
                .iter()
                .any(|beginning| line.starts_with(beginning))
        });
        moments.extend(told.map(|(time, line)| Moment {
            at: at(time),
            source: RUNTIME.to_owned(),
            subject: node.clone(),
            text: line,
        }));
    }
    Ok(moments)
}

fn of_folder(seen: &Observations, path: &str) -> Result<Vec<Moment>, Inability> {
    let folders = directory::read(seen, path, false)?;
    Ok(folders
        .into_iter()
        .flat_map(|(node, entries)| {
            entries
                .unwrap_or_default()
                .into_iter()
                .map(move |entry| Moment {
                    at: at(entry.modified),
                    source: "configuration".to_owned(),
                    subject: node.clone(),
                    text: format!("last change of {path}/{}", entry.name),
                })
        })
        .collect())
}

/// What a line says, without the runtime's own time and level.
fn said(entry: &Entry) -> String {
    entry
        .logged()
        .map_or_else(|| entry.message.clone(), |logged| logged.message)
}

/// By time; where there are too many, the steps' own marks and the last ones stay, and a line says how many are left out.
fn merged(mut moments: Vec<Moment>) -> Vec<Moment> {
    moments.sort();
    moments.dedup();
    let Some(surplus) = moments
        .len()
        .checked_sub(MOST)
        .filter(|surplus| *surplus > 0)
    else {
        return moments;
    };
    // One more goes for the line that says so.
    let mut left_out = surplus + 1;
    let mut dropped = 0;
    let mut last_dropped = None;
    moments.retain(|moment| {
        let goes = left_out > 0 && moment.source != "step";
        if goes {
            left_out -= 1;
            dropped += 1;
            last_dropped = Some(moment.at.clone());
        }
        !goes
    });
    if let Some(until) = last_dropped {
        moments.push(Moment {
            at: until.clone(),
            source: "step".to_owned(),
            subject: "timeline".to_owned(),
            text: format!(
                "{dropped} earlier moments until {until} are left out: at most {MOST} are kept"
            ),
        });
        moments.sort();
    }
    moments
}

/// RFC 3339 with microseconds, UTC: sorts as text.
fn at(time: Timestamp) -> String {
    format!("{time:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(second: usize, source: &str) -> Moment {
        Moment {
            at: format!(
                "2026-01-01T00:{:02}:{:02}.000000Z",
                second / 60,
                second % 60
            ),
            source: source.to_owned(),
            subject: "a".to_owned(),
            text: second.to_string(),
        }
    }

    #[test]
    fn a_long_timeline_loses_its_beginning_says_so_and_keeps_the_steps() {
        let mut moments: Vec<_> = (0..MOST + 10)
            .map(|second| moment(second, "event"))
            .collect();
        moments.push(moment(0, "step"));
        let merged = merged(moments);
        assert_eq!(merged.len(), MOST);
        assert_eq!(merged[0].source, "step");
        assert!(
            merged
                .iter()
                .any(|moment| moment.text.starts_with("12 earlier moments until"))
        );
    }

    #[test]
    fn a_short_one_is_sorted_by_time_and_said_once() {
        let merged = merged(vec![
            moment(2, "crio"),
            moment(1, "event"),
            moment(2, "crio"),
        ]);
        let texts: Vec<_> = merged.iter().map(|moment| moment.text.as_str()).collect();
        assert_eq!(texts, ["1", "2"]);
    }

    #[test]
    fn times_have_microseconds() -> Result<(), jiff::Error> {
        assert_eq!(
            at("2026-01-01T00:00:00Z".parse()?),
            "2026-01-01T00:00:00.000000Z"
        );
        Ok(())
    }
}
