//! Making a cluster.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use bollard::Docker;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Node as NodeObject;
use kube::api::{Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client};
use tokio_util::sync::CancellationToken;

use super::configuration::{self, Mount};
use super::lease::Lease;
use super::node::{Role, nodes_of};
use super::owner::Owner;
use super::registry;
use super::removal::Creation;
use super::{Cluster, Node, Wanted, claim, removal};
use crate::folder;
use crate::stage::StageError;
use rehearse_stack::command::Command;

/// The longest a creation may take: kubeadm itself gives the control plane four minutes.
const LIMIT: Duration = removal::CREATION.unsigned_abs();

/// The taint that keeps pods off the control plane.
const CONTROL_PLANE_TAINT: &str = "node-role.kubernetes.io/control-plane";

/// Where the node image looks for what is mounted into it.
const IMAGE_STORE: &str = "/var/lib/rehearse/images";
const PROGRAMS: &str = "/opt/rehearse/bin";
const REGISTRIES: &str = "/etc/containers/registries.conf";

pub(super) async fn create(
    wanted: Wanted<'_>,
    cancel: &CancellationToken,
    progress: &(dyn Fn(&str) + Send + Sync),
) -> Result<Cluster> {
    configuration::judge_name(&wanted.name)
        .map_err(|why| anyhow::anyhow!("failed to create cluster {}: {why}", wanted.name))?;
    let engine = super::engine()?;
    let lease = lease(&wanted)?;
    claim::take(&engine, &lease).await?;
    let made = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(StageError::Interrupted {
            operation: format!("creating cluster {}", wanted.name),
        }.into()),
        made = tokio::time::timeout(LIMIT, make(&engine, &wanted, &lease, progress)) => {
            made.unwrap_or_else(|_| Err(StageError::Late {
                operation: format!("create cluster {}", wanted.name),
                limit: LIMIT,
                hint: format!("see {}", log(&wanted.directory).display()),
            }.into()))
        }
    };
    match made {
        Ok(cluster) => Ok(cluster),
        Err(error) => {
            progress(&format!(
                "removing what was made of cluster {}",
                wanted.name
            ));
            match removal::remove(&engine, &wanted.name, Creation::BrokenOff).await {
                Ok(()) => Err(error),
                Err(left) => Err(error.context(format!(
                    "failed to remove what was made of cluster {}: {left:#}; what it was made for:",
                    wanted.name
                ))),
            }
        }
    }
}

async fn make(
    engine: &Docker,
    wanted: &Wanted<'_>,
    lease: &Lease,
    progress: &(dyn Fn(&str) + Send + Sync),
) -> Result<Cluster> {
    let directory = prepare_directory(&wanted.directory).await?;
    let template = configuration::read_template(&wanted.catalogue_folder)?;
    let registry = match (&wanted.stack.registry_image, &wanted.stack.registry_data) {
        (Some(image), Some(data)) => {
            progress("starting the registry");
            Some(registry::start(engine, image, data, lease).await?)
        }
        _ => None,
    };
    let mounts = mounts(wanted, &directory, registry)?;
    let rendered = configuration::render(
        &template,
        &wanted.name,
        &wanted.stack.node_image,
        wanted.plan,
        &mounts,
    )?;
    let file = directory.join("kind.yaml");
    folder::write_whole(&file, &rendered)?;
    let kubeconfig = kubeconfig(&directory);
    let count = wanted.plan.nodes.control_planes + wanted.plan.nodes.workers;
    progress(&format!("creating {count} nodes"));
    kind(wanted)
        .args(["create", "cluster", "--name", &wanted.name, "--config"])
        .arg(&file)
        .arg("--kubeconfig")
        .arg(&kubeconfig)
        .run()
        .await
        .map_err(|error| machine(format!("create cluster {}", wanted.name), &error))?;
    let nodes = nodes_of(engine, &wanted.name).await?;
    let cluster = connect(engine.clone(), &wanted.name, nodes, kubeconfig).await?;
    if wanted.plan.nodes.schedulable_control_planes {
        open_control_planes(&cluster).await?;
    }
    Ok(cluster)
}

pub(super) async fn connect(
    engine: Docker,
    name: &str,
    nodes: Vec<Node>,
    kubeconfig: PathBuf,
) -> Result<Cluster> {
    let read = Kubeconfig::read_from(&kubeconfig)
        .with_context(|| format!("failed to read {}", kubeconfig.display()))?;
    let mut config = kube::Config::from_custom_kubeconfig(read, &KubeConfigOptions::default())
        .await
        .with_context(|| format!("failed to use {}", kubeconfig.display()))?;
    // A retry must be seen: it is written in the record by whoever does it.
    config.default_retry = false;
    let client = Client::try_from(config)
        .map_err(|error| StageError::api(format!("make a client of cluster {name}"), error))?;
    Ok(Cluster {
        name: name.to_owned(),
        engine,
        client,
        nodes,
        kubeconfig,
        resources: std::sync::Arc::default(),
        journals: super::journal::Journals::default(),
        shells: super::shell::Shells::default(),
        settled: false,
    })
}

/// Takes the control plane's taint off every node that has it.
async fn open_control_planes(cluster: &Cluster) -> Result<()> {
    let api = Api::<NodeObject>::all(cluster.client.clone());
    for node in &cluster.nodes {
        if node.role == Role::ControlPlane {
            open(&api, &node.name).await.map_err(|error| {
                StageError::api(format!("make node {} schedulable", node.name), error)
            })?;
        }
    }
    Ok(())
}

/// Other taints come and go meanwhile, so the list is replaced only as it was read, else read again.
async fn open(api: &Api<NodeObject>, name: &str) -> Result<(), kube::Error> {
    loop {
        let node = api.get(name).await?;
        let all = node.spec.and_then(|spec| spec.taints).unwrap_or_default();
        let mut kept = all.clone();
        kept.retain(|taint| taint.key != CONTROL_PLANE_TAINT);
        if kept.len() == all.len() {
            return Ok(());
        }
        let patch = serde_json::json!({
            "metadata": { "resourceVersion": node.metadata.resource_version },
            "spec": { "taints": kept },
        });
        match api
            .patch(name, &PatchParams::default(), &Patch::Merge(patch))
            .await
        {
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            Err(error) => return Err(error),
            Ok(_) => return Ok(()),
        }
    }
}

pub(super) fn lease(wanted: &Wanted<'_>) -> Result<Lease> {
    let now = Timestamp::now();
    let deadline = now
        .checked_add(wanted.deadline)
        .with_context(|| format!("failed to set a deadline {:?} from now", wanted.deadline))?;
    Ok(Lease {
        cluster: wanted.name.clone(),
        run: wanted.run_id.clone(),
        owner: Owner::this_process()?,
        created: now,
        deadline,
        keep: wanted.keep,
        components: wanted
            .plan
            .components
            .iter()
            .map(|(name, choice)| (name.clone(), choice.version.to_string()))
            .collect(),
    })
}

fn mounts(wanted: &Wanted<'_>, directory: &Path, registry: Option<IpAddr>) -> Result<Vec<Mount>> {
    let mount = |host_path: &Path, container_path: &str| Mount {
        host_path: host_path.to_owned(),
        container_path: container_path.to_owned(),
        read_only: true,
    };
    let mut mounts = Vec::new();
    if let Some(store) = &wanted.stack.image_store {
        mounts.push(mount(store, IMAGE_STORE));
    }
    if let Some(programs) = &wanted.stack.programs {
        mounts.push(mount(programs, PROGRAMS));
    }
    if let Some(address) = registry {
        let file = directory.join("registries.conf");
        folder::write_whole(&file, rehearse_stack::registries_configuration(address))?;
        mounts.push(mount(&file, REGISTRIES));
    }
    Ok(mounts)
}

/// The kind program of the stack, with a kubeconfig that is not the user's own and its log in the run's folder.
pub(super) fn kind(wanted: &Wanted<'_>) -> Command {
    Command::new(&wanted.stack.kind)
        .env("KUBECONFIG", kubeconfig(&wanted.directory))
        .env("KIND_EXPERIMENTAL_PROVIDER", "docker")
        .log(log(&wanted.directory))
}

pub(super) fn kubeconfig(directory: &Path) -> PathBuf {
    directory.join("kubeconfig")
}

fn log(directory: &Path) -> PathBuf {
    directory.join("kind.log")
}

/// Makes the run's folder and gives its absolute path, which mounts need.
pub(super) async fn prepare_directory(directory: &Path) -> Result<PathBuf> {
    folder::create_folder(directory)?;
    tokio::fs::canonicalize(directory)
        .await
        .with_context(|| format!("failed to find folder {}", directory.display()))
}

pub(super) fn machine(operation: String, error: &anyhow::Error) -> StageError {
    StageError::Machine {
        operation,
        reason: format!("{error:#}"),
    }
}
