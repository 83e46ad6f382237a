//! Changes of components that are known, as data beside the catalogue: which component, from and to which versions,
//! what of the record changes, and where upstream says so.
//!
//! A known change explains what was seen. It never hides that it was seen, and one that applies to a pair of versions
//! but matches nothing is told.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use super::{Change, Class, Comparison, Explanation};
use crate::pattern::Pattern;
use crate::problem::{Problems, SourceText, known_names};
use crate::record::Record;
use crate::yaml::{self, Node, Reading};

/// All known changes, as `kind/changes.yaml` is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownChanges {
    changes: Vec<KnownChange>,
}

/// One known change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownChange {
    /// A short name of its own.
    pub id: String,
    /// The component that changed.
    pub component: String,
    /// The versions before.
    pub from: VersionReq,
    /// The versions after.
    pub to: VersionReq,
    /// Versions of other components with which it is seen, by name.
    #[serde(default)]
    pub with: BTreeMap<String, VersionReq>,
    /// Where in the record it shows.
    pub what: Vec<Where>,
    /// What changed, as a sentence fragment.
    pub because: String,
    /// Where upstream says so.
    pub reference: String,
}

/// Where a known change shows. What is left out matches anything; `*` stands for any text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Where {
    /// In which way the fact differs; read from base to candidate with the older version as the base.
    pub class: Option<Class>,
    /// The step's id.
    pub step: Option<Pattern>,
    /// The check's sentence.
    pub check: Option<Pattern>,
    /// The rule's kind.
    pub kind: Option<Pattern>,
    /// Whom it is about.
    pub subject: Option<Pattern>,
    /// The fact's name.
    pub fact: Option<Pattern>,
    /// The value with the older version.
    pub before: Option<Pattern>,
    /// The value with the newer version.
    pub after: Option<Pattern>,
}

/// A known change that applies to the compared versions and was not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unmatched {
    /// The known change's id.
    pub id: String,
    /// Its component.
    pub component: String,
    /// What it says.
    pub because: String,
    /// Which part of `what` matches nothing, counted from 1.
    pub part: usize,
    /// The step that it names could not be compared, so that nothing is known of it; otherwise the entry is stale.
    pub could_not_be_seen: bool,
}

/// Which way a pair of versions goes through a known change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Upgrade,
    Downgrade,
}

impl KnownChanges {
    /// Reads the data; `file` is its path as the user knows it, and stands in the problems. `components` are those that
    /// there are.
    ///
    /// # Errors
    /// What is wrong with the text, with places.
    pub fn parse(file: &str, text: &str, components: &BTreeSet<String>) -> Result<Self, Problems> {
        let source = SourceText::new(file, text);
        yaml::from_text_with(&source, |known: &Self, tree, reading| {
            known.check(components, tree, reading);
        })
    }

    fn check(&self, components: &BTreeSet<String>, tree: &Node, reading: &Reading<'_>) {
        let mut ids = BTreeSet::new();
        for (index, change) in self.changes.iter().enumerate() {
            let node = tree.key("changes").item(index);
            if !ids.insert(&change.id) {
                reading.problem(
                    node.key("id").span(),
                    format!("there is another change `{}` above", change.id),
                );
            }
            let with = change.with.keys();
            let with = with.map(|name| (name, node.key("with").key_span(name)));
            let named = [(&change.component, node.key("component").span())];
            for (name, span) in named.into_iter().chain(with) {
                if !components.contains(name) {
                    let hint = known_names(name, components.iter().map(String::as_str));
                    reading.problem_with_hint(span, format!("unknown component `{name}`"), hint);
                }
            }
            for (key, text) in [
                ("because", &change.because),
                ("reference", &change.reference),
            ] {
                if text.trim().is_empty() {
                    reading.problem(node.key(key).span(), format!("`{key}` is empty"));
                }
            }
            if change.what.is_empty() {
                reading.problem_with_hint(
                    node.key_span("what"),
                    "an empty list matches nothing",
                    "name at least a step, a kind or a fact",
                );
            }
            for (part, place) in change.what.iter().enumerate() {
                if !place.names_something() {
                    reading.problem_with_hint(
                        node.key("what").item(part).span(),
                        "this would match every change",
                        "name at least a step, a kind or a fact",
                    );
                }
            }
        }
    }

    /// Each one, in order.
    pub fn all(&self) -> &[KnownChange] {
        &self.changes
    }

    /// Explains the changes that are known, and gives what applies and was not seen.
    pub(super) fn explain(
        &self,
        base: &Record,
        candidate: &Record,
        comparison: &mut Comparison,
    ) -> Vec<Unmatched> {
        let mut unmatched = Vec::new();
        for known in &self.changes {
            let Some(direction) = known.direction(base, candidate) else {
                continue;
            };
            for (index, place) in known.what.iter().enumerate() {
                let mut seen = false;
                for change in &mut comparison.changes {
                    if place.matches(change, direction) {
                        seen = true;
                        change.explanation = Some(known.explanation());
                    }
                }
                if !seen {
                    unmatched.push(Unmatched {
                        id: known.id.clone(),
                        component: known.component.clone(),
                        because: known.because.clone(),
                        part: index + 1,
                        could_not_be_seen: place.is_hidden(comparison),
                    });
                }
            }
        }
        unmatched
    }
}

impl Where {
    /// Whether it is about some step, check, kind, subject or fact: a class or a value alone would explain what nobody knew.
    fn names_something(&self) -> bool {
        let patterns = [
            &self.step,
            &self.check,
            &self.kind,
            &self.subject,
            &self.fact,
        ];
        patterns.into_iter().flatten().any(Pattern::names_something)
    }
}

impl KnownChange {
    fn explanation(&self) -> Explanation {
        Explanation::Known {
            id: self.id.clone(),
            because: self.because.clone(),
            reference: self.reference.clone(),
        }
    }

    fn direction(&self, base: &Record, candidate: &Record) -> Option<Direction> {
        let with = |record: &Record| {
            self.with.iter().all(|(name, wanted)| {
                version(record, name).is_some_and(|version| is_among(wanted, &version))
            })
        };
        if !with(base) || !with(candidate) {
            return None;
        }
        let base = version(base, &self.component)?;
        let candidate = version(candidate, &self.component)?;
        // An entry that is about any two versions is about none that are the same.
        if base == candidate {
            None
        } else if is_among(&self.from, &base) && is_among(&self.to, &candidate) {
            Some(Direction::Upgrade)
        } else if is_among(&self.from, &candidate) && is_among(&self.to, &base) {
            Some(Direction::Downgrade)
        } else {
            None
        }
    }
}

fn version(record: &Record, name: &str) -> Option<Version> {
    let mut components = record.canonical.components.iter();
    let component = components.find(|component| component.name == name)?;
    component.version.parse().ok()
}

/// As checks' `when` is read: a pre-release behaves as its release, unless the requirement names one.
fn is_among(wanted: &VersionReq, version: &Version) -> bool {
    crate::version::is_meant_for(wanted, version)
}

impl Where {
    fn matches(&self, change: &Change, direction: Direction) -> bool {
        let (class, before, after) = match direction {
            Direction::Upgrade => (change.class, &change.before, &change.after),
            Direction::Downgrade => (reversed(change.class), &change.after, &change.before),
        };
        self.class.is_none_or(|wanted| wanted == class)
            && is_like(self.step.as_ref(), Some(&change.step))
            && is_like(self.check.as_ref(), change.check.as_deref())
            && is_like(self.kind.as_ref(), change.kind.as_deref())
            && is_like(self.subject.as_ref(), Some(&change.subject))
            && is_like(self.fact.as_ref(), Some(&change.fact))
            && is_like(self.before.as_ref(), before.as_deref())
            && is_like(self.after.as_ref(), after.as_deref())
    }

    /// Whether what it is about was not compared.
    fn is_hidden(&self, comparison: &Comparison) -> bool {
        comparison.not_compared.iter().any(|gap| {
            is_like(self.step.as_ref(), Some(&gap.step))
                && (gap.check.is_none() || is_like(self.check.as_ref(), gap.check.as_deref()))
        }) || comparison
            .reached_by_neither
            .iter()
            .any(|step| is_like(self.step.as_ref(), Some(step)))
    }
}

fn is_like(pattern: Option<&Pattern>, text: Option<&str>) -> bool {
    match (pattern, text) {
        (None, _) => true,
        (Some(pattern), Some(text)) => pattern.matches(text),
        (Some(_), None) => false,
    }
}

fn reversed(class: Class) -> Class {
    match class {
        Class::New => Class::Gone,
        Class::Gone => Class::New,
        Class::Changed | Class::Verdict => class,
    }
}
