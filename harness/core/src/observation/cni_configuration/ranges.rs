//! What a plugin's `ipam` says to host-local: the ranges that it gives addresses from, or why host-local refuses them and
//! with them every pod of the network.
//!
//! The rules are those of host-local 1.x: it fills in what a range leaves out, an empty address is one that is left out,
//! and a range has to lie inside its subnet, which has no host bits and more than two addresses. Calico's plugin puts the
//! node's own pod subnet in place of `usePodCidr` and `usePodCidrIPv6` first; which subnet that is stands in the `Node`
//! object alone.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde_json::{Map, Value};

use crate::observation::addresses::Family;

/// The plugin that fills in the node's own pod subnet.
const CALICO: &str = "calico";

/// What a plugin's `ipam` says to host-local.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    /// The ranges that are written out, in order.
    pub given: Vec<Range>,
    /// The families of which the node's own pod subnet is taken.
    pub of_pod_subnet: Vec<Family>,
    /// Why host-local refuses all of it, as sentence fragments; then no pod gets an address.
    pub refused: Vec<String>,
}

/// One host-local range, with host-local's own defaults for what it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The subnet.
    pub subnet: IpNet,
    /// The first address that is given out.
    pub first: IpAddr,
    /// The last address that is given out.
    pub last: IpAddr,
}

impl Range {
    /// Whether an address is one of those that are given out.
    pub fn contains(&self, address: IpAddr) -> bool {
        Family::of(address) == Family::of(self.first) && (self.first..=self.last).contains(&address)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.contains(other.first)
            || self.contains(other.last)
            || other.contains(self.first)
            || other.contains(self.last)
    }
}

/// `10.9.0.20-10.9.0.40 in 10.9.0.0/24`
impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{} in {}", self.first, self.last, self.subnet)
    }
}

/// One range as it is written.
enum Written {
    Range(Range),
    PodSubnet(Family),
}

impl Written {
    fn family(&self) -> Family {
        match self {
            Self::Range(range) => Family::of(range.first),
            Self::PodSubnet(family) => *family,
        }
    }
}

impl Ranges {
    /// What a plugin with this `type` and configuration says; nothing where its IPAM plugin is not host-local.
    pub(super) fn of_plugin(plugin: &str, cni_version: &str, configuration: &Value) -> Self {
        let Some(Value::Object(ipam)) = configuration.get("ipam") else {
            return Self::default();
        };
        if ipam.get("type").is_none_or(|kind| kind != "host-local") {
            return Self::default();
        }
        // A runtime may give ranges of its own to a plugin with that capability.
        let is_given_some =
            configuration.pointer("/capabilities/ipRanges") == Some(&Value::Bool(true));
        match sets(ipam, plugin) {
            Ok(sets) if sets.is_empty() && !is_given_some => Self::refused("no range of addresses"),
            Ok(sets) => Self::of_sets(sets, cni_version),
            Err(reason) => Self::refused(reason),
        }
    }

    fn refused(reason: impl Into<String>) -> Self {
        Self {
            refused: vec![reason.into()],
            ..Self::default()
        }
    }

    fn of_sets(sets: Vec<Vec<Written>>, cni_version: &str) -> Self {
        if let Some(reason) = mixed_or_too_many(&sets, cni_version) {
            return Self::refused(reason);
        }
        let mut ranges = Self::default();
        for written in sets.into_iter().flatten() {
            match written {
                Written::Range(range) => ranges.given.push(range),
                Written::PodSubnet(family) => ranges.of_pod_subnet.push(family),
            }
        }
        for (index, range) in ranges.given.iter().enumerate() {
            let others = ranges.given.iter().skip(index + 1);
            if let Some(other) = others.into_iter().find(|other| range.overlaps(other)) {
                return Self::refused(format!("the ranges {range} and {other} overlap"));
            }
        }
        ranges
    }
}

/// A set gives one address of one family; more than one set of a family needs a plugin that can give several addresses.
fn mixed_or_too_many(sets: &[Vec<Written>], cni_version: &str) -> Option<String> {
    let mut families = Vec::new();
    for set in sets {
        let Some(first) = set.first() else {
            return Some("a set of ranges is empty".to_owned());
        };
        if set.iter().any(|other| other.family() != first.family()) {
            return Some("a set of ranges has addresses of both families".to_owned());
        }
        families.push(first.family());
    }
    let knows_one_alone = matches!(cni_version, "" | "0.1.0" | "0.2.0");
    let several = [Family::V4, Family::V6]
        .into_iter()
        .find(|family| families.iter().filter(|found| *found == family).count() > 1);
    let several = several.filter(|_| knows_one_alone)?;
    Some(format!(
        "two sets of {several} ranges, and this cniVersion knows one address a family"
    ))
}

/// The range written straight into `ipam`, as in old configurations, comes before those of `ranges`.
fn sets(ipam: &Map<String, Value>, plugin: &str) -> Result<Vec<Vec<Written>>, String> {
    let mut sets = Vec::new();
    if ipam.get("subnet").is_some_and(|subnet| !subnet.is_null()) {
        sets.push(vec![range(ipam, plugin)?]);
    }
    let form = || "ranges is not a list of lists of ranges".to_owned();
    let lists = match ipam.get("ranges") {
        None | Some(Value::Null) => return Ok(sets),
        Some(Value::Array(lists)) => lists,
        Some(_) => return Err(form()),
    };
    for list in lists {
        let list = list.as_array().ok_or_else(form)?;
        let set = list
            .iter()
            .map(|entry| range(entry.as_object().ok_or_else(form)?, plugin));
        sets.push(set.collect::<Result<_, _>>()?);
    }
    Ok(sets)
}

fn range(object: &Map<String, Value>, plugin: &str) -> Result<Written, String> {
    let subnet = string(object, "subnet")?.unwrap_or_default();
    let pod_subnet = [("usepodcidr", Family::V4), ("usepodcidripv6", Family::V6)]
        .into_iter()
        .find(|(word, _)| subnet.eq_ignore_ascii_case(word));
    match pod_subnet {
        Some((_, family)) if plugin == CALICO => return Ok(Written::PodSubnet(family)),
        Some(_) => {
            return Err(format!(
                "subnet '{subnet}' is filled in by the plugin {CALICO} alone, and this is {plugin}"
            ));
        }
        None => {}
    }
    let network: IpNet = subnet
        .parse()
        .map_err(|_| format!("subnet '{subnet}' is no subnet"))?;
    if network.prefix_len() > network.max_prefix_len() - 2 {
        return Err(format!(
            "subnet {network} is too small to give out addresses"
        ));
    }
    if network != network.trunc() {
        return Err(format!(
            "subnet {network} has host bits set; the network is {}",
            network.trunc()
        ));
    }
    if let Some(gateway) = address(object, "gateway")?
        && !network.contains(&gateway)
    {
        return Err(format!("gateway {gateway} is not in {network}"));
    }
    let inside = |key| {
        let address = address(object, key)?;
        match address {
            Some(address) if !network.contains(&address) => {
                Err(format!("{key} {address} is not in {network}"))
            }
            address => Ok(address),
        }
    };
    let (start, end) = (inside("rangeStart")?, inside("rangeEnd")?);
    let (first, last) = all_of(network);
    let range = Range {
        subnet: network,
        first: start.unwrap_or(first),
        last: end.unwrap_or(last),
    };
    if range.first > range.last {
        return Err(format!(
            "rangeEnd {} comes before rangeStart {}",
            range.last, range.first
        ));
    }
    Ok(Written::Range(range))
}

/// What host-local gives out where nothing is said: all but the network's address, and IPv4's broadcast address.
fn all_of(network: IpNet) -> (IpAddr, IpAddr) {
    match network {
        IpNet::V4(network) => (
            Ipv4Addr::from(u32::from(network.network()).saturating_add(1)).into(),
            Ipv4Addr::from(u32::from(network.broadcast()).saturating_sub(1)).into(),
        ),
        IpNet::V6(network) => (
            Ipv6Addr::from(u128::from(network.network()).saturating_add(1)).into(),
            network.broadcast().into(),
        ),
    }
}

/// None for an empty text too, as Go reads an address.
fn address(object: &Map<String, Value>, key: &'static str) -> Result<Option<IpAddr>, String> {
    match string(object, key)? {
        None | Some("") => Ok(None),
        Some(text) => match text.parse() {
            Ok(address) => Ok(Some(address)),
            Err(_) => Err(format!("{key} '{text}' is no address")),
        },
    }
}

fn string<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{key} is not a text")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// The ranges of a plugin with this `ipam`, beside its type.
    fn read(plugin: &str, version: &str, ipam: &str) -> Ranges {
        let text = format!(r#"{{"ipam": {{"type": "host-local", {ipam}}}}}"#);
        let value = serde_json::from_str(&text).unwrap_or_default();
        Ranges::of_plugin(plugin, version, &value)
    }

    fn shown(ranges: &Ranges) -> Vec<String> {
        let given = ranges.given.iter().map(ToString::to_string);
        let of_pod_subnet = ranges
            .of_pod_subnet
            .iter()
            .map(|family| format!("the node's {family} pod subnet"));
        given
            .chain(of_pod_subnet)
            .chain(ranges.refused.clone())
            .collect()
    }

    #[rstest]
    #[case::only_a_subnet(r#""subnet": "10.7.0.0/24""#, &["10.7.0.1-10.7.0.254 in 10.7.0.0/24"])]
    #[case::an_empty_start(
        r#""ranges": [[{"subnet": "10.7.0.0/24", "rangeStart": "", "rangeEnd": "10.7.0.9", "gateway": ""}]]"#,
        &["10.7.0.1-10.7.0.9 in 10.7.0.0/24"]
    )]
    #[case::the_old_form_first(
        r#""subnet": "10.7.0.0/24", "ranges": [[{"subnet": "10.8.0.0/24", "rangeStart": "10.8.0.9"}]]"#,
        &["10.7.0.1-10.7.0.254 in 10.7.0.0/24", "10.8.0.9-10.8.0.254 in 10.8.0.0/24"]
    )]
    #[case::dual_stack(
        r#""ranges": [[{"subnet": "10.7.0.0/24"}], [{"subnet": "fd07:9::/120", "rangeStart": "fd07:9::20"}]]"#,
        &["10.7.0.1-10.7.0.254 in 10.7.0.0/24", "fd07:9::20-fd07:9::ff in fd07:9::/120"]
    )]
    #[case::the_pod_subnet_of_any_case(
        r#""ranges": [[{"subnet": "UsePodCIDR"}], [{"subnet": "usepodcidripv6"}]]"#,
        &["the node's IPv4 pod subnet", "the node's IPv6 pod subnet"]
    )]
    #[case::the_old_form_of_it(r#""subnet": "usePodCidr""#, &["the node's IPv4 pod subnet"])]
    #[case::one_part_beside_it(
        r#""ranges": [[{"subnet": "10.7.0.0/29", "rangeStart": "10.7.0.2", "rangeEnd": "10.7.0.2"}]]"#,
        &["10.7.0.2-10.7.0.2 in 10.7.0.0/29"]
    )]
    fn what_host_local_takes_is_read(#[case] ipam: &str, #[case] expected: &[&str]) {
        let ranges = read("calico", "0.3.1", ipam);
        assert_eq!(shown(&ranges), expected);
        assert_eq!(ranges.refused, [""; 0]);
    }

    #[rstest]
    #[case(r#""ranges": []"#, "no range of addresses")]
    #[case(r#""subnet": "10.7.0.0""#, "subnet '10.7.0.0' is no subnet")]
    #[case(
        r#""subnet": "10.7.0.4/31""#,
        "subnet 10.7.0.4/31 is too small to give out addresses"
    )]
    #[case(
        r#""subnet": "fd07::/127""#,
        "subnet fd07::/127 is too small to give out addresses"
    )]
    #[case(
        r#""ranges": [[{"subnet": "10.7.3.12/22"}]]"#,
        "subnet 10.7.3.12/22 has host bits set; the network is 10.7.0.0/22"
    )]
    #[case(
        r#""subnet": "10.7.0.0/24", "rangeStart": "10.7.1.4", "rangeEnd": "10.7.1.9""#,
        "rangeStart 10.7.1.4 is not in 10.7.0.0/24"
    )]
    #[case(
        r#""subnet": "10.7.0.0/24", "rangeEnd": "fd07::9""#,
        "rangeEnd fd07::9 is not in 10.7.0.0/24"
    )]
    #[case(
        r#""subnet": "10.7.0.0/24", "rangeStart": "10.7.0.9", "rangeEnd": "10.7.0.4""#,
        "rangeEnd 10.7.0.4 comes before rangeStart 10.7.0.9"
    )]
    #[case(
        r#""subnet": "10.7.0.0/24", "gateway": "10.8.0.1""#,
        "gateway 10.8.0.1 is not in 10.7.0.0/24"
    )]
    #[case(
        r#""ranges": [{"subnet": "10.7.0.0/24"}]"#,
        "ranges is not a list of lists of ranges"
    )]
    #[case(r#""ranges": [[]]"#, "a set of ranges is empty")]
    #[case(
        r#""ranges": [[{"subnet": "10.7.0.0/24"}, {"subnet": "fd07::/64"}]]"#,
        "a set of ranges has addresses of both families"
    )]
    #[case(
        r#""ranges": [[{"subnet": "10.7.0.0/24"}, {"subnet": "10.7.0.0/25"}]]"#,
        "the ranges 10.7.0.1-10.7.0.254 in 10.7.0.0/24 and 10.7.0.1-10.7.0.126 in 10.7.0.0/25 overlap"
    )]
    #[case(r#""subnet": 10"#, "subnet is not a text")]
    #[case(
        r#""subnet": "10.7.0.0/24", "rangeStart": "soon""#,
        "rangeStart 'soon' is no address"
    )]
    #[case(
        r#""subnet": "usePodCidr""#,
        "subnet 'usePodCidr' is filled in by the plugin calico alone, and this is bridge"
    )]
    fn what_host_local_refuses_is_no_range(#[case] ipam: &str, #[case] reason: &str) {
        assert_eq!(read("bridge", "0.3.1", ipam), Ranges::refused(reason));
    }

    #[rstest]
    #[case("", false)]
    #[case("0.2.0", false)]
    #[case("0.3.1", true)]
    #[case("1.0.0", true)]
    fn two_addresses_of_a_family_need_a_version_that_knows_them(
        #[case] version: &str,
        #[case] is_taken: bool,
    ) {
        let ipam = r#""ranges": [[{"subnet": "10.7.0.0/24"}], [{"subnet": "10.8.0.0/24"}]]"#;
        assert_eq!(read("ptp", version, ipam).refused.is_empty(), is_taken);
        let both = r#""ranges": [[{"subnet": "10.7.0.0/24"}], [{"subnet": "fd07::/64"}]]"#;
        assert_eq!(read("ptp", version, both).refused, [""; 0]);
    }

    /// What another plugin takes as its addresses has its own form.
    #[rstest]
    #[case(json!({"type": "calico-ipam", "subnet": "anything"}))]
    #[case(json!({}))]
    #[case(json!("host-local"))]
    fn other_ipam_plugins_have_no_ranges(#[case] ipam: Value) {
        let plugin = json!({ "ipam": ipam });
        assert_eq!(Ranges::of_plugin("calico", "", &plugin), Ranges::default());
    }

    #[test]
    fn a_runtime_may_give_the_ranges() {
        let plugin = json!({"capabilities": {"ipRanges": true}, "ipam": {"type": "host-local"}});
        assert_eq!(Ranges::of_plugin("ptp", "", &plugin), Ranges::default());
    }

    proptest! {
        /// Against a model that counts addresses one by one.
        #[test]
        fn a_range_holds_just_its_addresses(octet in 0..=255_u8, first in 1..=254_u8, length in 0..=60_u8, probe in 0..=255_u8) {
            let last = first.saturating_add(length).min(254);
            let model = (first..=last).any(|address| address == probe);
            let v4 = read("calico", "", &format!(
                r#""ranges": [[{{"subnet": "10.9.{octet}.0/24", "rangeStart": "10.9.{octet}.{first}", "rangeEnd": "10.9.{octet}.{last}"}}]]"#
            ));
            let contains = |ranges: &Ranges, probe: IpAddr| ranges.given.iter().any(|range| range.contains(probe));
            prop_assert_eq!(contains(&v4, Ipv4Addr::new(10, 9, octet, probe).into()), model);
            let v6 = read("calico", "", &format!(
                r#""subnet": "fd09:{octet:x}::/120", "rangeStart": "fd09:{octet:x}::{first:x}", "rangeEnd": "fd09:{octet:x}::{last:x}""#
            ));
            let address = |last: u8| Ipv6Addr::new(0xfd09, octet.into(), 0, 0, 0, 0, 0, last.into());
            prop_assert_eq!(contains(&v6, address(probe).into()), model);
            // An IPv4 address is none of an IPv6 range, whatever its number.
            prop_assert!(!contains(&v6, Ipv4Addr::new(10, 9, octet, probe).into()));
        }
    }
}
