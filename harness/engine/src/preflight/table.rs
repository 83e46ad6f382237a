//! The table of questions and answers, and what it is judged for.

use std::path::PathBuf;

use rehearse_core::plan::Plan;
use rehearse_stack::Prerequisite;
use semver::Version;

/// What is going to be done on the machine.
#[derive(Clone, Debug)]
pub struct Need {
    /// Nodes with a control plane.
    pub control_planes: u16,
    /// Other nodes.
    pub workers: u16,
    /// The Kubernetes version, where it is known.
    pub kubernetes: Option<Version>,
    /// Where the stack is or will be.
    pub cache: PathBuf,
    /// Whether the stack must be built first.
    pub builds_stack: bool,
    /// Whether a cluster is created; one that is there has what it needs.
    pub creates_cluster: bool,
}

impl Need {
    /// What a run takes that creates the plan's cluster of a stack that is built, and kept in `cache`.
    pub fn of(plan: &Plan, cache: PathBuf) -> Self {
        let kubernetes = plan.components.get("kubernetes");
        Self {
            control_planes: plan.nodes.control_planes,
            workers: plan.nodes.workers,
            kubernetes: kubernetes.map(|choice| choice.version.clone()),
            cache,
            builds_stack: false,
            creates_cluster: true,
        }
    }
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preflight {
    /// A row for each question, in a fixed order.
    pub rows: Vec<Prerequisite>,
}

impl Preflight {
    /// Whether every row is as needed.
    pub fn passes(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.cure.is_none())
    }
}

impl std::fmt::Display for Preflight {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = |column: fn(&Prerequisite) -> &str| {
            let lengths = self.rows.iter().map(|row| column(row).chars().count());
            lengths.max().unwrap_or_default()
        };
        let (what, found) = (width(|row| row.what), width(|row| &row.found));
        for row in &self.rows {
            let mark = if row.cure.is_none() { "ok" } else { "no" };
            writeln!(
                formatter,
                "{mark}  {:what$}  {:found$}  needed: {}",
                row.what, row.found, row.needed
            )?;
            if let Some(cure) = &row.cure {
                writeln!(formatter, "    cure: {cure}")?;
            }
        }
        Ok(())
    }
}
