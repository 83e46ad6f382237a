//! Which scenario, with which components, as it is typed and as it is typed again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rehearse_core::catalogue::Source;
use rehearse_core::plan::{Plan, Reason};
use rehearse_engine::failure::Usage;
use rehearse_engine::prepare::Selection;
use semver::Version;

/// Which scenario, with which components.
#[derive(Clone, Debug, clap::Args)]
pub struct SelectionArguments {
    /// The scenario's folder [default: the one that scenarios/default of this repository names]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,

    /// Where components come from: `module` builds them on this machine from Go modules and distribution packages,
    /// `registry` takes upstream images and manifests, `local` takes images that the engine holds
    #[arg(long, value_name = "SOURCE", default_value_t = Source::Module)]
    pub source: Source,

    /// Another version of a component, such as `--with calico=3.28.4`; may be given several times
    #[arg(long, value_name = "COMPONENT=VERSION")]
    pub with: Vec<With>,

    /// The folder of manifests that go with `--source local`
    #[arg(long, value_name = "DIR")]
    pub manifests: Option<PathBuf>,

    /// The last step that is replayed; the rest is recorded as skipped
    #[arg(long, value_name = "STEP")]
    pub until: Option<String>,

    /// Repeats the run that left this `rehearse.lock`: its versions, and exactly what it was made of, or each difference
    /// is listed and nothing starts
    #[arg(long, value_name = "FILE")]
    pub locked: Option<PathBuf>,
}

impl SelectionArguments {
    /// What was typed, as the engine takes it.
    ///
    /// # Errors
    /// As [`versions`].
    pub fn selection(&self) -> Result<Selection, Usage> {
        Ok(Selection {
            scenario: self.scenario.clone(),
            source: self.source,
            with: versions(&self.with)?,
            manifests: self.manifests.clone(),
            until: self.until.clone(),
            locked: self.locked.clone(),
        })
    }
}

/// The versions that were asked for, by component.
///
/// # Errors
/// [`Usage`] where two of one component were.
pub fn versions(with: &[With]) -> Result<BTreeMap<String, Version>, Usage> {
    let mut versions = BTreeMap::new();
    for With { component, version } in with {
        let before = versions.insert(component.clone(), version.clone());
        if let Some(before) = before.filter(|before| before != version) {
            return Err(Usage::new(
                format!("{component} cannot be both {before} and {version}"),
                format!(
                    "leave one of --with {component}={before} and --with {component}={version} out"
                ),
            ));
        }
    }
    Ok(versions)
}

/// `COMPONENT=VERSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// The component.
    pub component: String,
    /// Its version.
    pub version: Version,
}

impl FromStr for With {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (component, version) = text
            .split_once('=')
            .ok_or_else(|| "it is not COMPONENT=VERSION, such as calico=3.28.4".to_owned())?;
        let version = version.strip_prefix('v').unwrap_or(version);
        Ok(Self {
            component: component.to_owned(),
            version: Version::parse(version)
                .map_err(|error| format!("{version} is not a version such as 3.28.4: {error}"))?,
        })
    }
}

/// The command line that gives the same plan again, with the version of every component that is not pinned.
pub fn command(selection: &Selection, plan: &Plan) -> String {
    let mut words = vec!["rehearse run".to_owned()];
    words.extend(selection.scenario.iter().map(|folder| path(folder)));
    words.push(format!("--source {}", plan.source));
    words.extend(
        selection
            .manifests
            .iter()
            .map(|folder| format!("--manifests {}", path(folder))),
    );
    words.extend(
        plan.components
            .iter()
            .filter(|(_, choice)| choice.reason != Reason::Pinned { instead_of: None })
            .map(|(name, choice)| format!("--with {name}={}", choice.version)),
    );
    words.extend(plan.until.iter().map(|until| format!("--until {until}")));
    words.join(" ")
}

/// The options of a selection as they are typed after `rehearse run --on ...`: those that differ from their defaults.
pub fn options(selection: &Selection) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(selection.scenario.iter().map(|folder| path(folder)));
    if selection.source != Source::default() {
        words.push(format!("--source {}", selection.source));
    }
    words.extend(with(selection));
    words
}

/// The command line that runs the matrix of a selection again.
pub fn matrix_command(selection: &Selection) -> String {
    let mut words = vec!["rehearse run --matrix".to_owned()];
    words.extend(selection.scenario.iter().map(|folder| path(folder)));
    words.push(format!("--source {}", selection.source));
    words.extend(with(selection));
    words.join(" ")
}

fn path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// A text as one word of a shell.
pub fn quoted(text: &str) -> String {
    // Only a NUL cannot be quoted, and no argument can hold one.
    shlex::try_quote(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn with(selection: &Selection) -> impl Iterator<Item = String> {
    let with = selection.with.iter();
    let until = selection.until.iter();
    with.map(|(component, version)| format!("--with {component}={version}"))
        .chain(until.map(|until| format!("--until {until}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_word_of_a_shell() {
        assert_eq!(quoted("docs/guide.md"), "docs/guide.md");
        for text in ["my guide.md", "it's", "", "$(id)", "a;b"] {
            assert_eq!(shlex::split(&quoted(text)), Some(vec![text.to_owned()]));
        }
    }

    #[test]
    fn a_component_has_one_version() -> Result<(), String> {
        let with = |texts: &[&str]| -> Result<Result<_, Usage>, String> {
            let with: Vec<With> = texts
                .iter()
                .map(|text| text.parse())
                .collect::<Result<_, _>>()?;
            Ok(versions(&with))
        };
        let twice = with(&["multus=4.2.1", "calico=3.28.4", "multus=4.2.4"])?.err();
        insta::assert_snapshot!(twice.map(|error| error.to_string()).unwrap_or_default(), @"multus cannot be both 4.2.1 and 4.2.4 (hint: leave one of --with multus=4.2.1 and --with multus=4.2.4 out)");
        assert!(with(&["multus=4.2.1", "multus=v4.2.1"])?.is_ok());
        Ok(())
    }

    #[test]
    fn a_version_may_have_a_v_and_must_be_one() {
        let with = "calico=v3.28.4".parse::<With>();
        assert_eq!(
            with.map(|with| with.version.to_string()),
            Ok("3.28.4".to_owned())
        );
        insta::assert_snapshot!("calico=latest".parse::<With>().err().unwrap_or_default(), @"latest is not a version such as 3.28.4: unexpected character 'l' while parsing major version number");
        insta::assert_snapshot!("calico".parse::<With>().err().unwrap_or_default(), @"it is not COMPONENT=VERSION, such as calico=3.28.4");
    }
}
