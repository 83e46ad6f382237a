//! The names of runs and of their clusters.

use jiff::Timestamp;

/// The name of a run's own cluster.
pub fn cluster_name(run: &str) -> String {
    format!("rehearse-{run}")
}

/// `20260101-120000-1a2b`: sorts by time, and two runs of one second differ.
pub fn run_id(now: Timestamp, process: u32) -> String {
    let mixed = (now.subsec_nanosecond().unsigned_abs() / 1000) ^ process;
    format!("{}-{:04x}", now.strftime("%Y%m%d-%H%M%S"), mixed & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_sorts_by_time() -> Result<(), jiff::Error> {
        let now: Timestamp = "2026-01-02T03:04:05.678901Z".parse()?;
        let id = run_id(now, 1234);
        assert!(id.starts_with("20260102-030405-"), "{id}");
        assert_eq!(id.len(), "20260102-030405-1a2b".len());
        assert_ne!(id, run_id(now, 1235));
        Ok(())
    }
}
