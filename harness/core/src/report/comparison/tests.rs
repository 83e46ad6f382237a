//! The forms of a comparison, of records of real runs of this project.

use insta::assert_snapshot;

use super::{html, markdown, terminal};
use crate::record::compare::tests::{known, multus_3, multus_4, multus_4_0};
use crate::record::compare::{Comparison, KnownChanges, compare};
use crate::record::{Record, Step};
use crate::report::stability;
use crate::report::terminal::Look;

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

const LOOK: Look = Look {
    width: 100,
    colour: false,
};

/// Multus 4.2.1 in place of 3.9.3, where a route lost its gateway besides.
fn changed() -> std::result::Result<(Comparison, Record, Record), Box<dyn std::error::Error>> {
    let (base, mut candidate) = (multus_3()?, multus_4()?);
    let is_it = |step: &&mut Step| step.id == "default-calico";
    for step in candidate.canonical.steps.iter_mut().filter(is_it) {
        for check in &mut step.checks {
            let facts = std::mem::take(&mut check.facts);
            check.facts = facts
                .into_iter()
                .map(|mut fact| {
                    fact.value = fact
                        .value
                        .replace("10.0.0.0/8 via 169.254.1.1", "10.0.0.0/8");
                    fact
                })
                .collect();
        }
    }
    Ok((compare(&base, &candidate, &known()?, &[]), base, candidate))
}

#[test]
fn terminal_tells_the_unexpected_first() -> Result {
    let (comparison, ..) = changed()?;
    assert_snapshot!("terminal", terminal::render(&comparison, LOOK));
    let comparison = compare(&multus_3()?, &multus_4_0()?, &known()?, &[]);
    assert_snapshot!("terminal-partly", terminal::render(&comparison, LOOK));
    let colour = Look {
        colour: true,
        ..LOOK
    };
    assert!(terminal::render(&comparison, colour).contains("\u{1b}["));
    Ok(())
}

#[test]
fn terminal_says_why_nothing_is_compared() -> Result {
    let mut candidate = multus_4()?;
    "another".clone_into(&mut candidate.canonical.scenario);
    let comparison = compare(&multus_4()?, &candidate, &KnownChanges::default(), &[]);
    assert_snapshot!("terminal-incomparable", terminal::render(&comparison, LOOK));
    Ok(())
}

#[test]
fn markdown_begins_with_its_marker_and_stays_short() -> Result {
    let (comparison, ..) = changed()?;
    let text = markdown::render(&comparison);
    assert!(text.starts_with(&markdown::marker("multus-on-crio-with-calico")));
    assert!(text.len() < 65_536);
    assert_snapshot!("markdown", text);
    Ok(())
}

#[test]
fn html_shows_both_sides_and_needs_nothing_else() -> Result {
    let (comparison, base, candidate) = changed()?;
    let page = html::render(&comparison, &base, &candidate)?;
    for word in [
        "the route 10.0.0.0&#x2f;8 lost its gateway 169.254.1.1",
        "multus-cni v4.0.0, cmd&#x2f;thin_entrypoint",
        "20261125-020339-44f2",
        "20261125-012327-7f89",
        "facts that are the same",
    ] {
        assert!(page.contains(word), "{word}");
    }
    for word in ["<script", "http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    assert_eq!(
        page.matches("<details").count(),
        page.matches("</details>").count()
    );
    Ok(())
}

#[test]
fn json_has_the_result_first() -> Result {
    let (comparison, ..) = changed()?;
    let json = comparison.to_json();
    assert!(json.starts_with("{\n  \"result\": \"unexpected\",\n  \"exit-code\": 1,\n"));
    let value: serde_json::Value = serde_json::from_str(&json)?;
    assert_snapshot!("json-change", format!("{:#}", value["changes"][2]));
    Ok(())
}

#[test]
fn stability_is_a_table_and_names_what_flickers() -> Result {
    let mut records = vec![multus_4()?, multus_4()?, multus_4()?];
    records[2].timing.total += 4000;
    let stable = crate::record::repeat::stability(&records);
    assert_snapshot!("stability", stability::render(&stable));
    records[1].canonical.steps[0].checks[0].facts.pop_first();
    let flickers = crate::record::repeat::stability(&records);
    assert!(stability::render(&flickers).contains("- flickers: `cluster`:"));
    Ok(())
}
