//! What the record says of the machine. What cannot be read is left out: it explains a run and decides nothing.

use std::collections::BTreeMap;
use std::fs;

use bollard::Docker;

/// `kernel`, `processors`, `memory`, `operating-system`, and of the engine `engine`, `storage-driver`, `cgroup`.
pub async fn facts() -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    if let Ok(name) = nix::sys::utsname::uname() {
        facts.insert(
            "kernel".to_owned(),
            name.release().to_string_lossy().into_owned(),
        );
        facts.insert(
            "architecture".to_owned(),
            name.machine().to_string_lossy().into_owned(),
        );
    }
    if let Ok(processors) = std::thread::available_parallelism() {
        facts.insert("processors".to_owned(), processors.to_string());
    }
    if let Some(memory) = fs::read_to_string("/proc/meminfo")
        .ok()
        .as_deref()
        .and_then(memory)
    {
        facts.insert("memory".to_owned(), memory);
    }
    match engine().await {
        Ok(engine) => facts.extend(engine),
        Err(error) => tracing::warn!(%error, "failed to read the engine's facts"),
    }
    facts
}

async fn engine() -> Result<BTreeMap<String, String>, bollard::errors::Error> {
    let information = Docker::connect_with_defaults()?.info().await?;
    let cgroup = information
        .cgroup_version
        .map(|version| format!("v{version}"));
    let driver = information.cgroup_driver.map(|driver| driver.to_string());
    let facts = [
        ("engine", information.server_version),
        ("storage-driver", information.driver),
        (
            "cgroup",
            cgroup
                .zip(driver)
                .map(|(version, driver)| format!("{version}, {driver}")),
        ),
        ("operating-system", information.operating_system),
    ];
    Ok(facts
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
        .collect())
}

/// `23.4 GiB` of a `MemTotal:  24564324 kB`.
fn memory(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{:.1} GiB", kibibytes / 1024.0 / 1024.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_gibibytes() {
        assert_eq!(
            memory("MemTotal:       25165824 kB\nMemFree: 1 kB\n").as_deref(),
            Some("24.0 GiB")
        );
        assert_eq!(memory("MemFree: 1 kB\n"), None);
    }
}
