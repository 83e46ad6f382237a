//! Address ranges that several places of a scenario name fit together: the cluster's own, and those of different CNI
//! configurations into a block side by side.

use std::collections::BTreeMap;

use crate::check::FileRange;
use crate::check::cni_configuration::BlockRange;
use crate::cluster::Cluster;
use crate::scenario::draft::Draft;
use crate::written::{Around, Written, fits};
use crate::yaml::Reading;

pub(super) fn check(draft: &Draft, reading: &Reading<'_>) {
    let around = Around::default();
    let written = |node| Written::new(node, reading, &around);
    if let Some(cluster) = &draft.cluster {
        subnets(cluster, written(draft.node.key("cluster")));
    }
    let ranges = draft
        .checks()
        .flat_map(|(node, check)| check.file_ranges(written(node)));
    block_ranges(ranges.collect(), draft);
}

fn subnets(cluster: &Cluster, written: Written<'_>) {
    for subnet in cluster.pod_subnet.iter() {
        written.key("pod-subnet").network(subnet);
    }
    let services = written.key("service-subnet");
    for subnet in cluster.service_subnet.iter() {
        services.network(subnet);
    }
    if cluster.pod_subnet.families() != cluster.service_subnet.families() {
        services.problem(format!(
            "the Services' range {} and the pods' range {} are not of the same families",
            cluster.service_subnet, cluster.pod_subnet
        ));
    }
    if cluster.pod_subnet.overlaps(cluster.service_subnet) {
        services.problem(format!(
            "the Services' range {} overlaps the pods' range {}",
            cluster.service_subnet, cluster.pod_subnet
        ));
    }
}

fn block_ranges(ranges: Vec<FileRange<'_>>, draft: &Draft) {
    let mut blocks = draft.checks().filter_map(|(_, check)| check.block());
    let block_length = blocks.find(|(length, pool)| fits(*length, *pool));
    let renamed: BTreeMap<&str, &str> = draft.acts().filter_map(|act| act.act.renamed()).collect();
    // Each with what its file is called in the end: a file under two names is one.
    let mut seen: Vec<(&str, FileRange<'_>)> = Vec::new();
    for found in ranges {
        let BlockRange { first, last } = found.range;
        if first > last {
            found.written.problem(format!(
                "the range's first address {first} is after its last {last}"
            ));
            continue;
        }
        if let Some((length, pool)) = block_length {
            // A block of IPv6 may have more addresses than a range can count.
            let size = 1_u64 << (pool.max_prefix_len() - length).min(32);
            if u64::from(last) >= size {
                found.written.problem(format!(
                    "a block of /{length} ends at {}, before {last}",
                    size - 1
                ));
            }
        }
        let file = last_name(found.file, &renamed);
        let overlapping = seen.iter().find(|(other_file, other)| {
            *other_file != file && first <= other.range.last && other.range.first <= last
        });
        if let Some((_, other)) = overlapping {
            found.written.problem_with_hint(
                format!(
                    "the range {first}-{last} of {} overlaps {}-{} of {}",
                    found.file, other.range.first, other.range.last, other.file
                ),
                "two networks of one block would give the same address twice",
            );
        }
        seen.push((file, found));
    }
}

/// What a file is called after all renames.
fn last_name<'a>(file: &'a str, renamed: &BTreeMap<&str, &'a str>) -> &'a str {
    let mut name = file;
    for _ in 0..renamed.len() {
        match renamed.get(name) {
            Some(next) => name = next,
            None => break,
        }
    }
    name
}
