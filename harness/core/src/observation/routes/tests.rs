use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::query::Subject;

fn output(text: &str) -> Output {
    let subject = Subject::Pod {
        namespace: "default".to_owned(),
        name: "normal-1".to_owned(),
    };
    Output::fetched(subject, 0, text, "")
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
    let from_json = read(&output(json)).map_err(|error| error.to_string())?;
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
#[case("default via gateway dev eth0", "'gateway' is no IPv4 address")]
#[case("10.0.0.0/40 dev eth0", "'10.0.0.0/40' is no IPv4 destination")]
#[case("10.0.0.1/8 dev eth0", "'10.0.0.1/8' has bits after its prefix")]
#[case("fe80::/64 dev eth0", "'fe80::/64' is no IPv4 destination")]
#[case("default dev eth0 metric high", "'high' is no number")]
#[case("default dev eth0 expires 5", "'expires' is not understood")]
fn a_line_that_is_not_understood_says_which_word(#[case] line: &str, #[case] reason: &str) {
    assert_eq!(line.parse::<Route>(), Err(reason.to_owned()));
}

#[test]
fn several_next_hops_are_not_understood() {
    let text = r#"[{"dst": "10.10.0.0/16", "flags": [], "nexthops": [{"gateway": "10.1.128.1", "dev": "net1"}]}]"#;
    let error = read(&output(text)).map_err(|error| error.to_string());
    insta::assert_debug_snapshot!(error, @r#"
    Err(
        "failed to parse routes of pod default/normal-1: the next hops of 10.10.0.0/16 are more than one, or not IPv4",
    )
    "#);
}

fn addresses() -> impl Strategy<Value = Ipv4Addr> {
    any::<u32>().prop_map(Ipv4Addr::from)
}

prop_compose! {
    fn routes()(
        kind in proptest::sample::select(vec!["unicast", "blackhole", "unreachable", "local"]),
        destination in (addresses(), 0..=32_u8),
        gateway in proptest::option::of(addresses()),
        device in proptest::option::of("[a-z][a-z0-9.]{0,14}"),
        protocol in proptest::sample::select(vec!["boot", "kernel", "static", "80"]),
        scope in proptest::sample::select(vec!["global", "link", "host"]),
        source in proptest::option::of(addresses()),
        metric in 0..1000_u32,
        mtu in proptest::option::of(68..9000_u64),
        flags in proptest::sample::subsequence(FLAGS.to_vec(), 0..3),
    ) -> Route {
        let (address, length) = destination;
        let destination = Ipv4Net::new_assert(address, length).trunc();
        Route {
            kind: kind.to_owned(),
            destination,
            gateway,
            device,
            protocol: protocol.to_owned(),
            scope: scope.to_owned(),
            source,
            metric,
            metrics: mtu.into_iter().map(|mtu| ("mtu".to_owned(), mtu)).collect(),
            flags: flags.into_iter().map(str::to_owned).collect(),
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
    add("gateway", json!(route.gateway), route.gateway.is_none());
    add("dev", json!(route.device), route.device.is_none());
    add("protocol", json!(route.protocol), route.protocol == "boot");
    add("scope", json!(route.scope), route.scope == "global");
    add("prefsrc", json!(route.source), route.source.is_none());
    add("metric", json!(route.metric), route.metric == 0);
    add("metrics", json!([route.metrics]), route.metrics.is_empty());
    object
}

proptest! {
    #[test]
    fn a_route_is_the_same_through_text_and_json(route in routes()) {
        prop_assert_eq!(route.to_string().parse::<Route>(), Ok(route.clone()));
        let text = Value::Array(vec![as_json(&route)]).to_string();
        prop_assert_eq!(read(&output(&text)), Ok(vec![route]));
    }

    #[test]
    fn no_line_makes_it_panic(line in "\\PC{0,80}") {
        prop_assert!(line.parse::<Route>().is_ok() || line.parse::<Route>().is_err());
    }
}
