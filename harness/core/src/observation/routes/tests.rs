use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::observation::Inability;
use crate::query::{Output, Subject};

fn output(text: &str) -> Output {
    let subject = Subject::Pod {
        namespace: "default".to_owned(),
        name: "normal-1".to_owned(),
    };
    Output::fetched(subject, 0, text, "")
}

/// All routes of an output, or the first that is not understood.
fn all(json: &str) -> Result<Vec<Route>, String> {
    let table = read(&output(json)).map_err(|error| error.to_string())?;
    match table.odd.first() {
        Some(odd) => Err(odd.to_string()),
        None => Ok(table.entries),
    }
}

/// Both forms were printed by the same iproute2 6.1 of the same table.
#[rstest]
#[case(
    include_str!("../../../testdata/ip/table-route.json"),
    include_str!("../../../testdata/ip/table-route.txt")
)]
#[case(
    include_str!("../../../testdata/ip/pod-route.json"),
    include_str!("../../../testdata/ip/pod-route.txt")
)]
fn both_forms_give_the_same_routes(#[case] json: &str, #[case] text: &str) -> Result<(), String> {
    let from_json = all(json)?;
    let from_text: Vec<Route> = text.lines().map(str::parse).collect::<Result<_, _>>()?;
    assert_eq!(from_json, from_text);
    for (route, line) in from_json.iter().zip(text.lines()) {
        assert_eq!(route.to_string(), line.trim_end());
    }
    Ok(())
}

#[rstest]
#[case("", "no destination")]
#[case("default via", "nothing after 'via'")]
#[case("default via gateway dev eth0", "'gateway' is no address")]
#[case("10.0.0.0/40 dev eth0", "'10.0.0.0/40' is no destination")]
#[case("10.0.0.1/8 dev eth0", "'10.0.0.1/8' has bits after its prefix")]
#[case("default dev eth0 metric high", "'high' is no number")]
#[case("default dev eth0 colour 5", "'colour' is not understood")]
#[case("default dev eth0 mtu wide", "'wide' is no number")]
#[case(
    "default nexthop via 10.3.0.1 dev net1 metric 5",
    "'metric' of a next hop is not understood"
)]
fn a_line_that_is_not_understood_says_which_word(#[case] line: &str, #[case] reason: &str) {
    assert_eq!(line.parse::<Route>(), Err(reason.to_owned()));
}

/// What the kernel and iproute2 can say of a route, in both forms.
#[rstest]
#[case::several_next_hops(
    r#"[{"dst": "10.80.0.0/13", "flags": [], "nexthops": [
        {"gateway": "10.3.0.1", "dev": "net1", "weight": 3, "flags": []},
        {"gateway": "169.254.1.1", "dev": "eth0", "weight": 1, "flags": ["linkdown"]}]}]"#,
    "10.80.0.0/13 nexthop via 10.3.0.1 dev net1 weight 3 nexthop via 169.254.1.1 dev eth0 weight 1 linkdown"
)]
#[case::a_group_of_next_hops(
    r#"[{"dst": "10.80.0.0/13", "nhid": 31, "protocol": "static", "flags": [],
        "nexthops": [{"via": {"family": "inet6", "host": "fd20::1"}, "dev": "net1", "weight": 1, "flags": []}]}]"#,
    "10.80.0.0/13 nhid 31 proto static nexthop via inet6 fd20::1 dev net1 weight 1"
)]
#[case::ipv4_by_ipv6(
    r#"[{"dst": "default", "via": {"family": "inet6", "host": "fe80::aa"}, "dev": "eth0", "flags": []}]"#,
    "default via inet6 fe80::aa dev eth0"
)]
#[case::metrics(
    r#"[{"dst": "10.7.0.0/16", "dev": "net1", "scope": "link", "flags": [],
        "metrics": [{"mtu": 1300, "advmss": 1260, "initcwnd": 30, "ecn": null, "rto_min": 70, "quickack": 1, "congestion": "bbr"}]}]"#,
    "10.7.0.0/16 dev net1 scope link mtu 1300 advmss 1260 initcwnd 30 features ecn rto_min 70ms quickack 1 congctl bbr"
)]
#[case::service_and_realm(
    r#"[{"dst": "10.7.0.0/16", "tos": "0x08", "dev": "net1", "flow": "4/9", "flags": []},
        {"dst": "10.7.0.0/16", "dev": "net1", "flow": "9", "flags": []}]"#,
    "10.7.0.0/16 tos 0x08 dev net1 realms 4/9\n10.7.0.0/16 dev net1 realm 9"
)]
#[case::of_another_table(
    r#"[{"dst": "10.7.0.0/16", "dev": "net1", "table": "77", "metric": 4000000000, "flags": []}]"#,
    "10.7.0.0/16 dev net1 table 77 metric 4000000000"
)]
#[case::in_a_tunnel(
    r#"[{"dst": "10.7.0.0/16", "encap": "ip", "id": 9, "src": "0.0.0.0", "dst": "10.3.0.7", "ttl": 0, "tos": 0,
        "dev": "net1", "scope": "link", "flags": []}]"#,
    "10.7.0.0/16 encap ip id 9 src 0.0.0.0 dst 10.3.0.7 ttl 0 tos 0 dev net1 scope link"
)]
#[case::ipv6(
    r#"[{"dst": "fd12:9::33", "dev": "eth0", "protocol": "kernel", "metric": 256, "flags": [], "pref": "medium"},
        {"dst": "default", "gateway": "fe80::1", "dev": "net1", "protocol": "ra", "metric": 512, "expires": 77, "flags": [],
         "metrics": [{"hoplimit": 64}], "pref": "low"}]"#,
    "fd12:9::33 dev eth0 proto kernel metric 256 pref medium\n\
     default via fe80::1 dev net1 proto ra metric 512 expires 1799sec hoplimit 64 pref low"
)]
#[case::of_odd_kinds(
    r#"[{"type": "prohibit", "dst": "10.7.0.0/16", "protocol": "186", "metric": 9, "flags": []},
        {"type": "local", "dst": "10.8.0.1", "dev": "net1", "table": "local", "scope": "host", "flags": ["dead", "linkdown"]}]"#,
    "prohibit 10.7.0.0/16 proto 186 metric 9\nlocal 10.8.0.1 dev net1 table local scope host dead linkdown"
)]
fn all_that_a_route_can_say_is_read_from_both_forms(
    #[case] json: &str,
    #[case] text: &str,
) -> Result<(), String> {
    let from_text: Vec<Route> = text.lines().map(str::parse).collect::<Result<_, _>>()?;
    let from_json = all(json)?;
    assert_eq!(from_json, from_text);
    for (route, line) in from_json.iter().zip(text.lines()) {
        assert_eq!(route.to_string(), line.replace(" 1799sec", ""));
    }
    Ok(())
}

#[test]
fn only_the_text_says_that_a_metric_is_locked() -> Result<(), String> {
    let json =
        r#"[{"dst": "10.7.0.0/16", "dev": "net1", "flags": [], "metrics": [{"mtu": 1300}]}]"#;
    assert_eq!(all(json)?, ["10.7.0.0/16 dev net1 mtu lock 1300".parse()?]);
    Ok(())
}

#[test]
fn routes_that_differ_in_one_thing_are_two() -> Result<(), String> {
    let json = r#"[{"dst": "10.7.0.0/16", "gateway": "10.3.0.1", "dev": "net1", "flags": []},
        {"dst": "10.7.0.0/16", "gateway": "10.3.0.1", "dev": "net1", "tos": "0x04", "flags": []},
        {"dst": "10.7.0.0/16", "gateway": "10.3.0.1", "dev": "net1", "metric": 7, "flags": []},
        {"dst": "10.7.0.0/16", "gateway": "10.3.0.1", "dev": "net1", "flow": "7", "flags": []},
        {"dst": "10.7.0.0/16", "gateway": "10.3.0.1", "dev": "net1", "encap": "mpls", "dst": "7", "flags": []},
        {"dst": "10.7.0.0/16", "gateway": "10.3.0.1", "dev": "net1", "expires": 7, "flags": []}]"#;
    let routes = all(&json.replace(r#""dst": "7", "#, ""))?;
    let different: BTreeSet<&Route> = routes.iter().collect();
    assert_eq!(different.len(), 6);
    Ok(())
}

#[test]
fn a_default_that_says_no_family_is_of_the_tables() -> Result<(), String> {
    let of =
        |json: &str| all(json).map(|routes| routes.iter().map(Route::family).collect::<Vec<_>>());
    let alone = r#"{"dst": "default", "dev": "eth0", "scope": "link", "flags": []}"#;
    assert_eq!(of(&format!("[{alone}]"))?, [Family::V4]);
    let beside = r#"{"dst": "fe80::/64", "dev": "eth0", "flags": []}"#;
    assert_eq!(
        of(&format!("[{alone}, {beside}]"))?,
        [Family::V6, Family::V6]
    );
    Ok(())
}

#[test]
fn a_route_that_is_not_understood_is_told_and_the_others_are_read() -> Result<(), Inability> {
    let json = r#"[{"dst": "default", "gateway": "169.254.1.1", "dev": "eth0", "flags": []},
        {"dst": "10.7.0.0/16", "dev": "net1", "flags": [], "colour": "red"},
        {"dst": "10.7.0.0/16", "dev": "net1", "dev": "net2", "flags": []},
        {"dst": "10.7.0.0/16", "dev": "net1", "flags": ["shiny"]},
        {"dst": "10.7.0.0/16", "dev": "net1", "flags": [], "metrics": [{"mtu": "wide"}]},
        {"dst": "10.7.0.0/16", "flags": [], "nexthops": [{"dev": "net1", "cost": 4}]},
        {"dst": "10.7.0.0/16", "dev": ["net1"], "flags": []},
        {"gateway": "169.254.1.1"}, {"type": "odd", "dst": "10.7.0.0/16"},
        {"dst": "169.254.1.1", "dev": "eth0", "scope": "link", "flags": []}]"#;
    let table = read(&output(json))?;
    assert_eq!(table.entries.len(), 2);
    let reasons: Vec<&str> = table.odd.iter().map(|odd| odd.reason.as_str()).collect();
    insta::assert_debug_snapshot!(reasons, @r#"
    [
        "a route: 'colour' is not understood",
        "a route: 'dev' is there twice",
        "a route: 'shiny' of 'flags' is not understood",
        "a route: 'wide' is no number",
        "a route: 'cost' of a next hop is not understood",
        "a route: 'dev' is not one word",
        "a route: it has no destination",
        "a route: 'odd' of 'type' is not understood",
    ]
    "#);
    assert_eq!(
        table.odd[0].to_string(),
        "not understood: a route: 'colour' is not understood: \
         {\"dst\":\"10.7.0.0/16\",\"dev\":\"net1\",\"flags\":[],\"colour\":\"red\"}"
    );
    Ok(())
}

#[rstest]
#[case::busybox(
    1,
    "",
    "ip: unrecognized option: j\nBusyBox v1.35.0 (2022-08-01) multi-call binary.",
    "its `ip` is BusyBox's, which prints no JSON: ip: unrecognized option: j BusyBox v1.35.0"
)]
#[case::before_json(
    255,
    "",
    "Option \"-j\" is unknown, try \"ip -help\".",
    "its `ip` is older than iproute2 4.13"
)]
#[case::text_amid_json(
    0,
    "[{\"dst\":\"10.7.0.0/16\",\"flags\":[]\n\tnexthop via 10.3.0.1 dev net1 weight 1 }]",
    "",
    "its `ip` is older than iproute2 5.4, or the output was cut: [{"
)]
#[case::no_json(
    0,
    "default via 10.3.0.1 dev net1",
    "",
    "no JSON was printed: default via"
)]
#[case::another_failure(127, "", "ip: not found", "status 127, ip: not found")]
fn an_ip_that_prints_no_json_is_told_as_such(
    #[case] status: i64,
    #[case] text: &str,
    #[case] error: &str,
    #[case] said: &str,
) {
    let subject = output("").subject;
    let output = Output::fetched(subject, status, text, error);
    let error = read(&output).map(|_| ()).map_err(|error| error.to_string());
    let is_told = error.as_ref().is_err_and(|error| {
        error.starts_with("failed to read routes of pod default/normal-1: ") && error.contains(said)
    });
    assert!(is_told, "{error:?}");
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| Ipv4Addr::from(bits).into()),
        any::<u128>().prop_map(|bits| Ipv6Addr::from(bits).into()),
    ]
}

prop_compose! {
    fn hops()(
        gateway in proptest::option::of(addresses()),
        device in proptest::option::of("[a-z][a-z0-9.]{0,14}"),
        weight in 1..=256_u32,
        flags in proptest::sample::subsequence(FLAGS.to_vec(), 0..2),
    ) -> Hop {
        Hop {
            gateway,
            device,
            weight,
            flags: flags.into_iter().map(str::to_owned).collect(),
            attributes: BTreeMap::new(),
        }
    }
}

prop_compose! {
    fn routes()(
        kind in proptest::sample::select(vec!["unicast", "blackhole", "unreachable", "local"]),
        destination in (addresses(), 0..=128_u8),
        gateway in proptest::option::of(addresses()),
        device in proptest::option::of("[a-z][a-z0-9.]{0,14}"),
        protocol in proptest::sample::select(vec!["boot", "kernel", "static", "80"]),
        scope in proptest::sample::select(vec!["global", "link", "host"]),
        source in proptest::option::of(addresses()),
        metric in 0..1000_u32,
        mtu in proptest::option::of(68..9000_u64),
        flags in proptest::sample::subsequence(FLAGS.to_vec(), 0..3),
        tos in proptest::option::of("0x[0-9a-f]{2}"),
        hops in proptest::collection::vec(hops(), 0..3),
    ) -> Route {
        let (address, length) = destination;
        let length = length.min(Family::of(address).whole());
        let destination = IpNet::new_assert(address, length).trunc();
        Route {
            kind: kind.to_owned(),
            destination,
            gateway,
            device,
            protocol: protocol.to_owned(),
            scope: scope.to_owned(),
            source,
            metric,
            metrics: mtu.into_iter().map(|mtu| ("mtu".to_owned(), mtu.to_string())).collect(),
            flags: flags.into_iter().map(str::to_owned).collect(),
            attributes: tos.into_iter().map(|tos| ("tos".to_owned(), tos)).collect(),
            hops,
        }
    }
}

/// As iproute2 builds the JSON: what is usual is left out, `flags` is always there.
fn as_json(route: &Route) -> Value {
    let mut object = json!({
        "dst": route.to_string().split(' ').find(|word| !KINDS.contains(word)),
        "flags": route.flags,
    });
    let mut add = |key: &str, value: Value, usual: bool| {
        if !usual {
            object[key] = value;
        }
    };
    add("type", json!(route.kind), route.kind == "unicast");
    let gateway = |gateway: Option<IpAddr>| match gateway {
        Some(gateway) if Family::of(gateway) != route.family() => {
            let family = if gateway.is_ipv4() { "inet" } else { "inet6" };
            ("via", json!({"family": family, "host": gateway}))
        }
        gateway => ("gateway", json!(gateway)),
    };
    let (key, value) = gateway(route.gateway);
    add(key, value, route.gateway.is_none());
    let hops = route.hops.iter().map(|hop| {
        let (key, value) = gateway(hop.gateway);
        let mut object = json!({"weight": hop.weight, "flags": hop.flags});
        if hop.gateway.is_some() {
            object[key] = value;
        }
        if let Some(device) = &hop.device {
            object["dev"] = json!(device);
        }
        object
    });
    add("nexthops", hops.collect(), route.hops.is_empty());
    add(
        "tos",
        json!(route.attributes.get("tos")),
        route.attributes.is_empty(),
    );
    add("dev", json!(route.device), route.device.is_none());
    add("protocol", json!(route.protocol), route.protocol == "boot");
    add("scope", json!(route.scope), route.scope == "global");
    add("prefsrc", json!(route.source), route.source.is_none());
    add("metric", json!(route.metric), route.metric == 0);
    let mtu = route
        .metrics
        .get("mtu")
        .and_then(|mtu| mtu.parse::<u64>().ok());
    add("metrics", json!([{"mtu": mtu}]), route.metrics.is_empty());
    object
}

proptest! {
    #[test]
    fn a_route_is_the_same_through_text_and_json(route in routes()) {
        prop_assert_eq!(route.to_string().parse::<Route>(), Ok(route.clone()));
        let text = Value::Array(vec![as_json(&route)]).to_string();
        prop_assert_eq!(all(&text), Ok(vec![route]));
    }

    #[test]
    fn no_line_makes_it_panic(line in "\\PC{0,80}") {
        prop_assert!(line.parse::<Route>().is_ok() || line.parse::<Route>().is_err());
    }
}
