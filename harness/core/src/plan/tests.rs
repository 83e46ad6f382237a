//! What a plan is made of, and what a user sees of each thing that is in its way.

mod shared_steps;

use std::collections::BTreeSet;

use insta::{assert_json_snapshot, assert_snapshot};

use super::*;
use crate::problem::Problems;
use crate::scenario::read;
use crate::scenario::tests::{EXAMPLE, example_with};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn available() -> Available {
    let versions = [
        ("calico", vec!["3.28.4"]),
        ("multus", vec!["3.9.3", "4.0.2", "4.2.1"]),
        ("kubernetes", vec!["1.34.4"]),
        ("whereabouts", vec!["0.9.0"]),
    ];
    let pins = [
        ("calico", "3.28.4"),
        ("multus", "4.2.1"),
        ("kubernetes", "1.34.4"),
    ];
    Available {
        source: Source::Module,
        versions: versions
            .into_iter()
            .map(|(name, list)| (name.to_owned(), list.into_iter().map(version).collect()))
            .collect(),
        pins: pins
            .into_iter()
            .map(|(name, pin)| (name.to_owned(), version(pin)))
            .collect(),
        ..Available::default()
    }
}

fn files() -> BTreeMap<String, String> {
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n---\n# Nothing else.\n";
    BTreeMap::from([
        ("manifests/calico.yaml".to_owned(), manifest.to_owned()),
        (
            "files/a.conf".to_owned(),
            "{{ node.prefix }}.150\n".to_owned(),
        ),
        (
            "patches/b.yaml".to_owned(),
            "spec: { replicas: 3 }\n".to_owned(),
        ),
    ])
}

fn with(versions: &[(&str, &str)]) -> Options {
    Options {
        with: versions
            .iter()
            .map(|(name, text)| ((*name).to_owned(), version(text)))
            .collect(),
        ..Options::default()
    }
}

fn plan(
    text: &str,
    files: &BTreeMap<String, String>,
    available: &Available,
    options: &Options,
) -> Result<Plan, Problems> {
    let draft = read("scenarios/example/scenario.yaml", text);
    let files = files.clone().into_iter();
    let files = files.map(|(name, text)| (name, Ok(text))).collect();
    resolve(&draft, &files, available, options)
}

fn problems(text: &str, files: &BTreeMap<String, String>, options: &Options) -> String {
    match plan(text, files, &available(), options) {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn a_plan_says_which_versions_and_why() -> Result<(), Problems> {
    let plan = plan(EXAMPLE, &files(), &available(), &Options::default())?;
    assert_snapshot!(plan.one_line(), @"calico 3.28.4 (pinned: source module has no 3.25.0), multus 4.2.1 (pinned together with calico: source module has no calico 3.25.0)");
    assert_json_snapshot!(plan.components, @r#"
    {
      "calico": {
        "version": "3.28.4",
        "reason": {
          "pinned": {
            "instead-of": "3.25.0"
          }
        }
      },
      "kubernetes": {
        "version": "1.34.4",
        "reason": {
          "pinned": {
            "instead-of": null
          }
        }
      },
      "multus": {
        "version": "4.2.1",
        "reason": {
          "pinned-together": {
            "instead-of": "3.9.3",
            "component": "calico",
            "lacked": "3.25.0"
          }
        }
      }
    }
    "#);
    Ok(())
}

#[test]
fn each_step_and_check_has_the_line_that_it_begins_at() -> Result<(), Problems> {
    let mut plan = plan(EXAMPLE, &files(), &available(), &Options::default())?;
    let lines: Vec<_> = EXAMPLE.lines().collect();
    let mut seen = 0;
    plan.rename_files(|file| format!("guide/{file}"));
    for (id, locations) in plan.locations() {
        let line = |location: &Location| {
            assert_eq!(location.file, "guide/scenarios/example/scenario.yaml");
            lines[location.line - 1]
        };
        assert_eq!(line(&locations.step).trim(), format!("- id: {id}"));
        for (that, location) in &locations.checks {
            assert_eq!(line(location).trim(), format!("- that: {that}"));
            seen += 1;
        }
    }
    assert_eq!(plan.locations().len(), plan.steps.len());
    assert!(seen > 1, "{seen}");
    Ok(())
}

#[test]
fn a_source_that_has_all_of_the_scenarios_versions_gives_them() -> Result<(), Problems> {
    let mut available = available();
    let calico = available.versions.entry("calico".to_owned()).or_default();
    calico.insert(Version::new(3, 25, 0));
    let plan = plan(EXAMPLE, &files(), &available, &Options::default())?;
    assert_snapshot!(plan.one_line(), @"calico 3.25.0 (as the scenario says), multus 3.9.3 (as the scenario says)");
    Ok(())
}

#[test]
fn what_belongs_to_a_version_comes_with_it_and_nothing_else() -> Result<(), Problems> {
    let mut available = available();
    let of_multus = BTreeMap::from([("whereabouts".to_owned(), version("0.9.0"))]);
    let multus = BTreeMap::from([(version("4.0.2"), of_multus)]);
    available.companions.insert("multus".to_owned(), multus);
    let mut options = with(&[("multus", "4.0.2")]);
    let told = plan(EXAMPLE, &files(), &available, &options)?;
    assert_snapshot!(told.one_line(), @"calico 3.28.4 (pinned: source module has no 3.25.0), multus 4.0.2 (asked for), whereabouts 0.9.0 (comes with multus 4.0.2)");
    options
        .with
        .insert("whereabouts".to_owned(), version("0.9.1"));
    let of_whereabouts = available.versions.entry("whereabouts".to_owned());
    of_whereabouts.or_default().insert(version("0.9.1"));
    let told = plan(EXAMPLE, &files(), &available, &options).err();
    assert_snapshot!(told.unwrap_or_default(), @r"
    error: --with whereabouts=0.9.1: multus 4.0.2 comes with whereabouts 0.9.0
     |
     = hint: leave it out, or take another multus
    ");
    Ok(())
}

#[test]
fn a_plan_fills_in_times_and_files_and_leaves_out_checks_for_other_versions() -> Result<(), Problems>
{
    let plan = plan(
        EXAMPLE,
        &files(),
        &available(),
        &with(&[("multus", "4.2.1")]),
    )?;
    let [calico, pods] = plan.steps.as_slice() else {
        panic!("expected two steps, found {}", plan.steps.len());
    };
    assert_eq!(calico.deadline, Duration::from_mins(5));
    assert_eq!(pods.deadline, DEFAULT_DEADLINE);
    assert_eq!(
        calico.acts[3].text.as_deref(),
        Some("{{ node.prefix }}.150\n")
    );
    assert_eq!(calico.acts[0].text, None);
    assert_eq!(calico.checks[0].until, Some(Duration::from_secs(90)));
    assert_eq!(calico.checks[0].skipped, None);
    assert_eq!(calico.checks[2].hold, Some(Duration::from_millis(500)));
    assert_snapshot!(calico.checks[2].skipped.as_deref().unwrap_or_default(), @"meant for multus <4.0.0, runs 4.2.1");
    assert_snapshot!(plan.one_line(), @"calico 3.28.4 (pinned: source module has no 3.25.0), multus 4.2.1 (asked for)");
    Ok(())
}

#[test]
fn the_last_step_is_named_and_none_is_cut() -> Result<(), Problems> {
    let options = Options {
        until: Some("calico".to_owned()),
        ..Options::default()
    };
    let plan = plan(EXAMPLE, &files(), &available(), &options)?;
    assert_eq!(plan.until.as_deref(), Some("calico"));
    assert_eq!(plan.steps.len(), 2);
    Ok(())
}

#[test]
fn a_build_of_the_version_is_that_version() -> Result<(), Problems> {
    let mut available = available();
    let build = version("3.28.4+11");
    available
        .versions
        .insert("calico".to_owned(), BTreeSet::from([build.clone()]));
    let plan = plan(
        EXAMPLE,
        &files(),
        &available,
        &with(&[("calico", "3.28.4")]),
    )?;
    assert_eq!(plan.components["calico"].version, build);
    Ok(())
}

#[test]
fn the_files_to_read_are_those_that_acts_name() {
    assert_eq!(
        read("scenario.yaml", EXAMPLE).files(),
        ["files/a.conf", "manifests/calico.yaml", "patches/b.yaml"]
    );
}

#[test]
fn a_missing_file() {
    let mut files = files();
    files.remove("manifests/calico.yaml");
    files.insert("manifests/calcio.yaml".to_owned(), String::new());
    assert_snapshot!(problems(EXAMPLE, &files, &Options::default()), @r"
    error: the scenario has no file `manifests/calico.yaml`
      --> scenarios/example/scenario.yaml:16:24
       |
    16 |       - apply: { file: manifests/calico.yaml }
       |                        ^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: did you mean `manifests/calcio.yaml`? Known: files/a.conf, manifests/calcio.yaml, patches/b.yaml
    ");
}

#[test]
fn files_that_their_acts_cannot_use() {
    let files = BTreeMap::from([
        (
            "manifests/calico.yaml".to_owned(),
            "kind: Namespace\nmetadata: {}\n---\na: [\n".to_owned(),
        ),
        (
            "files/a.conf".to_owned(),
            "{\n  \"a\": \"{{ node.prefex }}\"\n}\n".to_owned(),
        ),
        ("patches/b.yaml".to_owned(), "- a\n".to_owned()),
    ]);
    assert_snapshot!(problems(EXAMPLE, &files, &Options::default()), @r#"
    error: unknown variable `node.prefex`
     --> scenarios/example/files/a.conf:2:12
      |
    2 |   "a": "{{ node.prefex }}"
      |            ^^^^^^^^^^^
      |
      = hint: did you mean `node.prefix`? Known: cluster.service_address, node.block, node.blocks, node.ipv6_block, node.name, node.prefix

    error: unclosed bracket '['
     --> scenarios/example/manifests/calico.yaml:4:4
      |
    4 | a: [
      |    ^

    error: a patch is a mapping
     --> scenarios/example/patches/b.yaml:1:1
      |
    1 | - a
      | ^
    "#);
    let mut files = files;
    files.insert(
        "manifests/calico.yaml".to_owned(),
        "kind: Namespace\nmetadata: {}\n".to_owned(),
    );
    files.insert("files/a.conf".to_owned(), "{{ node.prefix }}\n".to_owned());
    assert_snapshot!(problems(EXAMPLE, &files, &Options::default()), @r"
    error: this is no object: it has no apiVersion, metadata.name
     --> scenarios/example/manifests/calico.yaml:1:1
      |
    1 | kind: Namespace
      | ^^^^

    error: a patch is a mapping
     --> scenarios/example/patches/b.yaml:1:1
      |
    1 | - a
      | ^
    ");
}

#[test]
fn unknown_components() {
    let text = example_with(&[
        ("calico: 3.25.0", "calcio: 3.25.0"),
        ("component: calico", "component: flannel"),
        ("when: { multus", "when: { multus"),
    ]);
    assert_snapshot!(problems(&text, &files(), &with(&[("cilium", "1.18.0")])), @r"
    error: --with cilium=1.18.0: unknown component `cilium`
     |
     = hint: known: calico, kubernetes, multus, whereabouts

    error: unknown component `calcio`
     --> scenarios/example/scenario.yaml:8:15
      |
    8 | components: { calcio: 3.25.0, multus: 3.9.3 }
      |               ^^^^^^
      |
      = hint: did you mean `calico`? Known: calico, kubernetes, multus, whereabouts

    error: unknown component `flannel`
      --> scenarios/example/scenario.yaml:15:31
       |
    15 |       - install: { component: flannel, manifest: operator }
       |                               ^^^^^^^
       |
       = hint: known: calico, kubernetes, multus, whereabouts
    ");
}

#[test]
fn unknown_versions() {
    let text = example_with(&[("multus: 3.9.3 }", "multus: 3.9.3, whereabouts: 0.1.0 }")]);
    assert_snapshot!(problems(&text, &files(), &with(&[("calico", "9.9.9")])), @r"
    error: --with calico=9.9.9: source module has no calico 9.9.9
     |
     = hint: known: 3.28.4

    error: source module has no whereabouts 0.1.0, and pins no other
     --> scenarios/example/scenario.yaml:8:59
      |
    8 | components: { calico: 3.25.0, multus: 3.9.3, whereabouts: 0.1.0 }
      |                                                           ^^^^^
      |
      = hint: known: 0.9.0
    ");
}

#[test]
fn an_unknown_last_step() {
    let options = Options {
        until: Some("calcio".to_owned()),
        ..Options::default()
    };
    assert_snapshot!(problems(EXAMPLE, &files(), &options), @r"
    error: --until calcio: the scenario has no step `calcio`
     |
     = hint: did you mean `calico`? Known: calico, pods
    ");
}

#[test]
fn a_wait_that_the_deadline_cuts() {
    let text = example_with(&[(
        "- that: the routes are these",
        "- that: the routes are these\n        until: 3m",
    )]);
    assert_snapshot!(problems(&text, &files(), &Options::default()), @r"
    error: `until` is longer than the step's deadline of 120 s
      --> scenarios/example/scenario.yaml:55:16
       |
    55 |         until: 3m
       |                ^^
       |
       = hint: give the step a longer `deadline`
    ");
}

#[test]
fn a_step_of_which_no_check_is_meant() {
    let text = example_with(&[
        (
            "- that: the address is from b",
            "- that: the address is from b\n        when: { multus: \"<4\" }",
        ),
        (
            "- that: the routes are these",
            "- that: the routes are these\n        when: { calico: \">=3.31\", multus: \"*\" }",
        ),
    ]);
    assert_snapshot!(problems(&text, &files(), &with(&[("multus", "4.2.1")])), @r"
    error: no check of step `pods` is meant for these versions
      --> scenarios/example/scenario.yaml:42:5
       |
    42 |     expect:
       |     ^^^^^^
       |
       = hint: meant for multus <4, runs 4.2.1; meant for calico >=3.31, runs 3.28.4
    ");
}

#[test]
fn a_condition_that_no_version_meets() {
    let told = |changes: &[(&str, &str)]| {
        let mut available = available();
        available.everywhere.clone_from(&available.versions);
        let text = example_with(changes);
        match plan(&text, &files(), &available, &Options::default()) {
            Ok(_) => String::new(),
            Err(problems) => problems.to_string(),
        }
    };
    assert_eq!(told(&[]), "");
    assert_snapshot!(told(&[("\"<4.0.0\"", "\">=400.0.0\"")]), @r#"
    error: no version of multus in the catalogue is >=400.0.0
      --> scenarios/example/scenario.yaml:35:25
       |
    35 |         when: { multus: ">=400.0.0" }
       |                         ^^^^^^^^^^^
       |
       = hint: known: 3.9.3, 4.0.2, 4.2.1
    "#);
    assert!(!told(&[("\"<4.0.0\"", "\"<3.0.0, >4.0.0\"")]).is_empty());
    // A pair that leaves no version out may end in the future.
    let second = "- that: blocks are inside the pool
        when: { multus: \">=400.0.0\" }";
    let pair = [
        ("\"<4.0.0\"", "\"<400.0.0\""),
        ("- that: blocks are inside the pool", second),
    ];
    assert_eq!(told(&pair), "");
}

#[test]
fn a_manifest_that_the_version_does_not_have() {
    let mut available = available();
    let of_calico = BTreeMap::from([(version("3.28.4"), BTreeSet::from(["operator".to_owned()]))]);
    available.manifests.insert("calico".to_owned(), of_calico);
    let told = |text: &str| plan(text, &files(), &available, &Options::default()).err();
    assert_eq!(told(EXAMPLE), None);
    let text = example_with(&[("manifest: operator", "manifest: oeprator")]);
    let told = told(&text).map(|problems| problems.to_string());
    assert_snapshot!(told.unwrap_or_default(), @r"
    error: calico 3.28.4 has no manifest `oeprator` in source module
      --> scenarios/example/scenario.yaml:15:49
       |
    15 |       - install: { component: calico, manifest: oeprator }
       |                                                 ^^^^^^^^
       |
       = hint: did you mean `operator`? Known: operator
    ");
}

#[test]
fn all_is_told_in_one_round() {
    let text = example_with(&[
        ("title: ", "titel: "),
        ("calico: 3.25.0", "calcio: 3.25.0"),
        ("manifests/calico.yaml", "manifests/nope.yaml"),
    ]);
    let mut files = files();
    files.insert("patches/b.yaml".to_owned(), "- a\n".to_owned());
    let options = Options {
        until: Some("calcio".to_owned()),
        ..with(&[("cilium", "1.18.0")])
    };
    let told = match plan(&text, &files, &available(), &options) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect(),
    };
    assert_eq!(
        told,
        [
            "the scenario has no step `calcio`",
            "unknown component `cilium`",
            "a patch is a mapping",
            "unknown key `titel`",
            "unknown component `calcio`",
            "the scenario has no file `manifests/nope.yaml`"
        ]
    );
}
