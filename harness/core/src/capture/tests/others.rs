//! What a run keeps beside its checks' answers, and what a new check makes of it.

use serde_json::json;

use super::*;
use crate::observation::{directory, objects, pods};

fn pod(name: &str, app: &str) -> serde_json::Value {
    json!({ "metadata": { "name": name, "namespace": "default", "labels": { "app": app } } })
}

fn of_pod(name: &str, text: &str) -> Output {
    let subject = Subject::Pod {
        namespace: "default".to_owned(),
        name: name.to_owned(),
    };
    Output::fetched(subject, 0, text, "")
}

fn in_pods(selector: &str) -> Query {
    Query::PodCommand {
        namespace: "default".to_owned(),
        selector: selector.to_owned(),
        command: vec!["ip".to_owned()],
    }
}

fn folder(contents: bool) -> Query {
    directory::query("/etc/cni/net.d", contents)
}

/// The good capture's first step with pods, a program in all of them, and a folder with contents.
fn with_others() -> Result<(Plan, Capture)> {
    let (plan, mut capture) = good()?;
    let listed = json!([pod("a", "normal"), pod("b", "other")]).to_string();
    let file = json!([{ "name": "a.conf", "kind": "file", "content": "{}" }]).to_string();
    capture.steps[0].others = vec![
        CapturedLook::of(
            objects::query("v1", "Pod", Some("default"), None),
            outputs(&listed),
        ),
        CapturedLook::of(folder(true), outputs(&file)),
        CapturedLook::of(in_pods(""), vec![of_pod("a", "1"), of_pod("b", "2")]),
    ];
    Ok((plan, capture))
}

fn text(step: &CapturedStep, query: &Query) -> Option<Vec<String>> {
    let outputs = step.answer(query)?.ok()?;
    Some(outputs.iter().map(|one| one.text.to_string()).collect())
}

#[test]
fn a_narrower_question_is_answered_from_a_broader_answer() -> Result {
    let (_, capture) = with_others()?;
    let step = &capture.steps[0];
    let selected = text(step, &pods::query("default", "app=normal"));
    let expected = json!([pod("a", "normal")]).to_string();
    assert_eq!(selected, Some(vec![expected]));
    assert_eq!(
        text(step, &in_pods("app=other")),
        Some(vec!["2".to_owned()])
    );
    assert_eq!(text(step, &in_pods("app=none")), Some(vec![]));
    let names = json!([{ "name": "a.conf", "kind": "file" }]).to_string();
    assert_eq!(text(step, &folder(false)), Some(vec![names]));
    Ok(())
}

#[test]
fn what_no_answer_has_stays_unanswered() -> Result {
    let (_, mut capture) = with_others()?;
    let step = &mut capture.steps[0];
    assert_eq!(text(step, &pods::query("kube-system", "app=normal")), None);
    assert_eq!(text(step, &pods::query("default", "app ~ normal")), None);
    // Without the pods themselves it is not known whose outputs are meant.
    step.others.remove(0);
    assert_eq!(text(step, &in_pods("app=other")), None);
    Ok(())
}

#[test]
fn an_answer_of_the_steps_own_comes_before_a_broader_one() -> Result {
    let (_, mut capture) = with_others()?;
    let step = &mut capture.steps[0];
    let own = CapturedLook::of(in_pods("app=other"), vec![of_pod("b", "own")]);
    step.looks.push(own);
    assert_eq!(
        text(step, &in_pods("app=other")),
        Some(vec!["own".to_owned()])
    );
    Ok(())
}

#[test]
fn a_new_check_judges_what_was_kept_without_it() -> Result {
    let (_, mut capture) = good()?;
    let third = CapturedLook::of(query("third"), outputs("yes\n"));
    capture.steps[1].others = vec![third];
    let plan = plan_with(
        &SCENARIO.replace("command: [other]", "command: [third]"),
        "4.2.1",
    )?;
    assert_eq!(
        outcomes(&plan, &capture),
        [Outcome::Passed, Outcome::Passed]
    );
    Ok(())
}

#[test]
fn a_log_that_grew_is_written_once_and_read_whole() -> Result {
    let (_, mut capture) = good()?;
    let log = |text: &str| vec![CapturedLook::of(query("log"), outputs(text))];
    let first = "line\n".repeat(20_000);
    capture.steps[0].others = log(&first);
    capture.steps[1].others = log(&format!("{first}last\n"));
    let folded = capture.folded();
    let again = &folded.steps[1].others[0];
    assert_eq!(again.after.as_deref(), Some("first"));
    assert_eq!(again.outputs, outputs("last\n"));
    assert_eq!(Capture::from_gzip(&capture.to_gzip()?)?, capture);

    capture.steps[1].others = log("another\n");
    assert_eq!(capture.folded(), capture);
    Ok(())
}

#[test]
fn a_file_that_goes_on_after_nothing_is_refused() -> Result {
    let (_, mut capture) = good()?;
    capture.steps[1].others = vec![CapturedLook {
        after: Some("none".to_owned()),
        ..CapturedLook::of(query("log"), outputs("last\n"))
    }];
    let json = json!(capture).to_string();
    let error = Capture::from_json(json.as_bytes());
    let told = error.err().map(|error| error.to_string());
    assert_eq!(
        told.as_deref(),
        Some("step second goes on after step none, which has no output of `log` on each node")
    );
    Ok(())
}

#[test]
fn a_small_file_cannot_fill_the_memory() -> Result {
    let (_, mut capture) = good()?;
    let log = |text: &str, after: Option<&str>| CapturedLook {
        after: after.map(str::to_owned),
        ..CapturedLook::of(query("log"), outputs(text))
    };
    let large = "x ".repeat(1024 * 1024);
    capture.steps[0].others = vec![log(&large, None)];
    for number in 0..=LARGEST_UNPACKED / large.len() {
        let mut step = capture.steps[1].clone();
        step.id = format!("step{number}");
        step.others = vec![log("", Some("first"))];
        capture.steps.push(step);
    }
    let json = json!(capture).to_string();
    assert!(matches!(
        Capture::from_json(json.as_bytes()),
        Err(ReadError::Bomb)
    ));
    Ok(())
}

#[test]
fn a_capture_of_the_form_before_is_read() -> Result {
    let (_, mut capture) = good()?;
    capture.format = 1;
    assert_eq!(Capture::from_gzip(&capture.to_gzip()?)?, capture);
    Ok(())
}

#[test]
fn what_an_edit_makes_stale_is_told_with_its_step() -> Result {
    let (plan, mut capture) = good()?;
    let told = |plan: &Plan, capture: &Capture| capture.answers(plan).to_string();
    assert_eq!(told(&plan, &capture), "answers 2 of 2 steps");
    let edited = |from: &str, to: &str| plan_with(&SCENARIO.replace(from, to), "4.2.1");
    assert_eq!(
        told(&edited("/etc/b", "/etc/c")?, &capture),
        "stale, answers 1 of 2 steps (second: the captured run did `an act` otherwise than the scenario does now)"
    );
    assert_eq!(
        told(&edited("multus/net.d", "net.d")?, &capture),
        "stale, answers 0 of 2 steps (first: the captured run did `an act` otherwise than the scenario does now)"
    );
    assert_eq!(
        told(&edited("command: [other]", "command: [third]")?, &capture),
        "stale, answers 1 of 2 steps (second: the other word is there: the capture has no output of `third` on each node)"
    );
    capture.steps.pop();
    assert_eq!(
        told(&plan, &capture),
        "answers 1 of 2 steps (its run ended before second)"
    );
    Ok(())
}
