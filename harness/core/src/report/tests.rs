//! Whole reports as snapshots, and what no report may do with texts that the cluster gave.

mod document;
pub(crate) mod locations;

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use rstest::rstest;

use super::difference::{Side, difference};
use super::terminal::Look;
use super::{ctrf, html, junit, markdown, terminal};
use crate::check::{Detail, Fact};
use crate::record::tests::{failed, passed};
use crate::record::{Outcome, ReadError, Record};

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
fn html_of_a_small_failed_run() -> Result<(), Box<dyn std::error::Error>> {
    let mut record = failed()?;
    let kept = ["cni-priority", "default-calico", "default-route"];
    record
        .canonical
        .steps
        .retain(|step| kept.contains(&step.id.as_str()));
    record.canonical.components.truncate(2);
    record.run.timeline.truncate(8);
    let page = html::render(&record)?;
    // Style and script are files of their own.
    let (_, body) = page.split_once("<body").ok_or("no body")?;
    let (body, _) = body.split_once("<script>").ok_or("no script")?;
    assert_snapshot!(body);
    Ok(())
}

#[test]
fn the_page_needs_nothing_from_anywhere() -> Result<(), Box<dyn std::error::Error>> {
    for record in [passed()?, failed()?] {
        let page = html::render(&record)?;
        for source in [
            "src=",
            "<link",
            "@import",
            "url(",
            "href=\"http",
            "href=\"//",
            "<iframe",
        ] {
            assert!(!page.contains(source), "{source}");
        }
        let ids: Vec<_> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "each id is there once");
        for target in page
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(ids.contains(&target), "{target}");
        }
    }
    Ok(())
}

/// What a cluster can give to break a report: markup, fences, table cells, ends of sections, terminal sequences.
const NASTY: &str = "<script>alert(1)</script> & \"'` ``` | ]]> \u{1b}[31m \u{0} \u{7f} \u{fffe} @all #1 {{ x }} {% x %} <!-- </style>";

/// The failed record with [`NASTY`] in every text that a cluster or a scenario can set.
fn nasty() -> Result<Record, ReadError> {
    let mut record = locations::located(failed()?, NASTY);
    NASTY.clone_into(&mut record.canonical.title);
    NASTY.clone_into(&mut record.run.command);
    record.run.retries.push(NASTY.to_owned());
    record
        .run
        .machine
        .insert(NASTY.to_owned(), NASTY.to_owned());
    let nasty_facts = BTreeMap::from([(NASTY.to_owned(), NASTY.to_owned())]);
    record.run.node_facts.insert(NASTY.to_owned(), nasty_facts);
    for step in &mut record.canonical.steps {
        NASTY.clone_into(&mut step.title);
        step.acts.push(NASTY.to_owned());
        if let Outcome::Broken { why, .. } = &mut step.outcome {
            NASTY.clone_into(why);
        }
        for check in &mut step.checks {
            check.remarks.insert(NASTY.to_owned());
            check.facts.insert(Fact {
                subject: NASTY.to_owned(),
                name: NASTY.to_owned(),
                value: NASTY.to_owned(),
            });
        }
    }
    for component in &mut record.canonical.components {
        component.notes.push(NASTY.to_owned());
        component.digests.insert(NASTY.to_owned(), NASTY.to_owned());
    }
    for failure in record
        .run
        .failures
        .values_mut()
        .flat_map(BTreeMap::values_mut)
        .flatten()
    {
        NASTY.clone_into(&mut failure.subject);
        failure.expected = format!("{NASTY}\n{NASTY}");
        failure.observed = format!("{NASTY}\nb");
        NASTY.clone_into(&mut failure.why);
    }
    for detail in record
        .run
        .details
        .values_mut()
        .flat_map(BTreeMap::values_mut)
        .flatten()
    {
        match detail {
            Detail::Witnesses { about, rows } => {
                NASTY.clone_into(about);
                rows.push((NASTY.to_owned(), NASTY.to_owned()));
            }
            Detail::Interfaces {
                pod, interfaces, ..
            } => {
                pod.push_str(NASTY);
                interfaces.push((NASTY.to_owned(), vec![NASTY.to_owned()]));
            }
            Detail::Routes { lines, .. } => lines.push(format!("{NASTY} dev {NASTY}")),
            Detail::Block { block, .. } => NASTY.clone_into(block),
        }
    }
    for moment in &mut record.run.timeline {
        NASTY.clone_into(&mut moment.text);
        NASTY.clone_into(&mut moment.source);
    }
    for paths in record.run.evidence.values_mut() {
        paths.push(format!("javascript:{NASTY}"));
    }
    record.document = Some(document::nasty(&record));
    Ok(record)
}

fn has_controls(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\t'))
}

#[test]
fn nothing_nasty_gets_through_to_the_page() -> Result<(), Box<dyn std::error::Error>> {
    let page = html::render(&nasty()?)?;
    let plain = html::render(&failed()?)?;
    assert!(!has_controls(&page));
    for markup in ["<script", "</style", "<!--", "javascript:", "onclick"] {
        assert_eq!(
            page.matches(markup).count(),
            plain.matches(markup).count(),
            "{markup}"
        );
    }
    assert!(page.contains("{{ x }} {% x %}"), "no text is a template");
    Ok(())
}

#[test]
fn nothing_nasty_gets_through_to_junit() -> Result<(), Box<dyn std::error::Error>> {
    let xml = junit::render(&nasty()?)?;
    assert!(!has_controls(&xml) && !xml.contains('\u{fffe}'));
    assert!(!xml.contains("<script") && !xml.contains("]]>"));
    let markup = |xml: &str| {
        xml.matches('<').count()
            - xml.matches("<property").count()
            - xml.matches("system-out").count()
    };
    assert_eq!(
        markup(&xml),
        markup(&junit::render(&failed()?)?),
        "the same elements"
    );
    Ok(())
}

#[test]
fn nothing_nasty_gets_through_to_markdown() -> Result<(), ReadError> {
    let markdown = markdown::render(&nasty()?);
    assert!(!has_controls(&markdown));
    let mut fence = None;
    for line in markdown.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks == open && line.len() == ticks => fence = None,
            None if ticks >= 3 => fence = Some(ticks),
            Some(_) => {}
            None => assert_outside(line),
        }
    }
    assert_eq!(fence, None, "each fence is closed");
    Ok(())
}

#[track_caller]
fn assert_outside(line: &str) {
    // Inline code holds anything; what is outside of it must not be markup.
    let is_cell = line.starts_with('|');
    assert!(
        line.matches("``").count() > 0 || !line.contains("<script"),
        "{line}"
    );
    if is_cell {
        let bars = line.replace("\\|", "").matches('|').count();
        assert!(matches!(bars, 4..=6), "{line}");
    }
}

#[test]
fn nothing_nasty_gets_through_to_the_terminal() -> Result<(), ReadError> {
    assert!(!has_controls(&terminal::render(&nasty()?, "record", PLAIN)));
    Ok(())
}

#[test]
fn a_huge_record_still_fits_a_step_summary() -> Result<(), ReadError> {
    let mut record = failed()?;
    let step = record.canonical.steps[8].clone();
    let failures = record.run.failures[&step.id].clone();
    for number in 0..3000 {
        let id = format!("step-{number}");
        let mut another = step.clone();
        another.id.clone_from(&id);
        for check in &mut another.checks {
            check.remarks.insert("a remark ".repeat(100));
        }
        record.canonical.steps.push(another);
        record.run.failures.insert(id, failures.clone());
    }
    for failure in record
        .run
        .failures
        .values_mut()
        .flat_map(BTreeMap::values_mut)
        .flatten()
    {
        failure.observed = "x`y|z<".repeat(5_000);
    }
    let markdown = markdown::render(&record);
    assert!(markdown.len() < 1 << 20, "{}", markdown.len());
    for counted in [
        " more steps are left out",
        " more failing checks are left out",
        " more remarks are left out",
        " more characters, in the record",
    ] {
        assert!(markdown.contains(counted), "{counted}");
    }
    assert!(markdown.contains("### How to do it again"));
    Ok(())
}

#[test]
fn a_record_without_steps_is_no_pass_in_any_report() -> Result<(), Box<dyn std::error::Error>> {
    let mut record = passed()?;
    record.canonical.steps.clear();
    for report in [
        terminal::render(&record, "record", PLAIN),
        markdown::render(&record),
        html::render(&record)?,
    ] {
        assert!(report.contains("Not found out: the plan has no steps"));
        assert!(!report.contains("Passed"));
    }
    Ok(())
}

#[test]
fn letters_of_two_columns_keep_the_table_and_the_lines_in_their_width() -> Result<(), ReadError> {
    let mut record = failed()?;
    for step in &mut record.canonical.steps {
        step.title = "全ノードで経路が正しい ".repeat(6);
        for check in &mut step.checks {
            check.remarks.insert("経路表 ".repeat(40));
        }
    }
    let text = terminal::render(&record, "record", PLAIN);
    let rows = text.lines().filter(|line| line.contains("全ノード"));
    let before_the_bar: BTreeSet<_> = rows
        .filter_map(|row| Some(super::text::width(row.split(" ▬").next()?)))
        .filter(|columns| *columns < PLAIN.width)
        .collect();
    assert_eq!(before_the_bar.len(), 1, "{text}");
    let remarks = text.lines().filter(|line| line.contains("経路表"));
    let widest = remarks.map(super::text::width).max();
    let fits = |widest| (100..=PLAIN.width).contains(&widest);
    assert!(widest.is_some_and(fits), "{text}");
    Ok(())
}

#[rstest]
#[case(0, "0 ms")]
#[case(340, "0.3 s")]
#[case(59_949, "59.9 s")]
#[case(59_960, "1 min 00 s")]
#[case(108_400, "1 min 48 s")]
#[case(3_723_000, "1 h 02 min")]
fn duration(#[case] milliseconds: u64, #[case] text: &str) {
    assert_eq!(super::text::duration(milliseconds), text);
}

#[test]
fn a_difference_keeps_common_lines_in_order() {
    assert_eq!(
        difference("a\nb\nd", "a\nc\nd\ne"),
        [
            (Side::Both, "a"),
            (Side::Expected, "b"),
            (Side::Observed, "c"),
            (Side::Both, "d"),
            (Side::Observed, "e"),
        ]
    );
}
