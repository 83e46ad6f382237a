//! A capture that is played: what it answers, what it cannot, and what edited checks would have said.

use rstest::rstest;

use super::*;
use crate::record::recheck::differences;
use crate::redaction::RawText;

#[test]
fn a_capture_answers_the_plan_that_it_was_made_of() -> Result {
    let (plan, capture) = good()?;
    assert_eq!(
        outcomes(&plan, &capture),
        [Outcome::Passed, Outcome::Passed]
    );
    let played = play(&plan, &capture).steps;
    assert!(matches!(
        played[0].checks[2].verdict,
        Verdict::Skipped { .. }
    ));
    assert_eq!(played[0].acts, ["an act"]);
    Ok(())
}

#[test]
fn what_a_check_saw_before_is_kept_only_where_it_says_something_else() -> Result {
    let plan = plan()?;
    let first = "the word comes";
    let step = kept(
        &plan,
        0,
        &[("word", "maybe\n")],
        &[(first, Look::from(seen(&[("word", "yes\n")])))],
    );
    assert_eq!(step.earlier.len(), 1);
    let capture = capture(&plan, vec![step]);
    let played = &play(&plan, &capture).steps[0];
    assert_eq!(played.checks[0].verdict, Verdict::Passed);
    assert_eq!(played.checks[1].verdict, Verdict::Failed);

    let same = kept(
        &plan,
        0,
        &[("word", "yes\n")],
        &[(first, Look::from(seen(&[("word", "yes\n")])))],
    );
    assert_eq!(same.earlier, []);
    Ok(())
}

#[test]
fn a_check_that_asks_for_something_new_is_blocked_and_not_passed() -> Result {
    let (_, capture) = good()?;
    let text = SCENARIO.replace("command: [other]", "command: [third]");
    let plan = plan_with(&text, "4.2.1")?;
    let played = play(&plan, &capture).steps;
    assert_eq!(
        played[1].outcome,
        unanswered("the other word is there: the capture has no output of `third` on each node")
    );
    Ok(())
}

#[rstest]
#[case::version("4.2.1", "4.3.0", "it has multus 4.2.1, and the plan 4.3.0")]
#[case::scenario(
    "scenario: small",
    "scenario: other",
    "it is of scenario small, and the plan is of other"
)]
#[case::nodes(
    "workers: 0",
    "workers: 2",
    "it is of a cluster with 1 control planes that take pods and 0 workers, and the plan is of 1 control planes that take pods and 2 workers"
)]
#[case::subnet(
    "10.244.0.0/16",
    "10.245.0.0/16",
    "it is of a cluster with pods 10.244.0.0/16 and services 10.96.0.0/12, and the plan is of pods 10.245.0.0/16 and services 10.96.0.0/12"
)]
fn a_capture_of_something_else_answers_nothing(
    #[case] from: &str,
    #[case] to: &str,
    #[case] why: &str,
) -> Result {
    let (_, capture) = good()?;
    let version = if from == "4.2.1" { to } else { "4.2.1" };
    let plan = plan_with(&SCENARIO.replace(from, to), version)?;
    assert_eq!(
        outcomes(&plan, &capture),
        [unanswered(why), unanswered(why)]
    );
    Ok(())
}

#[test]
fn a_step_that_does_something_else_now_blocks_itself_and_what_follows() -> Result {
    let (_, capture) = good()?;
    let plan = plan_with(&SCENARIO.replace("multus/net.d", "net.d"), "4.2.1")?;
    let blocked = parted("first");
    assert_eq!(
        outcomes(&plan, &capture),
        [
            unanswered("the captured run did `an act` otherwise than the scenario does now"),
            blocked
        ]
    );
    Ok(())
}

#[test]
fn a_new_step_blocks_what_follows_only_when_it_acts() -> Result {
    let (_, capture) = good()?;
    let looks = "  - id: between
    title: Between
    act: []
    expect:
      - that: it is there
        check:
          node-command: { command: [other], contains: [yes] }
  - id: second";
    let text = SCENARIO.replace("  - id: second", looks);
    let new = || unanswered("it has no step between");
    assert_eq!(
        outcomes(&plan_with(&text, "4.2.1")?, &capture),
        [Outcome::Passed, new(), Outcome::Passed]
    );
    let acts = "act: [{ node-directory: { path: /etc/c } }]";
    let text = text.replace("act: []", acts);
    let blocked = parted("between");
    assert_eq!(
        outcomes(&plan_with(&text, "4.2.1")?, &capture),
        [Outcome::Passed, new(), blocked]
    );
    Ok(())
}

#[test]
fn a_run_that_stopped_says_what_stopped_it() -> Result {
    let plan = plan()?;
    let capture = capture(&plan, vec![kept(&plan, 0, &[("word", "no\n")], &[])]);
    let blocked = Outcome::Blocked {
        by: "first".to_owned(),
        why: None,
    };
    assert_eq!(outcomes(&plan, &capture), [Outcome::Failed, blocked]);
    Ok(())
}

#[test]
fn an_edited_check_shows_what_it_would_have_said() -> Result {
    let (plan, capture) = good()?;
    let steps = |plan: &Plan| play(plan, &capture).steps;
    let recorded = steps(&plan);
    assert_eq!(differences(&recorded, &recorded), Vec::<String>::new());
    let text = SCENARIO
        .replace("contains: [yes], absent: [maybe]", "absent: [yes]")
        .replace("that: the other word is there", "that: a new sentence");
    let now = steps(&plan_with(&text, "4.2.1")?);
    insta::assert_snapshot!(differences(&recorded, &now).join("\n"), @r"
    first: and it is the only one: was passed, is failed
    first: and it is the only one: fact each node, word: maybe: was not printed, is nothing
    second: the other word is there: the scenario has no such check any more
    second: a new sentence: new in the scenario: passed
    ");
    Ok(())
}

#[test]
fn an_answer_that_could_not_be_fetched_is_played_as_it_was_recorded() -> Result {
    let plan = plan()?;
    let step = &plan.steps[1];
    let context = plan.context(Timestamp::UNIX_EPOCH);
    let why = RawText::from("no route to host").redacted();
    let failed = Look::failed([query("other")], Class::Cluster, &why);
    let check = &step.checks[0];
    let concluded = Conclusion::of(check, failed.clone(), &context);
    let performed = Performed {
        acts: vec!["an act".to_owned()],
        broken: None,
        concluded: BTreeMap::from([(check.that.clone(), concluded)]),
    };
    let steps = vec![
        kept(&plan, 0, &[("word", "yes\n")], &[]),
        keep(step, &context, &performed, &failed, &Look::default()),
    ];
    let played = play(&plan, &capture(&plan, steps)).steps;
    assert_eq!(played[1], performed.judged(step).step);
    assert_eq!(
        played[1].outcome,
        Outcome::Broken {
            class: Class::Cluster,
            why: "the other word is there: no route to host".to_owned()
        }
    );
    Ok(())
}
