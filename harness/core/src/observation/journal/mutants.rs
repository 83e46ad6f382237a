//! What CRI-O says of networks in its journal: its last word on the default network, and the network that it gave each
//! pod that the step looks at. Gone, another network, older than the step.

use serde_json::{Value, json};

use crate::mutant::{Edit, FactId, FactKind, Maker, Site};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["journal.default-network", "journal.network-given"],
    make: |site, query| {
        let is_mine = matches!(query, Query::NodeJournal { .. });
        if is_mine {
            journal(site);
        }
        is_mine
    },
};

const DEFAULT_NETWORK: &str = "Updated default CNI network name to ";

/// An hour: longer than any step.
const EARLIER: i64 = 3_600_000_000;

/// One node's journal.
fn journal(site: &mut Site<'_>) {
    let text = site.original.output.text.clone();
    let lines: Vec<&str> = text.lines().collect();
    let with = |wanted: &str| -> Vec<usize> {
        let lines = lines.iter().enumerate();
        lines
            .filter(|(_, line)| line.contains(wanted))
            .map(|(index, _)| index)
            .collect()
    };
    let words = with(DEFAULT_NETWORK);
    let fact = FactId::new(FactKind::Journal, "journal.default-network", site.whom());
    if let [before @ .., last] = words.as_slice() {
        site.push(
            &fact,
            "gone",
            Edit::Lines(words.iter().map(|index| (*index, None)).collect()),
        );
        let stale = lines[*last].replace(DEFAULT_NETWORK, &format!("{DEFAULT_NETWORK}stale-"));
        site.push(
            &fact,
            "other network",
            Edit::Lines(vec![(*last, Some(stale))]),
        );
        if let Some(older) = older(lines[*last]) {
            let gone = before.iter().map(|index| (*index, None));
            let changes = gone.chain([(*last, Some(older))]).collect();
            site.push(&fact, "older than the step", Edit::Lines(changes));
        }
    }
    let Some(node) = site.node() else { return };
    let pods = site.surroundings.pods.iter();
    let pods: Vec<String> = pods
        .filter(|(_, pod)| pod.node == node)
        .map(|(name, _)| name.clone())
        .collect();
    for pod in pods {
        let prefix = format!("Adding pod {} to CNI network ", pod.replacen('/', "_", 1));
        let given = with(&prefix);
        let fact = FactId::new(
            FactKind::Journal,
            "journal.network-given",
            format!("{}: pod {pod}", site.whom()),
        );
        let Some(last) = given.last() else { continue };
        site.push(
            &fact,
            "gone",
            Edit::Lines(given.iter().map(|index| (*index, None)).collect()),
        );
        let quote = |text: &str| format!("{prefix}{text}");
        // The journal's JSON quotes the message, and the message quotes the network.
        let stale = lines[*last].replace(&quote("\\\\\\\""), &quote("\\\\\\\"stale-"));
        site.push(
            &fact,
            "other network",
            Edit::Lines(vec![(*last, Some(stale))]),
        );
    }
}

/// The line as if it had been printed and taken an hour before.
fn older(line: &str) -> Option<String> {
    let mut entry: Value = serde_json::from_str(line).ok()?;
    let microseconds: i64 = entry["__REALTIME_TIMESTAMP"].as_str()?.parse().ok()?;
    entry["__REALTIME_TIMESTAMP"] = json!((microseconds - EARLIER).to_string());
    let message = entry["MESSAGE"].as_str()?;
    let (before, rest) = message.split_once("time=\"")?;
    let (time, after) = rest.split_once('"')?;
    let time: jiff::Timestamp = time.parse().ok()?;
    let time = jiff::Timestamp::from_microsecond(time.as_microsecond() - EARLIER).ok()?;
    entry["MESSAGE"] = json!(format!("{before}time=\"{time}\"{after}"));
    Some(entry.to_string())
}
