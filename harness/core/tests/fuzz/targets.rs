//! What is read from outside, a target a kind of text.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use rehearse_core::capture::Capture;
use rehearse_core::catalogue::Catalogue;
use rehearse_core::observation::directory::{Entry, Kind};
use rehearse_core::observation::journal::last_word;
use rehearse_core::observation::pods::Pod;
use rehearse_core::observation::routes::Route;
use rehearse_core::observation::{
    addresses, bridge, cni_configuration, cni_results, cni_selection, journal, network_status,
    routes,
};
use rehearse_core::query::{Output, Subject};
use rehearse_core::record::Record;
use rehearse_core::record::compare::KnownChanges;
use rehearse_core::redaction::RawText;
use rehearse_core::report::{annotations, ctrf, html, junit, markdown, terminal};
use rehearse_core::{matrix, scenario, template};

use super::cluster::{self, seeds, testdata};
use super::fuzz;

/// A file of the repository.
fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn output(text: &str) -> Output {
    Output::fetched(Subject::Node("doc-worker".to_owned()), 0, text, "")
}

#[test]
fn scenario_files() -> io::Result<()> {
    let whole = repository("scenarios/multus-on-crio-with-calico");
    let mut texts = seeds(&whole.join("scenario.yaml"))?;
    // A short one, so that a change hits something other than a check's text.
    let short: Vec<&str> = texts[0].lines().take(40).collect();
    texts.push(short.join("\n") + "\n");
    fuzz(&texts, 400, |text| {
        if let Err(problems) = scenario::parse("scenario.yaml", text) {
            assert!(!problems.to_string().is_empty());
        }
    });
    Ok(())
}

#[test]
fn node_files() -> io::Result<()> {
    let texts = seeds(&repository("scenarios/multus-on-crio-with-calico/files"))?;
    fuzz(&texts, 600, |text| {
        let variables = BTreeMap::from([("node.block".to_owned(), "10.244.19.0/24".to_owned())]);
        if let Err(problem) = template::render("net-calico.conf", text, variables) {
            assert!(!problem.to_string().is_empty());
        }
        drop(template::check("net-calico.conf", text).to_string());
    });
    Ok(())
}

#[test]
fn catalogues() -> io::Result<()> {
    let texts = seeds(&repository("kind/catalogue.yaml"))?;
    fuzz(&texts, 150, |text| {
        if let Err(problems) = Catalogue::parse("kind/catalogue.yaml", text) {
            assert!(!problems.to_string().is_empty());
        }
    });
    Ok(())
}

#[test]
fn versions_and_known_changes() -> io::Result<()> {
    let texts = seeds(&repository(
        "scenarios/multus-on-crio-with-calico/versions.yaml",
    ))?;
    fuzz(&texts, 800, |text| {
        if let Err(problems) = matrix::parse("versions.yaml", text) {
            assert!(!problems.to_string().is_empty());
        }
    });
    fuzz(&seeds(&repository("kind/changes.yaml"))?, 400, |text| {
        let components = ["calico".to_owned(), "multus".to_owned()].into();
        if let Err(problems) = KnownChanges::parse("kind/changes.yaml", text, &components) {
            assert!(!problems.to_string().is_empty());
        }
    });
    Ok(())
}

#[test]
fn cni_configurations() -> io::Result<()> {
    let mut texts = seeds(&testdata("cni"))?;
    texts.extend(seeds(&testdata("cni/results"))?);
    fuzz(&texts, 5000, |text| {
        for name in ["10-calico.conflist", "00-multus.conf"] {
            drop(cni_configuration::parse(name, text));
            let file = Entry {
                name: name.to_owned(),
                kind: Kind::File,
                mode: "0644".to_owned(),
                size: 0,
                modified: jiff::Timestamp::UNIX_EPOCH,
                content: Some(text.to_owned()),
                target: None,
                entries: None,
            };
            let plugins = cni_selection::Plugins::from_iter(["calico", "multus"]);
            let files = [file];
            let selection = cni_selection::select(cni_selection::Folder::flat(&files), &plugins);
            assert_eq!(selection.networks.len() + selection.skipped.len(), 1);
        }
        drop(cni_results::parse(text));
    });
    Ok(())
}

#[test]
fn network_statuses() -> anyhow::Result<()> {
    let pods = seeds(&testdata("objects/normal-pods.json"))?;
    let pods: Vec<Pod> = serde_json::from_str(&pods[0])?;
    let of_pod = |pod: &Pod| {
        pod.annotation(network_status::ANNOTATION)
            .map(str::to_owned)
    };
    let texts: Vec<String> = pods.iter().filter_map(of_pod).collect();
    fuzz(&texts, 10_000, |text| {
        let mut pod = Pod::default();
        let annotations = &mut pod.metadata.annotations;
        annotations.insert(network_status::ANNOTATION.to_owned(), text.to_owned());
        for entry in network_status::read(&pod, network_status::ANNOTATION)
            .ok()
            .flatten()
            .unwrap_or_default()
            .entries
        {
            assert!(entry.outline().contains(&entry.name));
        }
    });
    Ok(())
}

#[test]
fn output_of_ip() -> io::Result<()> {
    fuzz(&seeds(&testdata("ip"))?, 5000, |text| {
        let output = output(text);
        drop(addresses::all(&output));
        drop(bridge::read(&output));
        for route in routes::read(&output).unwrap_or_default().entries {
            // What is read is printed so that it reads the same.
            let line = route.to_string();
            if route.device.as_deref().is_none_or(is_one_word) && is_plain(&route) {
                assert_eq!(line.parse(), Ok(route), "{line}");
            }
        }
        for line in text.lines() {
            if let Ok(route) = line.parse::<Route>() {
                assert_eq!(route.to_string().parse(), Ok(route), "{line}");
            }
        }
    });
    Ok(())
}

/// Whether its line says all of it: where an encapsulation ends is told by the words after it.
fn is_plain(route: &Route) -> bool {
    let of_hops = route.hops.iter().map(|hop| &hop.attributes);
    let mut attributes = of_hops.chain([&route.attributes]);
    attributes.all(|attributes| !attributes.contains_key("encap"))
}

fn is_one_word(text: &str) -> bool {
    text.split_whitespace().eq([text])
}

#[test]
fn journals() -> io::Result<()> {
    fuzz(&seeds(&testdata("journal"))?, 1500, |text| {
        let entries = journal::parse(text).entries;
        drop(last_word::network_given(&entries, "default", "normal-1"));
        drop(last_word::last_default_network(&entries, None));
    });
    Ok(())
}

#[test]
fn records() -> io::Result<()> {
    fuzz(&seeds(&testdata("record"))?, 1500, |text| {
        let Ok(record) = Record::from_json(text) else {
            return;
        };
        drop(junit::render(&record));
        drop(html::render(&record));
        let look = terminal::Look {
            width: 110,
            colour: true,
        };
        for text in [
            ctrf::render(&record),
            markdown::render(&record),
            annotations::render(&record),
            terminal::render(&record, "record.json", look),
        ] {
            assert!(!text.contains('\0'));
        }
    });
    Ok(())
}

#[test]
fn captures() -> anyhow::Result<()> {
    let checks = cluster::checks()?;
    let capture = cluster::capture(&checks)?;
    let context = cluster::context()?;
    let (capture, checks, context) = (&capture, checks.as_slice(), &context);
    // Broken as a file, and broken inside of one of its outputs, where every check looks at it.
    let text = serde_json::to_string(capture)?;
    fuzz(&[text], 100, |text| {
        // What is no gzip is refused before anything of it is read.
        assert!(Capture::from_gzip(text.as_bytes()).is_err());
        if let Ok(capture) = Capture::from_json(text.as_bytes()) {
            cluster::judge(&capture, checks, context);
        }
    });
    let outputs: Vec<String> = capture
        .steps
        .iter()
        .flat_map(|step| &step.looks)
        .flat_map(|look| look.outputs.iter().map(|output| output.text.to_string()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    assert!(outputs.len() > 15, "{}", outputs.len());
    for (number, original) in outputs.iter().enumerate() {
        fuzz(&outputs[number..=number], 8, |text| {
            let mut broken = capture.clone();
            let steps = broken.steps.iter_mut();
            let outputs = steps
                .flat_map(|step| &mut step.looks)
                .flat_map(|look| &mut look.outputs);
            for output in outputs.filter(|output| output.text == original.as_str()) {
                output.text = RawText::from(text).redacted();
            }
            cluster::judge(&broken, checks, context);
        });
    }
    Ok(())
}
