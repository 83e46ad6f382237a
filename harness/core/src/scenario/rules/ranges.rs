//! Address ranges fit into each other: pools into the cluster's pod subnet, blocks into their pool, and the ranges of
//! different CNI configurations into a block side by side.

use std::collections::BTreeMap;
use std::ops::Range;

use ipnet::Ipv4Net;

use crate::check::Check;
use crate::check::cni_configuration::BlockRange;
use crate::scenario::Act;
use crate::scenario::draft::Draft;
use crate::yaml::{Node, Reading};

pub(super) fn check(draft: &Draft<'_>, reading: &Reading<'_>) {
    subnets(draft, reading);
    let mut block_length = None;
    for (node, check) in draft.checks() {
        let (pool, prefix_length, length_key) = match check {
            Check::Blocks(blocks) => (blocks.pool, blocks.prefix_length, "prefix-length"),
            Check::Installation(wanted) => (wanted.pool, wanted.block_size, "block-size"),
            Check::PodAddresses(addresses) => {
                for (index, interface) in addresses.interfaces.iter().enumerate() {
                    if let Some(subnet) = interface.subnet {
                        let node = node.key("interfaces").item(index).key("subnet");
                        without_host_bits(subnet, node, reading);
                    }
                }
                continue;
            }
            _ => continue,
        };
        without_host_bits(pool, node.key("pool"), reading);
        inside_pod_subnet(pool, node.key("pool"), draft, reading);
        if prefix_length < pool.prefix_len() || prefix_length > 32 {
            reading.problem(
                node.key(length_key).span(),
                format!("a block of /{prefix_length} does not fit into the pool {pool}"),
            );
        } else {
            block_length = block_length.or(Some(prefix_length));
        }
    }
    block_ranges(draft, block_length, reading);
}

fn subnets(draft: &Draft<'_>, reading: &Reading<'_>) {
    let Some(cluster) = &draft.cluster else {
        return;
    };
    let node = draft.node.key("cluster");
    without_host_bits(cluster.pod_subnet, node.key("pod-subnet"), reading);
    without_host_bits(cluster.service_subnet, node.key("service-subnet"), reading);
    if overlap(cluster.pod_subnet, cluster.service_subnet) {
        reading.problem(
            node.key("service-subnet").span(),
            format!(
                "the Services' range {} overlaps the pods' range {}",
                cluster.service_subnet, cluster.pod_subnet
            ),
        );
    }
}

/// Two networks overlap only where one contains the other.
fn overlap(left: Ipv4Net, right: Ipv4Net) -> bool {
    left.contains(&right) || right.contains(&left)
}

fn without_host_bits(network: Ipv4Net, node: &Node, reading: &Reading<'_>) {
    let trunc = network.trunc();
    if network != trunc {
        reading.problem_with_hint(
            node.span(),
            format!("`{network}` is an address inside a range, not the range"),
            format!("write `{trunc}`"),
        );
    }
}

fn inside_pod_subnet(pool: Ipv4Net, node: &Node, draft: &Draft<'_>, reading: &Reading<'_>) {
    let Some(cluster) = &draft.cluster else {
        return;
    };
    if !cluster.pod_subnet.contains(&pool) {
        reading.problem_with_hint(
            node.span(),
            format!("the pool {pool} is outside the cluster's pod subnet"),
            format!("`cluster.pod-subnet` is {}", cluster.pod_subnet),
        );
    }
}

/// A part of the block that some check says a file on the nodes sets.
struct FileRange<'a> {
    file: &'a str,
    range: BlockRange,
    place: Range<usize>,
}

fn block_ranges(draft: &Draft<'_>, block_length: Option<u8>, reading: &Reading<'_>) {
    let renamed: BTreeMap<&str, &str> = draft
        .acts()
        .filter_map(|act| match &act.act {
            Act::RenameNodeFile(file) => Some((file.from.as_str(), file.to.as_str())),
            _ => None,
        })
        .collect();
    let mut seen: Vec<FileRange<'_>> = Vec::new();
    for found in file_ranges(draft) {
        let BlockRange { first, last } = found.range;
        if first > last {
            reading.problem(
                found.place.clone(),
                format!("the range's first address {first} is after its last {last}"),
            );
            continue;
        }
        if let Some(length) = block_length {
            let size = 1_u64 << (32 - length);
            if u64::from(last) >= size {
                reading.problem(
                    found.place.clone(),
                    format!("a block of /{length} ends at {}, before {last}", size - 1),
                );
            }
        }
        let file = last_name(found.file, &renamed);
        let overlapping = seen.iter().find(|other| {
            last_name(other.file, &renamed) != file
                && first <= other.range.last
                && other.range.first <= last
        });
        if let Some(other) = overlapping {
            reading.problem_with_hint(
                found.place.clone(),
                format!(
                    "the range {first}-{last} of {} overlaps {}-{} of {}",
                    found.file, other.range.first, other.range.last, other.file
                ),
                "two networks of one block would give the same address twice",
            );
        }
        seen.push(found);
    }
}

fn file_ranges<'a>(draft: &'a Draft<'_>) -> Vec<FileRange<'a>> {
    let mut found = Vec::new();
    for (node, check) in draft.checks() {
        match check {
            Check::CniConfiguration(configuration) => {
                if let Some(range) = configuration.range {
                    let place = node.key("range").span();
                    found.push(FileRange {
                        file: &configuration.path,
                        range,
                        place,
                    });
                }
            }
            Check::PodAddresses(addresses) => {
                for (index, interface) in addresses.interfaces.iter().enumerate() {
                    if let Some(configured) = &interface.range {
                        let node = node.key("interfaces").item(index).key("range");
                        found.push(FileRange {
                            file: &configured.file,
                            range: configured.block,
                            place: node.key("block").span(),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// What a file is called after all renames, so that one file under two names is one.
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
