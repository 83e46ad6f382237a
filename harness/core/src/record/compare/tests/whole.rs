//! Whole pairs: equal ones, ones that cannot be compared, parts that one side did not look at, noise and time.

use super::{check, multus_4, plainly, set, step};
use crate::record::compare::{Band, Explanation, KnownChanges, compare};
use crate::record::{Outcome, ReadError, Verdict};

#[test]
fn equal_records_have_nothing_unexpected() -> Result<(), ReadError> {
    let comparison = plainly(&multus_4()?, &multus_4()?);
    assert_eq!(comparison.exit_code(), 0);
    assert_eq!((comparison.same, comparison.changes.len()), (139, 0));
    assert_eq!(comparison.inputs, []);
    Ok(())
}

#[test]
fn other_scenarios_and_documents_are_not_comparable() -> Result<(), ReadError> {
    let base = multus_4()?;
    let mut candidate = multus_4()?;
    "another".clone_into(&mut candidate.canonical.scenario);
    let comparison = plainly(&base, &candidate);
    assert_eq!(comparison.exit_code(), 3);
    assert!(
        comparison
            .incomparable
            .is_some_and(|why| why.contains("different scenarios"))
    );

    let mut candidate = multus_4()?;
    "0000".clone_into(&mut candidate.canonical.document.sha256);
    let comparison = plainly(&base, &candidate);
    assert_eq!(comparison.exit_code(), 3);
    assert!(
        comparison
            .incomparable
            .is_some_and(|why| why.contains("different documents"))
    );
    Ok(())
}

#[test]
fn a_step_that_was_not_asked_for_is_not_gone() -> Result<(), ReadError> {
    let mut candidate = multus_4()?;
    let last = step(&mut candidate, "cfosdefaultcni5");
    last.outcome = Outcome::Skipped {
        why: "not asked for: the run ends after default-calico".to_owned(),
    };
    for check in &mut last.checks {
        check.facts.clear();
        check.remarks.clear();
        check.verdict = Verdict::Blocked { why: None };
    }
    let comparison = plainly(&multus_4()?, &candidate);
    assert_eq!(comparison.changes, []);
    assert_eq!(comparison.not_compared.len(), 1);
    assert_eq!(comparison.not_compared[0].facts, 13);
    assert_eq!(comparison.exit_code(), 3);

    let comparison = plainly(&candidate, &candidate);
    assert_eq!(comparison.exit_code(), 0);
    assert_eq!(comparison.reached_by_neither, ["cfosdefaultcni5"]);
    Ok(())
}

#[test]
fn what_no_run_looked_at_is_never_equal() -> Result<(), ReadError> {
    let mut record = multus_4()?;
    record.canonical.steps.clear();
    assert_eq!(plainly(&record, &record).exit_code(), 3);
    Ok(())
}

#[test]
fn a_reworded_check_that_tells_the_same_changes_nothing() -> Result<(), ReadError> {
    let mut candidate = multus_4()?;
    "another sentence".clone_into(&mut check(&mut candidate, "net-calico", "default network").that);
    assert_eq!(plainly(&multus_4()?, &candidate).exit_code(), 0);
    Ok(())
}

#[test]
fn a_fact_that_repeated_runs_differ_in_is_marked() -> Result<(), ReadError> {
    let base = multus_4()?;
    let changed = |value: &str| -> Result<_, ReadError> {
        let mut record = multus_4()?;
        set(&mut record, "default-calico", "ready", "3 of 3", value);
        Ok(record)
    };
    let noise = [multus_4()?, changed("2 of 3")?];
    let comparison = compare(&base, &changed("2 of 3")?, &KnownChanges::default(), &noise);
    assert_eq!(comparison.exit_code(), 0);
    assert_eq!(
        comparison.changes[0].explanation,
        Some(Explanation::Flickers {
            seen: vec!["2 of 3".to_owned(), "3 of 3".to_owned()]
        })
    );
    // A value that none of them had is news all the same.
    let comparison = compare(&base, &changed("0 of 3")?, &KnownChanges::default(), &noise);
    assert_eq!(comparison.exit_code(), 1);
    Ok(())
}

#[test]
fn time_is_told_outside_of_its_band_and_decides_nothing() -> Result<(), ReadError> {
    let base = multus_4()?;
    let with = |milliseconds: u64| -> Result<_, ReadError> {
        let mut record = multus_4()?;
        if let Some(timing) = record.timing.steps.get_mut("net-calico") {
            timing.total = milliseconds;
        }
        Ok(record)
    };
    assert_eq!(plainly(&base, &with(3300)?).timings.changes, []);
    let comparison = plainly(&base, &with(9000)?);
    assert_eq!(comparison.exit_code(), 0);
    let [slower] = comparison.timings.changes.as_slice() else {
        panic!("one is slower, not {:?}", comparison.timings.changes);
    };
    assert_eq!(
        (slower.of.as_str(), slower.before, slower.after),
        ("net-calico", 342, 9000)
    );

    // Measured, the same time as above is outside of a narrower band, and inside of a wider one.
    let narrow = [with(350)?, with(360)?];
    let comparison = compare(&base, &with(3300)?, &KnownChanges::default(), &narrow);
    assert_eq!(
        comparison.timings.band,
        Band::Measured {
            runs: 3,
            least: 250
        }
    );
    assert_eq!(comparison.timings.changes.len(), 1);
    let wide = [with(350)?, with(8000)?];
    let comparison = compare(&base, &with(9000)?, &KnownChanges::default(), &wide);
    assert_eq!(comparison.timings.changes, []);
    Ok(())
}
