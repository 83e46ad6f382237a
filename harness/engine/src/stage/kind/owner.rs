//! Who this process is, in a way that outlives it: a process id alone is soon somebody else's.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};

/// One process of one boot of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The machine's host name. Process ids of another machine (or of another container) mean nothing here.
    pub(crate) host: String,
    /// The kernel's boot id.
    pub(crate) boot: String,
    /// The process id.
    pub(crate) process: u32,
    /// When the process began, in clock ticks since boot: field 22 of `/proc/PID/stat`.
    pub(crate) started: u64,
}

/// Whether an owner is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It runs on this machine.
    Alive,
    /// It ran on this machine and does no more.
    Gone,
    /// It is a process of another machine.
    Unknown,
}

/// What there is to know about the machine's processes.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    host: String,
    boot: String,
    /// Start times by process id.
    processes: BTreeMap<u32, u64>,
}

impl Owner {
    /// This process.
    pub(crate) fn this_process() -> Result<Self> {
        let process = std::process::id();
        let started = start_time(process).with_context(|| {
            format!("failed to read when this process began from /proc/{process}/stat")
        })?;
        Ok(Self {
            host: host()?,
            boot: boot()?,
            process,
            started,
        })
    }
}

impl Machine {
    /// This machine, with the start times of the processes that are asked for.
    pub(crate) fn here(processes: impl IntoIterator<Item = u32>) -> Result<Self> {
        Ok(Self {
            host: host()?,
            boot: boot()?,
            processes: processes
                .into_iter()
                .filter_map(|process| Some((process, start_time(process)?)))
                .collect(),
        })
    }

    /// Whether the owner is still there.
    pub(crate) fn life(&self, owner: &Owner) -> Life {
        if owner.host != self.host {
            return Life::Unknown;
        }
        let same =
            owner.boot == self.boot && self.processes.get(&owner.process) == Some(&owner.started);
        if same { Life::Alive } else { Life::Gone }
    }

    #[cfg(test)]
    pub(crate) fn test(host: &str, boot: &str, processes: &[(u32, u64)]) -> Self {
        Self {
            host: host.to_owned(),
            boot: boot.to_owned(),
            processes: processes.iter().copied().collect(),
        }
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "process {} on {}", self.process, self.host)
    }
}

fn host() -> Result<String> {
    let name = nix::unistd::gethostname().context("failed to read the machine's host name")?;
    Ok(name.to_string_lossy().into_owned())
}

fn boot() -> Result<String> {
    let path = "/proc/sys/kernel/random/boot_id";
    let text = fs::read_to_string(path).with_context(|| format!("failed to read {path}"))?;
    Ok(text.trim().to_owned())
}

/// None where there is no such process.
fn start_time(process: u32) -> Option<u64> {
    start_time_of(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

/// A program's name may hold spaces and parentheses: fields are counted from the last one.
fn start_time_of(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Life, Machine, Owner, start_time_of};

    fn owner() -> Owner {
        Owner {
            host: "desk".to_owned(),
            boot: "b1".to_owned(),
            process: 7,
            started: 100,
        }
    }

    #[test]
    fn a_start_time_is_read_past_a_name_with_parentheses() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        assert_eq!(start_time_of(stat), Some(12345));
        assert_eq!(start_time_of("garbage"), None);
    }

    #[test]
    fn a_process_of_that_id_and_start_time_is_alive() {
        assert_eq!(
            Machine::test("desk", "b1", &[(7, 100)]).life(&owner()),
            Life::Alive
        );
    }

    #[test]
    fn a_later_process_of_that_id_is_not_the_owner() {
        assert_eq!(
            Machine::test("desk", "b1", &[(7, 900)]).life(&owner()),
            Life::Gone
        );
        assert_eq!(Machine::test("desk", "b1", &[]).life(&owner()), Life::Gone);
    }

    #[test]
    fn after_a_reboot_nobody_is_alive() {
        assert_eq!(
            Machine::test("desk", "b2", &[(7, 100)]).life(&owner()),
            Life::Gone
        );
    }

    #[test]
    fn nothing_is_known_of_another_machines_process() {
        assert_eq!(
            Machine::test("lap", "b1", &[(7, 100)]).life(&owner()),
            Life::Unknown
        );
    }

    #[test]
    fn this_process_is_alive() -> anyhow::Result<()> {
        let owner = Owner::this_process()?;
        assert_eq!(Machine::here([owner.process])?.life(&owner), Life::Alive);
        Ok(())
    }
}
