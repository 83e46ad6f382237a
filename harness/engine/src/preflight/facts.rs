//! What there is to know about the machine.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::table::Need;
use rehearse_stack::command::Command;

/// The machine, as far as could be seen.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The engine, or why it does not answer.
    pub(super) engine: Result<Engine, String>,
    /// Such as `6.1.0-18-amd64`.
    pub(super) kernel: Option<String>,
    pub(super) cgroup: Cgroup,
    pub(super) inotify: Inotify,
    /// Folders with their free bytes.
    pub(super) disks: Vec<(PathBuf, u64)>,
    /// Bytes that can be had without swapping.
    pub(super) memory: Option<u64>,
    pub(super) vxlan: Support,
    pub(super) bridge: Support,
    /// The capabilities that the engine's containers can have at most.
    pub(super) capabilities: Option<u64>,
    /// Whether a port of the machine's own address can be listened on, or why not.
    pub(super) port: Result<(), String>,
}

#[derive(Clone, Debug)]
pub(super) struct Engine {
    pub(super) version: String,
    pub(super) storage: String,
    /// Whether it runs on this machine: only then do the other facts concern it.
    pub(super) is_local: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Cgroup {
    /// The first version, with the controllers that the kernel has and nobody mounted.
    V1 {
        unmounted: BTreeSet<String>,
    },
    /// The second version, with the controllers that are there.
    V2 {
        controllers: BTreeSet<String>,
    },
    Unknown,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inotify {
    /// How many instances a user may have.
    pub(super) instances: Option<u64>,
    /// How many root has now; only root can see.
    pub(super) used: Option<u64>,
    /// How many watches a user may have.
    pub(super) watches: Option<u64>,
}

/// Whether the kernel has a kind of network device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// It has it now.
    Present,
    /// It has it as a module that is loaded when needed.
    Loadable,
    Absent,
    Unknown(String),
}

impl Facts {
    /// Looks at the machine. It makes nothing that stays: a network device is tried in a namespace that goes with the
    /// program that tried it.
    pub async fn now(need: &Need) -> Self {
        let (engine, root) = engine().await;
        let (vxlan, bridge) = tokio::join!(support("vxlan"), support("bridge"));
        let folders = [Some(need.cache.clone()), root];
        Self {
            engine,
            kernel: text("/proc/sys/kernel/osrelease"),
            cgroup: cgroup(),
            inotify: Inotify {
                instances: number("/proc/sys/fs/inotify/max_user_instances"),
                used: nix::unistd::geteuid().is_root().then(inotify_instances),
                watches: number("/proc/sys/fs/inotify/max_user_watches"),
            },
            disks: folders.into_iter().flatten().filter_map(free).collect(),
            memory: memory(),
            vxlan,
            bridge,
            capabilities: capabilities(),
            port: TcpListener::bind(("127.0.0.1", 0))
                .map(drop)
                .map_err(|error| error.to_string()),
        }
    }
}

/// The engine, and its folder where it is on this machine.
async fn engine() -> (Result<Engine, String>, Option<PathBuf>) {
    let client = match crate::stage::kind::engine() {
        Ok(client) => client,
        Err(error) => return (Err(chain(&error)), None),
    };
    let info = match client.info().await {
        Ok(info) => info,
        Err(error) => return (Err(chain(&error)), None),
    };
    let root = info.docker_root_dir.map(PathBuf::from);
    let host = nix::unistd::gethostname().ok();
    let host = host.map(|host| host.to_string_lossy().into_owned());
    let is_local = info.name.is_some() && info.name == host;
    let engine = Engine {
        version: info.server_version.unwrap_or_default(),
        storage: info.driver.unwrap_or_default(),
        is_local,
    };
    (Ok(engine), root.filter(|_| is_local))
}

/// An error with all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn text(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn number(path: &str) -> Option<u64> {
    text(path)?.parse().ok()
}

fn cgroup() -> Cgroup {
    if let Some(controllers) = text("/sys/fs/cgroup/cgroup.controllers") {
        return Cgroup::V2 {
            controllers: controllers.split_whitespace().map(str::to_owned).collect(),
        };
    }
    match (text("/proc/cgroups"), text("/proc/self/mountinfo")) {
        (Some(controllers), Some(mounts)) => Cgroup::V1 {
            unmounted: unmounted(&controllers, &mounts),
        },
        _ => Cgroup::Unknown,
    }
}

/// The enabled controllers of `/proc/cgroups` that no cgroup mount of `/proc/self/mountinfo` has.
pub(super) fn unmounted(controllers: &str, mounts: &str) -> BTreeSet<String> {
    let mounted: BTreeSet<&str> = mounts
        .lines()
        .filter_map(|line| line.split_once(" - "))
        .filter_map(|(_, mount)| {
            let mut fields = mount.split_whitespace();
            (fields.next()? == "cgroup").then_some(())?;
            fields.nth(1)
        })
        .flat_map(|options| options.split(','))
        .collect();
    controllers
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let name = fields.next()?;
            (fields.nth(2)? == "1" && !mounted.contains(name)).then(|| name.to_owned())
        })
        .collect()
}

/// How many inotify instances root's processes hold. A process that ends meanwhile holds none.
fn inotify_instances() -> u64 {
    let Ok(processes) = fs::read_dir("/proc") else {
        return 0;
    };
    let of = |process: PathBuf| -> u64 {
        let Ok(files) = fs::read_dir(process.join("fd")) else {
            return 0;
        };
        let is_inotify = |path: &Path| {
            fs::read_link(path).is_ok_and(|target| target.as_os_str() == "anon_inode:inotify")
        };
        let open = files.flatten().filter(|file| is_inotify(&file.path()));
        open.count() as u64
    };
    processes.flatten().map(|process| of(process.path())).sum()
}

/// Free bytes where the folder is or will be.
fn free(folder: PathBuf) -> Option<(PathBuf, u64)> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists())?;
    let there = if there.as_os_str().is_empty() {
        Path::new(".")
    } else {
        there
    };
    let status = nix::sys::statvfs::statvfs(there).ok()?;
    Some((folder, status.blocks_available() * status.fragment_size()))
}

fn memory() -> Option<u64> {
    let all = text("/proc/meminfo")?;
    let line = all
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// The bounding set of the engine's own process, which its containers can't exceed; this process's where that can't be read.
fn capabilities() -> Option<u64> {
    let engine = text("/var/run/docker.pid").and_then(|id| text(&format!("/proc/{id}/status")));
    let status = engine.or_else(|| text("/proc/self/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapBnd:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

async fn support(device: &str) -> Support {
    if Path::new("/sys/module").join(device).exists() {
        return Support::Present;
    }
    let release = text("/proc/sys/kernel/osrelease").unwrap_or_default();
    let modules = Path::new("/lib/modules").join(release);
    let file = format!("/{device}.ko");
    let lists = |name: &str| {
        fs::File::open(modules.join(name)).is_ok_and(|list| {
            let lines = BufReader::new(list).lines().map_while(Result::ok);
            lines
                .filter_map(|line| line.split(':').next().map(str::to_owned))
                .any(|module| module.contains(&file))
        })
    };
    if lists("modules.builtin") {
        return Support::Present;
    }
    if lists("modules.dep") {
        return Support::Loadable;
    }
    try_device(device).await
}

async fn try_device(device: &str) -> Support {
    let extra: &[&str] = match device {
        "vxlan" => &["id", "1", "dstport", "4789"],
        _ => &[],
    };
    let tried = Command::new("unshare")
        .args(["--net", "ip", "link", "add", "try0", "type", device])
        .args(extra)
        .output()
        .await;
    match tried {
        Ok(output) if output.status.success() => Support::Present,
        Ok(output) if output.stderr().contains("Unknown device type") => Support::Absent,
        Ok(output) => Support::Unknown(output.stderr().trim().to_owned()),
        Err(error) => Support::Unknown(format!("{error:#}")),
    }
}
