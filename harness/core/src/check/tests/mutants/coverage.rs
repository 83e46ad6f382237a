//! What is told of facts that nobody watches, of entries that ignore them, and of checks that nothing turns red.

use super::*;
use crate::coverage::{Coverage, Watch, render};

/// The coverage of the `versions` check alone, with entries of ignored facts.
fn coverage(ignore: &str) -> Result<(Scenario, Coverage)> {
    let text = format!("{SCENARIO}{ignore}");
    let scenario = scenario::parse("scenario.yaml", &text)?;
    let plan = plan(&scenario, &[versions()])?;
    let capture = capture(&recorded()?, &plan)?;
    let (trials, unanswered) = Trials::of(&plan, &capture);
    let results: Vec<_> = trials.iter().map(|trials| (trials, run(trials))).collect();
    let mut coverage = Coverage::new(&scenario);
    coverage.add(&scenario, &plan, "recorded", &results, &unanswered);
    Ok((scenario, coverage))
}

#[test]
fn a_fact_that_nobody_watches_must_be_ignored() -> Result<()> {
    let (_, all) = coverage("")?;
    assert!(!all.is_complete());
    let unwatched: BTreeSet<&str> = all.unwatched().map(|fact| fact.fact).collect();
    assert!(unwatched.contains("nodes.ready"));
    assert!(!unwatched.contains("nodes.kubelet-version"));
    assert!(render(&all)?.contains("last / nodes.ready: 3 such as `node doc-control-plane`"));

    let (scenario, ignored) = coverage("ignore:\n  - { fact: nodes.*, reason: another test's }\n")?;
    assert!(ignored.is_complete());
    assert!(ignored.unused(&scenario).is_empty());
    let reasons = ignored
        .facts
        .iter()
        .filter(|fact| fact.watch == Watch::Ignored("another test's".to_owned()));
    assert!(reasons.count() > 0);
    Ok(())
}

#[test]
fn an_entry_that_nothing_needs_is_a_problem_at_its_place() -> Result<()> {
    let (scenario, coverage) = coverage(
        "ignore:\n  - { fact: nodes.*, reason: another test's }\n  - { fact: routes.metric, reason: there are none }\n",
    )?;
    insta::assert_snapshot!(coverage.unused(&scenario).render(false), @r"
    error: `routes.metric` is ignored, but a check watches each such fact, or there is none
      --> scenario.yaml:16:13
       |
    16 |   - { fact: routes.metric, reason: there are none }
       |             ^^^^^^^^^^^^^
       |
       = hint: take the entry out, or correct its step or subject
    ");
    Ok(())
}

#[test]
fn an_entry_that_cannot_be_meant_is_a_problem_at_its_place() {
    let text = format!(
        "{SCENARIO}ignore:\n  - {{ fact: nodes.redy, step: lost, reason: \" \" }}\n  - {{ fact: nodes.ready }}\n"
    );
    let problems = scenario::parse("scenario.yaml", &text)
        .err()
        .unwrap_or_default();
    let told = problems.iter().map(|problem| {
        let line = problem
            .place
            .as_ref()
            .map_or(0, crate::problem::Place::line);
        format!("{line}: {}", problem.message)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "15: unknown fact `nodes.redy`",
            "15: the scenario has no step `lost`",
            "15: `reason` is empty",
            "16: missing key `reason`",
        ]
    );
}

#[test]
fn a_check_that_nothing_turns_red_is_told() -> Result<()> {
    let (scenario, _) = coverage("")?;
    let plan = plan(&scenario, &[versions()])?;
    let capture = capture(&recorded()?, &plan)?;
    let (trials, unanswered) = Trials::of(&plan, &capture);
    // What a check without a rule would say of each mutant.
    let blind = |trials: &Trials| {
        let outcomes = trials.mutants.iter().map(|_| Trial {
            touched: vec![0],
            ..Trial::default()
        });
        outcomes.collect()
    };
    let results: Vec<_> = trials
        .iter()
        .map(|trials| (trials, blind(trials)))
        .collect();
    let mut coverage = Coverage::new(&scenario);
    coverage.add(&scenario, &plan, "recorded", &results, &unanswered);
    assert!(!coverage.is_complete());
    let never_red: Vec<&str> = coverage.never_red().map(|row| row.that.as_str()).collect();
    assert_eq!(never_red, ["it is so"]);
    assert!(
        render(&coverage)?
            .contains("checks that no mutant turned red:\n  last / it is so (versions)")
    );
    Ok(())
}

#[test]
fn a_step_that_the_run_did_not_reach_must_be_shown_by_another_capture() -> Result<()> {
    let scenario = scenario::parse("scenario.yaml", SCENARIO)?;
    let plan = plan(&scenario, &[versions()])?;
    let whole = capture(&recorded()?, &plan)?;
    let mut short = whole.clone();
    short.steps.pop();
    let mut coverage = Coverage::new(&scenario);
    let (trials, unanswered) = Trials::of(&plan, &short);
    assert_eq!(unanswered.not_reached.len(), 1);
    assert!(unanswered.blocked.is_empty());
    let results: Vec<_> = trials.iter().map(|trials| (trials, run(trials))).collect();
    coverage.add(&scenario, &plan, "short", &results, &unanswered);
    assert!(coverage.not_green.is_empty());
    assert!(!coverage.is_complete());
    let (trials, unanswered) = Trials::of(&plan, &whole);
    let results: Vec<_> = trials.iter().map(|trials| (trials, run(trials))).collect();
    coverage.add(&scenario, &plan, "whole", &results, &unanswered);
    assert!(coverage.never_red().next().is_none());
    Ok(())
}

#[rstest]
#[case::json_that_nobody_knows(r#"[{"links": 2}]"#, false)]
#[case::lines("links: 2", true)]
#[case::a_number("2", true)]
fn an_output_in_json_needs_a_maker_of_its_own(
    #[case] printed: &str,
    #[case] expected: bool,
) -> Result<()> {
    let scenario = scenario::parse("scenario.yaml", SCENARIO)?;
    let check = json!({"node-command": {"command": ["count", "links"], "contains": [printed]}});
    let plan = plan(&scenario, &[check])?;
    let mut cluster = recorded()?;
    for (node, _) in super::super::fixture::NODES {
        let command = (node.to_owned(), "count links".to_owned());
        cluster.commands.insert(command, printed.to_owned());
    }
    let capture = capture(&cluster, &plan)?;
    let (trials, unanswered) = Trials::of(&plan, &capture);
    let results: Vec<_> = trials.iter().map(|trials| (trials, run(trials))).collect();
    let mut coverage = Coverage::new(&scenario);
    coverage.add(&scenario, &plan, "recorded", &results, &unanswered);
    assert!(coverage.not_green.is_empty());
    assert_eq!(coverage.is_complete(), expected, "{}", render(&coverage)?);
    Ok(())
}

#[test]
fn a_fact_whose_changes_only_break_a_check_is_not_covered() -> Result<()> {
    let (scenario, _) = coverage("")?;
    let plan = plan(&scenario, &[versions()])?;
    let capture = capture(&recorded()?, &plan)?;
    let (trials, unanswered) = Trials::of(&plan, &capture);
    // What a check would say that notices a version, and cannot judge anything else.
    let outcomes = |trials: &Trials| {
        let outcomes = trials.mutants.iter().map(|mutant| {
            let (mut red, mut broken) = (Vec::new(), Vec::new());
            if mutant.fact == "nodes.kubelet-version" {
                red.push(0);
            } else {
                broken.push(0);
            }
            Trial {
                touched: vec![0],
                red,
                broken,
                not_made: None,
            }
        });
        outcomes.collect()
    };
    let results: Vec<_> = trials
        .iter()
        .map(|trials| (trials, outcomes(trials)))
        .collect();
    let mut coverage = Coverage::new(&scenario);
    coverage.add(&scenario, &plan, "recorded", &results, &unanswered);
    assert!(!coverage.is_complete());
    let unwatched: BTreeSet<&str> = coverage.unwatched().map(|fact| fact.fact).collect();
    assert!(unwatched.contains("nodes.ready"));
    assert!(!unwatched.contains("nodes.kubelet-version"));
    Ok(())
}
