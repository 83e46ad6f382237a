//! A defect in any component is found by the matrix: from what a real run saw, with the defect in it, to the step, the
//! check and the component that the merged result, its page and the comparison name.
//!
//! Where another component is new as well, none of the two is blamed alone; without the defect, nothing is found.

mod defects;
mod home;

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context as _;
use rehearse_core::catalogue::Catalogue;
use rehearse_tests::root;
use rstest::rstest;
use serde_json::{Value, json};

use defects::{DEFECTS, Defect, SHOWN_BY_NOTHING};
use home::{Home, SCENARIO_FILE};

/// What is new beside the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Nothing,
    Another,
}

fn of(component: &str) -> anyhow::Result<Vec<&'static Defect>> {
    let defects: Vec<_> = DEFECTS
        .iter()
        .filter(|defect| defect.component == component)
        .collect();
    anyhow::ensure!(!defects.is_empty(), "no defect of {component}");
    Ok(defects)
}

/// A component that no fact depends on.
fn another() -> anyhow::Result<&'static str> {
    let first = SHOWN_BY_NOTHING.first().context("there is none")?;
    Ok(first.0)
}

/// The part of the page that shows one step of the second cell, as text.
fn square(page: &str, step: usize) -> anyhow::Result<String> {
    let begin = format!("id=\"cell-1-step-{step}\"");
    let (_, rest) = page.split_once(&begin).context("no such square")?;
    let (square, _) = rest.split_once("</section>").context("no end of it")?;
    Ok(square.replace("&#x27;", "'").replace("&quot;", "\""))
}

#[rstest]
fn the_matrix_finds_a_defect_and_blames_the_one_component_that_is_new(
    #[values(
        "kubernetes",
        "cri-o",
        "crun",
        "conmon",
        "pause",
        "cni-plugins",
        "calico",
        "multus",
        "etcd",
        "registry",
        "kind",
        "node-root-file-system",
        "node-programs",
        "network-multitool"
    )]
    component: &str,
    #[values(Beside::Nothing, Beside::Another)] beside: Beside,
) -> anyhow::Result<()> {
    let besides = match beside {
        Beside::Nothing => vec![],
        Beside::Another => vec![another()?],
    };
    for defect in of(component)? {
        let home = Home::new(component, &besides, Some(defect))?;
        let ended = home.rehearse(&["run", "--matrix", "--on", "capture", "--out", "out"])?;
        assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);

        // The merged result names the cell, the step and the check.
        let matrix = fs::read_to_string(home.path("out/matrix.json"))?;
        let matrix: Value = serde_json::from_str(&matrix)?;
        assert_eq!(matrix["base"], home.base);
        let cells = matrix["cells"].as_array().context("no cells")?;
        let [base, candidate] = cells.as_slice() else {
            anyhow::bail!("not two cells: {}", cells.len());
        };
        assert_eq!(base["judgement"]["verdict"], "as-expected");
        assert_eq!(candidate["name"], home.candidate);
        assert_eq!(candidate["judgement"]["verdict"], "unexpected");
        let why = candidate["judgement"]["why"].as_str().unwrap_or_default();
        let begin = format!("{} failed: ", defect.step);
        let checks = why.strip_prefix(&begin).with_context(|| why.to_owned())?;
        let at_its_line = format!("{} ({SCENARIO_FILE}:", defect.that);
        assert!(
            checks
                .split("; ")
                .any(|that| that.starts_with(&at_its_line)),
            "{why}"
        );

        // The page shows it before and after, and blames nobody where two may have done it.
        let steps = candidate["record"]["canonical"]["steps"].as_array();
        let steps = steps.context("no steps")?;
        let index = steps.iter().position(|step| step["id"] == defect.step);
        let page = fs::read_to_string(home.path("out/matrix.html"))?;
        let square = square(&page, index.context("no such step")?)?;
        let rows = square.split("<tr>").filter(|row| row.contains(defect.that));
        let rows: Vec<_> = rows
            .filter(|row| row.contains("<b>unexpected</b>"))
            .collect();
        assert!(!rows.is_empty(), "{}: {square}", defect.what);
        let verdict = "<pre>passed</pre></td><td class=\"after\"><pre>failed</pre>";
        assert!(rows.iter().any(|row| row.contains(verdict)), "{rows:#?}");
        let blamed = format!("; by {component}</td>");
        for row in &rows {
            match beside {
                Beside::Nothing => assert!(row.contains(&blamed), "{row}"),
                Beside::Another => assert!(!row.contains("; by "), "{row}"),
            }
        }

        // So does the comparison of the two cells.
        let sides = [&home.base, &home.candidate].map(|name| format!("out/{name}"));
        let ended = home.rehearse(&["compare", &sides[0], &sides[1], "--format", "json"])?;
        assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
        let comparison: Value = serde_json::from_str(&ended.stdout)?;
        let changes = comparison["changes"].as_array().context("no changes")?;
        let of_check = changes.iter().filter(|change| {
            change["step"] == defect.step && change["check"].as_str() == Some(defect.that)
        });
        let blames: Vec<_> = of_check.map(|change| &change["blame"]).collect();
        assert!(!blames.is_empty(), "{}: {changes:#?}", defect.what);
        let mut both = [component, another()?];
        both.sort_unstable();
        let expected = match beside {
            Beside::Nothing => json!({"only": {"input": component}}),
            Beside::Another => json!({"one-of": {"inputs": both}}),
        };
        assert!(
            blames.iter().all(|blame| **blame == expected),
            "{blames:#?}"
        );
    }
    Ok(())
}

#[rstest]
#[case::kubernetes("kubernetes")]
#[case::cri_o("cri-o")]
#[case::calico("calico")]
#[case::multus("multus")]
#[case::cni_plugins("cni-plugins")]
fn a_new_version_without_a_defect_is_not_blamed(#[case] component: &str) -> anyhow::Result<()> {
    let home = Home::new(component, &[], None)?;
    let ended = home.rehearse(&["run", "--matrix", "--on", "capture", "--out", "out"])?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let page = fs::read_to_string(home.path("out/matrix.html"))?;
    assert!(!page.contains("; by "), "somebody is blamed");
    assert!(!page.contains("<b>unexpected</b>"));
    let sides = [&home.base, &home.candidate].map(|name| format!("out/{name}"));
    let ended = home.rehearse(&["compare", &sides[0], &sides[1]])?;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    Ok(())
}

#[test]
fn every_component_of_the_catalogue_has_a_defect_or_a_reason_why_none_shows() -> anyhow::Result<()>
{
    let text = fs::read_to_string(root().join("kind/catalogue.yaml"))?;
    let catalogue = Catalogue::parse("catalogue.yaml", &text)?;
    let names: BTreeSet<&str> = catalogue.components.keys().map(String::as_str).collect();
    let with_defect: BTreeSet<&str> = DEFECTS.iter().map(|defect| defect.component).collect();
    let without: BTreeSet<&str> = SHOWN_BY_NOTHING.iter().map(|(name, _)| *name).collect();
    assert!(with_defect.is_disjoint(&without));
    assert_eq!(&with_defect | &without, names);
    Ok(())
}
