//! What real stacks print now and then: an odd thing is told of its pod alone, what is healthy stays green, and what is
//! wrong is red.

use rstest::rstest;
use serde_json::{Value, json};

use super::fixture::{Cluster, NORMAL_PODS, Result};

const POD: &str = "normal-859c7fbdf5-gjllb";
const OTHER: &str = "normal-859c7fbdf5-4jghl";
const ROUTE: &str = "ip -4 -j route show";
const ADDRESS: &str = "ip -j address show";
const STATUS: &str = "k8s.v1.cni.cncf.io/network-status";

fn of_pods(kind: &str, rest: &Value) -> Value {
    let mut parameters = json!({"namespace": "default", "selector": "app=normal"});
    if let (Some(all), Some(rest)) = (parameters.as_object_mut(), rest.as_object()) {
        all.extend(rest.clone());
    }
    json!({kind: parameters})
}

fn routes() -> Value {
    of_pods(
        "pod-routes",
        &json!({"exactly": [
            "default via 10.1.128.2 dev net1", "10.0.0.0/8 via 169.254.1.1 dev eth0", "10.0.0.2 via 10.1.128.1 dev net1",
            "10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}", "10.96.0.0/12 via 10.1.128.1 dev net1",
            "10.96.0.0/12 via 169.254.1.1 dev eth0", "169.254.1.1 dev eth0 scope link"]}),
    )
}

/// Only eth0, so that what net1 is does not count.
fn eth0(more: &Value) -> Value {
    let mut interface =
        json!({"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32});
    if let (Some(all), Some(more)) = (interface.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    of_pods("pod-addresses", &json!({"interfaces": [interface]}))
}

/// Each pod with the one interface eth0 and one entry for it.
fn with_eth0_alone() -> Result<Cluster> {
    let mut cluster = Cluster::at_the_last_step()?;
    for (pod, _, address) in NORMAL_PODS {
        let interfaces = json!([{"ifname": "eth0", "mtu": 1450, "flags": ["UP", "LOWER_UP"], "operstate": "UP",
            "address": "02:00:00:00:00:01", "addr_info": [{"local": address, "prefixlen": 32, "scope": "global"}]}]);
        cluster.command(&format!("default/{pod}"), ADDRESS, &interfaces.to_string());
        let entries = json!([{"name": "kube-system/default-calico", "ips": [address], "default": true, "dns": {}}]);
        cluster.object("Pod", pod)?["metadata"]["annotations"][STATUS] = json!(entries.to_string());
    }
    Ok(cluster)
}

/// The same with an IPv6 address for each pod, by all witnesses.
fn of_both_families() -> Result<Cluster> {
    let mut cluster = with_eth0_alone()?;
    for (index, (pod, _, address)) in NORMAL_PODS.into_iter().enumerate() {
        let ipv6 = format!("fd44:7::{index:x}a");
        let interfaces = json!([{"ifname": "eth0", "mtu": 1450, "flags": ["UP"], "operstate": "UP", "addr_info": [
            {"local": address, "prefixlen": 32}, {"local": ipv6, "prefixlen": 128}, {"local": "fe80::7", "prefixlen": 64}]}]);
        cluster.command(&format!("default/{pod}"), ADDRESS, &interfaces.to_string());
        let entries = json!([{"name": "kube-system/default-calico", "ips": [address, ipv6], "default": true}]);
        let object = cluster.object("Pod", pod)?;
        let annotations = &mut object["metadata"]["annotations"];
        annotations[STATUS] = json!(entries.to_string());
        annotations["cni.projectcalico.org/podIPs"] = json!(format!("{address}/32,{ipv6}/128"));
        object["status"]["podIPs"] = json!([{"ip": address}, {"ip": ipv6}]);
    }
    Ok(cluster)
}

#[rstest]
#[case::another_service(json!({"tos": "0x08"}), "tos 0x08")]
#[case::in_a_tunnel(json!({"encap": "ip", "id": 6}), "encap ip id 6")]
#[case::for_a_while(json!({"expires": 44}), "expires")]
#[case::of_another_table(json!({"table": "77"}), "table 77")]
#[case::of_a_group(json!({"nhid": 12}), "nhid 12")]
#[case::a_key_of_tomorrow(json!({"colour": "red"}), "not understood: a route: 'colour'")]
#[case::two_ways(json!({"nexthops": [{"gateway": "10.1.128.1", "dev": "net1", "weight": 2, "flags": []}]}), "nexthop via 10.1.128.1")]
fn a_route_that_says_more_than_is_wanted_is_red_in_its_pod_alone(
    #[case] more: Value,
    #[case] said: &str,
) -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let key = (format!("default/{POD}"), ROUTE.to_owned());
    let mut table: Value = serde_json::from_str(&cluster.commands[&key])?;
    for (name, value) in more.as_object().into_iter().flatten() {
        table[1][name] = value.clone();
    }
    cluster.command(&key.0, ROUTE, &table.to_string());
    let evaluation = cluster.evaluate(routes())??;
    let subjects = evaluation
        .failures
        .iter()
        .map(|failure| failure.subject.as_str());
    assert!(subjects.clone().count() > 0);
    assert!(subjects.into_iter().all(|subject| subject.contains(POD)));
    let observed = evaluation
        .failures
        .iter()
        .map(|failure| failure.observed.as_str());
    assert!(
        observed.clone().any(|observed| observed.contains(said)),
        "{:?}",
        evaluation.failures
    );
    assert!(
        evaluation
            .facts
            .iter()
            .any(|fact| fact.value.contains(said))
    );
    Ok(())
}

#[test]
fn a_pod_whose_ip_prints_no_json_is_told_with_the_others_judged() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.command(
        &format!("default/{POD}"),
        ROUTE,
        "default via 169.254.1.1 dev eth0",
    );
    cluster.replace(
        &format!("default/{OTHER}"),
        ROUTE,
        "10.96.0.0/12",
        "10.112.0.0/12",
    )?;
    cluster.object("Pod", POD)?["spec"]["containers"] =
        json!([{"image": "registry.invalid/tools:1"}]);
    let failed = cluster.failed(routes())?;
    assert!(
        failed.contains(&format!(
            "pod default/{POD}, image registry.invalid/tools:1: routes that can be read"
        )),
        "{failed}"
    );
    assert!(
        failed.contains(&format!("pod default/{OTHER}: default via")),
        "{failed}"
    );
    Ok(())
}

#[rstest]
#[case::its_link_is_down(
    r#""operstate":"UP""#,
    r#""operstate":"DOWN""#,
    "a link that is up, not state DOWN"
)]
#[case::its_cable_is_out(
    r#""LOWER_UP""#,
    r#""NO-CARRIER""#,
    "a link that is up, not NO-CARRIER"
)]
#[case::its_address_failed(
    r#""prefixlen":32"#,
    r#""prefixlen":32,"dadfailed":true"#,
    "/32 (dadfailed);"
)]
#[case::its_address_waits(
    r#""prefixlen":32"#,
    r#""prefixlen":32,"tentative":true"#,
    "/32 (tentative);"
)]
#[case::its_mtu_is_its_own(r#""mtu":1450"#, r#""mtu":1500"#, "one MTU for all pods, not")]
#[case::its_address_is_odd(
    r#""prefixlen":32"#,
    r#""prefixlen":77"#,
    "not understood: an address of eth0"
)]
fn an_interface_that_does_not_work_is_red(
    #[case] from: &str,
    #[case] to: &str,
    #[case] said: &str,
) -> Result<()> {
    let mut cluster = with_eth0_alone()?;
    assert_eq!(cluster.failed(eth0(&json!({})))?, "");
    cluster.replace(&format!("default/{POD}"), ADDRESS, from, to)?;
    let failed = cluster.failed(eth0(&json!({})))?;
    assert!(failed.contains(said), "{failed}");
    Ok(())
}

#[rstest]
#[case::its_mtu(json!({"mtu": 1450}), None)]
#[case::another_mtu(json!({"mtu": 1400}), Some("the MTU of network-status: 1400, not 1450"))]
#[case::its_mac(json!({"mac": "02:00:00:00:00:01"}), None)]
#[case::another_mac(json!({"mac": "02:00:00:00:00:09"}), Some("the MAC address of network-status"))]
fn what_network_status_says_of_the_interface_is_so(
    #[case] more: Value,
    #[case] said: Option<&str>,
) -> Result<()> {
    let mut cluster = with_eth0_alone()?;
    let mut entry =
        json!({"name": "kube-system/default-calico", "ips": ["10.244.19.51"], "default": true});
    for (name, value) in more.as_object().into_iter().flatten() {
        entry[name] = value.clone();
    }
    let annotations = &mut cluster.object("Pod", POD)?["metadata"]["annotations"];
    annotations[STATUS] = json!(json!([entry]).to_string());
    let failed = cluster.failed(eth0(&json!({})))?;
    match said {
        None => assert_eq!(failed, ""),
        Some(said) => assert!(failed.contains(said), "{failed}"),
    }
    Ok(())
}

#[test]
fn an_mtu_that_is_known_beforehand_is_asserted() -> Result<()> {
    let cluster = with_eth0_alone()?;
    assert_eq!(cluster.failed(eth0(&json!({"mtu": 1450})))?, "");
    assert!(
        cluster
            .failed(eth0(&json!({"mtu": 1440})))?
            .contains("MTU 1440, not 1450")
    );
    Ok(())
}

#[test]
fn one_address_for_two_pods_of_a_network_is_red() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let net1 = |unique: Value| {
        let mut interface =
            json!({"name": "net1", "network": "default/cfosdefaultcni5", "prefix-length": 24});
        if unique != Value::Null {
            interface["unique"] = unique;
        }
        let eth0 =
            json!({"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32});
        of_pods("pod-addresses", &json!({"interfaces": [eth0, interface]}))
    };
    // Two nodes have a bridge of their own with the same addresses.
    assert_eq!(
        cluster.failed(net1(Value::Null))?,
        "10.1.128.2 on default/cfosdefaultcni5: one pod with this address, not \
         default/normal-859c7fbdf5-gjllb on doc-worker, default/normal-859c7fbdf5-sszf2 on doc-worker2"
    );
    assert_eq!(cluster.failed(net1(json!("node")))?, "");
    cluster.replace(
        &format!("default/{OTHER}"),
        ADDRESS,
        "10.1.128.3",
        "10.1.128.2",
    )?;
    let failed = cluster.failed(net1(json!("node")))?;
    assert!(
        failed.contains("10.1.128.2 on default/cfosdefaultcni5: one pod with this address"),
        "{failed}"
    );
    Ok(())
}

#[test]
fn pods_of_both_families_are_judged_as_well_as_of_one() -> Result<()> {
    let ipv6 = json!({"ipv6": {"prefix-length": 128, "subnet": "fd44:7::/64"}});
    let cluster = of_both_families()?;
    assert_eq!(cluster.failed(eth0(&json!({})))?, "");
    assert_eq!(cluster.failed(eth0(&ipv6))?, "");
    let elsewhere = json!({"ipv6": {"prefix-length": 128, "subnet": "fd45::/64"}});
    assert!(
        cluster.failed(eth0(&elsewhere))?.contains("not so: subnet")
            || !cluster.evaluate(eth0(&elsewhere))??.passed()
    );
    // A pod of one family where both are wanted.
    assert!(
        with_eth0_alone()?
            .failed(eth0(&ipv6))?
            .contains("one IPv6 address with /128, not none")
    );

    let mut cluster = of_both_families()?;
    let pod = cluster.object("Pod", POD)?;
    pod["metadata"]["annotations"]["cni.projectcalico.org/podIPs"] =
        json!("10.244.19.51/32,fd44:7::99/128");
    assert!(!cluster.evaluate(eth0(&json!({})))??.passed());
    let mut cluster = of_both_families()?;
    cluster.object("Pod", POD)?["status"]["podIPs"] = json!([{"ip": "10.244.19.51"}]);
    assert!(!cluster.evaluate(eth0(&json!({})))??.passed());
    let mut cluster = of_both_families()?;
    cluster.replace(
        &format!("default/{POD}"),
        ADDRESS,
        "fd44:7::1a",
        "fd44:7::0a",
    )?;
    assert!(
        cluster
            .failed(eth0(&json!({})))?
            .contains("one pod with this address")
    );
    Ok(())
}

#[test]
fn a_pod_of_ipv6_alone_is_judged() -> Result<()> {
    let mut cluster = of_both_families()?;
    for (index, (pod, _, address)) in NORMAL_PODS.into_iter().enumerate() {
        let ipv6 = format!("fd44:7::{index:x}a");
        cluster.replace(
            &format!("default/{pod}"),
            ADDRESS,
            &format!(r#"{{"local":"{address}","prefixlen":32}},"#),
            "",
        )?;
        let entries =
            json!([{"name": "kube-system/default-calico", "ips": [ipv6], "default": true}]);
        let object = cluster.object("Pod", pod)?;
        let annotations = &mut object["metadata"]["annotations"];
        annotations[STATUS] = json!(entries.to_string());
        annotations["cni.projectcalico.org/podIP"] = json!(format!("{ipv6}/128"));
        annotations["cni.projectcalico.org/podIPs"] = json!(format!("{ipv6}/128"));
        object["status"]["podIP"] = json!(ipv6);
        object["status"]["podIPs"] = json!([{"ip": ipv6}]);
    }
    let check = json!({"pod-addresses": {"namespace": "default", "selector": "app=normal", "interfaces": [
        {"name": "eth0", "network": "kube-system/default-calico", "ipv6": {"prefix-length": 128}}]}});
    assert_eq!(cluster.failed(check.clone())?, "");
    assert!(
        cluster
            .failed(eth0(&json!({})))?
            .contains("one IPv4 address with /32, not none")
    );
    cluster.object("Pod", POD)?["status"]["podIP"] = json!("fd44:7::99");
    assert!(cluster.failed(check)?.contains("status.podIP: fd44:7::99"));
    Ok(())
}

fn entries(entries: &Value) -> Value {
    of_pods(
        "network-status",
        &json!({"annotation": STATUS, "entries": entries}),
    )
}

/// One pod's annotation in place of its own, and what then fails.
fn with_status(written: &Value, wanted: &Value) -> Result<String> {
    let mut cluster = with_eth0_alone()?;
    cluster
        .objects
        .entry("Pod")
        .or_default()
        .retain(|pod| pod["metadata"]["name"] == POD);
    let annotations = &mut cluster.object("Pod", POD)?["metadata"]["annotations"];
    annotations[STATUS] = json!(written.to_string());
    cluster.failed(entries(wanted))
}

#[rstest]
#[case::two_defaults(
    json!([{"name": "n", "ips": ["10.244.19.51"], "default": true}, {"name": "m", "ips": [], "default": true}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]),
    "one default entry, not 2"
)]
#[case::no_name(
    json!([{"name": "", "ips": ["10.244.19.51"], "default": true}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]),
    "n (default), not (no name) (default)"
)]
#[case::null_addresses(
    json!([{"name": "n", "ips": null, "default": true}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]),
    "n has the addresses of eth0: 10.244.19.51, not none"
)]
#[case::a_placeholder(
    json!([{"name": "n", "ips": ["0.0.0.0"], "default": true}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]),
    "an address of a pod in n (default), not 0.0.0.0"
)]
#[case::no_address(
    json!([{"name": "n", "ips": ["<nil>", "10.244.19.51"], "default": true}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]),
    "ips: no address: <nil>"
)]
#[case::an_odd_entry(
    json!([{"name": "n", "ips": ["10.244.19.51"], "default": true}, {"name": 7}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]),
    "not understood: an entry"
)]
#[case::an_address_where_none_is_wanted(
    json!([{"name": "n", "ips": ["10.244.19.51"], "default": true}]),
    json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true, "without-address": true}]),
    "n on eth0 without an address, not in the entry: 10.244.19.51; in the pod: 10.244.19.51"
)]
fn an_entry_that_is_wrong_is_red(
    #[case] written: Value,
    #[case] wanted: Value,
    #[case] said: &str,
) -> Result<()> {
    let failed = with_status(&written, &wanted)?;
    assert!(failed.contains(said), "{failed}");
    Ok(())
}

#[test]
fn what_an_entry_says_besides_is_a_fact_and_a_gateway_that_is_none_is_told() -> Result<()> {
    let mut cluster = with_eth0_alone()?;
    for (pod, _, address) in NORMAL_PODS {
        let written = json!([{"name": "n", "ips": [address], "default": true, "mtu": 1450, "gateway": ["<nil>", "169.254.1.1"],
            "dns": {"nameservers": ["10.96.0.10"]}, "device-info": {"type": "pci"}}]);
        cluster.object("Pod", pod)?["metadata"]["annotations"][STATUS] = json!(written.to_string());
    }
    let wanted =
        json!([{"name": "n", "interface": "eth0", "names-interface": false, "default": true}]);
    insta::assert_snapshot!(cluster.report(entries(&wanted))?, @r#"
    fact: pods app=normal / k8s.v1.cni.cncf.io/network-status / n (default)
    fact: pods app=normal / k8s.v1.cni.cncf.io/network-status, device-info / n: {"type":"pci"}
    fact: pods app=normal / k8s.v1.cni.cncf.io/network-status, dns / n: {"nameservers":["10.96.0.10"]}
    fact: pods app=normal / k8s.v1.cni.cncf.io/network-status, gateway / n: <nil>,169.254.1.1
    fact: pods app=normal / k8s.v1.cni.cncf.io/network-status, mtu / n: 1450
    remark: network-status of n: gateway: no address: <nil>
    "#);
    Ok(())
}

#[test]
fn a_network_without_addresses_is_green_where_it_is_wanted() -> Result<()> {
    let mut cluster = with_eth0_alone()?;
    for (pod, _, address) in NORMAL_PODS {
        let name = format!("default/{pod}");
        cluster.replace(
            &name,
            ADDRESS,
            "}]}]",
            r#"}]},{"ifname":"net1","mtu":1450,"addr_info":[]}]"#,
        )?;
        let written = json!([{"name": "kube-system/default-calico", "ips": [address], "default": true}, {"name": "wire", "interface": "net1"}]);
        cluster.object("Pod", pod)?["metadata"]["annotations"][STATUS] = json!(written.to_string());
    }
    let wanted = |more: Value| {
        let mut wire =
            json!({"name": "wire", "interface": "net1", "names-interface": true, "default": false});
        if more == true {
            wire["without-address"] = more;
        }
        entries(
            &json!([{"name": "kube-system/default-calico", "interface": "eth0", "names-interface": false, "default": true}, wire]),
        )
    };
    assert_eq!(cluster.failed(wanted(json!(true)))?, "");
    let failed = cluster.failed(wanted(json!(false)))?;
    assert!(
        failed.contains("an address of wire on net1, not none, in the entry and in the pod"),
        "{failed}"
    );
    let addresses = of_pods(
        "pod-addresses",
        &json!({"interfaces": [
        {"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32}, {"name": "net1", "network": "wire"}]}),
    );
    assert_eq!(cluster.failed(addresses.clone())?, "");
    cluster.replace(
        &format!("default/{POD}"),
        ADDRESS,
        r#""addr_info":[]"#,
        r#""addr_info":[{"local":"10.3.0.9","prefixlen":24}]"#,
    )?;
    assert!(
        cluster
            .failed(addresses)?
            .contains("no IPv4 address, not 10.3.0.9/24")
    );
    Ok(())
}

#[test]
fn one_attachment_twice_is_told_apart_by_its_addresses() -> Result<()> {
    let mut cluster = with_eth0_alone()?;
    for (index, (pod, _, address)) in NORMAL_PODS.into_iter().enumerate() {
        let (first, second) = (format!("10.3.{index}.4"), format!("10.3.{index}.5"));
        let interface = |name: &str, address: &str| json!({"ifname": name, "mtu": 1450, "addr_info": [{"local": address, "prefixlen": 32}]});
        let interfaces = json!([
            interface("eth0", address),
            interface("net1", &first),
            interface("net2", &second)
        ]);
        cluster.command(&format!("default/{pod}"), ADDRESS, &interfaces.to_string());
        let written = json!([{"name": "kube-system/default-calico", "ips": [address], "default": true},
            {"name": "shop/lan", "ips": [first]}, {"name": "shop/lan", "ips": [second]}]);
        cluster.object("Pod", pod)?["metadata"]["annotations"][STATUS] = json!(written.to_string());
    }
    let interface =
        |name: &str, network: &str| json!({"name": name, "network": network, "prefix-length": 32});
    let check = of_pods(
        "pod-addresses",
        &json!({"interfaces": [
        interface("eth0", "kube-system/default-calico"), interface("net1", "shop/lan"), interface("net2", "shop/lan")]}),
    );
    assert_eq!(cluster.failed(check.clone())?, "");
    cluster.replace(&format!("default/{POD}"), ADDRESS, "10.3.1.5", "10.3.1.9")?;
    let failed = cluster.failed(check)?;
    assert!(failed.contains("network-status: 10.3.1.5"), "{failed}");
    Ok(())
}

/// What fails where the events about one pod are others.
fn with_events(events: &[(&str, &str)], message: &str) -> Result<String> {
    let mut cluster = of_both_families()?;
    cluster
        .objects
        .entry("Pod")
        .or_default()
        .retain(|pod| pod["metadata"]["name"] == POD);
    let event = |(time, message): &(&str, &str)| {
        json!({"involvedObject": {"kind": "Pod", "namespace": "default", "name": POD}, "reason": "AddedInterface",
            "message": message, "lastTimestamp": format!("2026-11-23T21:35:{time}Z")})
    };
    let events: Vec<Value> = events.iter().map(event).collect();
    for event in &events {
        assert!(event["message"].is_string());
    }
    let events = events.into_iter().map(|mut event| {
        event["metadata"] = json!({"namespace": "default", "name": "e"});
        event
    });
    cluster.objects.insert("Event", events.collect());
    cluster.failed(of_pods(
        "pod-events",
        &json!({"reason": "AddedInterface", "messages": [message]}),
    ))
}

const MESSAGE: &str = "Add eth0 [{{ pod.eth0 }}/32] from n";

#[rstest]
#[case::of_an_earlier_try(&[("10", "Add eth0 [10.244.19.9/32] from n"), ("20", "Add eth0 [10.244.19.51/32] from n")], MESSAGE)]
#[case::of_many_tries(
    &[("10", "Add eth0 [10.244.19.9/32] from n"), ("20", "(combined from similar events): Add eth0 [10.244.19.51/32] from n")],
    MESSAGE
)]
#[case::of_both_families(
    &[("10", "Add eth0 [10.244.19.51/32 fd44:7::1a/128] from n")],
    "Add eth0 [{{ pod.eth0.ipv4 }}/32 {{ pod.eth0.ipv6 }}/128] from n"
)]
#[case::of_all_families(&[("10", "Add eth0 [10.244.19.51/32 fd44:7::1a/128] from n")], "Add eth0 [{{ pod.eth0.all }}] from n")]
fn healthy_events_are_green(#[case] events: &[(&str, &str)], #[case] message: &str) -> Result<()> {
    assert_eq!(with_events(events, message)?, "");
    Ok(())
}

#[rstest]
#[case::added_again(
    &[("10", "Add eth0 [10.244.19.51/32] from n"), ("20", "Add eth0 [10.244.19.9/32] from n")]
)]
#[case::added_again_at_once(
    &[("10", "Add eth0 [10.244.19.51/32] from n"), ("10", "Add eth0 [10.244.19.9/32] from n")]
)]
#[case::nested(
    &[("10", "Add eth0 [10.244.19.51/32] from n"), ("10", "Add eth0 [10.244.19.51/32] from multus-cni-network")]
)]
#[case::a_placeholder(
    &[("10", "Add eth0 [0.0.0.0/32] from n"), ("20", "Add eth0 [10.244.19.51/32] from n")]
)]
#[case::many_tries_that_went_wrong(
    &[("20", "(combined from similar events): Add eth0 [10.244.19.9/32] from n")]
)]
#[case::one_too_many(&[("10", "Add eth0 [10.244.19.51/32] from n"), ("20", "Add net1 [10.3.0.4/24] from m")])]
#[case::none(&[])]
fn an_interface_that_was_added_otherwise_is_red(#[case] events: &[(&str, &str)]) -> Result<()> {
    assert_ne!(with_events(events, MESSAGE)?, "");
    Ok(())
}

#[rstest]
#[case::of_another_pod("cni.projectcalico.org/podIP", "10.244.19.52/32")]
#[case::no_address("cni.projectcalico.org/podIP", "none")]
#[case::a_subnet("cni.projectcalico.org/podIP", "10.244.19.51/24")]
#[case::one_too_many("cni.projectcalico.org/podIPs", "10.244.19.51/32,fd44::9/128")]
#[case::no_sandbox("cni.projectcalico.org/containerID", "ea59")]
#[case::no_entries(STATUS, "[]")]
#[case::no_list(STATUS, "yes")]
fn an_annotation_that_is_not_the_pods_own_is_red(
    #[case] name: &str,
    #[case] value: &str,
) -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = of_pods("pod-annotations", &json!({"present": [name]}));
    assert_eq!(cluster.failed(check.clone())?, "");
    cluster.object("Pod", POD)?["metadata"]["annotations"][name] = json!(value);
    let failed = cluster.failed(check)?;
    assert!(
        failed.starts_with(&format!(
            "pod default/{POD}: annotation {name} as the pod's status has it"
        )),
        "{failed}"
    );
    Ok(())
}

#[rstest]
#[case::with_an_address(json!({"phase": "Pending", "podIP": "10.244.19.88"}), true)]
#[case::running(json!({"phase": "Running"}), true)]
#[case::waiting(json!({"phase": "Pending"}), false)]
fn a_pod_with_a_sandbox_has_no_sandbox_failure(
    #[case] status: Value,
    #[case] is_red: bool,
) -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let mut waiting: Vec<Value> =
        serde_json::from_str(include_str!("../../../testdata/objects/waiting-pod.json"))?;
    for (name, value) in status.as_object().into_iter().flatten() {
        waiting[0]["status"][name] = value.clone();
    }
    cluster.objects.entry("Pod").or_default().extend(waiting);
    let check = of_pods(
        "sandbox-failure",
        &json!({"contains": ["no network available in the name"], "still-ready": 3}),
    );
    let failed = cluster.failed(check)?;
    assert_eq!(
        failed.contains("no sandbox: neither running nor with an address"),
        is_red,
        "{failed}"
    );
    Ok(())
}

#[test]
fn a_pod_without_a_log_is_red() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    for (pod, _, _) in NORMAL_PODS {
        cluster
            .logs
            .insert(format!("default/{pod}"), "ready\n".to_owned());
    }
    let set = json!({"metadata": {"namespace": "default", "name": "tool"}, "status": {"desiredNumberScheduled": 3}});
    cluster.objects.insert("DaemonSet", vec![set]);
    let check = |set: &str| {
        of_pods(
            "pod-logs",
            &json!({"contains": ["ready"], "daemon-set": set}),
        )
    };
    assert_eq!(cluster.failed(check("tool"))?, "");
    assert!(
        cluster
            .failed(check("other"))?
            .contains("DaemonSet default/other: that it is there")
    );
    cluster.logs.remove(&format!("default/{POD}"));
    assert_eq!(
        cluster.failed(check("tool"))?,
        "DaemonSet default/tool: 3 logs, not 2 logs"
    );
    Ok(())
}

#[test]
fn a_lease_that_a_sandbox_has_twice_is_left_over() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let sandbox = "ea5929991e26621400ca702cc334d52c9b563da80dcdfadde88a6d83ecc15465";
    let check = of_pods(
        "pod-addresses",
        &json!({"interfaces": [
        {"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32, "lease": "default-calico"},
        {"name": "net1", "network": "default/cfosdefaultcni5", "prefix-length": 24, "unique": "node"}]}),
    );
    assert_eq!(cluster.failed(check.clone())?, "");
    cluster.write(
        "doc-worker",
        "/var/lib/cni/networks/default-calico/10.244.19.77",
        &format!("{sandbox}\neth0"),
    );
    let failed = cluster.failed(check)?;
    assert!(
        failed.contains("10.244.19.51, and of the same sandbox also 10.244.19.77"),
        "{failed}"
    );
    Ok(())
}
