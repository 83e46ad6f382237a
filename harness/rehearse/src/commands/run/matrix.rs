//! `rehearse run --matrix`: every cell one after the other, merged into one result.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use rehearse_core::matrix::{Cell, Cells};
use rehearse_core::record::{DocumentUnderTest, Record};
use rehearse_engine::failure::Usage;
use rehearse_engine::matrix::{self, Cost, cells};
use rehearse_engine::options::RUNS;
use rehearse_engine::prepare::Prepared;
use rehearse_engine::rehearsal::run_id;
use rehearse_engine::stage::On;

use super::{Arguments, document};
use crate::asking::{Asking, document_option};
use crate::commands::merge;
use crate::output;
use crate::selection;

/// Rehearses the cells and merges what came of them; the exit code is the whole matrix's, or that of the cells asked for.
pub(super) async fn execute(
    arguments: &Arguments,
    document: Option<DocumentUnderTest>,
) -> Result<ExitCode> {
    let options = arguments.options(document)?;
    let document = options.document.as_ref();
    let mut command = selection::matrix_command(&options.selection);
    if matches!(arguments.on, On::Capture(_)) {
        command += " --on capture";
    }
    command += &document_option(document);
    let mut cells = cells::cells(&options.selection, &command)?;
    cells.list = cells::asked_for(&cells, &arguments.cell, arguments.shard)?;
    let id = run_id(Timestamp::now(), std::process::id());
    let out = options.out.clone();
    let out = out.unwrap_or_else(|| Path::new(RUNS).join(format!("{id}-matrix")));
    cells::refuse_used(&out)?;
    let planned = matrix::plan(&options, &cells.list, &out)?;
    let told = document::told(document);
    if let On::Capture(name) = &arguments.on {
        if let Some(name) = name {
            return Err(Usage::new(
                format!("--matrix takes the capture that fits each cell, not {name}"),
                "give --on capture",
            )
            .into());
        }
        let again = |cell: &Cell, prepared: &Prepared| {
            format!(
                "rehearse run --on capture {}{}",
                cell.options(),
                document_option(prepared.document.as_ref())
            )
        };
        let records = matrix::on_capture(&planned, &again)?;
        return merged(&cells, records, &out, &told);
    }
    let shared = cells.shared_steps.as_ref();
    let shared = shared.filter(|_| !arguments.own_clusters);
    let asking = Asking::new(arguments.setup);
    let ended = asking.with(async |caller| matrix::on_kind(&planned, shared, caller).await);
    let (records, costs) = ended.await?;
    merged(&cells, records, &out, &(costs_told(&costs) + &told))
}

/// Merges what came of the cells, writes it, and prints its table and what is to be said besides.
fn merged(
    cells: &Cells,
    records: Vec<(String, Record)>,
    out: &Path,
    besides: &str,
) -> Result<ExitCode> {
    let merged = cells::merge(cells, records)?;
    merge::write(out, &merged)?;
    let mut stdout = output::stdout();
    stdout.write_all(merge::summary(&merged, out).as_bytes())?;
    stdout.write_all(besides.as_bytes())?;
    Ok(ExitCode::from(merged.exit_code()))
}

/// What each cell cost, and those after the first in relation to it.
fn costs_told(costs: &[Cost]) -> String {
    let mut lines = vec![
        String::new(),
        "cost of each cell: making its stack, replaying it".to_owned(),
    ];
    lines.extend(costs.iter().map(|cost| {
        format!(
            "  {}  {:.1} s  {:.1} s",
            cost.name,
            cost.making.as_secs_f64(),
            cost.rehearsal.as_secs_f64()
        )
    }));
    if let [first, rest @ ..] = costs
        && !rest.is_empty()
    {
        let number = f64::from(u32::try_from(rest.len()).unwrap_or(u32::MAX));
        let ratio = |of: fn(&Cost) -> Duration| {
            let sum: f64 = rest.iter().map(|cost| of(cost).as_secs_f64()).sum();
            sum / number / of(first).as_secs_f64()
        };
        lines.push(format!(
            "a cell after the first costs {:.2} of the first, its replay alone {:.2}",
            ratio(|cost| cost.making + cost.rehearsal),
            ratio(|cost| cost.rehearsal)
        ));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::batch::v1::Job;

    use super::*;

    #[test]
    fn the_cost_of_later_cells_is_told_in_relation_to_the_first() {
        let cost = |name: &str, making, replay| Cost {
            name: name.to_owned(),
            making: Duration::from_secs(making),
            rehearsal: Duration::from_secs(replay),
        };
        assert_eq!(costs_told(&[cost("a", 100, 90)]).lines().count(), 3);
        insta::assert_snapshot!(costs_told(&[cost("a", 100, 90), cost("b", 10, 90), cost("c", 0, 80)]), @r"

        cost of each cell: making its stack, replaying it
          a  100.0 s  90.0 s
          b  10.0 s  90.0 s
          c  0.0 s  80.0 s
        a cell after the first costs 0.47 of the first, its replay alone 0.94
        ");
    }

    /// What the exit codes of this program mean to a Job that runs a shard in each index.
    #[test]
    fn the_job_of_this_repository_counts_exit_codes_as_they_are_meant() -> Result<()> {
        let text = include_str!("../../../../../kind/manifests/indexed-job.yaml");
        let job: Job = serde_saphyr::from_str(text)?;
        let spec = job.spec.unwrap_or_default();
        assert_eq!(spec.completion_mode.as_deref(), Some("Indexed"));
        let rules = spec.pod_failure_policy.unwrap_or_default().rules;
        let action = |code: i32| {
            let of_code = |rule: &&k8s_openapi::api::batch::v1::PodFailurePolicyRule| {
                let codes = rule.on_exit_codes.as_ref();
                codes.is_some_and(|codes| codes.operator == "In" && codes.values.contains(&code))
            };
            rules.iter().find(of_code).map(|rule| rule.action.clone())
        };
        assert_eq!(
            action(1).as_deref(),
            Some("FailIndex"),
            "a verdict is not retried"
        );
        assert_eq!(
            action(2).as_deref(),
            Some("FailJob"),
            "wrong usage is wrong everywhere"
        );
        assert_eq!(
            action(3).as_deref(),
            Some("Count"),
            "the machine is retried"
        );
        assert_eq!(
            rules.first().map(|rule| rule.action.as_str()),
            Some("Ignore")
        );
        // What the API server asks for before it takes such a policy.
        assert!(spec.backoff_limit_per_index.is_some());
        let completions = spec.completions.map(|number| number.to_string());
        let pod = spec.template.spec.unwrap_or_default();
        assert_eq!(pod.restart_policy.as_deref(), Some("Never"));
        let names: Vec<_> = pod.containers.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["rehearse"]);
        let variables = pod.containers[0].env.as_deref().unwrap_or_default();
        let shards = variables.iter().find(|one| one.name == "SHARDS");
        assert_eq!(shards.and_then(|one| one.value.clone()), completions);
        let volumes = pod.volumes.unwrap_or_default();
        for container in pod.init_containers.iter().flatten().chain(&pod.containers) {
            for mount in container.volume_mounts.iter().flatten() {
                assert!(
                    volumes.iter().any(|volume| volume.name == mount.name),
                    "{}",
                    mount.name
                );
            }
        }
        Ok(())
    }
}
