//! Objects as watches tell them: one list and one watch of each kind, and after that a look costs no request.
//!
//! A look may be a moment behind the API server, and goes on from what it knew while that does not answer. It is for what
//! surrounds a check; what a check is judged on is fetched.

use std::collections::BTreeMap;

use anyhow::Result;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use rehearse_core::observation::Observations;
use rehearse_core::query::{Output, Query, Subject};
use rehearse_core::redaction::{RawText, Redacted};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::changes::{Occurrence, watches};
use crate::blame::NotFetched;
use crate::stage::kind::{blame as blamed, is_not_served};
use crate::stage::{Cluster, StageError};

/// Objects of some kinds, kept up to date until this is dropped.
#[derive(Debug)]
pub struct Kept {
    kinds: watch::Receiver<BTreeMap<Query, Kind>>,
    _watching: JoinSet<()>,
}

impl Kept {
    /// Begins to watch. It is there when each kind was listed, is known not to be served, or could not be listed.
    pub async fn begun(cluster: &Cluster, queries: impl IntoIterator<Item = Query>) -> Self {
        let kinds: BTreeMap<Query, Kind> = queries
            .into_iter()
            .map(|query| (query, Kind::default()))
            .collect();
        let queries: Vec<Query> = kinds.keys().cloned().collect();
        let (sender, mut kinds) = watch::channel(kinds);
        let mut watching = JoinSet::new();
        for query in queries {
            let mut told = objects(cluster, &query);
            let (sender, engine) = (sender.clone(), cluster.engine());
            watching.spawn(async move {
                while let Some(told) = told.next().await {
                    let told = match told {
                        Ok(told) => Ok(told),
                        Err(error) => Err(blamed(&engine, error).await.into()),
                    };
                    sender.send_modify(|kinds| {
                        kinds.entry(query.clone()).or_default().take(told);
                    });
                }
            });
        }
        drop(sender);
        let known = kinds.wait_for(|kinds| kinds.values().all(|kind| kind.known.is_some()));
        if known.await.is_err() {
            tracing::warn!("no watch is left, and not every kind was listed");
        }
        Self {
            kinds,
            _watching: watching,
        }
    }

    /// The objects as they are known now.
    ///
    /// # Errors
    /// The first kind's that could not be listed.
    pub fn look(&self) -> Result<Observations, NotFetched> {
        let mut observations = Observations::default();
        for (query, kind) in &*self.kinds.borrow() {
            observations.insert(query.clone(), vec![kind.output()?]);
        }
        Ok(observations)
    }

    /// Yields whenever a look may show something else than it does now.
    pub fn changes(&self) -> impl Stream<Item = Result<Occurrence>> + Send + use<> {
        let mut kinds = self.kinds.clone();
        kinds.mark_unchanged();
        stream::unfold(kinds, |mut kinds| async move {
            kinds.changed().await.ok()?;
            let about = "what surrounds the wait changed".to_owned();
            Some((Ok(Occurrence { about }), kinds))
        })
    }
}

/// The objects of one query.
#[derive(Debug, Default)]
struct Kind {
    /// Each as JSON, by namespace and name.
    objects: BTreeMap<(String, String), Redacted>,
    /// Those of a list that is not at its end.
    listed: BTreeMap<(String, String), Redacted>,
    /// Whether it is served, or why it could not be listed; none where nothing was told yet.
    known: Option<Result<bool, NotFetched>>,
}

/// What is told of one kind; none that it is not served.
type Told = Option<Event<DynamicObject>>;

impl Kind {
    fn take(&mut self, told: Result<Told>) {
        match told {
            Ok(None) => self.known = Some(Ok(false)),
            Ok(Some(Event::Init)) => self.listed.clear(),
            Ok(Some(Event::InitApply(object))) => {
                self.listed.insert(key(&object), text(object));
            }
            Ok(Some(Event::InitDone)) => {
                self.objects = std::mem::take(&mut self.listed);
                self.known = Some(Ok(true));
            }
            Ok(Some(Event::Apply(object))) => {
                self.objects.insert(key(&object), text(object));
            }
            Ok(Some(Event::Delete(object))) => {
                self.objects.remove(&key(&object));
            }
            Err(error) => self.known = Some(Err(NotFetched::of(&error))),
        }
    }

    /// One output with a JSON array, as a fetch gives it.
    fn output(&self) -> Result<Output, NotFetched> {
        let error = match &self.known {
            Some(Ok(true)) => "",
            Some(Ok(false)) | None => "the server does not serve this kind",
            Some(Err(failure)) => return Err(failure.clone()),
        };
        let objects: Vec<&str> = self.objects.values().map(Redacted::as_str).collect();
        Ok(Output {
            subject: Subject::Cluster,
            status: 0,
            text: Redacted::default().changed(|_| format!("[{}]", objects.join(","))),
            error: RawText::from(error).redacted(),
        })
    }
}

fn key(object: &DynamicObject) -> (String, String) {
    let namespace = object.namespace().unwrap_or_default();
    (namespace, object.name_any())
}

/// Without the bookkeeping of who set which field.
fn text(mut object: DynamicObject) -> Redacted {
    object.metadata.managed_fields = None;
    RawText::from(json!(object).to_string()).redacted()
}

/// What watches tell of the objects of one query.
fn objects(cluster: &Cluster, query: &Query) -> BoxStream<'static, Result<Told, StageError>> {
    let Query::Objects {
        api_version,
        kind,
        namespace,
        selector,
    } = query.clone()
    else {
        return stream::empty().boxed();
    };
    let (client, resources) = (cluster.client().clone(), cluster.resources());
    let first = {
        let (client, resources) = (client.clone(), resources.clone());
        let (api_version, kind) = (api_version.clone(), kind.clone());
        async move {
            match resources.find(&client, &api_version, &kind).await {
                Ok(Some(_)) => None,
                Ok(None) => Some(Ok(None)),
                Err(error) => Some(Err(error)),
            }
        }
    };
    let then = async move {
        let resource = watches::served(&client, &resources, &api_version, &kind).await?;
        let (api, config) = watches::chosen(client, &resource, namespace, selector);
        let events = watcher(api, config).default_backoff();
        Ok(events.filter_map(move |event| {
            let told = match event {
                Ok(event) => Some(Ok(Some(event))),
                Err(watcher::Error::InitialListFailed(error)) if !is_not_served(&error) => {
                    Some(Err(StageError::api(format!("list {kind} objects"), error)))
                }
                // It goes on by itself from where it was, or lists again.
                Err(error) => {
                    tracing::debug!(kind, error = %error, "watch begins again");
                    None
                }
            };
            std::future::ready(told)
        }))
    };
    let first = stream::once(first).filter_map(std::future::ready);
    first.chain(stream::once(then).try_flatten()).boxed()
}
