//! Known changes: what the committed ones explain of real pairs of versions, which ones are stale, and how mistakes in
//! the data are shown.

use insta::assert_snapshot;
use rstest::rstest;

use super::{components, known, multus_3, multus_4, multus_4_0, set, with_version};
use crate::problem::Problems;
use crate::record::compare::{Comparison, Explanation, KnownChanges, compare};
use crate::record::{ReadError, Record, Verdict};

type Read = fn() -> Result<Record, ReadError>;

/// A line a change: class, what, and the known change that explains it.
fn outline(comparison: &Comparison) -> String {
    let lines = comparison.changes.iter().map(|change| {
        let explanation = match &change.explanation {
            Some(Explanation::Known { id, .. }) => id.as_str(),
            Some(_) => "other",
            None => "unexpected",
        };
        format!(
            "{:?} {}: {} [{explanation}]",
            change.class, change.step, change.fact
        )
    });
    let lines: Vec<_> = lines.collect();
    lines.join("\n")
}

#[rstest]
#[case::multus_3_to_4("3-to-4", multus_3, multus_4)]
#[case::multus_4_to_3("4-to-3", multus_4, multus_3)]
#[case::multus_3_to_4_0("3-to-4.0", multus_3, multus_4_0)]
#[case::multus_4_0_to_4("4.0-to-4", multus_4_0, multus_4)]
fn real_pairs_of_versions_have_known_changes_only(
    #[case] name: &str,
    #[case] base: Read,
    #[case] candidate: Read,
) -> Result<(), Box<dyn std::error::Error>> {
    let comparison = compare(&base()?, &candidate()?, &known()?, &[]);
    assert_eq!(comparison.exit_code(), 0, "{}", outline(&comparison));
    assert_snapshot!(name, outline(&comparison));
    assert!(comparison.unmatched.iter().all(|one| one.could_not_be_seen));
    Ok(())
}

#[rstest]
#[case::kubernetes("kubernetes", "kubelet", "v1.34.4", "v1.34.5", "version-of-kubelet")]
#[case::cri_o(
    "cri-o",
    "runtime",
    "cri-o://1.34.0",
    "cri-o://1.35.0",
    "version-of-the-runtime"
)]
fn that_the_nodes_report_the_version_asked_for_is_known(
    #[case] component: &str,
    #[case] fact: &str,
    #[case] before: &str,
    #[case] after: &str,
    #[case] id: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let value = |value| format!("\"value\": \"{value}\"");
    let text = multus_4()?.to_json();
    let mut candidate = Record::from_json(&text.replace(&value(before), &value(after)))?;
    let same = compare(&multus_4()?, &candidate, &known()?, &[]);
    assert_eq!(
        same.exit_code(),
        1,
        "the version is the same: {}",
        outline(&same)
    );
    let version = after.trim_start_matches(|one: char| !one.is_ascii_digit());
    with_version(&mut candidate, component, version);
    let comparison = compare(&multus_4()?, &candidate, &known()?, &[]);
    let line = format!("Changed cluster: {fact} [{id}]");
    assert_eq!(outline(&comparison), line);
    assert_eq!(comparison.exit_code(), 0);
    Ok(())
}

#[test]
fn a_check_for_these_versions_is_expected_by_the_scenario_alone() -> Result<(), ReadError> {
    let comparison = compare(&multus_3()?, &multus_4()?, &KnownChanges::default(), &[]);
    assert_eq!(comparison.exit_code(), 0);
    assert_eq!(comparison.changes.len(), 5);
    Ok(())
}

#[test]
fn a_check_that_was_left_out_on_the_same_versions_is_not() -> Result<(), ReadError> {
    let mut candidate = multus_4()?;
    with_version(&mut candidate, "multus", "3.9.3");
    let comparison = compare(&multus_3()?, &candidate, &KnownChanges::default(), &[]);
    assert_eq!(comparison.exit_code(), 1);
    Ok(())
}

#[test]
fn what_is_known_does_not_hide_what_is_not() -> Result<(), Box<dyn std::error::Error>> {
    let mut candidate = multus_4()?;
    set(
        &mut candidate,
        "default-calico",
        "annotation cni.projectcalico.org/podIPs",
        "present",
        "absent",
    );
    let name = "annotation cni.projectcalico.org/podIPs";
    super::check(&mut candidate, "default-calico", name).verdict = Verdict::Failed;
    let comparison = compare(&multus_3()?, &candidate, &known()?, &[]);
    let unexpected: Vec<_> = comparison.unexpected().map(|change| &change.fact).collect();
    assert_eq!(unexpected, ["verdict", name]);
    assert_eq!(comparison.explained().count(), 5);
    assert_eq!(comparison.exit_code(), 1);
    Ok(())
}

#[test]
fn a_known_change_that_is_not_seen_is_told() -> Result<(), Box<dyn std::error::Error>> {
    let mut candidate = multus_3()?;
    with_version(&mut candidate, "multus", "4.2.1");
    let comparison = compare(&multus_3()?, &candidate, &known()?, &[]);
    let told: Vec<_> = comparison
        .unmatched
        .iter()
        .map(|one| (one.id.as_str(), one.part, one.could_not_be_seen))
        .collect();
    assert_eq!(
        told,
        [
            ("networks-status-annotation", 1, false),
            ("networks-status-annotation", 2, false),
            ("thin-entrypoint", 1, false),
            ("thin-entrypoint", 2, false),
            ("thin-entrypoint", 3, false),
        ]
    );
    Ok(())
}

#[test]
fn mistakes_in_the_data_are_shown_where_they_are() {
    let text = "\
changes:
  - id: a
    component: multus
    from: <4.0.0
    to: '>=4.0.0'
    what: [{ step: a }]
    because: b
    reference: c
  - id: a
    component: multus
    from: '<4.0.0'
    to: '>=4.0.0'
    what: []
    because: b
    reference: c
  - id: d
    component: multus
    from: '<4.0.0'
    to: '>=4.0.0'
    what: [{}]
    because: b
    reference: c
";
    assert_snapshot!("mistakes", told(text));
    assert_snapshot!(
        "unknown-key",
        told("changes:\n  - id: a\n    versions: x\n")
    );
    assert_snapshot!(
        "unknown-class",
        told(&text.replace("{ step: a }", "{ class: moved }"))
    );
    assert_snapshot!(
        "not-a-requirement",
        told(&text.replace("from: <4.0.0", "from: before 4"))
    );
}

fn told(text: &str) -> String {
    let problems: Result<KnownChanges, Problems> =
        KnownChanges::parse("kind/changes.yaml", text, &components());
    problems.map_or_else(|problems| problems.to_string(), |_| "no problem".to_owned())
}

#[rstest]
#[case("{ fact: routes }", None)]
#[case("{ fact: \"*\" }", Some("this would match every change"))]
#[case("{ class: changed, before: a }", Some("this would match every change"))]
fn a_change_of_something_is_taken(#[case] place: &str, #[case] error: Option<&str>) {
    let told = told(&format!(
        "changes: [{{ id: a, component: multus, from: \"<4.0.0\", to: \">=4.0.0\", what: [{place}], because: b, reference: c }}]"
    ));
    match error {
        None => assert_eq!(told, "no problem"),
        Some(error) => assert!(told.contains(error), "{told}"),
    }
}

#[test]
fn a_change_of_no_component_and_without_a_reference_is_told() {
    let told = told(
        "changes: [{ id: a, component: multos, from: \"<4.0.0\", to: \">=4.0.0\", with: { calcio: \"*\" }, what: [{ fact: routes }], because: b, reference: \"\" }]",
    );
    let errors: Vec<_> = told
        .lines()
        .filter_map(|line| line.strip_prefix("error: "))
        .collect();
    assert_eq!(
        errors,
        [
            "unknown component `multos`",
            "unknown component `calcio`",
            "`reference` is empty"
        ]
    );
}
