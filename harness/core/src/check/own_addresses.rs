//! `{{ pod.INTERFACE }}` in an expected text: the pod's own address on that interface.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::observation::addresses::{self, Interface};
use crate::query::Query;
use crate::written::Written;

/// A pod's first IPv4 address on each interface.
pub(super) struct OwnAddresses(BTreeMap<String, Ipv4Addr>);

/// The query for the addresses of selected pods.
pub(super) fn query(namespace: &str, selector: &str) -> Query {
    Query::PodCommand {
        namespace: namespace.to_owned(),
        selector: selector.to_owned(),
        command: addresses::COMMAND.map(str::to_owned).to_vec(),
    }
}

impl OwnAddresses {
    pub(super) fn new(interfaces: &[Interface]) -> Self {
        let first = |interface: &Interface| {
            let address = interface.ipv4_addresses().next()?;
            Some((interface.name.clone(), address))
        };
        Self(interfaces.iter().filter_map(first).collect())
    }

    /// Whether an address is the pod's own.
    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.0.values().any(|own| *own == address)
    }

    /// The text with each variable filled in; the error says which cannot be.
    pub(super) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (variable, after) = after.split_once("}}").ok_or("'{{' without '}}'")?;
            let variable = variable.trim();
            let interface = variable
                .strip_prefix("pod.")
                .ok_or_else(|| format!("unknown variable '{variable}' (known: pod.INTERFACE)"))?;
            let address = self
                .0
                .get(interface)
                .ok_or_else(|| format!("the pod has no IPv4 address on {interface}"))?;
            filled.push_str(before);
            filled.push_str(&address.to_string());
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The text with each of the pod's own addresses replaced by its variable.
    pub(super) fn hide(&self, text: &str) -> String {
        let is_of_address = |character: char| character.is_ascii_digit() || character == '.';
        let mut hidden = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_of_address) {
            let (before, word) = rest.split_at(start);
            let end = word
                .find(|character| !is_of_address(character))
                .unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            hidden.push_str(before);
            match self.0.iter().find(|(_, own)| own.to_string() == word) {
                Some((interface, _)) => hidden.push_str(&variable(interface)),
                None => hidden.push_str(word),
            }
            rest = after;
        }
        hidden.push_str(rest);
        hidden
    }

    /// The variable of the interface that has the address.
    pub(super) fn variable_of(&self, address: Ipv4Addr) -> Option<String> {
        let (interface, _) = self.0.iter().find(|(_, own)| **own == address)?;
        Some(variable(interface))
    }
}

fn variable(interface: &str) -> String {
    format!("{{{{ pod.{interface} }}}}")
}

/// The text with an example address in place of each placeholder; nothing where a placeholder does not exist.
pub(super) fn example(text: &str, written: Written<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let name = after.split_once("}}");
        let interface = name.and_then(|(name, _)| name.trim().strip_prefix("pod."));
        let (Some((_, after)), Some(true)) = (name, interface.map(is_interface)) else {
            written.problem_with_hint(
                format!(
                    "unknown placeholder `{}`",
                    name.map_or(after, |(name, _)| name).trim()
                ),
                "the only one is `{{ pod.INTERFACE }}`, such as `{{ pod.net1 }}`: the pod's own \
                 address there",
            );
            return None;
        };
        filled.push_str(before);
        filled.push_str("192.0.2.1");
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// The kernel's rule for an interface's name (`IFNAMSIZ` is 16 with the closing zero).
fn is_interface(name: &str) -> bool {
    let is_printable = |letter: char| letter.is_ascii_graphic() && letter != '/' && letter != ':';
    !name.is_empty() && name.len() < 16 && name.chars().all(is_printable)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn own() -> OwnAddresses {
        OwnAddresses(BTreeMap::from([
            ("eth0".to_owned(), Ipv4Addr::new(10, 244, 19, 51)),
            ("net1".to_owned(), Ipv4Addr::new(10, 1, 128, 2)),
        ]))
    }

    #[rstest]
    #[case(
        "Add eth0 [{{ pod.eth0 }}/32] from x",
        "Add eth0 [10.244.19.51/32] from x"
    )]
    #[case("{{pod.net1}} {{ pod.eth0 }}", "10.1.128.2 10.244.19.51")]
    #[case("nothing", "nothing")]
    fn variables_are_filled_in_and_hidden_again(#[case] text: &str, #[case] filled: &str) {
        assert_eq!(own().fill(text), Ok(filled.to_owned()));
        assert_eq!(
            own().hide(filled),
            text.replace("{{pod.net1}}", "{{ pod.net1 }}")
        );
    }

    #[rstest]
    #[case(
        "10.1.128.20 10.1.128.2/24 110.1.128.2",
        "10.1.128.20 {{ pod.net1 }}/24 110.1.128.2"
    )]
    fn only_whole_addresses_are_hidden(#[case] text: &str, #[case] hidden: &str) {
        assert_eq!(own().hide(text), hidden);
    }

    #[rstest]
    #[case("{{ pod.net2 }}", "the pod has no IPv4 address on net2")]
    #[case(
        "{{ node.block }}",
        "unknown variable 'node.block' (known: pod.INTERFACE)"
    )]
    #[case("{{ pod.eth0", "'{{' without '}}'")]
    fn what_cannot_be_filled_in_is_named(#[case] text: &str, #[case] reason: &str) {
        assert_eq!(own().fill(text), Err(reason.to_owned()));
    }
}
