//! Route tables, against bags of lines.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rehearse_core::query::{Query, Subject};
use serde_json::{Value, json};

use super::{judge, output};

/// A few routes of which some differ in one thing only, as JSON and as the line that means the same.
fn known() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"dst": "default", "gateway": "169.254.1.1", "dev": "eth0", "flags": []}),
            "default via 169.254.1.1 dev eth0",
        ),
        (
            json!({"dst": "default", "gateway": "10.1.128.1", "dev": "net1", "flags": []}),
            "default via 10.1.128.1 dev net1",
        ),
        (
            json!({"dst": "10.0.0.0/8", "gateway": "169.254.1.1", "dev": "eth0", "flags": []}),
            "10.0.0.0/8 via 169.254.1.1 dev eth0",
        ),
        (
            json!({"dst": "10.0.0.0/9", "gateway": "169.254.1.1", "dev": "eth0", "flags": []}),
            "10.0.0.0/9 via 169.254.1.1 dev eth0",
        ),
        (
            json!({"dst": "169.254.1.1", "dev": "eth0", "scope": "link", "flags": []}),
            "169.254.1.1 dev eth0 scope link",
        ),
        (
            json!({"dst": "169.254.1.1", "dev": "net1", "scope": "link", "flags": []}),
            "169.254.1.1 dev net1 scope link",
        ),
        (
            json!({"dst": "10.1.128.0/24", "dev": "net1", "protocol": "kernel", "scope": "link", "prefsrc": "10.1.128.2", "flags": []}),
            "10.1.128.0/24 dev net1 proto kernel scope link src 10.1.128.2",
        ),
    ]
}

fn tables() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..known().len(), 1..6)
}

/// How often each line is there.
fn bag<'a>(lines: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let mut bag = BTreeMap::new();
    for line in lines {
        *bag.entry(*line).or_insert(0) += 1;
    }
    bag
}

/// The lines of a bag that another has less often, as often as that.
fn more<'a>(bag: &BTreeMap<&'a str, usize>, other: &BTreeMap<&'a str, usize>) -> Vec<&'a str> {
    let surplus = bag.iter().map(|(line, count)| {
        let there = other.get(line).copied().unwrap_or(0);
        (*line, count.saturating_sub(there))
    });
    surplus
        .flat_map(|(line, count)| vec![line; count])
        .collect()
}

fn sorted<'a>(text: &'a str, after: &str) -> Vec<&'a str> {
    let listed = text.split(after).nth(1).unwrap_or_default();
    let listed = listed.split("; ").next().unwrap_or_default();
    let mut lines: Vec<&str> = listed.split(", ").filter(|line| *line != "none").collect();
    lines.sort_unstable();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_table_is_right_where_it_is_the_same_list_and_else_the_bags_say_what_differs(
        expected in tables(),
        other in tables(),
        shuffled in any::<bool>(),
        rotation in 0_usize..6,
    ) {
        let known = known();
        // Half of the time the same routes, perhaps in another order.
        let seen = if shuffled {
            let mut seen = expected.clone();
            let by = rotation % seen.len();
            seen.rotate_left(by);
            seen
        } else {
            other
        };
        let lines = |table: &[usize]| table.iter().map(|route| known[*route].1).collect::<Vec<_>>();
        let (expected, observed) = (lines(&expected), lines(&seen));
        let table: Vec<&Value> = seen.iter().map(|route| &known[*route].0).collect();
        let table = json!(table).to_string();
        let pod = Subject::Pod { namespace: "default".to_owned(), name: "a".to_owned() };
        let check = json!({"pod-routes": {"namespace": "default", "selector": "app=a", "exactly": expected}});
        let judged = judge(check, |query| match query {
            Query::PodCommand { command, .. } if command.iter().any(|word| word == "route") => {
                vec![output(pod.clone(), table.clone())]
            }
            Query::PodCommand { .. } => vec![output(pod.clone(), "[]".to_owned())],
            _ => {
                let pods = json!([{"metadata": {"namespace": "default", "name": "a"}, "spec": {"nodeName": "one"}}]);
                vec![output(Subject::Cluster, pods.to_string())]
            }
        });
        let judged = judged.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let failures = judged.map_err(|error| TestCaseError::fail(error.to_string()))?.failures;

        prop_assert_eq!(failures.is_empty(), expected == observed);
        if let Some(failure) = failures.first() {
            let (wanted, there) = (bag(&expected), bag(&observed));
            if wanted == there {
                prop_assert!(failure.why.contains("another order"), "{}", failure.why);
            } else {
                prop_assert_eq!(sorted(&failure.why, "missing: "), more(&wanted, &there), "{}", failure.why);
                prop_assert_eq!(sorted(&failure.why, "unexpected: "), more(&there, &wanted), "{}", failure.why);
            }
        }
    }
}
