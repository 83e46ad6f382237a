//! Which steps of two plans are the same on the same cluster.

use super::*;
use crate::matrix::shared_steps;

#[test]
fn plans_share_the_steps_before_what_differs_is_installed() -> Result<(), Problems> {
    let patch = "    act:\n      - patch:";
    let install =
        "    act:\n      - install: { component: multus, manifest: daemonset }\n      - patch:";
    let text = example_with(&[
        (patch, install),
        (
            "when: { multus: \"<4.0.0\" }",
            "when: { calico: \"<4.0.0\" }",
        ),
    ]);
    let cell = |text: &str, options: &Options| plan(text, &files(), &available(), options);
    let old = cell(&text, &with(&[("multus", "3.9.3")]))?;
    let new = cell(&text, &with(&[("multus", "4.2.1")]))?;
    assert_eq!(shared_steps("calico", &old, &new), Some(1));
    assert_eq!(
        shared_steps("pods", &old, &new),
        None,
        "multus differs in the second step"
    );
    assert_eq!(
        shared_steps("other", &old, &new),
        None,
        "there is no such step"
    );
    // A component that no later step installs is part of the cluster.
    let (old, new) = (
        cell(EXAMPLE, &with(&[("multus", "3.9.3")]))?,
        cell(EXAMPLE, &with(&[("multus", "4.2.1")]))?,
    );
    assert_eq!(shared_steps("calico", &old, &new), None);
    let ends = Options {
        until: Some("calico".to_owned()),
        ..with(&[("multus", "4.2.1")])
    };
    assert_eq!(
        shared_steps("calico", &cell(&text, &ends)?, &cell(&text, &ends)?),
        None
    );
    let other = text.replace("10.244.0.0/16", "10.245.0.0/16");
    let (one, other) = (
        cell(&text, &Options::default())?,
        cell(&other, &Options::default())?,
    );
    assert_eq!(
        shared_steps("calico", &one, &other),
        None,
        "another range of pods"
    );
    Ok(())
}
