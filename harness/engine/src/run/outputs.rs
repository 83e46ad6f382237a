//! The raw outputs that a run's checks were judged on, as files of the run's folder: `outputs/capture.json` says of what
//! cluster they are, `outputs/<number>-<step>.json` has one step's. Together they are the run's capture.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rehearse_core::capture::{self, Capture, CapturedStep, FORMAT};
use rehearse_core::check::Context;
use rehearse_core::plan::{self, Plan};
use rehearse_core::record::Record;
use rehearse_core::scenario::Cluster;

use super::perform::Notes;
use crate::failure::Usage;
use crate::folder::Folder;

/// The folder, inside the run's.
const OUTPUTS: &str = "outputs";

/// The capture without its steps.
const HEAD: &str = "capture.json";

/// Writes what a step's checks were judged on. A step that could not be performed leaves nothing: what was seen of it is
/// evidence, not an answer.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn keep(
    folder: &Folder,
    name: &str,
    step: &plan::Step,
    context: &Context,
    notes: &Notes,
) -> anyhow::Result<()> {
    if notes.performed.broken.is_some() {
        return Ok(());
    }
    let captured = capture::keep(step, context, &notes.performed, &notes.last, &notes.others);
    folder.write(
        &format!("{OUTPUTS}/{name}.json"),
        &format!("{:#}\n", serde_json::json!(captured)),
    )
}

/// Writes of what cluster the outputs are.
///
/// # Errors
/// When the file cannot be written.
pub fn keep_head(folder: &Folder, plan: &Plan, record: &Record) -> anyhow::Result<()> {
    let canonical = &record.canonical;
    let head = Capture {
        format: FORMAT,
        scenario: canonical.scenario.clone(),
        document: canonical.document.clone(),
        source: canonical.source,
        nodes: canonical.nodes.clone(),
        cluster: Cluster {
            pod_subnet: plan.pod_subnet,
            service_subnet: plan.service_subnet,
        },
        components: canonical.components.clone(),
        steps: Vec::new(),
    };
    folder.write(
        &format!("{OUTPUTS}/{HEAD}"),
        &format!("{:#}\n", serde_json::json!(head)),
    )
}

/// The outputs of a run as a capture.
///
/// # Errors
/// [`Usage`] when the folder has none; the file that is not what a run leaves.
pub fn read(run: &Path) -> anyhow::Result<Capture> {
    let folder = run.join(OUTPUTS);
    let head = folder.join(HEAD);
    if !head.is_file() {
        return Err(Usage::new(
            format!("{} has no outputs that could be played again", run.display()),
            "give the folder of a run on a cluster; one on a capture keeps none, as the capture has them",
        )
        .into());
    }
    let mut capture = Capture::from_json(&bytes(&head)?)
        .with_context(|| format!("failed to read {}", head.display()))?;
    for path in steps(&folder)? {
        let step: CapturedStep = serde_json::from_slice(&bytes(&path)?)
            .with_context(|| format!("failed to read {}", path.display()))?;
        capture.steps.push(step);
    }
    let believed = capture.believed();
    believed.with_context(|| format!("failed to read {}", folder.display()))
}

/// The steps' files in the order of the steps, which their names begin with.
fn steps(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("failed to read {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("failed to read {}", folder.display()))?
            .path();
        let is_step = path
            .extension()
            .is_some_and(|extension| extension == "json")
            && path.file_name().is_some_and(|name| name != HEAD);
        if is_step {
            paths.push(path);
        }
    }
    paths.sort_by_key(|path| number(path));
    Ok(paths)
}

/// The number of a step, by the name of its file. A hundredth step has a digit more, so the text's order will not do.
fn number(path: &Path) -> u64 {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let digits = name.split('-').next().unwrap_or_default();
    digits.parse().unwrap_or(u64::MAX)
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("failed to read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rehearse_core::judge::Conclusion;
    use rehearse_core::plan::{Available, Options};
    use rehearse_core::query::{Output, Query, Subject};
    use rehearse_core::record::Class;
    use rehearse_core::scenario;

    use super::*;
    use crate::folder::Folder;

    const SCENARIO: &str = r#"
scenario: small
title: One step
document: { sha256: "0000000000000000000000000000000000000000000000000000000000000000", lines: 10 }
nodes: { control-planes: 1, workers: 0, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: {}
steps:
  - id: first
    title: The word is there
    expect:
      - that: the word comes
        check:
          node-command: { command: [word], contains: [yes] }
"#;

    fn plan() -> anyhow::Result<Plan> {
        let draft = scenario::read("scenario.yaml", SCENARIO);
        let (available, options) = (Available::default(), Options::default());
        Ok(plan::resolve(
            &draft,
            &BTreeMap::new(),
            &available,
            &options,
        )?)
    }

    fn query(command: &str) -> Query {
        Query::NodeCommand {
            command: vec![command.to_owned()],
        }
    }

    /// The check saw `yes`; something that no check asked for was fetched too.
    fn notes(plan: &Plan) -> Notes {
        let outputs = vec![Output::fetched(
            Subject::Node("a".to_owned()),
            0,
            "yes\n",
            "",
        )];
        let mut notes = Notes::default();
        notes.last.insert(query("word"), Ok(outputs.clone()));
        notes.last.insert(query("log"), Ok(outputs));
        let check = &plan.steps[0].checks[0];
        let saw = notes.last.only([&query("word")]);
        let concluded = Conclusion::of(check, saw, &context(plan));
        let judged = &mut notes.performed.concluded;
        judged.insert(check.that.clone(), concluded);
        notes
    }

    fn context(plan: &Plan) -> Context {
        plan.context(jiff::Timestamp::UNIX_EPOCH)
    }

    fn head(folder: &Folder, plan: &Plan) -> anyhow::Result<()> {
        let replayed = crate::run::Replayed::default();
        let circumstances = crate::run::assemble::Circumstances::default();
        let record = crate::run::assemble::record(plan, &[], replayed, circumstances);
        keep_head(folder, plan, &record)
    }

    #[test]
    fn what_checks_saw_is_read_back_and_nothing_else_is_kept() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let folder = Folder::create(directory.path())?;
        let plan = plan()?;
        keep(
            &folder,
            "01-first",
            &plan.steps[0],
            &context(&plan),
            &notes(&plan),
        )?;
        head(&folder, &plan)?;
        let capture = read(folder.path())?;
        assert_eq!(capture.scenario, "small");
        let queries: Vec<_> = capture.steps[0]
            .looks
            .iter()
            .map(|look| &look.query)
            .collect();
        assert_eq!(queries, [&query("word")]);
        assert_eq!(capture.contradiction(&plan), None);
        Ok(())
    }

    #[test]
    fn a_step_that_could_not_be_performed_leaves_no_outputs() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let folder = Folder::create(directory.path())?;
        let plan = plan()?;
        let mut notes = notes(&plan);
        notes.performed.broken = Some((Class::Cluster, "failed to apply".to_owned()));
        keep(&folder, "01-first", &plan.steps[0], &context(&plan), &notes)?;
        head(&folder, &plan)?;
        assert_eq!(read(folder.path())?.steps, []);
        Ok(())
    }

    #[test]
    fn steps_are_read_by_their_number() {
        let mut paths = ["10-b.json", "100-c.json", "09-a.json"].map(PathBuf::from);
        paths.sort_by_key(|path| number(path));
        assert_eq!(
            paths,
            ["09-a.json", "10-b.json", "100-c.json"].map(PathBuf::from)
        );
    }
}
