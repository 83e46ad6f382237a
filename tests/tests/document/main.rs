//! `rehearse document check` and `errata` as a user sees them: on the document that the scenario replays, where it is at
//! hand, as it is and changed. And `rehearse run --document`, on a capture.

mod run;

use std::env;
use std::fs;
use std::path::PathBuf;

/// The document beside the project, or the one that `REHEARSE_DOCUMENT` names; it is not kept here, and without it what
/// asks for it is listed as ignored.
fn document() -> PathBuf {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/document/multus-on-crio-with-calico.md"
    );
    env::var_os("REHEARSE_DOCUMENT").map_or_else(|| PathBuf::from(beside), PathBuf::from)
}

/// Exit code and standard output.
fn rehearse(arguments: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
    let output = rehearse_tests::rehearse(arguments)?.output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((
        output.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

#[test]
#[cfg_attr(
    not(has_document),
    ignore = "there is no document beside the project; REHEARSE_DOCUMENT names one"
)]
fn every_block_of_the_document_is_replayed_or_left_out() -> anyhow::Result<()> {
    let path = document();
    let path = path.display().to_string();
    let (code, text) = rehearse(&["document", "check", &path])?;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("covered: 100.0 %"), "{text}");
    Ok(())
}

#[test]
#[cfg_attr(
    not(has_document),
    ignore = "there is no document beside the project; REHEARSE_DOCUMENT names one"
)]
fn a_changed_block_whose_step_is_as_it_was_fails_and_shows_the_difference() -> anyhow::Result<()> {
    let path = document();
    let base = fs::read_to_string(&path)?;
    let now = base.replacen("--replicas=3", "--replicas=4", 1) + "\n```\nip route\n```\n";
    let folder = tempfile::tempdir()?;
    let changed = folder.path().join("changed.md");
    fs::write(&changed, &now)?;
    let changed = changed.display().to_string();
    let base = path.display().to_string();
    let (code, text) = rehearse(&["document", "check", &changed, "--base", &base])?;
    assert_eq!(code, Some(1), "{text}");
    for part in [
        "block-changed",
        "step deployment-normal is as it was",
        "+   266 | kubectl create deployment normal",
        "-   266 | kubectl create deployment normal",
        "the document is not the one that the scenario pins",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    Ok(())
}

#[test]
#[cfg_attr(
    not(has_document),
    ignore = "there is no document beside the project; REHEARSE_DOCUMENT names one"
)]
fn every_erratum_is_still_needed_and_one_that_was_mended_is_not() -> anyhow::Result<()> {
    let path = document();
    let base = path.display().to_string();
    let run = ["--run", "capture:calico-3.28.4_multus-4.2.1"];
    let (code, text) = rehearse(&["document", "errata", &base, run[0], run[1]])?;
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = rehearse(&["document", "errata", &base])?;
    assert_eq!(code, Some(3), "{text}");
    let folder = tempfile::tempdir()?;
    let mended = folder.path().join("mended.md");
    fs::write(
        &mended,
        fs::read_to_string(&path)?.replace("EOF \n", "EOF\n"),
    )?;
    let mended = mended.display().to_string();
    let (code, text) = rehearse(&["document", "errata", &mended, run[0], run[1]])?;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("E1 NOT NEEDED"), "{text}");
    let other = "the document is not the one that the scenario pins";
    assert!(text.contains(other), "{text}");
    Ok(())
}
