//! New lines in the logs of pods, also of pods that come later.

use std::collections::BTreeSet;

use futures::stream::{BoxStream, SelectAll, select_all};
use futures::{AsyncBufReadExt as _, StreamExt as _, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, ResourceExt as _};

use super::{Changes, change};
use crate::stage::Cluster;

/// Pods whose logs are followed, and those that may come.
struct Followed {
    api: Api<Pod>,
    pods: BoxStream<'static, Result<Event<Pod>, watcher::Error>>,
    /// Who is followed: a container that starts again has a log of its own.
    known: BTreeSet<(String, i32)>,
    lines: SelectAll<Changes>,
}

/// A change for each line from now on, and one when a log begins to be followed.
pub(super) fn lines(cluster: &Cluster, namespace: &str, selector: &str) -> Changes {
    let api = Api::<Pod>::namespaced(cluster.client().clone(), namespace);
    let config = watcher::Config::default().labels(selector);
    let followed = Followed {
        pods: watcher(api.clone(), config).default_backoff().boxed(),
        api,
        known: BTreeSet::new(),
        lines: select_all([]),
    };
    stream::unfold(followed, |mut followed| async move {
        loop {
            tokio::select! {
                Some(line) = followed.lines.next() => return Some((line, followed)),
                event = followed.pods.next() => match event? {
                    Ok(Event::Apply(pod) | Event::InitApply(pod)) => followed.follow(&pod),
                    Ok(_) => {}
                    // The same watch is among the objects' own, and there its failure is told.
                    Err(error) => tracing::debug!(%error, "watch of pods begins again"),
                },
            }
        }
    })
    .boxed()
}

impl Followed {
    fn follow(&mut self, pod: &Pod) {
        let Some((container, restarts)) = running(pod) else {
            return;
        };
        let name = pod.name_any();
        if !self
            .known
            .insert((pod.uid().unwrap_or_else(|| name.clone()), restarts))
        {
            return;
        }
        let api = self.api.clone();
        let log = async move {
            let parameters = LogParams {
                container: Some(container),
                follow: true,
                tail_lines: Some(0),
                ..LogParams::default()
            };
            match api.log_stream(&name, &parameters).await {
                Ok(log) => {
                    let begun = change(format!("the log of {name} is followed"));
                    let lines = log.lines().filter_map(move |line| {
                        std::future::ready(line.ok().map(|line| change(format!("{name}: {line}"))))
                    });
                    stream::iter([begun]).chain(lines).boxed()
                }
                // A pod that went away in between: its deletion is a change of the pods.
                Err(error) => {
                    tracing::debug!(pod = name, %error, "log not followed");
                    stream::empty().boxed()
                }
            }
        };
        self.lines.push(stream::once(log).flatten().boxed());
    }
}

/// The first container of a pod and how often it was started again; none where it does not run.
fn running(pod: &Pod) -> Option<(String, i32)> {
    let first = pod.spec.as_ref()?.containers.first()?;
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    let status = statuses.iter().find(|status| status.name == first.name)?;
    status.state.as_ref()?.running.as_ref()?;
    Some((first.name.clone(), status.restart_count))
}
