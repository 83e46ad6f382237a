use std::collections::BTreeMap;

use insta::assert_snapshot;
use rstest::rstest;
use semver::Version;

use super::*;
use crate::catalogue::Catalogue;
use crate::problem::Problems;
use crate::record::compare::KnownChanges;
use crate::record::tests::{failed, passed};
use crate::record::{Class, Outcome, Record, THE_CAPTURE, THE_CAPTURES_END, Verdict};
use crate::report;
use crate::report::tests::locations::located;
use crate::scenario::{self, Names};

type Tested = Result<(), Box<dyn std::error::Error>>;

const CATALOGUE: &str = "
pins: { module: { calico: 3.28.4, multus: 4.2.1, operator: 1.30.0 } }
components:
  calico: { recipes: [{ for: '>=3.26.0', module: {} }, { for: <3.26.0, registry: {} }], versions: { 3.28.4: {}, 3.25.0: {} } }
  multus: { recipes: [{ module: {} }], versions: { 3.9.3: {}, 4.0.2: {}, 4.2.1: {} } }
  operator: { recipes: [{ module: {} }], versions: { 1.29.0: {}, 1.30.0: {} } }
";

const VERSIONS: &str = "\
axes:
  calico: [3.25.0, 3.28.4]
  multus: [3.9.3, 4.0.2, 4.2.1]
base: { calico: 3.28.4, multus: 4.2.1 }
together:
  - { when: { calico: '=3.28.4' }, take: { operator: 1.29.0 }, why: it asks for these images }
exclude:
  - { when: { multus: '<4.0.0' }, why: seen by others }
known:
  - when: { multus: '>=4.0.0, <4.1.0' }
    step: second
    outcome: broken
    says: [no such file]
    why: it writes no kubeconfig
    reference: example/multus#1
";

fn names([first, second]: [&str; 2]) -> Names {
    let text = format!("steps: [{{ id: {first} }}, {{ id: {second} }}]");
    scenario::read("scenario.yaml", &text).names()
}

fn made(versions: &str, with: &[(&str, Version)]) -> Result<Cells, Problems> {
    let versions = parse("versions.yaml", versions)?;
    let catalogue = Catalogue::parse("catalogue.yaml", CATALOGUE)?;
    let with: BTreeMap<_, _> = with
        .iter()
        .map(|(name, version)| ((*name).to_owned(), version.clone()))
        .collect();
    let options = Options {
        scenario: "multus-on-crio-with-calico",
        command: "rehearse run --matrix",
        names: &names(["first", "second"]),
        source: Source::Module,
        with: &with,
    };
    cells(&versions, &catalogue, options)
}

fn told(text: &str) -> String {
    match made(text, &[]) {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn cells_have_stable_names_pinned_sets_and_reasons() -> Tested {
    let cells = made(VERSIONS, &[])?;
    let lines = cells.list.iter().map(|cell| {
        let known = cell.known.as_ref().map_or("", |known| &known.reference);
        format!("{}: {} {known}", cell.name, cell.options())
    });
    let left_out = cells.left_out.iter();
    let left_out = left_out.map(|one| format!("not {}: {}", one.name, one.why));
    let lines: Vec<_> = lines.chain(left_out).collect();
    assert_snapshot!(lines.join("\n"), @r"
    calico-3.28.4_multus-4.2.1: --with calico=3.28.4 --with multus=4.2.1 --with operator=1.29.0 
    calico-3.28.4_multus-4.0.2: --with calico=3.28.4 --with multus=4.0.2 --with operator=1.29.0 example/multus#1
    not calico-3.25.0_multus-3.9.3: seen by others
    not calico-3.25.0_multus-4.0.2: source module has no calico 3.25.0
    not calico-3.25.0_multus-4.2.1: source module has no calico 3.25.0
    not calico-3.28.4_multus-3.9.3: seen by others
    ");
    assert_eq!(cells.base.as_deref(), Some("calico-3.28.4_multus-4.2.1"));
    assert_snapshot!(cells.to_json(), @r#"{"include":[{"name":"calico-3.28.4_multus-4.2.1","calico":"3.28.4","multus":"4.2.1","with":"--with calico=3.28.4 --with multus=4.2.1 --with operator=1.29.0","known-defect":""},{"name":"calico-3.28.4_multus-4.0.2","calico":"3.28.4","multus":"4.0.2","with":"--with calico=3.28.4 --with multus=4.0.2 --with operator=1.29.0","known-defect":"example/multus#1"}]}"#);
    Ok(())
}

#[test]
fn a_version_that_is_asked_for_is_the_only_one_of_its_axis() -> Tested {
    let cells = made(VERSIONS, &[("multus", Version::new(4, 0, 2))])?;
    let names: Vec<_> = cells.list.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["calico-3.28.4_multus-4.0.2"]);
    assert_eq!(cells.base, None);
    Ok(())
}

#[test]
fn what_is_wrong_is_shown_where_it_is() {
    let text = VERSIONS
        .replace(
            "multus: [3.9.3, 4.0.2, 4.2.1]",
            "multus: [3.9.3, 4.0.2, 4.0.2, 9.9.9]",
        )
        .replace("take: { operator", "take: { multus");
    assert_snapshot!("wrong", told(&text));
    let text = VERSIONS
        .replace("take: { operator: 1.29.0 }", "take: { operater: 1.29.0 }")
        .replace("multus: '<4.0.0'", "multus: '<3.0.0'")
        .replace("step: second", "step: secnd")
        + "shared-steps: { until: frist, why: it comes first }\n";
    assert_snapshot!("unknown", told(&text));
    assert_snapshot!(
        "unknown-key",
        told(&VERSIONS.replace("exclude:", "excludes:"))
    );
    let text = VERSIONS.replace("multus: '<4.0.0'", "multus: '>=3.0.0'");
    assert_snapshot!("no-cell", told(&text));
    let text = VERSIONS.replace("says: [no such file]", "says: []");
    assert_snapshot!("says-nothing", told(&text));
}

#[test]
fn the_matrix_of_this_repository_has_the_five_versions_of_multus() -> Tested {
    let text = include_str!("../../../../scenarios/multus-on-crio-with-calico/versions.yaml");
    let versions = parse("versions.yaml", text)?;
    let catalogue = include_str!("../../../../kind/catalogue.yaml");
    let catalogue = Catalogue::parse("catalogue.yaml", catalogue)?;
    let mut options = Options {
        scenario: "multus-on-crio-with-calico",
        command: "rehearse run --matrix",
        names: &names(["install-calico", "new-sandboxes"]),
        source: Source::Module,
        with: &BTreeMap::new(),
    };
    let of_source = |options| -> Result<Vec<String>, Problems> {
        let cells = cells(&versions, &catalogue, options)?;
        Ok(cells.list.into_iter().map(|cell| cell.name).collect())
    };
    assert_snapshot!(of_source(options)?.join(" "), @"calico-3.28.4_multus-4.2.1 calico-3.28.4_multus-3.9.3 calico-3.28.4_multus-4.0.2 calico-3.28.4_multus-4.2.4 calico-3.28.4_multus-4.3.0");
    options.source = Source::Registry;
    assert_snapshot!(of_source(options)?.join(" "), @"calico-3.25.0_multus-3.9.3");
    Ok(())
}

#[rstest]
#[case("1/2", "a c e")]
#[case("2/2", "b d")]
#[case("3/7", "c")]
#[case("7/7", "")]
fn shards_take_every_nth_cell(#[case] shard: Shard, #[case] expected: &str) {
    let cells = ["a", "b", "c", "d", "e"].map(|name| Cell {
        name: name.to_owned(),
        versions: BTreeMap::new(),
        with: BTreeMap::new(),
        known: None,
    });
    let names: Vec<_> = shard
        .select(cells.into())
        .into_iter()
        .map(|cell| cell.name)
        .collect();
    assert_eq!(names.join(" "), expected);
}

#[rstest]
#[case("0/2")]
#[case("3/2")]
#[case("1")]
#[case("a/b")]
fn what_is_no_shard_is_refused(#[case] text: &str) {
    assert!(text.parse::<Shard>().is_err());
}

/// A record that stops in a step, for this reason, as one of a version of Multus.
fn stopped(step: &str, why: &str) -> Result<Record, Box<dyn std::error::Error>> {
    let mut record = passed()?;
    let mut is_after = false;
    for one in &mut record.canonical.steps {
        if one.id == step {
            one.outcome = Outcome::Broken {
                class: Class::Cluster,
                why: why.to_owned(),
            };
            is_after = true;
        } else if is_after {
            one.outcome = serde_json::from_value(serde_json::json!({"blocked": {"by": step}}))?;
        }
        if is_after {
            for check in &mut one.checks {
                check.verdict = Verdict::Broken {
                    why: "not reached".to_owned(),
                };
                check.facts.clear();
            }
        }
    }
    Ok(record)
}

/// A record of a capture that answers nothing from this step on.
fn ended(step: &str, by: &str) -> Result<Record, Box<dyn std::error::Error>> {
    let mut record = stopped(step, "")?;
    for one in &mut record.canonical.steps {
        if matches!(one.outcome, Outcome::Broken { .. }) {
            one.outcome = Outcome::Blocked {
                by: by.to_owned(),
                why: Some(format!("it has no step {step}")),
            };
        }
    }
    Ok(record)
}

fn known(step: &str) -> KnownDefect {
    KnownDefect {
        when: BTreeMap::new(),
        step: step.to_owned(),
        outcome: DefectOutcome::Broken,
        says: vec!["no such file".to_owned()],
        why: "it writes no kubeconfig".to_owned(),
        reference: "example/multus#1".to_owned(),
    }
}

#[test]
fn a_cell_is_judged_by_what_is_known_of_it() -> Tested {
    let record = passed()?;
    let ids: Vec<_> = record
        .canonical
        .steps
        .iter()
        .map(|step| step.id.clone())
        .collect();
    let (first, last) = (&ids[0], &ids[ids.len() - 1]);
    let told = |record: &Record, known: Option<&KnownDefect>| {
        let judgement = judge(record, known);
        format!("{:?}: {}", judgement.verdict, judgement.why)
    };
    let defect = known(last);
    let failing = KnownDefect {
        outcome: DefectOutcome::Failed,
        ..known(last)
    };
    let lines = [
        told(&record, None),
        told(&record, Some(&defect)),
        told(&failed()?, None),
        told(&stopped(last, "stat: no such file")?, Some(&defect)),
        told(&stopped(last, "stat: no such file")?, None),
        told(&stopped(last, "timeout")?, Some(&defect)),
        told(&stopped(first, "stat: no such file")?, Some(&defect)),
        told(&ended(last, THE_CAPTURES_END)?, Some(&defect)),
        told(&ended(last, THE_CAPTURE)?, Some(&defect)),
        told(&ended(first, THE_CAPTURES_END)?, Some(&defect)),
        told(&ended(last, THE_CAPTURES_END)?, None),
        told(&ended(last, THE_CAPTURES_END)?, Some(&failing)),
    ];
    assert_snapshot!("judged", lines.join("\n"));
    Ok(())
}

/// The matrix with records: the base, one with a changed fact and one that nobody ran.
fn merged() -> Result<Merged, Box<dyn std::error::Error>> {
    let mut cells = made(VERSIONS, &[])?;
    let first = cells.list[0].clone();
    for multus in [Version::new(3, 9, 3), Version::new(4, 9, 9)] {
        let mut cell = first.clone();
        cell.versions.insert("multus".to_owned(), multus);
        cell.name = cell_name(&cell.versions);
        cells.list.push(cell);
    }
    let step = passed()?.canonical.steps.last().map(|step| step.id.clone());
    let step = step.unwrap_or_default();
    for cell in &mut cells.list {
        if let Some(known) = &mut cell.known {
            known.step.clone_from(&step);
        }
    }
    let of = |multus: &str, mut record: Record| {
        for (name, version) in [("calico", "3.28.4"), ("multus", multus)] {
            for component in &mut record.canonical.components {
                if component.name == name {
                    version.clone_into(&mut component.version);
                }
            }
        }
        (multus.to_owned(), record)
    };
    let mut changed = passed()?;
    for step in &mut changed.canonical.steps {
        for check in &mut step.checks {
            let facts = std::mem::take(&mut check.facts).into_iter();
            check.facts = facts
                .map(|mut fact| {
                    if fact.value.contains("default via") {
                        fact.value = fact.value.replace("default via", "<b>default</b> via");
                    }
                    fact
                })
                .collect();
        }
    }
    let records = vec![
        of("4.2.1", passed()?),
        of("4.0.2", stopped(&step, "stat: no such file")?),
        of("3.9.3", changed),
    ];
    Ok(merge(&cells, records)?)
}

#[test]
fn records_are_merged_into_their_matrix() -> Tested {
    let merged = merged()?;
    assert_eq!(merged.exit_code(), 3, "a cell that nobody ran");
    assert_snapshot!("terminal", report::matrix::terminal(&merged));
    assert_snapshot!("markdown", report::matrix::markdown(&merged));
    let page = report::matrix::html(&merged, &KnownChanges::default())?;
    for wanted in [
        "id=\"cell-0-step-0\"",
        "href=\"#cell-1-step-",
        "&lt;b&gt;default&lt;&#x2f;b&gt; via",
        "class=\"before\"",
        "rehearse run --matrix",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    for refused in [
        "<script",
        "http://",
        "https://",
        "<link",
        "<img",
        "<b>default</b> via",
    ] {
        assert!(!page.contains(refused), "{refused}");
    }
    let again: Merged = serde_json::from_str(&merged.to_json())?;
    assert_eq!(again, merged);
    Ok(())
}

#[test]
fn the_page_and_the_verdict_of_a_cell_have_the_lines_of_what_failed() -> Tested {
    let file = "guides/one/scenario.yaml";
    let mut merged = merged()?;
    let record = located(failed()?, file);
    let steps = record.canonical.steps.iter();
    let wrong = steps.flat_map(|step| step.checks.iter().map(move |check| (step, check)));
    let wrong = wrong
        .filter(|(_, check)| matches!(check.verdict, Verdict::Failed | Verdict::Broken { .. }));
    let lines: Vec<_> = wrong
        .map(|(step, check)| record.run.locations[&step.id].checks[&check.that].to_string())
        .collect();
    assert!(lines.len() > 1);
    let why = judge(&record, None).why;
    assert!(why.contains(&format!("({})", lines[0])), "{why}");
    merged.cells[0].record = Some(record);
    let page = report::matrix::html(&merged, &KnownChanges::default())?;
    let page = page.replace("&#x2f;", "/");
    for line in &lines {
        assert!(page.contains(line), "{line}");
    }
    Ok(())
}

/// One defect in what each component does, as a failed check of the step that looks at it.
#[rstest]
#[case::kubernetes_and_cri_o("cluster")]
#[case::calico("install-calico")]
#[case::multus("install-multus")]
#[case::cni_plugins("default-route")]
fn a_defect_of_any_component_makes_its_cell_unexpected(#[case] step: &str) -> Tested {
    let cells = made(VERSIONS, &[("multus", Version::new(4, 2, 1))])?;
    let mut record = passed()?;
    for component in &mut record.canonical.components {
        match component.name.as_str() {
            "calico" => "3.28.4".clone_into(&mut component.version),
            "multus" => "4.2.1".clone_into(&mut component.version),
            _ => {}
        }
    }
    let good = merge(&cells, vec![("good".to_owned(), record.clone())])?;
    assert_eq!(good.exit_code(), 0);
    let found = record.canonical.steps.iter_mut().find(|one| one.id == step);
    let found = found.ok_or("the sample has no such step")?;
    found.outcome = Outcome::Failed;
    found.checks[0].verdict = Verdict::Failed;
    let that = found.checks[0].that.clone();
    let bad = merge(&cells, vec![("bad".to_owned(), record)])?;
    assert_eq!(bad.exit_code(), 1);
    let judgement = &bad.cells[0].judgement;
    assert_eq!(judgement.verdict, CellVerdict::Unexpected);
    assert_eq!(judgement.why, format!("{step} failed: {that}"));
    Ok(())
}

#[test]
fn records_of_another_matrix_are_refused() -> Tested {
    let cells = made(VERSIONS, &[])?;
    let error = |records| match merge(&cells, records) {
        Ok(_) => "they were merged".to_owned(),
        Err(error) => error.to_string(),
    };
    let mut other = passed()?;
    "another".clone_into(&mut other.canonical.scenario);
    let lines = [
        error(vec![]),
        error(vec![
            ("a".to_owned(), passed()?),
            ("b".to_owned(), passed()?),
        ]),
        error(vec![("a".to_owned(), other)]),
    ];
    assert_snapshot!("unmergeable", lines.join("\n"));
    Ok(())
}
