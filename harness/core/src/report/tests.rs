//! Whole reports as snapshots, and what no report may do with texts that the cluster gave.

use insta::assert_snapshot;

use super::terminal::Look;
use super::{ctrf, html, junit, markdown, terminal};
use crate::record::ReadError;
use crate::record::tests::{failed, passed};

const PLAIN: Look = Look {
    width: 110,
    colour: false,
};

#[test]
fn terminal_of_a_passed_run() -> Result<(), ReadError> {
    assert_snapshot!(terminal::render(&passed()?, "record/record.json", PLAIN));
    Ok(())
}

#[test]
fn terminal_of_a_failed_run() -> Result<(), ReadError> {
    assert_snapshot!(terminal::render(&failed()?, "record/record.json", PLAIN));
    Ok(())
}

#[test]
fn terminal_narrow_and_in_colour() -> Result<(), ReadError> {
    let look = Look {
        width: 70,
        colour: true,
    };
    assert_snapshot!(
        terminal::render(&failed()?, "record/record.json", look).replace('\u{1b}', "ESC")
    );
    Ok(())
}

#[test]
fn markdown_of_a_passed_run() -> Result<(), ReadError> {
    assert_snapshot!(markdown::render(&passed()?));
    Ok(())
}

#[test]
fn markdown_of_a_failed_run() -> Result<(), ReadError> {
    assert_snapshot!(markdown::render(&failed()?));
    Ok(())
}

#[test]
fn junit_of_a_failed_run() -> Result<(), Box<dyn std::error::Error>> {
    assert_snapshot!(junit::render(&failed()?)?);
    Ok(())
}

#[test]
fn ctrf_of_a_failed_run() -> Result<(), ReadError> {
    assert_snapshot!(ctrf::render(&failed()?));
    Ok(())
}

#[test]
fn html_is_written_for_looking_at() -> Result<(), Box<dyn std::error::Error>> {
    if let Ok(folder) = std::env::var("LOOK") {
        std::fs::write(format!("{folder}/passed.html"), html::render(&passed()?)?)?;
        std::fs::write(format!("{folder}/failed.html"), html::render(&failed()?)?)?;
    }
    Ok(())
}
