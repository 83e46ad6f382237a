//! When what queries see may have changed.
//!
//! Objects are watched; of nodes, CRI-O's journal tells, as CRI-O logs each change of its CNI folder and each pod that it
//! gives a network. One thing tells nobody when it happens: that a Service's rules are in the kernel. For connections
//! alone there is therefore a clock.

mod logs;
pub(super) mod watches;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use futures::stream::{BoxStream, select_all};
use futures::{Stream, StreamExt as _, stream};
use rehearse_core::query::Query;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

use crate::stage::kind::{Line, blame};
use crate::stage::{Cluster, StageError};

/// How often connections are tried again while they are waited for.
const CLOCK: Duration = Duration::from_millis(500);

/// When a journal is looked at once more although its follower is silent: journald tells followers of new lines only
/// every 250 ms, and what it is about to tell as the listening begins is mostly what was waited for.
const AHEAD_OF_JOURNALD: [u64; 4] = [40, 80, 140, 220];

/// The runtime's unit.
const RUNTIME: &str = "crio";

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What happened, for a log.
    pub about: String,
}

/// Something that can be listened to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// Objects of one kind.
    Objects {
        api_version: String,
        kind: String,
        namespace: Option<String>,
        selector: Option<String>,
    },
    /// New lines in the logs of pods.
    Logs { namespace: String, selector: String },
    /// New lines in a unit's journal.
    Journal { unit: String },
    /// What the runtime says of networks.
    Networks,
    /// Time alone.
    Clock,
}

/// Yields at once, and then whenever something that these queries see may have changed, also once more when listening
/// has begun, so that nothing is missed in between. What happens while nobody asks is told as one.
///
/// The listening ends when the stream is dropped.
pub fn changes(
    cluster: &Cluster,
    queries: &[Query],
) -> impl Stream<Item = Result<Occurrence>> + Send + use<> {
    let sources: BTreeSet<Source> = queries.iter().flat_map(sources).collect();
    let streams: Vec<_> = sources
        .into_iter()
        .map(|source| listen(cluster, source))
        .collect();
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut listening = JoinSet::new();
    // In a task of its own, so that watches begin while the first look is taken.
    listening.spawn(async move {
        let first = stream::iter([change("first look")]);
        let mut all = first.chain(select_all(streams));
        while let Some(change) = all.next().await {
            if sender.send(change).is_err() {
                return;
            }
        }
    });
    let state = (receiver, listening, cluster.engine());
    stream::unfold(state, |(mut receiver, listening, engine)| async move {
        let mut latest = receiver.recv().await?;
        let mut more = 0_usize;
        while latest.is_ok()
            && let Ok(next) = receiver.try_recv()
        {
            latest = next;
            more += 1;
        }
        let told = match latest {
            Ok(Occurrence { about }) if more > 0 => change(format!("{about} and {more} more")),
            Ok(change) => Ok(change),
            Err(error) => Err(blame(&engine, error).await),
        };
        Some((
            told.map_err(anyhow::Error::from),
            (receiver, listening, engine),
        ))
    })
}

type Changes = BoxStream<'static, Result<Occurrence, StageError>>;

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is an item of a stream of results"
)]
fn change(about: impl Into<String>) -> Result<Occurrence, StageError> {
    Ok(Occurrence {
        about: about.into(),
    })
}

fn sources(query: &Query) -> Vec<Source> {
    let pods = |namespace: Option<&String>, selector: Option<&String>| Source::Objects {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        namespace: namespace.cloned(),
        selector: selector.cloned(),
    };
    match query {
        Query::Objects {
            api_version,
            kind,
            namespace,
            selector,
        } => vec![Source::Objects {
            api_version: api_version.clone(),
            kind: kind.clone(),
            namespace: namespace.clone(),
            selector: selector.clone(),
        }],
        Query::NodeDirectory { .. } | Query::NodeCommand { .. } => {
            vec![Source::Networks, pods(None, None)]
        }
        Query::NodeJournal { unit } => vec![Source::Journal { unit: unit.clone() }],
        Query::PodCommand {
            namespace,
            selector,
            ..
        } => vec![pods(Some(namespace), Some(selector))],
        Query::PodLogs {
            namespace,
            selector,
        } => vec![
            pods(Some(namespace), Some(selector)),
            Source::Logs {
                namespace: namespace.clone(),
                selector: selector.clone(),
            },
        ],
        Query::Connections {
            namespace,
            selector,
            ..
        } => vec![pods(Some(namespace), Some(selector)), Source::Clock],
    }
}

fn listen(cluster: &Cluster, source: Source) -> Changes {
    match source {
        Source::Objects {
            api_version,
            kind,
            namespace,
            selector,
        } => watches::objects(cluster, api_version, kind, namespace, selector),
        Source::Logs {
            namespace,
            selector,
        } => logs::lines(cluster, &namespace, &selector),
        Source::Journal { unit } => journal(cluster.follow_journal(&unit), |_| true),
        Source::Networks => journal(cluster.follow_journal(RUNTIME), |line| line.contains("CNI")),
        Source::Clock => {
            let start = tokio::time::Instant::now() + CLOCK;
            let interval = tokio::time::interval_at(start, CLOCK);
            stream::unfold(interval, |mut interval| async move {
                interval.tick().await;
                Some((change("time has passed"), interval))
            })
            .boxed()
        }
    }
}

fn journal(lines: broadcast::Receiver<Line>, is_meant: fn(&str) -> bool) -> Changes {
    let begin = tokio::time::Instant::now();
    let early = stream::iter(AHEAD_OF_JOURNALD).then(move |after| async move {
        tokio::time::sleep_until(begin + Duration::from_millis(after)).await;
        change("the journal may have new lines")
    });
    let lines = stream::unfold(lines, move |mut lines| async move {
        loop {
            let change = match lines.recv().await {
                Ok(Line {
                    node,
                    message: Ok(message),
                }) if is_meant(&message) => change(format!("{node}: {message}")),
                Ok(Line { message: Ok(_), .. }) => continue,
                Ok(Line {
                    node,
                    message: Err(reason),
                }) => Err(StageError::Node {
                    node,
                    operation: "follow the journal".to_owned(),
                    reason,
                }),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    change(format!("{missed} lines of a journal"))
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            return Some((change, lines));
        }
    });
    stream::select(early, lines).boxed()
}
