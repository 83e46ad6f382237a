//! What the facts mean for what is going to be done.

use std::fmt::Display;

use rehearse_stack::Prerequisite;
use semver::Version;

use super::facts::{Cgroup, Facts, Inotify, Support};
use super::table::{Need, Preflight};

const GIBIBYTE: u64 = 1 << 30;

/// Root's inotify instances that one node takes, as counted on a cluster with Calico and Multus: 32 and 18.
const INSTANCES_OF_CONTROL_PLANE: u64 = 36;
const INSTANCES_OF_WORKER: u64 = 20;

/// Root's inotify watches that one node takes at most; the kernel's smallest default is 8192.
const WATCHES_OF_NODE: u64 = 2048;

/// Three nodes with Calico and Multus were seen to take 1.8 GiB in all; a node more takes about half a GiB.
const MEMORY_OF_THREE_NODES: u64 = 3 * GIBIBYTE;
const MEMORY_OF_NODE: u64 = GIBIBYTE / 2;

/// Module caches, build caches, images and the image store of one stack.
const DISK_OF_BUILD: u64 = 10 * GIBIBYTE;
/// What the nodes write during one run, with room.
const DISK_OF_RUN: u64 = 4 * GIBIBYTE;

/// kubeadm 1.34 refuses older ones.
const KERNEL: (u64, u64) = (4, 19);

/// The first Kubernetes whose kubelet refuses cgroup v1.
const WITHOUT_CGROUP_V1: Version = Version::new(1, 35, 0);

/// The controllers that kubelet and CRI-O can't do without on cgroup v2.
const CONTROLLERS: [&str; 3] = ["cpu", "memory", "pids"];

/// Capabilities that nodes need, by their numbers in the kernel.
const CAPABILITIES: [(u64, &str); 15] = [
    (0, "CHOWN"),
    (1, "DAC_OVERRIDE"),
    (3, "FOWNER"),
    (4, "FSETID"),
    (5, "KILL"),
    (6, "SETGID"),
    (7, "SETUID"),
    (8, "SETPCAP"),
    (12, "NET_ADMIN"),
    (13, "NET_RAW"),
    (18, "SYS_CHROOT"),
    (19, "SYS_PTRACE"),
    (21, "SYS_ADMIN"),
    (27, "MKNOD"),
    (31, "SETFCAP"),
];
const SYS_RESOURCE: u64 = 24;

/// The table for these facts.
pub fn judge(facts: &Facts, need: &Need) -> Preflight {
    let mut rows = vec![engine(facts)];
    if facts.engine.as_ref().is_ok_and(|engine| !engine.is_local) {
        rows.push(row(
            "machine",
            "the engine runs on another one, which was not looked at",
            "the nodes' mounts on the engine's machine",
            Some("run rehearse on the machine of the engine"),
        ));
    }
    rows.extend([kernel(facts), cgroup(facts, need), capabilities(facts)]);
    if need.creates_cluster {
        rows.extend([
            instances(facts.inotify, need),
            watches(facts.inotify, need),
            memory(facts, need),
            port(facts),
        ]);
    }
    rows.extend(disks(facts, need));
    rows.extend([
        device("vxlan", &facts.vxlan),
        device("bridge", &facts.bridge),
    ]);
    Preflight { rows }
}

fn row(
    what: &'static str,
    found: impl Display,
    needed: impl Display,
    cure: Option<impl Display>,
) -> Prerequisite {
    Prerequisite {
        what,
        found: found.to_string(),
        needed: needed.to_string(),
        cure: cure.map(|cure| cure.to_string()),
    }
}

fn engine(facts: &Facts) -> Prerequisite {
    let needed = "a Docker engine that answers";
    match &facts.engine {
        Ok(engine) => row(
            "engine",
            format!("Docker {}, storage {}", engine.version, engine.storage),
            needed,
            None::<&str>,
        ),
        Err(why) => row(
            "engine",
            why,
            needed,
            Some(
                "start one, or name it by DOCKER_HOST; `rehearse run --setup` starts one where root may",
            ),
        ),
    }
}

fn kernel(facts: &Facts) -> Prerequisite {
    let needed = format!("{}.{} or later", KERNEL.0, KERNEL.1);
    let Some(kernel) = &facts.kernel else {
        return row("kernel", "unknown", needed, Some("mount /proc"));
    };
    let mut numbers = kernel
        .split(|character: char| !character.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let old = version < KERNEL;
    row("kernel", kernel, needed, old.then_some("a newer kernel"))
}

fn cgroup(facts: &Facts, need: &Need) -> Prerequisite {
    match &facts.cgroup {
        Cgroup::V1 { .. }
            if need
                .kubernetes
                .as_ref()
                .is_some_and(|version| *version >= WITHOUT_CGROUP_V1) =>
        {
            row(
                "cgroup",
                "version 1",
                "version 2, as kubelet 1.35 and later refuse version 1",
                Some(
                    "boot with systemd.unified_cgroup_hierarchy=1, or take an older Kubernetes (`--with kubernetes=1.34.4`)",
                ),
            )
        }
        Cgroup::V1 { unmounted } if unmounted.is_empty() => row(
            "cgroup",
            "version 1, every controller mounted",
            "every controller of /proc/cgroups mounted before the engine starts",
            None::<&str>,
        ),
        Cgroup::V1 { unmounted } => {
            let names: Vec<&str> = unmounted.iter().map(String::as_str).collect();
            let mounts: Vec<String> = names
                .iter()
                .map(|name| {
                    let folder = format!("/sys/fs/cgroup/{name}");
                    format!("mkdir -p {folder} && mount -t cgroup -o {name} {name} {folder}")
                })
                .collect();
            row(
                "cgroup",
                format!("version 1, not mounted: {}", names.join(", ")),
                "every controller of /proc/cgroups mounted before the engine starts",
                Some(format!(
                    "{}; then start the engine again",
                    mounts.join(" && ")
                )),
            )
        }
        Cgroup::V2 { controllers } => {
            let missing: Vec<&str> = CONTROLLERS
                .into_iter()
                .filter(|name| !controllers.contains(*name))
                .collect();
            let found = if missing.is_empty() {
                "version 2".to_owned()
            } else {
                format!("version 2 without {}", missing.join(", "))
            };
            row(
                "cgroup",
                found,
                format!("controllers {}", CONTROLLERS.join(", ")),
                (!missing.is_empty())
                    .then_some("enable them in the parent's cgroup.subtree_control"),
            )
        }
        Cgroup::Unknown => row(
            "cgroup",
            "unknown",
            "version 1 or 2",
            Some("mount /sys/fs/cgroup"),
        ),
    }
}

fn capabilities(facts: &Facts) -> Prerequisite {
    let needed = "what the nodes need of root";
    let Some(bounds) = facts.capabilities else {
        return row("capabilities", "unknown", needed, Some("mount /proc"));
    };
    let has = |number: u64| bounds >> number & 1 == 1;
    let missing: Vec<&str> = CAPABILITIES
        .into_iter()
        .filter(|(number, _)| !has(*number))
        .map(|(_, name)| name)
        .collect();
    let found = match (missing.is_empty(), has(SYS_RESOURCE)) {
        (true, true) => "all".to_owned(),
        (true, false) => "all but SYS_RESOURCE, which nodes can do without".to_owned(),
        (false, _) => format!("not {}", missing.join(", ")),
    };
    row(
        "capabilities",
        found,
        needed,
        (!missing.is_empty())
            .then_some("start the engine with them: not rootless, not in a bounded container"),
    )
}

fn instances(inotify: Inotify, need: &Need) -> Prerequisite {
    let wanted = INSTANCES_OF_CONTROL_PLANE * u64::from(need.control_planes)
        + INSTANCES_OF_WORKER * u64::from(need.workers);
    let needed = format!("{wanted} free");
    let cure = "sysctl -w fs.inotify.max_user_instances=1024";
    match (inotify.instances, inotify.used) {
        (Some(limit), Some(used)) => row(
            "inotify instances",
            format!("{} free of {limit}", limit.saturating_sub(used)),
            needed,
            (limit.saturating_sub(used) < wanted).then_some(cure),
        ),
        (Some(limit), None) => row(
            "inotify instances",
            format!("{limit} in all"),
            needed,
            (limit < wanted).then_some(cure),
        ),
        (None, _) => row("inotify instances", "unknown", needed, None::<&str>),
    }
}

fn watches(inotify: Inotify, need: &Need) -> Prerequisite {
    let wanted = WATCHES_OF_NODE * u64::from(need.control_planes + need.workers);
    let needed = format!("{wanted} in all");
    match inotify.watches {
        Some(limit) => row(
            "inotify watches",
            format!("{limit} in all"),
            needed,
            (limit < wanted).then_some("sysctl -w fs.inotify.max_user_watches=524288"),
        ),
        None => row("inotify watches", "unknown", needed, None::<&str>),
    }
}

fn memory(facts: &Facts, need: &Need) -> Prerequisite {
    let more = u64::from(need.control_planes + need.workers).saturating_sub(3);
    let wanted = MEMORY_OF_THREE_NODES + more * MEMORY_OF_NODE;
    let needed = format!("{} available", gibibytes(wanted));
    match facts.memory {
        Some(available) => row(
            "memory",
            format!("{} available", gibibytes(available)),
            needed,
            (available < wanted).then_some("end something else, or take fewer nodes"),
        ),
        None => row("memory", "unknown", needed, Some("mount /proc")),
    }
}

fn disks(facts: &Facts, need: &Need) -> Vec<Prerequisite> {
    let wanted = if need.builds_stack {
        DISK_OF_BUILD
    } else {
        DISK_OF_RUN
    };
    let judged = facts.disks.iter().map(|(folder, free)| {
        row(
            "disk",
            format!("{} free at {}", gibibytes(*free), folder.display()),
            format!("{} free", gibibytes(wanted)),
            (*free < wanted).then_some("`rehearse stack prune`, `docker system prune`"),
        )
    });
    judged.collect()
}

fn device(what: &'static str, support: &Support) -> Prerequisite {
    let needed = "in the kernel";
    match support {
        Support::Present => row(what, "there", needed, None::<&str>),
        Support::Loadable => row(what, "as a module", needed, None::<&str>),
        Support::Absent => row(
            what,
            "not there",
            needed,
            Some(format!("modprobe {what}, or a kernel that has it")),
        ),
        // Not seen is not absent: without root it can't be tried.
        Support::Unknown(why) => row(
            what,
            format!("could not be seen ({why})"),
            needed,
            None::<&str>,
        ),
    }
}

fn port(facts: &Facts) -> Prerequisite {
    let needed = "a free one for the cluster's API; kind chooses it";
    match &facts.port {
        Ok(()) => row("port of 127.0.0.1", "free", needed, None::<&str>),
        Err(why) => row(
            "port of 127.0.0.1",
            why,
            needed,
            Some("bring the loopback device up: ip link set lo up"),
        ),
    }
}

/// With one decimal.
fn gibibytes(bytes: u64) -> String {
    let tenths = bytes / (GIBIBYTE / 10);
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
