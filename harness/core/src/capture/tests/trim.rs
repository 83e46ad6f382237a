//! What is taken out of what a run saw, before it is kept.

use super::*;

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
        CapturedLook::of(crio, outputs(&format!("{journal}\n"))),
        CapturedLook::of(objects, outputs(object)),
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
