//! A repository of its own: one scenario, one component in two versions, and a capture of each.
//!
//! Both captures are of one real run. The second one says that it was made with the newer version, and has a defect in
//! it, or none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::Context as _;
use regex::Regex;
use rehearse_core::capture::{Capture, CapturedLook};
use rehearse_core::redaction::RawText;
use rehearse_tests::root;
use semver::Version;

use crate::defects::Defect;

/// The scenario's folder, as in the repository.
const SCENARIO: &str = "scenarios/multus-on-crio-with-calico";

/// Its file.
pub(crate) const SCENARIO_FILE: &str = "scenarios/multus-on-crio-with-calico/scenario.yaml";

/// The real run.
const CAPTURE: &str = "calico-3.28.4_multus-4.2.1";

/// A folder with `kind/` and `scenarios/`.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    /// The name of the cell with the version of the real run.
    pub(crate) base: String,
    /// The name of the cell with the next version.
    pub(crate) candidate: String,
}

/// What the program left.
pub(crate) struct Ended {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Home {
    /// A matrix of two cells: `component` as it ran, and its next version together with those of `besides`.
    pub(crate) fn new(
        component: &str,
        besides: &[&str],
        defect: Option<&Defect>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let real = root().join(SCENARIO);
        copy(&real, &folder.path().join(SCENARIO))?;
        fs::copy(
            root().join("scenarios/default"),
            folder.path().join("scenarios/default"),
        )?;
        let captures = folder.path().join(SCENARIO).join("captures");
        fs::create_dir_all(captures.join("base"))?;
        fs::create_dir_all(captures.join("candidate"))?;
        let file = "capture.json.gz";
        let bytes = fs::read(real.join("captures").join(CAPTURE).join(file))?;
        fs::write(captures.join("base").join(file), &bytes)?;

        let mut capture = Capture::from_gzip(&bytes)?;
        let mut catalogue = fs::read_to_string(root().join("kind/catalogue.yaml"))?;
        let mut together = Vec::new();
        let (version, next) = advance(&mut capture, &mut catalogue, component)?;
        for beside in besides {
            let (_, other) = advance(&mut capture, &mut catalogue, beside)?;
            together.push(format!("  - {{ when: {{ {component}: '={next}' }}, take: {{ {beside}: {other} }}, why: both are new }}\n"));
        }
        if let Some(defect) = defect {
            plant(&mut capture, defect)?;
        }
        fs::write(captures.join("candidate").join(file), capture.to_gzip()?)?;

        let mut versions = vec![
            format!("axes: {{ {component}: [{version}, {next}] }}\n"),
            format!("base: {{ {component}: {version} }}\n"),
        ];
        if !together.is_empty() {
            versions.push("together:\n".to_owned());
            versions.extend(together);
        }
        let scenario = folder.path().join(SCENARIO);
        fs::write(scenario.join("versions.yaml"), versions.concat())?;
        let kind = folder.path().join("kind");
        fs::create_dir(&kind)?;
        fs::write(kind.join("catalogue.yaml"), catalogue)?;
        for file in ["changes.yaml", "messages.yaml"] {
            fs::copy(root().join("kind").join(file), kind.join(file))?;
        }
        Ok(Self {
            folder,
            base: format!("{component}-{version}"),
            candidate: format!("{component}-{next}"),
        })
    }

    /// Runs the program here, with no engine to be found.
    pub(crate) fn rehearse(&self, arguments: &[&str]) -> anyhow::Result<Ended> {
        let Output {
            status,
            stdout,
            stderr,
        } = rehearse_tests::rehearse(arguments)?
            .current_dir(self.folder.path())
            .env("REHEARSE_HOME", self.folder.path())
            .env("REHEARSE_CACHE", self.path("cache"))
            .env("DOCKER_HOST", "unix:///no-engine.sock")
            .env_remove("REHEARSE_LOG")
            .output()
            .context("failed to run the program")?;
        Ok(Ended {
            code: status.code(),
            stdout: String::from_utf8(stdout)?,
            stderr: String::from_utf8(stderr)?,
        })
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Copies a scenario's folder without its captures.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), to)?;
        } else if entry.file_name() != "captures" {
            copy(&entry.path(), &to)?;
        }
    }
    Ok(())
}

/// Gives a component its next version, in the catalogue and in all that the capture says of it; both versions.
fn advance(
    capture: &mut Capture,
    catalogue: &mut String,
    name: &str,
) -> anyhow::Result<(Version, Version)> {
    let component = capture.components.iter_mut().find(|one| one.name == name);
    let component = component.with_context(|| format!("the capture has no {name}"))?;
    let version: Version = component.version.parse()?;
    let patch = match name {
        // Later ones are of another source.
        "registry" => version.patch - 1,
        _ => version.patch + 90,
    };
    let next = Version::new(version.major, version.minor, patch);
    component.version = next.to_string();
    let entry = format!(r"(?m)^  {name}:\n(?:    .*\n)*?      {version}:(.*\n(?:        .*\n)*)");
    let entry = Regex::new(&entry)?.captures(catalogue);
    let entry = entry.with_context(|| format!("the catalogue has no {name} {version}"))?;
    let entry = entry.get(1).context("an entry is what stands there")?;
    let copy = format!("      {next}:{}", entry.as_str());
    catalogue.insert_str(entry.end(), &copy);
    // What the nodes say of themselves.
    for (component, before) in [("kubernetes", "\"v"), ("cri-o", "\"cri-o://")] {
        if component == name {
            let (from, to) = (format!("{before}{version}\""), format!("{before}{next}\""));
            for look in capture.steps.iter_mut().flat_map(|step| &mut step.looks) {
                for output in &mut look.outputs {
                    let text = output.text.replace(&from, &to);
                    output.text = RawText::from(text).redacted();
                }
            }
        }
    }
    Ok((version, next))
}

/// Changes what the defect's step saw; an error where there is nothing to change.
fn plant(capture: &mut Capture, defect: &Defect) -> anyhow::Result<()> {
    let from = Regex::new(defect.from)?;
    let step = capture.steps.iter_mut().find(|step| step.id == defect.step);
    let step = step.with_context(|| format!("the capture has no step {}", defect.step))?;
    let earlier = step.earlier.iter_mut().flat_map(|check| &mut check.looks);
    let mut changed = 0;
    for CapturedLook { query, outputs, .. } in step.looks.iter_mut().chain(earlier) {
        if serde_json::to_string(query)?.contains(defect.query) {
            for output in outputs {
                let text = from.replace_all(&output.text, defect.to).into_owned();
                changed += usize::from(*text != *output.text);
                output.text = RawText::from(text).redacted();
            }
        }
    }
    anyhow::ensure!(
        changed > 0,
        "{}: nothing was seen that could be so: {}",
        defect.component,
        defect.what
    );
    Ok(())
}
