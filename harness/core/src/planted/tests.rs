//! The file of faults, good and bad, and what is made of what was seen.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::scenario::{self, Names, Scenario};

const SCENARIO: &str =
    include_str!("../../../../scenarios/multus-on-crio-with-calico/scenario.yaml");
const FAULTS: &str = include_str!("../../../../scenarios/multus-on-crio-with-calico/faults.yaml");

fn scenario() -> Result<Scenario, String> {
    scenario::parse("scenario.yaml", SCENARIO).map_err(|problems| problems.to_string())
}

fn names() -> Names {
    scenario::read("scenario.yaml", SCENARIO).names()
}

fn problems(text: &str) -> String {
    match parse("faults.yaml", text, &names()) {
        Ok(planted) => format!("no problem: {planted:?}"),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn the_scenarios_own_faults_are_forty_at_least_and_cover_every_step() -> Result<(), String> {
    let scenario = scenario()?;
    let planted =
        parse("faults.yaml", FAULTS, &names()).map_err(|problems| problems.to_string())?;
    assert!(planted.faults.len() >= 40, "{}", planted.faults.len());
    let steps: BTreeSet<&str> = scenario.steps.iter().map(|step| step.id.as_str()).collect();
    let after: BTreeSet<&str> = planted
        .faults
        .iter()
        .map(|fault| fault.after.as_str())
        .collect();
    assert_eq!(after, steps);
    Ok(())
}

#[test]
fn all_problems_are_told_with_their_places() {
    let text = "\
faults:
  - id: a
    title: Something
    after: clustr
    plant:
      - node-shell: { on: some, run: \"true\" }
      - remove-node-file: { path: \"/etc/{{ node.nam }}\" }
      - delete: { api-version: v1, kind: Pod, namespace: default }
    red: [a]
  - id: a
    title: Nothing notices this
    after: cluster
    plants: []
    within: 5
  - id: b
    title: An unknown check
    after: net-calico
    plant: []
    red: [its range is inside the nodes own block]
";
    assert_snapshot!(problems(text), @r#"
    error: the scenario has no step `clustr`
     --> faults.yaml:4:12
      |
    4 |     after: clustr
      |            ^^^^^^
      |
      = hint: did you mean `cluster`? Known: cluster, install-calico, install-multus, cni-priority, net-calico, multus-default, new-sandboxes, deployment-normal, default-calico-as-printed, default-calico, cfosdefaultcni5

    error: unknown on `some`
     --> faults.yaml:6:27
      |
    6 |       - node-shell: { on: some, run: "true" }
      |                           ^^^^
      |
      = hint: known: one, all

    error: failed to read `/etc/{{ node.nam }}`: unknown placeholder `node.nam`
     --> faults.yaml:7:35
      |
    7 |       - remove-node-file: { path: "/etc/{{ node.nam }}" }
      |                                   ^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: did you mean `node.name`? Known: node.name, node.block, node.prefix, other.name, other.block, other.prefix, pod.name, pod.address, pod.sandbox

    error: an object has either a `name` or a `selector` here
     --> faults.yaml:8:9
      |
    8 |       - delete: { api-version: v1, kind: Pod, namespace: default }
      |         ^^^^^^

    error: no check notices this fault
      --> faults.yaml:10:5
       |
    10 |   - id: a
       |     ^^
       |
       = hint: name the checks that must turn red under `red`

    error: there is a fault `a` already
      --> faults.yaml:10:9
       |
    10 |   - id: a
       |         ^

    error: unknown key `plants`
      --> faults.yaml:13:5
       |
    13 |     plants: []
       |     ^^^^^^
       |
       = hint: did you mean `plant`? Known: id, title, after, plant, red, broken, consequences, within

    error: expected a time such as `90s` or `5m`, found the number 5
      --> faults.yaml:14:13
       |
    14 |     within: 5
       |             ^
       |
       = hint: write its unit too: ms, s, m or h

    error: a fault without an act is none
      --> faults.yaml:18:5
       |
    18 |     plant: []
       |     ^^^^^

    error: step `net-calico` has no check `its range is inside the nodes own block`
      --> faults.yaml:19:11
       |
    19 |     red: [its range is inside the nodes own block]
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: did you mean `its range is inside the node's own block`? Known: net-calico.conf is the only configuration of Multus, its range is inside the node's own block, net-calico is defined without a configuration of its own, the default network is still Calico's
    "#);
}

fn fault() -> Fault {
    Fault {
        id: "a".to_owned(),
        title: "A".to_owned(),
        after: "cluster".to_owned(),
        plant: Vec::new(),
        red: vec!["red".to_owned()],
        broken: vec!["broken".to_owned()],
        consequences: vec!["any".to_owned()],
        within: Duration::from_secs(1),
    }
}

#[test]
fn a_fault_is_seen_when_its_checks_turned_and_no_other_did() {
    let red = || Sight::Red("why".to_owned());
    let broken = || Sight::Broken("why".to_owned());
    let seen = |pairs: [(&str, Sight); 2]| -> BTreeMap<String, Sight> {
        pairs.map(|(that, sight)| (that.to_owned(), sight)).into()
    };
    let turned = seen([("red", red()), ("broken", broken())]);
    assert_eq!(not_yet(&fault(), &turned), [""; 0]);
    let other_way = seen([("red", broken()), ("broken", red())]);
    assert_snapshot!(not_yet(&fault(), &other_way).join("\n"), @r"
    red instead of broken: broken: why
    broken instead of red: red: why
    ");
    let green = seen([("red", Sight::Green), ("broken", Sight::Green)]);
    assert_snapshot!(not_yet(&fault(), &green).join("\n"), @r"
    stayed green, not broken: broken
    stayed green: red
    ");
    let others = seen([("any", red()), ("green", Sight::Green)]);
    assert_eq!(not_as_said(&fault(), &others), [""; 0]);
    let others = seen([("other", red()), ("another", broken())]);
    assert_snapshot!(not_as_said(&fault(), &others).join("\n"), @r"
    broke: another: why
    turned red too: other: why
    ");
}

#[test]
fn an_inverse_patch_gives_the_older_values_back() {
    let before = json!({"metadata": {"annotations": {"a": "1"}}, "spec": {"list": [1]}});
    let patch = json!({"metadata": {"annotations": {"a": null, "b": "2"}, "labels": {"c": "3"}}, "spec": {"list": []}});
    assert_eq!(
        inverse(&patch, &before),
        json!({"metadata": {"annotations": {"a": "1", "b": null}, "labels": null}, "spec": {"list": [1]}})
    );
}

#[test]
fn variables_are_filled_in_values_and_what_is_not_known_is_told() -> anyhow::Result<()> {
    let places = Places {
        node: Place {
            name: "n".to_owned(),
            block: Ok("10.244.1.0/24".parse()?),
        },
        other: Some(Place {
            name: "m".to_owned(),
            block: Err("the node has no block yet".to_owned()),
        }),
        pod: None,
    };
    let body: Body = serde_json::from_value(json!({"a": ["{{ node.prefix }}.1", 2, null]}))?;
    assert_eq!(
        places.fill_body(&body),
        Ok(json!({"a": ["10.244.1.1", 2, null]}))
    );
    let fill = |text: &str| text.parse().and_then(|text| places.fill(&text));
    assert_eq!(fill("{{ other.name }}"), Ok("m".to_owned()));
    assert_snapshot!(fill("{{ other.prefix }}").err().unwrap_or_default(), @"nothing is known of `other.prefix` here: the node has no block yet");
    assert_snapshot!(fill("{{ pod.name }}").err().unwrap_or_default(), @"nothing is known of `pod.name` here: the act is about no pod");
    assert_snapshot!(fill("{{ node }}").err().unwrap_or_default(), @"unknown placeholder `node` (hint: known: node.name, node.block, node.prefix, other.name, other.block, other.prefix, pod.name, pod.address, pod.sandbox)");
    Ok(())
}

fn planting(id: &str, outcome: Outcome) -> Planting {
    Planting {
        id: id.to_owned(),
        title: id.to_owned(),
        after: "cluster".to_owned(),
        outcome,
        turned: vec![Turned {
            that: "a check".to_owned(),
            after: 120,
            why: "w".to_owned(),
        }],
        until_red: Some(120),
        until_green: None,
    }
}

#[test]
fn the_exit_code_follows_the_worst_fault_and_nothing_is_no_pass() {
    let report = |outcomes: Vec<Outcome>| Report {
        faults: outcomes
            .into_iter()
            .map(|outcome| planting("a", outcome))
            .collect(),
        ..Report::default()
    };
    let skipped = || Outcome::Skipped {
        why: "w".to_owned(),
    };
    let broken = || Outcome::Broken {
        why: "w".to_owned(),
    };
    let failed = || Outcome::Failed {
        why: vec!["w".to_owned()],
    };
    assert_eq!(report(Vec::new()).exit_code(), 3);
    assert_eq!(report(vec![skipped()]).exit_code(), 3);
    assert_eq!(report(vec![Outcome::Seen, skipped()]).exit_code(), 0);
    assert_eq!(report(vec![Outcome::Seen, broken()]).exit_code(), 3);
    assert_eq!(
        report(vec![Outcome::Seen, broken(), failed()]).exit_code(),
        1
    );
}

#[test]
fn the_table_has_a_line_a_fault_and_the_counts() {
    let failed = Outcome::Failed {
        why: vec!["stayed green: a check".to_owned()],
    };
    let report = Report {
        total: 90_000,
        planting: 1_500,
        faults: vec![planting("short", Outcome::Seen), planting("longer", failed)],
        ..Report::default()
    };
    assert_snapshot!(report.terminal(), @r"
    after cluster
      seen     short   red   0.12 s  green        -  a check
      failed   longer  red   0.12 s  green        -  a check
               stayed green: a check
    2 faults: 1 seen, 1 failed, 0 broken, 0 skipped; slowest red after 0.12 s; 1.50 s of 90.00 s for planting
    ");
}
