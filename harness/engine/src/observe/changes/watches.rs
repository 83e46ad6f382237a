//! Watches of objects, also of kinds that are not served yet.

use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kube::api::DynamicObject;
use kube::core::discovery::ApiResource;
use kube::core::{DynamicResourceScope, PartialObjectMeta};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};

use super::{Changes, Occurrence, change};
use crate::stage::kind::{Resource, Resources, is_not_served};
use crate::stage::{Cluster, StageError};

/// The kinds whose objects make other kinds be served, with their plurals.
const DEFINITIONS: [(&str, &str, &str, &str); 2] = [
    (
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
    ),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices"),
];

/// Objects of one kind. Where it is not served yet, that it is served is the first change.
pub(super) fn objects(
    cluster: &Cluster,
    api_version: String,
    kind: String,
    namespace: Option<String>,
    selector: Option<String>,
) -> Changes {
    let (client, resources) = (cluster.client().clone(), cluster.resources());
    let watch = async move {
        let resource = served(&client, &resources, &api_version, &kind).await?;
        let (api, config) = chosen(client, &resource, namespace, selector);
        Ok(watch(api, config, kind))
    };
    stream::once(watch).try_flatten().boxed()
}

/// Where the objects of a resource are, in a namespace or in all, and which of them are watched.
pub(in crate::observe) fn chosen<K>(
    client: Client,
    resource: &Resource,
    namespace: Option<String>,
    selector: Option<String>,
) -> (Api<K>, watcher::Config)
where
    K: kube::Resource<DynamicType = ApiResource, Scope = DynamicResourceScope>,
{
    let api = match namespace {
        Some(namespace) if resource.namespaced => {
            Api::namespaced_with(client, &namespace, &resource.api)
        }
        _ => Api::all_with(client, &resource.api),
    };
    let config = watcher::Config {
        label_selector: selector,
        ..watcher::Config::default()
    };
    (api, config)
}

/// Waits until a kind is served.
pub(in crate::observe) async fn served(
    client: &Client,
    resources: &Arc<Resources>,
    api_version: &str,
    kind: &str,
) -> Result<Resource, StageError> {
    if let Some(resource) = resources.find(client, api_version, kind).await? {
        return Ok(resource);
    }
    let definitions = DEFINITIONS.map(|(group, version, kind, plural)| {
        let resource = ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: format!("{group}/{version}"),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
        };
        let api = Api::all_with(client.clone(), &resource);
        watch(api, watcher::Config::default(), kind.to_owned())
    });
    let mut changes = stream::select_all(definitions);
    while changes.try_next().await?.is_some() {
        if let Some(resource) = resources.find(client, api_version, kind).await? {
            return Ok(resource);
        }
    }
    Err(StageError::api(
        format!("wait until {kind} of {api_version} is served"),
        kube::Error::Service("the watch ended".into()),
    ))
}

/// Each change of an object, and that the watch has begun (again).
fn watch(
    api: Api<PartialObjectMeta<DynamicObject>>,
    config: watcher::Config,
    kind: String,
) -> BoxStream<'static, Result<Occurrence, StageError>> {
    watcher(api, config)
        .default_backoff()
        .filter_map(move |event| {
            let change = match event {
                Ok(Event::Init | Event::InitApply(_)) => None,
                Ok(Event::InitDone) => Some(change(format!("{kind} objects are watched"))),
                Ok(Event::Apply(object)) => Some(change(about(&kind, &object, "changed"))),
                Ok(Event::Delete(object)) => Some(change(about(&kind, &object, "was deleted"))),
                Err(error) => failure(&kind, error).map(Err),
            };
            std::future::ready(change)
        })
        .boxed()
}

fn about(kind: &str, object: &impl kube::ResourceExt, happened: &str) -> String {
    match object.namespace() {
        Some(namespace) => format!("{kind} {namespace}/{} {happened}", object.name_any()),
        None => format!("{kind} {} {happened}", object.name_any()),
    }
}

/// What a watch can't get over. It lists again by itself after 410, after a connection that broke, and while the server
/// does not serve the kind.
fn failure(kind: &str, error: watcher::Error) -> Option<StageError> {
    match error {
        watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error)
            if !is_not_served(&error) =>
        {
            Some(StageError::api(format!("watch {kind} objects"), error))
        }
        other => {
            tracing::debug!(kind, error = %other, "watch begins again");
            None
        }
    }
}
