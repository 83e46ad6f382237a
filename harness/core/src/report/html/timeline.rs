//! The merged timeline, a group for each step that was going on.

use serde::Serialize;

use crate::record::{Moment, Record};

#[derive(Serialize)]
pub(super) struct Timeline<'record> {
    sources: Vec<&'record str>,
    groups: Vec<Group<'record>>,
    moments: usize,
}

/// What happened from one step's beginning to the next one's.
#[derive(Serialize)]
struct Group<'record> {
    /// None before the first step.
    step: Option<usize>,
    label: &'record str,
    rows: Vec<Row<'record>>,
}

#[derive(Serialize)]
struct Row<'record> {
    at: &'record str,
    /// The time of day to the millisecond.
    clock: String,
    source: usize,
    subject: &'record str,
    text: &'record str,
}

pub(super) fn timeline(record: &Record) -> Timeline<'_> {
    let mut sources: Vec<_> = record
        .run
        .timeline
        .iter()
        .map(|moment| moment.source.as_str())
        .collect();
    sources.sort_unstable();
    sources.dedup();
    let mut starts: Vec<_> = record
        .canonical
        .steps
        .iter()
        .enumerate()
        .filter_map(|(index, step)| {
            let timing = record.timing.steps.get(&step.id)?;
            Some((key(&timing.started), index, step.id.as_str()))
        })
        .collect();
    starts.sort_unstable();
    let mut groups = vec![Group {
        step: None,
        label: "Before the first step",
        rows: Vec::new(),
    }];
    groups.extend(starts.iter().map(|(_, index, id)| Group {
        step: Some(*index),
        label: id,
        rows: Vec::new(),
    }));
    let mut moments: Vec<_> = record.run.timeline.iter().collect();
    moments.sort_by_key(|moment| key(&moment.at));
    for moment in moments {
        let group = starts.partition_point(|(start, _, _)| *start <= key(&moment.at));
        let source = sources.partition_point(|source| *source < moment.source.as_str());
        groups[group].rows.push(row(moment, source));
    }
    groups.retain(|group| !group.rows.is_empty());
    Timeline {
        sources,
        groups,
        moments: record.run.timeline.len(),
    }
}

/// RFC 3339 times of one zone are in order as texts, but for `Z` after the fraction of a second.
fn key(at: &str) -> &str {
    at.trim_end_matches('Z')
}

fn row(moment: &Moment, source: usize) -> Row<'_> {
    // `2026-11-23T21:31:04.028734Z`: the clock is what stands between `T` and the third digit of the fraction.
    let clock = moment
        .at
        .split_once('T')
        .map_or(moment.at.as_str(), |(_, clock)| clock);
    let clock: String = clock.trim_end_matches('Z').chars().take(12).collect();
    Row {
        at: &moment.at,
        clock,
        source,
        subject: &moment.subject,
        text: &moment.text,
    }
}
