//! The built program without a cluster: what it says, and how it ends, when it is used wrongly.
//!
//! Nothing here needs an engine: where a run would need one, there is deliberately none.

use std::fs;

use rehearse_tests::root;
use rehearse_tests::without_engine::rehearse;
use rstest::rstest;

/// A scenario in a folder of its own: the smallest one that is right, after a change.
fn scenario(change: impl FnOnce(&str) -> String) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let text = "\
scenario: small
title: The smallest scenario
document: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\", lines: 10 }
nodes: { control-planes: 1, workers: 2, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { calico: 3.28.4, multus: 4.2.1 }
steps:
  - id: cluster
    title: Three nodes
    document: { lines: [1, 2] }
    expect:
      - that: each node runs CRI-O
        check:
          nodes: { runtime: cri-o, ready: true }
";
    fs::write(folder.path().join("scenario.yaml"), change(text))?;
    Ok(folder)
}

#[test]
fn help_shows_examples_defaults_and_exit_codes() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let help = rehearse(folder.path(), &["--help"])?;
    assert_eq!(help.code, Some(0));
    insta::assert_snapshot!("help", help.stdout);
    let help = rehearse(folder.path(), &["run", "--help"])?;
    insta::assert_snapshot!("help-run", help.stdout);
    Ok(())
}

#[test]
fn a_scenario_that_is_right_is_said_to_be() -> anyhow::Result<()> {
    let folder = scenario(str::to_owned)?;
    let ended = rehearse(folder.path(), &["check", "."])?;
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!("check-right", ended.stdout);
    Ok(())
}

#[rstest]
#[case::unknown_key("unknown-key", |text: &str| text.replace("title: Three", "titel: Three"))]
#[case::unknown_check("unknown-check", |text: &str| text.replace("nodes: { runtime", "nods: { runtime"))]
#[case::wrong_type("wrong-type", |text: &str| text.replace("workers: 2", "workers: two"))]
#[case::missing_file("missing-file", |text: &str| text.replace("    expect:", "    act:\n      - apply: { file: manifests/none.yaml }\n    expect:"))]
#[case::leaves_the_folder("leaves-the-folder", |text: &str| text.replace("    expect:", "    act:\n      - apply: { file: ../none.yaml }\n    expect:"))]
#[case::unknown_component("unknown-component", |text: &str| text.replace("multus: 4.2.1", "multsu: 4.2.1"))]
fn what_is_wrong_with_a_scenario_is_shown_where_it_is(
    #[case] name: &str,
    #[case] change: fn(&str) -> String,
) -> anyhow::Result<()> {
    let folder = scenario(change)?;
    let ended = rehearse(folder.path(), &["check", "."])?;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    insta::assert_snapshot!(name, ended.stderr);
    Ok(())
}

#[test]
fn a_template_variable_that_does_not_exist_is_shown_in_the_template() -> anyhow::Result<()> {
    let folder = scenario(|text| {
        text.replace(
            "    expect:",
            "    act:\n      - node-file: { path: /etc/cni/a.conf, template: a.conf }\n    expect:",
        )
    })?;
    fs::write(
        folder.path().join("a.conf"),
        "{\n  \"subnet\": \"{{ node.blok }}\"\n}\n",
    )?;
    let ended = rehearse(folder.path(), &["check", "."])?;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    insta::assert_snapshot!("unknown-variable", ended.stderr);
    Ok(())
}

#[rstest]
#[case::unknown_version("unknown-version", &["plan", "--with", "calico=9.9.9"])]
#[case::not_a_version("not-a-version", &["plan", "--with", "calico=latest"])]
#[case::unknown_step("unknown-step", &["plan", "--until", "net-calicoo"])]
#[case::missing_scenario("missing-scenario", &["run", "no-such-folder"])]
#[case::unknown_source("unknown-source", &["plan", "--source", "thin-air"])]
#[case::manifests_without_local("manifests-without-local", &["plan", "--manifests", "."])]
#[case::unknown_option("unknown-option", &["run", "--keap"])]
#[case::missing_run("missing-run", &["report", "no-such-run"])]
fn wrong_usage_ends_with_two_and_says_what_would_be_right(
    #[case] name: &str,
    #[case] arguments: &[&str],
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), arguments)?;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    insta::assert_snapshot!(name, ended.stderr);
    Ok(())
}

#[test]
fn a_folder_that_has_a_record_is_not_written_over() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("out"))?;
    fs::write(folder.path().join("out/record.json"), "{}")?;
    let ended = rehearse(folder.path(), &["run", "--out", "out"])?;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    insta::assert_snapshot!("out-in-use", ended.stderr);
    assert_eq!(
        fs::read_to_string(folder.path().join("out/record.json"))?,
        "{}"
    );
    Ok(())
}

#[test]
fn without_an_engine_a_run_says_what_is_missing_and_makes_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), &["run", "--out", "out"])?;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("--setup"), "{}", ended.stderr);
    assert!(!folder.path().join("out").exists());
    Ok(())
}

#[test]
fn the_schema_is_the_committed_one() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), &["schema"])?;
    let committed = fs::read_to_string(root().join("scenarios/scenario.schema.json"))?;
    assert!(
        ended.stdout == committed,
        "the committed schema is not the program's (hint: `rehearse schema > scenarios/scenario.schema.json`)"
    );
    Ok(())
}

#[rstest]
#[case("bash")]
#[case("zsh")]
#[case("fish")]
fn completions_name_the_subcommands(#[case] shell: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = rehearse(folder.path(), &["completions", shell])?;
    assert_eq!(ended.code, Some(0));
    for command in ["run", "plan", "check", "report", "stack", "cluster"] {
        assert!(
            ended.stdout.contains(command),
            "{shell} does not complete {command}"
        );
    }
    Ok(())
}

#[test]
fn the_key_of_a_stack_is_that_of_its_versions() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let key = |with: &[&str]| -> anyhow::Result<String> {
        let ended = rehearse(folder.path(), &[&["stack", "key"], with].concat())?;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        Ok(ended.stdout)
    };
    let pinned = key(&[])?;
    assert_eq!(pinned.trim_end().len(), 64, "{pinned}");
    assert_eq!(pinned, key(&["--with", "multus=4.2.1"])?);
    assert_ne!(pinned, key(&["--with", "multus=3.9.3"])?);
    assert_ne!(pinned, key(&["--from", "registry"])?);
    assert!(!folder.path().join("cache").exists(), "nothing is made");
    Ok(())
}
