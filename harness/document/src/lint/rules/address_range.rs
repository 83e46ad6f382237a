//! A pod's printed address is one that the document's own configuration can give.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::lint::context::Context;
use crate::lint::facts::addresses;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "address-range",
    about: "A printed address of a network is outside the range that its configuration gives",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut known: BTreeMap<&str, Vec<(u8, u8)>> = BTreeMap::new();
    for one in &context.configurations {
        if let Some(name) = one.value.get("name").and_then(|name| name.as_str()) {
            known.entry(name).or_default().extend(ranges(&one.value));
        }
    }
    let mut drafts = Vec::new();
    for output in &context.outputs {
        for (span, line) in context.lines(&output.piece.content) {
            // As the event of Multus says it: `Add eth0 [192.0.2.1/24] from default/name`.
            let Some((_, added)) = line.split_once("Add ") else {
                continue;
            };
            let Some((_, network)) = added.split_once(" from ") else {
                continue;
            };
            let name = network.split_whitespace().next().unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            let Some((_, address, _)) = addresses(added).into_iter().next() else {
                continue;
            };
            let Some(ranges) = known.get(name) else {
                continue;
            };
            if !ranges.is_empty()
                && !ranges
                    .iter()
                    .any(|(first, last)| (first..=last).contains(&&last_part(address)))
            {
                drafts.push(Draft::warning(
                    context.locate(&span, &address.to_string()),
                    format!("`{name}` cannot give {address}: the ranges of its configuration do not hold it"),
                    "print an output of this very configuration",
                ));
            }
        }
    }
    drafts
}

/// The last parts of each range's first and last address; the parts before may be variables of the shell.
fn ranges(configuration: &serde_json::Value) -> Vec<(u8, u8)> {
    let part = |range: &serde_json::Value, key: &str| -> Option<u8> {
        range.get(key)?.as_str()?.rsplit('.').next()?.parse().ok()
    };
    configuration
        .pointer("/ipam/ranges")
        .and_then(|ranges| ranges.as_array())
        .into_iter()
        .flatten()
        .filter_map(|set| set.as_array())
        .flatten()
        .filter_map(|range| Some((part(range, "rangeStart")?, part(range, "rangeEnd")?)))
        .collect()
}

fn last_part(address: Ipv4Addr) -> u8 {
    address.octets()[3]
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn an_address_of_another_range() {
        let text = |last: u32| {
            format!(
                "```json\n{{\"name\": \"a\", \"type\": \"b\", \"ipam\": {{\"ranges\": [[{{\"rangeStart\": \"192.0.2.10\", \"rangeEnd\": \"192.0.2.20\"}}]]}}}}\n```\n\n```console\nme@node:~$ kubectl events\nNormal AddedInterface Add eth0 [192.0.2.{last}/24] from default/a\n```\n"
            )
        };
        assert_snapshot!(found(&RULE, &text(30)), @"7:33 warning address-range: `a` cannot give 192.0.2.30: the ranges of its configuration do not hold it (hint: print an output of this very configuration)");
        assert_eq!(found(&RULE, &text(15)), "");
    }
}
