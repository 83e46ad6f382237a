//! The interfaces of a network namespace and their addresses of both families, as `ip -j address` prints them.
//!
//! Whether an interface can be used is told as it is printed; which states are wrong is the checks' to say.

pub(super) mod mutants;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Inability, Odd, Reading, printed_json};
use crate::query::Output;

/// The program that prints them.
pub const COMMAND: [&str; 4] = ["ip", "-j", "address", "show"];

/// Devices that the kernel makes in every new namespace once a tunnel's module is loaded; no CNI plugin made them.
const FALLBACK_DEVICES: [&str; 10] = [
    "erspan0", "gre0", "gretap0", "ip6_vti0", "ip6gre0", "ip6tnl0", "ip_vti0", "sit0", "tunl0",
    "teql0",
];

/// States (RFC 2863) in which an interface carries nothing. `UNKNOWN` is that of drivers that do not tell.
const DOWN: [&str; 5] = ["DOWN", "DORMANT", "LOWERLAYERDOWN", "NOTPRESENT", "TESTING"];

/// Flags of an interface whose link, or what is below it, is down.
const WITHOUT_LINK: [&str; 2] = ["NO-CARRIER", "M-DOWN"];

/// Marks of an address that the kernel does not use, or not yet.
const UNUSABLE: [&str; 2] = ["dadfailed", "tentative"];

/// One of the two families.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Family {
    /// IPv4.
    #[default]
    #[serde(rename = "ipv4")]
    V4,
    /// IPv6.
    #[serde(rename = "ipv6")]
    V6,
}

impl Family {
    /// Both, the older one first.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::V4
        } else {
            Self::V6
        }
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands a reference to the field"
    )]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The prefix length of one address alone.
    pub fn whole(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// One interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its addresses, in the kernel's order.
    pub addresses: Vec<Address>,
    /// The largest packet, in bytes; 0 where it is not told.
    pub mtu: u32,
    /// Its MAC address, where it has one.
    pub mac: Option<String>,
    /// Such as `UP` and `NO-CARRIER`.
    pub flags: BTreeSet<String>,
    /// Its state as the kernel's driver tells it, such as `UP` or `LOWERLAYERDOWN`; empty where it is not told.
    pub state: String,
}

/// One address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address with its prefix length.
    pub net: IpNet,
    /// Such as `global` or `link`.
    pub scope: String,
    /// What else the kernel says of it, such as `secondary`, `tentative`, `dadfailed` or `deprecated`.
    pub marks: BTreeSet<String>,
}

impl Address {
    /// Whether packets can come from it: neither waits for duplicate address detection nor failed it.
    pub fn is_usable(&self) -> bool {
        !UNUSABLE.iter().any(|mark| self.marks.contains(*mark))
    }

    /// Whether the kernel made it by itself: a link-local one, or one that a router's advertisement asked for.
    fn is_kernels_own(&self) -> bool {
        let is_link_local = match self.net.addr() {
            IpAddr::V4(_) => false,
            IpAddr::V6(address) => address.is_unicast_link_local(),
        };
        is_link_local || (self.net.addr().is_ipv6() && self.marks.contains("dynamic"))
    }
}

/// With its prefix length, and with its marks where it has some: `fd00::7/64 (dadfailed, tentative)`.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.net)?;
        if self.marks.is_empty() {
            return Ok(());
        }
        let marks: Vec<&str> = self.marks.iter().map(String::as_str).collect();
        write!(formatter, " ({})", marks.join(", "))
    }
}

impl Interface {
    /// Its addresses of a family that a plugin gave, in the kernel's order.
    pub fn given(&self, family: Family) -> impl Iterator<Item = &Address> {
        let is_it = move |address: &&Address| {
            Family::of(address.net.addr()) == family && !address.is_kernels_own()
        };
        self.addresses.iter().filter(is_it)
    }

    /// Its addresses of both families that a plugin gave and that can be used, without prefix lengths.
    pub fn usable(&self) -> impl Iterator<Item = IpAddr> {
        let families = Family::BOTH.into_iter();
        let given = families.flat_map(|family| self.given(family));
        given
            .filter(|address| address.is_usable())
            .map(|address| address.net.addr())
    }

    /// All addresses with prefix lengths and marks, as text.
    pub fn all(&self) -> Vec<String> {
        let ipv4 = |address: &&Address| address.net.addr().is_ipv4();
        let first = self.addresses.iter().filter(ipv4);
        let rest = self.addresses.iter().filter(|address| !ipv4(address));
        first.chain(rest).map(ToString::to_string).collect()
    }

    /// Why nothing can be reached over it, such as `NO-CARRIER, state LOWERLAYERDOWN`; none where it is up, or where
    /// nothing is told of it.
    pub fn down(&self) -> Option<String> {
        down(&self.flags, &self.state)
    }
}

/// The signs in a link's flags and state that it is down; none where it is up, or where nothing is told of it.
pub(super) fn down(flags: &BTreeSet<String>, state: &str) -> Option<String> {
    let mut signs: Vec<String> = Vec::new();
    if !flags.is_empty() && !flags.contains("UP") {
        signs.push("not UP".to_owned());
    }
    let without_link = WITHOUT_LINK.iter().filter(|flag| flags.contains(**flag));
    signs.extend(without_link.map(|flag| (*flag).to_owned()));
    if DOWN.contains(&state) {
        signs.push(format!("state {state}"));
    }
    (!signs.is_empty()).then(|| signs.join(", "))
}

#[derive(Deserialize)]
struct Raw {
    ifname: String,
    #[serde(default)]
    mtu: u32,
    #[serde(default)]
    flags: BTreeSet<String>,
    #[serde(default)]
    operstate: String,
    /// The MAC address of an Ethernet interface; of a tunnel, its own end.
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    addr_info: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct RawAddress {
    #[serde(default)]
    local: Option<IpAddr>,
    #[serde(default)]
    prefixlen: Option<u8>,
    #[serde(default)]
    scope: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The interfaces that a CNI plugin made: all but the loopback and the kernel's fallback devices.
///
/// # Errors
/// [`Inability`] where the program failed or printed something else.
pub fn read(output: &Output) -> Result<Reading<Interface>, Inability> {
    let mut interfaces = all(output)?;
    interfaces
        .entries
        .retain(|interface| !is_kernels_own(&interface.name));
    Ok(interfaces)
}

/// Whether a device is the loopback or one that the kernel makes by itself.
pub(crate) fn is_kernels_own(name: &str) -> bool {
    name == "lo" || FALLBACK_DEVICES.contains(&name)
}

/// All interfaces. An interface or an address that is not understood is told, and the others are read.
///
/// # Errors
/// [`Inability`] where the program failed or printed something else.
pub fn all(output: &Output) -> Result<Reading<Interface>, Inability> {
    let raw: Vec<Value> = printed_json("addresses", output)?;
    let mut reading = Reading::default();
    for value in raw {
        // iproute2 prints an empty object for what a filter leaves out.
        if value.as_object().is_some_and(Map::is_empty) {
            continue;
        }
        match Raw::deserialize(&value) {
            Ok(raw) => {
                let (interface, odd) = interface(raw);
                reading.entries.push(interface);
                reading.odd.extend(odd);
            }
            Err(error) => {
                let odd = Odd::new(format!("an interface: {error}"), &value.to_string());
                reading.odd.push(odd);
            }
        }
    }
    Ok(reading)
}

fn interface(raw: Raw) -> (Interface, Vec<Odd>) {
    let addresses = raw.addr_info.unwrap_or_default();
    let addresses: Reading<Option<Address>> = addresses
        .iter()
        .map(|value| {
            address(value).map_err(|reason| {
                let reason = format!("an address of {}: {reason}", raw.ifname);
                Odd::new(reason, &value.to_string())
            })
        })
        .collect();
    let interface = Interface {
        name: raw.ifname,
        addresses: addresses.entries.into_iter().flatten().collect(),
        mtu: raw.mtu,
        mac: raw.address.filter(|address| address.contains(':')),
        flags: raw.flags,
        state: raw.operstate,
    };
    (interface, addresses.odd)
}

/// One address; none for an empty object, and for the peer of a link that has none of its own.
fn address(value: &Value) -> Result<Option<Address>, String> {
    let raw = RawAddress::deserialize(value).map_err(|error| error.to_string())?;
    let Some(local) = raw.local else {
        return Ok(None);
    };
    let length = raw.prefixlen.unwrap_or(Family::of(local).whole());
    let net = IpNet::new(local, length).map_err(|error| error.to_string())?;
    let marks = raw.rest.into_iter();
    let marks = marks.filter_map(|(name, value)| (value == Value::Bool(true)).then_some(name));
    Ok(Some(Address {
        net,
        scope: raw.scope,
        marks: marks.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::query::Subject;

    fn output(text: &str) -> Output {
        let subject = Subject::Pod {
            namespace: "default".to_owned(),
            name: "normal-1".to_owned(),
        };
        Output::fetched(subject, 0, text, "")
    }

    #[test]
    fn the_interfaces_of_plugins_are_read() -> Result<(), Inability> {
        let interfaces = read(&output(include_str!("../../testdata/ip/pod-address.json")))?;
        let seen: Vec<(String, Vec<String>)> = interfaces
            .entries
            .iter()
            .map(|interface| (interface.name.clone(), interface.all()))
            .collect();
        insta::assert_debug_snapshot!(seen, @r#"
        [
            (
                "eth0",
                [
                    "10.244.19.51/32",
                    "fe80::b42e:c3ff:fe31:b774/64",
                ],
            ),
            (
                "net1",
                [
                    "10.1.128.2/24",
                    "fe80::58cf:74ff:fe47:5b84/64",
                ],
            ),
        ]
        "#);
        Ok(())
    }

    #[test]
    fn loopback_fallback_devices_and_empty_objects_are_left_out() -> Result<(), Inability> {
        let text =
            r#"[{}, {"ifname": "lo"}, {"ifname": "tunl0"}, {"ifname": "eth0", "mtu": 1450}]"#;
        let names: Vec<String> = read(&output(text))?
            .entries
            .into_iter()
            .map(|interface| interface.name)
            .collect();
        assert_eq!(names, ["eth0"]);
        Ok(())
    }

    #[test]
    fn what_ip_does_not_print_names_its_pod() {
        let error = read(&output("ip: unknown option -j")).map_err(|error| error.to_string());
        insta::assert_debug_snapshot!(error, @r#"
        Err(
            "failed to read addresses of pod default/normal-1: not understood: no JSON was printed: ip: unknown option -j",
        )
        "#);
        let mut failed = output("");
        failed.status = 127;
        failed.error = crate::redaction::RawText::from("ip: not found\n").redacted();
        let error = read(&failed).map_err(|error| error.to_string());
        insta::assert_debug_snapshot!(error, @r#"
        Err(
            "failed to read addresses of pod default/normal-1: status 127, ip: not found",
        )
        "#);
    }

    fn only(text: &str) -> anyhow::Result<Interface> {
        let reading = read(&output(text))?;
        anyhow::ensure!(reading.odd.is_empty(), "{:?}", reading.odd);
        reading
            .entries
            .into_iter()
            .next()
            .ok_or_else(|| anyhow::anyhow!("no interface"))
    }

    #[rstest]
    #[case::up(r#""flags": ["BROADCAST", "UP", "LOWER_UP"], "operstate": "UP""#, None)]
    #[case::of_a_driver_that_does_not_tell(
        r#""flags": ["UP", "LOWER_UP"], "operstate": "UNKNOWN""#,
        None
    )]
    #[case::nothing_told(r#""mtu": 1400"#, None)]
    #[case::set_down(
        r#""flags": ["BROADCAST"], "operstate": "DOWN""#,
        Some("not UP, state DOWN")
    )]
    #[case::pulled(
        r#""flags": ["NO-CARRIER", "UP"], "operstate": "DOWN""#,
        Some("NO-CARRIER, state DOWN")
    )]
    #[case::its_parent_is_down(
        r#""flags": ["NO-CARRIER", "UP", "M-DOWN"], "operstate": "LOWERLAYERDOWN""#,
        Some("NO-CARRIER, M-DOWN, state LOWERLAYERDOWN")
    )]
    #[case::waits(r#""flags": ["UP"], "operstate": "DORMANT""#, Some("state DORMANT"))]
    fn whether_a_link_is_down_is_told(
        #[case] fields: &str,
        #[case] down: Option<&str>,
    ) -> anyhow::Result<()> {
        let interface = only(&format!(r#"[{{"ifname": "net7", {fields}}}]"#))?;
        assert_eq!(interface.down().as_deref(), down);
        Ok(())
    }

    #[test]
    fn addresses_of_both_families_keep_their_marks() -> anyhow::Result<()> {
        let text = r#"[{"ifname": "net3", "mtu": 1380, "address": "02:11:22:33:44:55", "addr_info": [
            {"family": "inet6", "local": "fd31::9", "prefixlen": 64, "scope": "global", "dadfailed": true, "tentative": true},
            {"family": "inet", "local": "172.20.4.9", "prefixlen": 22, "scope": "global"},
            {"family": "inet", "local": "172.20.4.10", "prefixlen": 22, "scope": "global", "secondary": true},
            {"family": "inet6", "local": "fe80::9", "prefixlen": 64, "scope": "link"},
            {"family": "inet6", "local": "2001:db8:5::9", "prefixlen": 64, "scope": "global", "dynamic": true, "mngtmpaddr": true},
            {"family": "inet6", "local": "fd31::a", "prefixlen": 128, "scope": "global", "deprecated": true}]}]"#;
        let interface = only(text)?;
        assert_eq!(interface.mtu, 1380);
        assert_eq!(interface.mac.as_deref(), Some("02:11:22:33:44:55"));
        let given = |family| {
            interface
                .given(family)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            given(Family::V4),
            ["172.20.4.9/22", "172.20.4.10/22 (secondary)"]
        );
        assert_eq!(
            given(Family::V6),
            [
                "fd31::9/64 (dadfailed, tentative)",
                "fd31::a/128 (deprecated)"
            ]
        );
        let usable: Vec<String> = interface
            .usable()
            .map(|address| address.to_string())
            .collect();
        assert_eq!(usable, ["172.20.4.9", "172.20.4.10", "fd31::a"]);
        Ok(())
    }

    #[test]
    fn what_is_odd_is_told_and_the_rest_is_read() -> anyhow::Result<()> {
        let text = r#"[{"ifname": "net1", "addr_info": [
            {"local": "10.9.0.4", "prefixlen": 40}, {"local": "here", "prefixlen": 8}, {"local": "10.9.0.5", "prefixlen": 24}]},
            {"ifname": 7}, {"ifname": "net2", "addr_info": null}]"#;
        let reading = read(&output(text))?;
        let seen: Vec<(&str, Vec<String>)> = reading
            .entries
            .iter()
            .map(|interface| (interface.name.as_str(), interface.all()))
            .collect();
        assert_eq!(
            seen,
            [
                ("net1", vec!["10.9.0.5/24".to_owned()]),
                ("net2", Vec::new())
            ]
        );
        let odd: Vec<String> = reading.odd.iter().map(ToString::to_string).collect();
        insta::assert_debug_snapshot!(odd, @r#"
        [
            "not understood: an address of net1: invalid IP prefix length: {\"local\":\"10.9.0.4\",\"prefixlen\":40}",
            "not understood: an address of net1: invalid IP address syntax: {\"local\":\"here\",\"prefixlen\":8}",
            "not understood: an interface: invalid type: integer `7`, expected a string: {\"ifname\":7}",
        ]
        "#);
        Ok(())
    }
}
