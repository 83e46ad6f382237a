//! Which resource serves a kind, as the API server says; asked once for each kind that is there.

use std::collections::BTreeMap;
use std::sync::Mutex;

use kube::Client;
use kube::core::discovery::{ApiResource, Scope};
use kube::core::{GroupVersion, GroupVersionKind};
use kube::error::DiscoveryError;

use crate::stage::StageError;

/// A kind that the API server serves.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its group, version, kind and plural.
    pub api: ApiResource,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// What is known of the kinds so far. A kind that is not served is asked for again each time.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    known: Mutex<BTreeMap<(String, String), Resource>>,
}

impl Resources {
    /// The resource of a kind; none where the server does not serve it (yet).
    pub(crate) async fn find(
        &self,
        client: &Client,
        api_version: &str,
        kind: &str,
    ) -> Result<Option<Resource>, StageError> {
        let key = (api_version.to_owned(), kind.to_owned());
        // A lock that a panic left poisoned still guards whole entries.
        let known = |resources: &Self| match resources.known.lock() {
            Ok(known) => known.get(&key).cloned(),
            Err(poisoned) => poisoned.into_inner().get(&key).cloned(),
        };
        if let Some(resource) = known(self) {
            return Ok(Some(resource));
        }
        let Some(resource) = ask(client, api_version, kind).await? else {
            return Ok(None);
        };
        match self.known.lock() {
            Ok(mut known) => known.insert(key, resource.clone()),
            Err(poisoned) => poisoned.into_inner().insert(key, resource.clone()),
        };
        Ok(Some(resource))
    }
}

async fn ask(
    client: &Client,
    api_version: &str,
    kind: &str,
) -> Result<Option<Resource>, StageError> {
    let operation = || format!("find out how {kind} of {api_version} is served");
    let group_version: GroupVersion = api_version.parse().map_err(|error| {
        StageError::api(
            operation(),
            kube::Error::Discovery(DiscoveryError::InvalidGroupVersion(format!("{error}"))),
        )
    })?;
    let kind = GroupVersionKind::gvk(&group_version.group, &group_version.version, kind);
    match kube::discovery::pinned_kind(client, &kind).await {
        Ok((api, capabilities)) => Ok(Some(Resource {
            api,
            namespaced: capabilities.scope == Scope::Namespaced,
        })),
        Err(error) if is_not_served(&error) => Ok(None),
        Err(error) => Err(StageError::api(operation(), error)),
    }
}

/// Whether the server says that it has no such thing. 503 is its word for an aggregated API whose own server is not there.
pub(crate) fn is_not_served(error: &kube::Error) -> bool {
    match error {
        kube::Error::Discovery(
            DiscoveryError::MissingKind(_) | DiscoveryError::MissingApiGroup(_),
        ) => true,
        kube::Error::Api(status) => status.code == 404 || status.code == 503,
        _ => false,
    }
}
