//! `{{ pod.INTERFACE }}` in an expected text: the pod's own address on that interface, and by family where it has both.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::observation::addresses::{Family, Interface};
use crate::written::{Written, is_interface};

/// A pod's usable addresses on each interface, IPv4 before IPv6, each family in the kernel's order.
pub(super) struct OwnAddresses(BTreeMap<String, Vec<IpNet>>);

/// Which of an interface's addresses a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// `pod.eth0`: the first, IPv4 before IPv6.
    First,
    /// `pod.eth0.ipv4` and `pod.eth0.ipv6`: the first of a family.
    Of(Family),
    /// `pod.eth0.all`: all of them with prefix lengths, a blank between two, as Multus prints them.
    All,
}

impl OwnAddresses {
    pub(super) fn new(interfaces: &[Interface]) -> Self {
        let usable = |interface: &Interface| {
            let families = Family::BOTH.into_iter();
            let given = families.flat_map(|family| interface.given(family));
            let usable = given.filter(|address| address.is_usable());
            usable.map(|address| address.net).collect()
        };
        let interfaces = interfaces.iter();
        Self(
            interfaces
                .map(|interface| (interface.name.clone(), usable(interface)))
                .collect(),
        )
    }

    /// Whether an address is the pod's own.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.0.values().flatten().any(|own| own.addr() == address)
    }

    /// The text with each variable filled in; the error says which cannot be.
    pub(super) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (variable, after) = after.split_once("}}").ok_or("'{{' without '}}'")?;
            filled.push_str(before);
            filled.push_str(&self.value(variable.trim())?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&self, variable: &str) -> Result<String, String> {
        let (interface, which) = parse(variable).ok_or_else(|| {
            format!(
                "unknown variable '{variable}' (known: pod.INTERFACE, pod.INTERFACE.ipv4, \
                 pod.INTERFACE.ipv6, pod.INTERFACE.all)"
            )
        })?;
        let own = self.0.get(interface).map_or(&[][..], Vec::as_slice);
        let (value, what) = match which {
            Which::First => (own.first().map(|net| net.addr().to_string()), "address"),
            Which::Of(family) => {
                let mut of_family = own.iter().filter(|net| Family::of(net.addr()) == family);
                let value = of_family.next().map(|net| net.addr().to_string());
                let what = match family {
                    Family::V4 => "IPv4 address",
                    Family::V6 => "IPv6 address",
                };
                (value, what)
            }
            Which::All => {
                let all: Vec<String> = own.iter().map(IpNet::to_string).collect();
                ((!all.is_empty()).then(|| all.join(" ")), "address")
            }
        };
        value.ok_or_else(|| format!("the pod has no {what} on {interface}"))
    }

    /// The text with each of the pod's own addresses replaced by its variable.
    pub(super) fn hide(&self, text: &str) -> String {
        let is_of_ipv4 = |character: char| character.is_ascii_digit() || character == '.';
        let is_of_address =
            |character: char| character.is_ascii_hexdigit() || character == '.' || character == ':';
        let mut hidden = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_of_address) {
            let (before, word) = rest.split_at(start);
            hidden.push_str(before);
            let end = |is_of_it: &dyn Fn(char) -> bool| {
                let end = word.find(|character| !is_of_it(character));
                end.unwrap_or(word.len())
            };
            let whole = end(&is_of_address);
            // What follows an IPv4 address may be a colon and a port.
            let ends = [whole, end(&is_of_ipv4)];
            let variable = ends.into_iter().find_map(|end| {
                let address = word.get(..end)?.parse().ok()?;
                Some((self.variable_of(address)?, end))
            });
            let (shown, end) = match &variable {
                Some((variable, end)) => (variable.as_str(), *end),
                None => (word.get(..whole).unwrap_or_default(), whole),
            };
            hidden.push_str(shown);
            rest = word.get(end..).unwrap_or_default();
        }
        hidden.push_str(rest);
        hidden
    }

    /// The variable that stands for an address; none where it is not the pod's own.
    pub(super) fn variable_of(&self, address: IpAddr) -> Option<String> {
        let mut all = self.0.iter();
        let (interface, own) = all.find(|(_, own)| own.iter().any(|net| net.addr() == address))?;
        let is_first = own.first().is_some_and(|net| net.addr() == address);
        let family = match Family::of(address) {
            _ if is_first => "",
            Family::V4 => ".ipv4",
            Family::V6 => ".ipv6",
        };
        Some(format!("{{{{ pod.{interface}{family} }}}}"))
    }
}

/// The interface of a variable, and which of its addresses is meant; none where it is no such variable.
fn parse(variable: &str) -> Option<(&str, Which)> {
    let name = variable
        .strip_prefix("pod.")
        .filter(|name| !name.is_empty())?;
    // An interface's name may have dots in it, as that of a VLAN.
    let (interface, which) = match name.rsplit_once('.') {
        Some((interface, "ipv4")) => (interface, Which::Of(Family::V4)),
        Some((interface, "ipv6")) => (interface, Which::Of(Family::V6)),
        Some((interface, "all")) => (interface, Which::All),
        _ => (name, Which::First),
    };
    (!interface.is_empty()).then_some((interface, which))
}

/// The text with an example address in place of each placeholder; nothing where a placeholder does not exist.
pub(super) fn example(text: &str, written: Written<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let name = after.split_once("}}");
        let interface = name.and_then(|(name, _)| Some(parse(name.trim())?.0));
        let (Some((_, after)), Some(true)) = (name, interface.map(is_interface)) else {
            written.problem_with_hint(
                format!(
                    "unknown placeholder `{}`",
                    name.map_or(after, |(name, _)| name).trim()
                ),
                "the only one is `{{ pod.INTERFACE }}`, such as `{{ pod.net1 }}`, the pod's own \
                 address there, or with `.ipv4`, `.ipv6` or `.all`",
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn own() -> anyhow::Result<OwnAddresses> {
        let nets = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| text.parse())
                .collect::<Result<_, _>>()
        };
        Ok(OwnAddresses(BTreeMap::from([
            (
                "eth0".to_owned(),
                nets(&["10.244.19.51/32", "fd12:9::33/128"])?,
            ),
            ("net1".to_owned(), nets(&["10.1.128.2/24"])?),
            ("net1.7".to_owned(), nets(&["fd12:7::4/64"])?),
        ])))
    }

    #[rstest]
    #[case(
        "Add eth0 [{{ pod.eth0 }}/32] from x",
        "Add eth0 [10.244.19.51/32] from x"
    )]
    #[case("{{ pod.net1 }} {{ pod.eth0 }}", "10.1.128.2 10.244.19.51")]
    #[case(
        "[{{ pod.eth0 }}/32 {{ pod.eth0.ipv6 }}/128]",
        "[10.244.19.51/32 fd12:9::33/128]"
    )]
    #[case("{{ pod.net1.7 }}, {{ pod.net1 }}:80", "fd12:7::4, 10.1.128.2:80")]
    #[case("nothing added", "nothing added")]
    fn variables_are_filled_in_and_hidden_again(
        #[case] text: &str,
        #[case] filled: &str,
    ) -> anyhow::Result<()> {
        assert_eq!(own()?.fill(text), Ok(filled.to_owned()));
        assert_eq!(own()?.hide(filled), text);
        Ok(())
    }

    #[rstest]
    #[case("{{pod.eth0.ipv4}}", "10.244.19.51")]
    #[case("[{{ pod.eth0.all }}]", "[10.244.19.51/32 fd12:9::33/128]")]
    #[case("[{{ pod.net1.all }}]", "[10.1.128.2/24]")]
    #[case("{{ pod.net1.7.ipv6 }}", "fd12:7::4")]
    fn addresses_are_named_by_family(
        #[case] text: &str,
        #[case] filled: &str,
    ) -> anyhow::Result<()> {
        assert_eq!(own()?.fill(text), Ok(filled.to_owned()));
        Ok(())
    }

    #[rstest]
    #[case(
        "10.1.128.20 10.1.128.2/24 110.1.128.2",
        "10.1.128.20 {{ pod.net1 }}/24 110.1.128.2"
    )]
    #[case(
        "fd12:9::3 fd12:9::334 fd12:9:0:0::33",
        "fd12:9::3 fd12:9::334 {{ pod.eth0.ipv6 }}"
    )]
    fn only_whole_addresses_are_hidden(
        #[case] text: &str,
        #[case] hidden: &str,
    ) -> anyhow::Result<()> {
        assert_eq!(own()?.hide(text), hidden);
        Ok(())
    }

    #[rstest]
    #[case("{{ pod.net2 }}", "the pod has no address on net2")]
    #[case("{{ pod.net1.ipv6 }}", "the pod has no IPv6 address on net1")]
    #[case("{{ pod.net1.7.ipv4 }}", "the pod has no IPv4 address on net1.7")]
    #[case("{{ pod.net2.all }}", "the pod has no address on net2")]
    #[case("{{ pod.eth0", "'{{' without '}}'")]
    fn what_cannot_be_filled_in_is_named(
        #[case] text: &str,
        #[case] reason: &str,
    ) -> anyhow::Result<()> {
        assert_eq!(own()?.fill(text), Err(reason.to_owned()));
        Ok(())
    }

    #[rstest]
    #[case("{{ node.block }}")]
    #[case("{{ pod. }}")]
    #[case("{{ pod..ipv6 }}")]
    fn another_variable_is_told_which_there_are(#[case] text: &str) -> anyhow::Result<()> {
        let filled = own()?.fill(text);
        assert!(
            filled.is_err_and(|error| error.contains("(known: pod.INTERFACE")),
            "{text}"
        );
        Ok(())
    }
}
