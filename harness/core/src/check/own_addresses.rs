//! `{{ pod.INTERFACE }}` in an expected text: the pod's own address on that interface, and by family where it has both.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::observation::addresses::{Family, Interface};
use crate::written::is_interface;

/// A pod's usable addresses on each interface, IPv4 before IPv6, each family in the kernel's order.
pub(super) struct OwnAddresses(BTreeMap<String, Vec<IpNet>>);

/// A variable of an expected text: an interface of the pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodVariable {
    interface: String,
    which: Which,
}

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

    /// What a variable stands for; the error says what the pod lacks.
    pub(super) fn value(&self, variable: &PodVariable) -> Result<String, String> {
        let interface = &variable.interface;
        let own = self.0.get(interface).map_or(&[][..], Vec::as_slice);
        let nothing = |what: String| format!("the pod has no {what} on {interface}");
        match variable.which {
            Which::First => {
                let first = own.first().map(|net| net.addr().to_string());
                first.ok_or_else(|| nothing("address".to_owned()))
            }
            Which::Of(family) => {
                let mut of_family = own.iter().filter(|net| Family::of(net.addr()) == family);
                let first = of_family.next().map(|net| net.addr().to_string());
                first.ok_or_else(|| nothing(format!("{family} address")))
            }
            Which::All if own.is_empty() => Err(nothing("address".to_owned())),
            Which::All => {
                let all: Vec<String> = own.iter().map(IpNet::to_string).collect();
                Ok(all.join(" "))
            }
        }
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

    /// The variable that stands for an address, in its braces; none where it is not the pod's own.
    pub(super) fn variable_of(&self, address: IpAddr) -> Option<String> {
        let mut all = self.0.iter();
        let (interface, own) = all.find(|(_, own)| own.iter().any(|net| net.addr() == address))?;
        let is_first = own.first().is_some_and(|net| net.addr() == address);
        let variable = PodVariable {
            interface: interface.clone(),
            which: if is_first {
                Which::First
            } else {
                Which::Of(Family::of(address))
            },
        };
        Some(format!("{{{{ {variable} }}}}"))
    }
}

impl PodVariable {
    /// An address of the right family, to look at a text without a pod.
    pub(super) fn example(&self) -> String {
        match self.which {
            Which::First | Which::Of(Family::V4) => "192.0.2.1",
            Which::Of(Family::V6) => "2001:db8::1",
            Which::All => "192.0.2.1/24",
        }
        .to_owned()
    }
}

impl FromStr for PodVariable {
    type Err = String;

    fn from_str(variable: &str) -> Result<Self, String> {
        // An interface's name may have dots in it, as that of a VLAN.
        let parsed = variable
            .strip_prefix("pod.")
            .map(|name| match name.rsplit_once('.') {
                Some((interface, "ipv4")) => (interface, Which::Of(Family::V4)),
                Some((interface, "ipv6")) => (interface, Which::Of(Family::V6)),
                Some((interface, "all")) => (interface, Which::All),
                _ => (name, Which::First),
            });
        match parsed {
            Some((interface, which)) if is_interface(interface) => Ok(Self {
                interface: interface.to_owned(),
                which,
            }),
            _ => Err(format!(
                "unknown placeholder `{variable}` (hint: the only one is `{{{{ pod.INTERFACE }}}}`, such as \
                 `{{{{ pod.net1 }}}}`, the pod's own address there, or with `.ipv4`, `.ipv6` or `.all`)"
            )),
        }
    }
}

impl fmt::Display for PodVariable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = match self.which {
            Which::First => "",
            Which::Of(Family::V4) => ".ipv4",
            Which::Of(Family::V6) => ".ipv6",
            Which::All => ".all",
        };
        write!(formatter, "pod.{}{which}", self.interface)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::template::Text;

    fn fill(text: &str) -> anyhow::Result<Result<String, String>> {
        let text: Text<PodVariable> = text.parse().map_err(anyhow::Error::msg)?;
        let own = own()?;
        Ok(text.fill(|variable| own.value(variable)))
    }

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
        assert_eq!(fill(text)?, Ok(filled.to_owned()));
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
        assert_eq!(fill(text)?, Ok(filled.to_owned()));
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
    fn what_cannot_be_filled_in_is_named(
        #[case] text: &str,
        #[case] reason: &str,
    ) -> anyhow::Result<()> {
        assert_eq!(fill(text)?, Err(reason.to_owned()));
        Ok(())
    }

    #[rstest]
    #[case("{{ node.block }}")]
    #[case("{{ pod. }}")]
    #[case("{{ pod..ipv6 }}")]
    #[case("{{ pod.a/b }}")]
    fn another_variable_is_told_which_there_are(#[case] text: &str) {
        let text = text.parse::<Text<PodVariable>>();
        assert!(text.is_err_and(|error| error.contains("the only one is `{{ pod.INTERFACE }}`")));
    }
}
