//! The interfaces of a network namespace and their addresses, as `ip -j address` prints them.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use serde::Deserialize;

use super::{Inability, json};
use crate::query::Output;

/// The program that prints them.
pub const COMMAND: [&str; 4] = ["ip", "-j", "address", "show"];

/// Devices that the kernel makes in every new namespace once a tunnel's module is loaded; no CNI plugin made them.
const FALLBACK_DEVICES: [&str; 10] = [
    "erspan0", "gre0", "gretap0", "ip6_vti0", "ip6gre0", "ip6tnl0", "ip_vti0", "sit0", "tunl0",
    "teql0",
];

/// One interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its IPv4 addresses with prefix lengths, in the kernel's order.
    pub ipv4: Vec<Ipv4Net>,
    /// Its IPv6 addresses with prefix lengths, as text.
    pub ipv6: Vec<String>,
    /// The largest packet, in bytes.
    pub mtu: u32,
}

impl Interface {
    /// Its IPv4 addresses without prefix lengths.
    pub fn ipv4_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.ipv4.iter().map(Ipv4Net::addr)
    }

    /// All addresses with prefix lengths, as text.
    pub fn all(&self) -> Vec<String> {
        let ipv4 = self.ipv4.iter().map(ToString::to_string);
        ipv4.chain(self.ipv6.iter().cloned()).collect()
    }
}

#[derive(Deserialize)]
struct Raw {
    /// iproute2 prints an empty object for what a filter leaves out.
    #[serde(default)]
    ifname: Option<String>,
    #[serde(default)]
    mtu: u32,
    #[serde(default)]
    addr_info: Vec<RawAddress>,
}

#[derive(Deserialize)]
struct RawAddress {
    #[serde(default)]
    local: Option<IpAddr>,
    #[serde(default)]
    prefixlen: u8,
}

/// The interfaces that a CNI plugin made: all but the loopback and the kernel's fallback devices.
///
/// # Errors
/// [`Inability`] where the program failed or printed something else.
pub fn read(output: &Output) -> Result<Vec<Interface>, Inability> {
    let mut interfaces = all(output)?;
    interfaces.retain(|interface| !is_kernels_own(&interface.name));
    Ok(interfaces)
}

/// Whether a device is the loopback or one that the kernel makes by itself.
pub(crate) fn is_kernels_own(name: &str) -> bool {
    name == "lo" || FALLBACK_DEVICES.contains(&name)
}

/// All interfaces.
///
/// # Errors
/// [`Inability`] where the program failed or printed something else.
pub fn all(output: &Output) -> Result<Vec<Interface>, Inability> {
    let raw: Vec<Raw> = json("addresses", output)?;
    raw.into_iter()
        .filter_map(|raw| Some((raw.ifname?, raw.mtu, raw.addr_info)))
        .map(|(name, mtu, addresses)| interface(output, name, mtu, &addresses))
        .collect()
}

fn interface(
    output: &Output,
    name: String,
    mtu: u32,
    addresses: &[RawAddress],
) -> Result<Interface, Inability> {
    let mut interface = Interface {
        name,
        ipv4: Vec::new(),
        ipv6: Vec::new(),
        mtu,
    };
    for address in addresses {
        match address.local {
            Some(IpAddr::V4(local)) => {
                let net = Ipv4Net::new(local, address.prefixlen).map_err(|error| {
                    Inability::unparsable(
                        "addresses",
                        output.subject.to_string(),
                        error.to_string(),
                    )
                })?;
                interface.ipv4.push(net);
            }
            Some(IpAddr::V6(local)) => {
                interface
                    .ipv6
                    .push(format!("{local}/{}", address.prefixlen));
            }
            None => {}
        }
    }
    Ok(interface)
}

#[cfg(test)]
mod tests {
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
            "failed to parse addresses of pod default/normal-1: expected value at line 1 column 1",
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
}
