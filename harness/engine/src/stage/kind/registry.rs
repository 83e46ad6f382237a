//! The registry on the machine that answers the nodes for the public ones, so that every pull is local and known.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bollard::Docker;
use bollard::models::{
    ContainerCreateBody, HostConfig, Ipam, IpamConfig, Mount, MountType, NetworkCreateRequest,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectNetworkOptions, LogsOptionsBuilder, StartContainerOptions,
};
use futures::StreamExt as _;

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

/// How long it may take to serve; it takes less than a second where it was seen.
const LIMIT: Duration = Duration::from_mins(1);

/// Starts the registry on kind's network, waits until it serves, and gives its address there. The container belongs to the
/// cluster of the lease: whatever becomes of it, that cluster's removal removes it too.
pub(crate) async fn start(
    engine: &Docker,
    image: &str,
    data: &Path,
    lease: &Lease,
) -> Result<IpAddr> {
    ensure_network(engine).await?;
    let data = data
        .to_str()
        .context("failed to mount the registry's folder: its path is not UTF-8")?;
    let name = container_name(&lease.cluster);
    let operation = |what: &str| format!("{what} the registry {name} from image {image}");
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    engine
        .create_container(Some(options), container(image, data, lease))
        .await
        .map_err(|error| StageError::engine(operation("create"), error))?;
    engine
        .start_container(&name, None::<StartContainerOptions>)
        .await
        .map_err(|error| StageError::engine(operation("start"), error))?;
    tokio::time::timeout(LIMIT, until_ready(engine, &name))
        .await
        .map_err(|_| StageError::Late {
            operation: operation("start"),
            limit: LIMIT,
            hint: format!("`docker logs {name}`"),
        })?
        .map_err(|reason| StageError::Machine {
            operation: operation("start"),
            reason,
        })?;
    address_of(engine, &name).await
}

fn container(image: &str, data: &str, lease: &Lease) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.to_owned()),
        labels: Some(lease.labels()),
        // At this level it says when it serves, and each pull.
        env: Some(vec!["REGISTRY_LOG_LEVEL=info".to_owned()]),
        // Only nodes are to reach it: no port is opened on the machine's own addresses.
        host_config: Some(HostConfig {
            network_mode: Some(NETWORK.to_owned()),
            mounts: Some(vec![Mount {
                typ: Some(MountType::BIND),
                source: Some(data.to_owned()),
                target: Some(DATA.to_owned()),
                read_only: Some(true),
                ..Mount::default()
            }]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// Reads what the registry says until it serves; the error is what it said before it ended.
async fn until_ready(engine: &Docker, name: &str) -> Result<(), String> {
    let options = LogsOptionsBuilder::new()
        .follow(true)
        .stdout(true)
        .stderr(true)
        .build();
    let mut said = String::new();
    let mut log = std::pin::pin!(engine.logs(name, Some(options)));
    while let Some(part) = log.next().await {
        let part = part.map_err(|error| error.to_string())?;
        said += &String::from_utf8_lossy(&part.into_bytes());
        if said.contains(READY) {
            return Ok(());
        }
    }
    let said = said.trim();
    Err(format!("it ended and said: {said}"))
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
