//! A small scenario, what a run of it saw, and what is said when it is played again.

use std::collections::BTreeMap;

use rstest::rstest;

use super::*;
use crate::plan::{self, Available, Options, Plan};
use crate::query::Subject;
use crate::record::{Judgement, Outcome, THE_CAPTURE, Verdict};
use crate::scenario;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SCENARIO: &str = r#"
scenario: small
title: Two steps
document: { sha256: "0000000000000000000000000000000000000000000000000000000000000000", lines: 10 }
nodes: { control-planes: 1, workers: 0, schedulable-control-planes: true }
cluster: { pod-subnet: 10.244.0.0/16, service-subnet: 10.96.0.0/12 }
components: { multus: 4.2.1 }
steps:
  - id: first
    title: The word is there
    act:
      - node-directory: { path: /etc/cni/multus/net.d }
    expect:
      - that: the word comes
        until: 10s
        check:
          node-command: { command: [word], contains: [yes] }
      - that: and it is the only one
        check:
          node-command: { command: [word], contains: [yes], absent: [maybe] }
      - that: meant for another version
        when: { multus: "<4.0.0" }
        check:
          node-command: { command: [older], contains: [yes] }
  - id: second
    title: The other word is there
    act:
      - rename-node-file: { from: /etc/a, to: /etc/b }
    expect:
      - that: the other word is there
        check:
          node-command: { command: [other], contains: [yes] }
"#;

fn plan_with(text: &str, multus: &str) -> Result<Plan> {
    let scenario = scenario::parse("scenario.yaml", text)?;
    let version: Version = multus.parse()?;
    let available = Available {
        source: Source::Module,
        versions: BTreeMap::from([("multus".to_owned(), [version.clone()].into())]),
        pins: BTreeMap::from([("multus".to_owned(), version)]),
    };
    Ok(plan::resolve(
        &scenario,
        &BTreeMap::new(),
        &available,
        &Options::default(),
    )?)
}

fn plan() -> Result<Plan> {
    plan_with(SCENARIO, "4.2.1")
}

fn query(command: &str) -> Query {
    Query::NodeCommand {
        command: vec![command.to_owned()],
    }
}

fn outputs(text: &str) -> Vec<Output> {
    vec![Output {
        subject: Subject::Node("doc-control-plane".to_owned()),
        status: 0,
        text: text.to_owned(),
        error: String::new(),
    }]
}

fn seen(looks: &[(&str, &str)]) -> Observations {
    let mut observations = Observations::default();
    for (command, text) in looks {
        observations.insert(query(command), outputs(text));
    }
    observations
}

/// What a run keeps of one step: `last` are its last outputs, `own` those that a check saw before.
fn kept(
    plan: &Plan,
    index: usize,
    last: &[(&str, &str)],
    own: &[(&str, Observations)],
) -> CapturedStep {
    let step = &plan.steps[index];
    let started = Timestamp::UNIX_EPOCH;
    let empty = CapturedStep {
        id: step.id.clone(),
        started,
        acts: Vec::new(),
        act_digests: Vec::new(),
        looks: Vec::new(),
        earlier: Vec::new(),
    };
    let context = context(plan, &empty);
    let all = seen(last);
    let judgements: BTreeMap<String, (Judgement, &Observations)> = step
        .checks
        .iter()
        .map(|check| {
            let own = own.iter().find(|(that, _)| *that == check.that);
            let seen = own.map_or(&all, |(_, seen)| seen);
            let judged = judge_check(check, seen, &context);
            (check.that.clone(), (judged.judgement, seen))
        })
        .collect();
    let judged = judgements
        .iter()
        .map(|(that, (judgement, seen))| (that.clone(), Judged { judgement, seen }))
        .collect();
    let last = all
        .iter()
        .map(|(query, outputs)| (query.clone(), outputs.to_vec()))
        .collect();
    let acts = step.acts.iter().map(|_| "an act".to_owned()).collect();
    keep(step, acts, &context, &last, &judged)
}

fn capture(plan: &Plan, steps: Vec<CapturedStep>) -> Capture {
    Capture {
        format: FORMAT,
        scenario: plan.scenario.clone(),
        document: plan.document.clone(),
        source: plan.source,
        nodes: plan.nodes.clone(),
        cluster: Cluster {
            pod_subnet: plan.pod_subnet,
            service_subnet: plan.service_subnet,
        },
        components: vec![Component {
            name: "multus".to_owned(),
            version: "4.2.1".to_owned(),
            reason: None,
            origin: "a module".to_owned(),
            digests: BTreeMap::new(),
            notes: Vec::new(),
        }],
        steps,
    }
}

fn good() -> Result<(Plan, Capture)> {
    let plan = plan()?;
    let steps = vec![
        kept(&plan, 0, &[("word", "yes\n")], &[]),
        kept(&plan, 1, &[("other", "yes\n")], &[]),
    ];
    let capture = capture(&plan, steps);
    Ok((plan, capture))
}

fn outcomes(plan: &Plan, capture: &Capture) -> Vec<Outcome> {
    let steps = play(plan, capture).into_iter();
    steps.map(|played| played.step.outcome).collect()
}

fn unanswered(why: &str) -> Outcome {
    Outcome::Blocked {
        by: THE_CAPTURE.to_owned(),
        why: Some(why.to_owned()),
    }
}

#[test]
fn a_capture_answers_the_plan_that_it_was_made_of() -> Result {
    let (plan, capture) = good()?;
    assert_eq!(
        outcomes(&plan, &capture),
        [Outcome::Passed, Outcome::Passed]
    );
    let played = play(&plan, &capture);
    assert!(matches!(
        played[0].step.checks[2].verdict,
        Verdict::Skipped { .. }
    ));
    assert_eq!(played[0].step.acts, ["an act"]);
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
        &[(first, seen(&[("word", "yes\n")]))],
    );
    assert_eq!(step.earlier.len(), 1);
    let capture = capture(&plan, vec![step]);
    let played = &play(&plan, &capture)[0].step;
    assert_eq!(played.checks[0].verdict, Verdict::Passed);
    assert_eq!(played.checks[1].verdict, Verdict::Failed);

    let same = kept(
        &plan,
        0,
        &[("word", "yes\n")],
        &[(first, seen(&[("word", "yes\n")]))],
    );
    assert_eq!(same.earlier, []);
    Ok(())
}

#[test]
fn a_check_that_asks_for_something_new_is_blocked_and_not_passed() -> Result {
    let (_, capture) = good()?;
    let text = SCENARIO.replace("command: [other]", "command: [third]");
    let plan = plan_with(&text, "4.2.1")?;
    let played = play(&plan, &capture);
    assert_eq!(
        played[1].step.outcome,
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
    let blocked = Outcome::Blocked {
        by: "first".to_owned(),
        why: None,
    };
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
    let blocked = Outcome::Blocked {
        by: "between".to_owned(),
        why: None,
    };
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
fn a_file_has_the_same_bytes_each_time_and_is_read_back() -> Result {
    let (_, capture) = good()?;
    let bytes = capture.to_gzip()?;
    assert_eq!(bytes, capture.clone().to_gzip()?);
    assert_eq!(Capture::from_gzip(&bytes)?, capture);
    Ok(())
}

#[test]
fn bytes_that_are_no_capture_say_what_they_are() -> Result {
    use std::io::Write as _;
    let (_, capture) = good()?;
    let whole = capture.to_gzip()?;
    let error = |bytes: &[u8]| match Capture::from_gzip(bytes) {
        Ok(_) => "read".to_owned(),
        Err(ReadError::Shape(shape)) => shape.to_string(),
        Err(error) => error.to_string(),
    };
    let packed = |json: &str| -> Result<Vec<u8>> {
        let mut encoder = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
        encoder.write_all(json.as_bytes())?;
        Ok(encoder.finish()?)
    };
    let mut damaged = whole.clone();
    damaged[40] ^= 0xff;
    assert!(error(&damaged).contains("cannot be unpacked"));
    assert!(error(&whole[..whole.len() / 2]).contains("cannot be unpacked"));
    assert!(error(b"not gzip").contains("cannot be unpacked"));
    assert!(error(&[]).contains("cannot be unpacked"), "{}", error(&[]));
    assert!(error(&vec![0; LARGEST + 1]).contains("more than 1048576 bytes"));
    assert!(error(&packed("{}")?).contains("missing field `format`"));
    assert!(error(&packed(r#"{"format": 9}"#)?).contains("it has format 9"));
    assert!(error(&packed(r#"{"format": 1}"#)?).contains("missing field `scenario`"));
    let bomb = packed(&" ".repeat(LARGEST_UNPACKED + 1))?;
    assert!(bomb.len() < LARGEST);
    assert!(error(&bomb).contains("unpacked it has more than"));
    Ok(())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_reading_panic(
        at in proptest::prelude::any::<proptest::sample::Index>(),
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64),
    ) {
        let (_, capture) = good().map_err(|error| proptest::test_runner::TestCaseError::fail(error.to_string()))?;
        let mut file = capture.to_gzip()?;
        let start = at.index(file.len());
        let end = file.len().min(start + bytes.len());
        file.splice(start..end, bytes.iter().copied());
        if let Ok(read) = Capture::from_gzip(&file) {
            proptest::prop_assert_eq!(read.format, FORMAT);
        }
        let mut json = serde_json::to_vec(&capture)?;
        let start = at.index(json.len());
        let end = json.len().min(start + bytes.len());
        json.splice(start..end, bytes);
        if let Ok(read) = Capture::from_json(&json) {
            proptest::prop_assert_eq!(read.format, FORMAT);
        }
    }
}

#[test]
fn secrets_are_taken_out_and_facts_stay() -> Result {
    let plan = plan()?;
    let token = concat!(
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.",
        "eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.",
        "c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl"
    );
    let text = format!("yes\n{token}\n");
    let capture = capture(&plan, vec![kept(&plan, 0, &[("word", &text)], &[])]);
    assert!(!serde_json::to_string(&capture)?.contains(token));
    assert_eq!(outcomes(&plan, &capture)[0], Outcome::Passed);
    Ok(())
}

#[test]
fn a_journal_keeps_time_and_message_and_objects_lose_their_managers() -> Result {
    let (_, mut capture) = good()?;
    let journal = r#"{"__REALTIME_TIMESTAMP":"1","PRIORITY":"6","MESSAGE":"a","_BOOT_ID":"b"}"#;
    let object = r#"[{"metadata":{"name":"a","managedFields":[1]},"spec":{}}]"#;
    let objects = crate::observation::objects::query("v1", "Pod", None, None);
    let crio = crate::observation::journal::query("crio");
    capture.steps[0].looks = vec![
        CapturedLook {
            query: crio,
            outputs: outputs(&format!("{journal}\n")),
        },
        CapturedLook {
            query: objects,
            outputs: outputs(object),
        },
    ];
    let trimmed = capture.trimmed();
    let texts: Vec<&str> = trimmed.steps[0]
        .looks
        .iter()
        .map(|look| look.outputs[0].text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":\"a\"}\n",
            r#"[{"metadata":{"name":"a"},"spec":{}}]"#
        ]
    );
    Ok(())
}

#[test]
fn an_edited_check_shows_what_it_would_have_said() -> Result {
    let (plan, capture) = good()?;
    let steps = |plan: &Plan| -> Vec<_> {
        play(plan, &capture)
            .into_iter()
            .map(|played| played.step)
            .collect()
    };
    let recorded = steps(&plan);
    assert_eq!(differences(&recorded, &recorded), []);
    let text = SCENARIO
        .replace("absent: [maybe]", "absent: [yes]")
        .replace("that: the other word is there", "that: a new sentence");
    let now = steps(&plan_with(&text, "4.2.1")?);
    let lines: Vec<String> = differences(&recorded, &now)
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    first: and it is the only one: was passed, is failed
    first: and it is the only one: fact each node, word: maybe: was not printed, is nothing
    second: the other word is there: the scenario has no such check any more
    second: a new sentence: new in the scenario: passed
    ");
    Ok(())
}
