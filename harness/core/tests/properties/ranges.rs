//! Ranges of addresses, against the set of every single address.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use proptest::prelude::*;
use rehearse_core::observation::cni_configuration;
use rehearse_core::query::{Query, Subject};
use serde_json::{Value, json};

use super::{judge, output};

/// The addresses of a block, one by one.
fn addresses_of_block(network: u32, prefix_length: u8) -> Vec<u32> {
    let count = 1_u64 << (32 - u32::from(prefix_length));
    (0..count)
        .map_while(|distance| u32::try_from(u64::from(network) + distance).ok())
        .collect()
}

/// The addresses from one to another, both included, one by one.
fn between(first: u32, last: u32) -> BTreeSet<u32> {
    (first..=last).collect()
}

/// Whether the check passes for a node with this block and a file with this range in this subnet.
fn passes(
    wanted: (u32, u32),
    (network, prefix_length): (u32, u8),
    (first, last): (u32, u32),
    subnet: &str,
) -> anyhow::Result<bool> {
    let check = json!({"cni-configuration": {"path": "/etc/cni/a.conf", "name": "a", "plugin": "calico",
        "range": {"first": wanted.0, "last": wanted.1}}});
    let file = json!({"cniVersion": "0.3.1", "name": "a", "type": "calico", "ipam": {"type": "host-local", "ranges":
        [[{"subnet": subnet, "rangeStart": Ipv4Addr::from(first), "rangeEnd": Ipv4Addr::from(last)}]]}});
    let block = format!("{}/{prefix_length}", Ipv4Addr::from(network));
    let judged = judge(check, |query| {
        if let Query::NodeDirectory { .. } = query {
            let entry = json!([{"name": "a.conf", "kind": "file", "mode": "0644", "size": 1,
                "modified": "2026-11-23T21:36:06Z", "content": file.to_string()}]);
            vec![output(Subject::Node("one".to_owned()), entry.to_string())]
        } else {
            let affinities = json!([{"metadata": {"name": "one"},
                "spec": {"cidr": block, "node": "one", "state": "confirmed", "deleted": "false"}}]);
            vec![output(Subject::Cluster, affinities.to_string())]
        }
    })?;
    Ok(judged?.failures.is_empty())
}

fn blocks() -> impl Strategy<Value = (u32, u8)> {
    (24_u8..=30, any::<u32>()).prop_map(|(length, address)| {
        let size = 1_u32 << (32 - u32::from(length));
        (address / size * size, length)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_node_has_its_range_where_both_are_the_same_addresses_of_its_block(
        block in blocks(),
        wanted in (0_u32..300, 0_u32..300),
        shift in (-2_i64..=2, -2_i64..=2),
        same in any::<bool>(),
    ) {
        let all = addresses_of_block(block.0, block.1);
        let nth = |distance: u32| all.get(usize::try_from(distance).unwrap_or(usize::MAX)).copied();
        let moved = |distance: u32, by: i64| {
            let by = if same { 0 } else { by };
            u32::try_from(i64::from(block.0) + i64::from(distance) + by).unwrap_or(0)
        };
        let (first, last) = (moved(wanted.0, shift.0), moved(wanted.1, shift.1));

        // The model: what is wanted are those addresses of the list, none where the list is too short.
        let wanted_set = match (nth(wanted.0), nth(wanted.1)) {
            (Some(first), Some(last)) => between(first, last),
            _ => BTreeSet::new(),
        };
        let configured = between(first, last);
        let expected = !wanted_set.is_empty() && wanted_set == configured;
        let subnet = format!("{}/{}", Ipv4Addr::from(block.0), block.1);
        prop_assert_eq!(
            passes(wanted, block, (first, last), &subnet).map_err(|error| TestCaseError::fail(error.to_string()))?,
            expected
        );
    }

    #[test]
    fn a_range_contains_what_is_in_its_set(
        block in blocks(),
        bounds in (0_u32..256, 0_u32..256),
        probe in -3_i64..260,
    ) {
        let all = addresses_of_block(block.0, block.1);
        let index = |distance: u32| usize::try_from(distance).unwrap_or(0) % all.len();
        let (first, last) = (all[index(bounds.0)], all[index(bounds.1)]);
        let file = json!({"name": "a", "type": "calico", "ipam": {"type": "host-local",
            "subnet": format!("{}/{}", Ipv4Addr::from(block.0), block.1),
            "rangeStart": Ipv4Addr::from(first), "rangeEnd": Ipv4Addr::from(last)}});
        let parsed = cni_configuration::parse("a.conf", &file.to_string());
        let range = parsed.ok().and_then(|file| file.ranges().next().copied());
        let probe = u32::try_from(i64::from(block.0) + probe).unwrap_or(0);
        let in_set = between(first, last).contains(&probe);
        match range {
            Some(range) => prop_assert_eq!(range.contains(Ipv4Addr::from(probe).into()), in_set),
            // host-local refuses a range that ends before it starts.
            None => prop_assert!(first > last, "{}", file),
        }
    }

    #[test]
    fn two_blocks_overlap_where_an_address_is_in_both(left in blocks(), right in blocks(), near in any::<bool>()) {
        // Two blocks anywhere hardly ever touch.
        let right = if near {
            let size = 1_u32 << (32 - u32::from(right.1));
            (left.0.saturating_add(right.0 % 512) / size * size, right.1)
        } else {
            right
        };
        let sets: Vec<BTreeSet<u32>> = [left, right]
            .iter()
            .map(|block| addresses_of_block(block.0, block.1).into_iter().collect())
            .collect();
        let overlap = !sets[0].is_disjoint(&sets[1]);
        let check = json!({"blocks": {"pool": "0.0.0.0/0", "prefix-length": 26}});
        let affinity = |node: &str, block: (u32, u8)| json!({"metadata": {"name": node}, "spec": {"node": node,
            "cidr": format!("{}/{}", Ipv4Addr::from(block.0), block.1), "state": "confirmed", "deleted": "false"}});
        let node = |name: &str| json!({"metadata": {"name": name}});
        let judged = judge(check, |query| {
            let objects: Value = match query {
                Query::Objects { kind, .. } if kind == "Node" => json!([node("one"), node("two")]),
                _ => json!([affinity("one", left), affinity("two", right)]),
            };
            vec![output(Subject::Cluster, objects.to_string())]
        });
        let judged = judged.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let failures = judged.map_err(|error| TestCaseError::fail(error.to_string()))?.failures;
        prop_assert_eq!(failures.iter().any(|failure| failure.observed.contains("overlaps")), overlap);
    }
}
