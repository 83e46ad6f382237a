//! The registry on the machine that answers the nodes for the public ones, so that every pull is local and known.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context as _, Result};
use bollard::Docker;
use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest};
use bollard::query_parameters::InspectNetworkOptions;
use testcontainers::core::{AccessMode, Mount, WaitFor};
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, GenericImage, ImageExt as _};

use super::lease::Lease;
use crate::stage::StageError;

/// The engine's network that kind puts its nodes on.
const NETWORK: &str = "kind";
/// The IPv6 range that kind itself gives its network, so that clusters which need one find it however the network began.
const NETWORK_IPV6: &str = "fc00:f853:ccd:e793::/64";
/// Where the registry's program expects its contents.
const DATA: &str = "/var/lib/registry";
/// What the registry logs once it serves.
const READY: &str = "listening on";

/// A registry that runs.
pub(crate) struct Registry {
    container: ContainerAsync<GenericImage>,
    /// Its address on the nodes' network.
    pub(crate) address: IpAddr,
}

impl Registry {
    /// Starts the registry on kind's network and waits until it serves.
    pub(crate) async fn start(
        engine: &Docker,
        image: &str,
        data: &Path,
        lease: &Lease,
    ) -> Result<Self> {
        ensure_network(engine).await?;
        let (repository, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
        let data = data
            .to_str()
            .context("failed to mount the registry's folder: its path is not UTF-8")?;
        let container = GenericImage::new(repository, tag)
            .with_wait_for(WaitFor::message_on_either_std(READY))
            .with_container_name(container_name(&lease.cluster))
            .with_network(NETWORK)
            .with_labels(lease.labels())
            // At this level it says when it serves, and each pull.
            .with_env_var("REGISTRY_LOG_LEVEL", "info")
            .with_mount(Mount::bind_mount(data, DATA).with_access_mode(AccessMode::ReadOnly))
            // Only nodes are to reach it: no port is opened on the machine's own addresses.
            .with_host_config_modifier(|host| host.publish_all_ports = Some(false))
            .start()
            .await
            .map_err(|error| StageError::Machine {
                operation: format!("start the registry from image {image}"),
                reason: error.to_string(),
            })?;
        let address = address_of(engine, container.id()).await?;
        Ok(Self { container, address })
    }

    /// Lets the container live on: it belongs to the cluster, whose removal removes it too.
    pub(crate) fn hand_over(self) -> IpAddr {
        // Dropping a testcontainers handle removes its container, also that of a cluster which is kept.
        std::mem::forget(self.container);
        self.address
    }
}

/// The name of a cluster's registry container.
pub(crate) fn container_name(cluster: &str) -> String {
    format!("{cluster}-registry")
}

async fn address_of(engine: &Docker, container: &str) -> Result<IpAddr> {
    let inspected = engine
        .inspect_container(container, None)
        .await
        .map_err(|error| StageError::engine("look at the registry's container", error))?;
    let networks = inspected
        .network_settings
        .and_then(|network| network.networks);
    networks
        .and_then(|mut networks| networks.remove(NETWORK)?.ip_address)
        .context("failed to find the registry's address on network kind: it has none")?
        .parse()
        .context("failed to read the registry's address on network kind")
}

/// Makes kind's network where it is missing, in the form that kind would give it.
async fn ensure_network(engine: &Docker) -> Result<(), StageError> {
    let found = engine
        .inspect_network(NETWORK, None::<InspectNetworkOptions>)
        .await;
    match found {
        Ok(_) => return Ok(()),
        Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404, ..
        }) => {}
        Err(error) => return Err(StageError::engine("look for network kind", error)),
    }
    let wanted = |ipv6: bool| NetworkCreateRequest {
        name: NETWORK.to_owned(),
        driver: Some("bridge".to_owned()),
        enable_ipv6: Some(ipv6),
        ipam: ipv6.then(|| Ipam {
            config: Some(vec![IpamConfig {
                subnet: Some(NETWORK_IPV6.to_owned()),
                ..IpamConfig::default()
            }]),
            ..Ipam::default()
        }),
        options: Some(HashMap::from([(
            "com.docker.network.bridge.enable_ip_masquerade".to_owned(),
            "true".to_owned(),
        )])),
        ..NetworkCreateRequest::default()
    };
    let failed = |error| StageError::engine("create network kind", error);
    match engine.create_network(wanted(true)).await {
        // 409: somebody else was faster.
        Ok(_)
        | Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 409, ..
        }) => Ok(()),
        Err(error) => {
            tracing::info!(%error, "network kind with IPv6 not possible, made without");
            engine.create_network(wanted(false)).await.map_err(failed)?;
            Ok(())
        }
    }
}
