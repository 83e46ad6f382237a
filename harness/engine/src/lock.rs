//! The lock of a run: gathered from the plan, the stack and the machine, and compared with one that is to be repeated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use rehearse_core::lock::{FORMAT, Lock, LockedComponent, LockedScenario};
use rehearse_core::plan::{Plan, Reason};

use super::machine;
use crate::failure::Usage;
use rehearse_stack::Stack;

/// The lock's file name in a run's folder.
pub const LOCK: &str = "rehearse.lock";

/// What of the machine a lock holds; how much memory and how many processors there are decides nothing.
const MACHINE: [&str; 6] = [
    "architecture",
    "cgroup",
    "engine",
    "kernel",
    "operating-system",
    "storage-driver",
];

/// Kernel parameters that a cluster's network depends on and that neither the engine nor kubelet changes by itself.
const SYSCTLS: [&str; 7] = [
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "net.ipv4.conf.all.arp_ignore",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.disable_ipv6",
];

/// The lock of what this machine would run now. `scenario` is the digest of the scenario's files.
///
/// # Errors
/// A component whose version is none.
pub async fn of(plan: &Plan, stack: &Stack, scenario: &str) -> anyhow::Result<Lock> {
    let mut components = BTreeMap::new();
    for component in &stack.components {
        let version = component.version.parse().with_context(|| {
            format!(
                "failed to lock {}: {} is not a version",
                component.name, component.version
            )
        })?;
        let locked = LockedComponent {
            version,
            origin: component.origin.clone(),
            digests: component.digests.clone(),
        };
        components.insert(component.name.clone(), locked);
    }
    let mut machine = machine::facts().await;
    machine.retain(|name, _| MACHINE.contains(&name.as_str()));
    let asked = plan.components.iter();
    let asked = asked.filter(|(_, choice)| choice.reason == Reason::Asked);
    Ok(Lock {
        format: FORMAT,
        rehearse: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: LockedScenario {
            name: plan.scenario.clone(),
            sha256: scenario.to_owned(),
        },
        source: plan.source,
        asked: asked
            .map(|(name, choice)| (name.clone(), choice.version.clone()))
            .collect(),
        until: plan.until.clone(),
        components,
        images: stack.images.clone(),
        modules: stack.modules.clone(),
        packages: stack.packages.clone(),
        machine,
        sysctls: SYSCTLS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), sysctl(name)?)))
            .collect(),
    })
}

/// Reads a lock.
///
/// # Errors
/// [`Usage`] where the file is not there or not a lock.
pub fn read(path: &Path) -> Result<Lock, Usage> {
    let hint = "give the rehearse.lock of a run's folder";
    let text = fs::read_to_string(path)
        .map_err(|error| Usage::new(format!("failed to read {}: {error}", path.display()), hint))?;
    Lock::from_json(&text).map_err(|error| Usage::new(format!("{}: {error}", path.display()), hint))
}

/// Refuses to run what is not as the lock has it.
///
/// # Errors
/// Each difference, a line each.
pub fn refuse_differences(locked: &Lock, here: &Lock) -> anyhow::Result<()> {
    let differences = locked.differences(here);
    if differences.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = differences
        .iter()
        .map(|difference| format!("  {difference}"))
        .collect();
    bail!(
        "failed to repeat the locked run exactly; nothing was started\n{}\n{}",
        lines.join("\n"),
        "cure: give back what the lock names, or run without --locked and compare the two records"
    )
}

fn sysctl(name: &str) -> Option<String> {
    let path = Path::new("/proc/sys").join(name.replace('.', "/"));
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use rehearse_core::catalogue::Source;

    use super::*;

    fn lock(kernel: &str) -> Lock {
        Lock {
            format: FORMAT,
            rehearse: "0.1.0".to_owned(),
            scenario: LockedScenario {
                name: "small".to_owned(),
                sha256: "00".to_owned(),
            },
            source: Source::Module,
            asked: BTreeMap::new(),
            until: None,
            components: BTreeMap::new(),
            images: BTreeMap::new(),
            modules: BTreeMap::new(),
            packages: BTreeMap::new(),
            machine: [("kernel".to_owned(), kernel.to_owned())].into(),
            sysctls: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_no_longer_to_be_had_is_listed_and_ends_with_three() {
        assert!(refuse_differences(&lock("6.1.0"), &lock("6.1.0")).is_ok());
        let error = refuse_differences(&lock("6.1.0"), &lock("6.6.0")).err();
        let code = error.as_ref().map(crate::failure::exit_code);
        assert_eq!(code, Some(3));
        insta::assert_snapshot!(error.map(|error| error.to_string()).unwrap_or_default(), @r"
        failed to repeat the locked run exactly; nothing was started
          machine.kernel: locked 6.1.0, here 6.6.0
        cure: give back what the lock names, or run without --locked and compare the two records
        ");
    }

    #[test]
    fn every_parameter_of_a_lock_is_of_this_kernel() {
        let known: Vec<_> = SYSCTLS
            .iter()
            .filter(|name| sysctl(name).is_some())
            .collect();
        // A machine without IPv6 or inotify limits of its own still has the two that routing depends on.
        assert!(known.contains(&&"net.ipv4.ip_forward"), "{known:?}");
        assert!(known.contains(&&"net.ipv4.conf.all.rp_filter"), "{known:?}");
    }
}
