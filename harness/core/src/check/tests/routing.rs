//! Routes of pods, what they reach, and the bridge on their node.

use serde_json::{Value, json};

use super::fixture::{Cluster, NORMAL_PODS, Result};

const POD: &str = "normal-859c7fbdf5-gjllb";
const ROUTE: &str = "ip -4 -j route show";

fn routes() -> Value {
    json!({"pod-routes": {"namespace": "default", "selector": "app=normal", "exactly": [
        "default via 10.1.128.2 dev net1",
        "10.0.0.0/8 via 169.254.1.1 dev eth0",
        "10.0.0.2 via 10.1.128.1 dev net1",
        "10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}",
        "10.96.0.0/12 via 10.1.128.1 dev net1",
        "10.96.0.0/12 via 169.254.1.1 dev eth0",
        "169.254.1.1 dev eth0 scope link",
    ]}})
}

fn connectivity() -> Value {
    json!({"connectivity": {"namespace": "default", "selector": "app=normal", "port": 80, "service": "normal"}})
}

fn bridge() -> Value {
    json!({"bridge": {"namespace": "default", "selector": "app=normal", "name": "cni5", "address": "10.1.128.1/24", "hairpin": true}})
}

#[test]
fn the_documents_last_table_passes() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    insta::assert_snapshot!(cluster.report(routes())?, @"fact: pods app=normal / routes / default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}; 10.96.0.0/12 via 10.1.128.1 dev net1; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link");
    Ok(())
}

#[test]
fn a_second_default_another_order_and_a_missing_interface_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    // As Multus 4.2.2 to 4.3.0 leave it where eth0 had a default route.
    cluster.replace(
        &format!("default/{POD}"),
        ROUTE,
        "[\n",
        r#"[{"dst": "default", "gateway": "169.254.1.1", "dev": "eth0", "flags": []},"#,
    )?;
    let other = "default/normal-859c7fbdf5-4jghl";
    cluster.replace(
        other,
        ROUTE,
        r#""dst": "10.96.0.0/12", "gateway": "10.1.128.1", "dev": "net1""#,
        "SWAP",
    )?;
    cluster.replace(
        other,
        ROUTE,
        r#""dst": "10.96.0.0/12", "gateway": "169.254.1.1", "dev": "eth0""#,
        r#""dst": "10.96.0.0/12", "gateway": "10.1.128.1", "dev": "net1""#,
    )?;
    cluster.replace(
        other,
        ROUTE,
        "SWAP",
        r#""dst": "10.96.0.0/12", "gateway": "169.254.1.1", "dev": "eth0""#,
    )?;
    cluster.command(
        "default/normal-859c7fbdf5-sszf2",
        "ip -j address show",
        r#"[{"ifname": "eth0"}]"#,
    );
    insta::assert_snapshot!(cluster.report(routes())?, @"
    failed: pod default/normal-859c7fbdf5-4jghl
      expected: default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src 10.1.128.3; 10.96.0.0/12 via 10.1.128.1 dev net1; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link
      observed: default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src 10.1.128.3; 10.96.0.0/12 via 169.254.1.1 dev eth0; 10.96.0.0/12 via 10.1.128.1 dev net1; 169.254.1.1 dev eth0 scope link
      why: the same routes in another order: of equal destinations the first one is used
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src 10.1.128.2; 10.96.0.0/12 via 10.1.128.1 dev net1; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link
      observed: default via 169.254.1.1 dev eth0; default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src 10.1.128.2; 10.96.0.0/12 via 10.1.128.1 dev net1; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link
      why: missing: none; unexpected: default via 169.254.1.1 dev eth0
    failed: pod default/normal-859c7fbdf5-sszf2
      expected: 10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}
      observed: the pod has no address on net1
      why: the route needs that address
    fact: pods app=normal / routes / default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src 10.1.128.2; 10.96.0.0/12 via 10.1.128.1 dev net1; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link | default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}; 10.96.0.0/12 via 169.254.1.1 dev eth0; 10.96.0.0/12 via 10.1.128.1 dev net1; 169.254.1.1 dev eth0 scope link | default via 169.254.1.1 dev eth0; default via 10.1.128.2 dev net1; 10.0.0.0/8 via 169.254.1.1 dev eth0; 10.0.0.2 via 10.1.128.1 dev net1; 10.1.128.0/24 dev net1 proto kernel scope link src {{ pod.net1 }}; 10.96.0.0/12 via 10.1.128.1 dev net1; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link
    ");
    Ok(())
}

#[test]
fn a_table_of_nothing_fails() -> Result<()> {
    let cluster = Cluster::at_the_last_step()?;
    let check =
        json!({"pod-routes": {"namespace": "default", "selector": "app=normal", "exactly": []}});
    assert!(!cluster.evaluate(check)??.passed());
    Ok(())
}

/// Each pod has an IPv6 address and the routes that Calico gives it.
fn of_ipv6() -> Result<Cluster> {
    let mut cluster = Cluster::at_the_last_step()?;
    for (index, (pod, ..)) in NORMAL_PODS.into_iter().enumerate() {
        let pod = format!("default/{pod}");
        let addresses = json!([{"ifname": "eth0", "addr_info": [
            {"local": format!("fd44:7::{index:x}a"), "prefixlen": 128, "scope": "global"}]}]);
        cluster.command(&pod, "ip -j address show", &addresses.to_string());
        let source = format!("fd44:7::{index:x}a");
        let routes = json!([
            {"dst": "fd44:7::/64", "dev": "eth0", "protocol": "kernel", "prefsrc": source, "metric": 256, "flags": [], "pref": "medium"},
            {"dst": "default", "gateway": "fe80::ecee:eeff:feee:eeee", "dev": "eth0", "metric": 1024, "flags": [], "pref": "medium"},
        ]);
        cluster.command(&pod, "ip -6 -j route show", &routes.to_string());
    }
    Ok(cluster)
}

#[test]
fn a_table_of_ipv6_is_judged_as_one_of_ipv4_is() -> Result<()> {
    let check = |default: &str| {
        json!({"pod-routes": {"namespace": "default", "selector": "app=normal", "family": "ipv6", "exactly": [
            "fd44:7::/64 dev eth0 proto kernel src {{ pod.eth0.ipv6 }} metric 256 pref medium", default]}})
    };
    let calico = "default via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium";
    insta::assert_snapshot!(of_ipv6()?.report(check(calico))?, @r"fact: pods app=normal / IPv6 routes / fd44:7::/64 dev eth0 proto kernel src {{ pod.eth0.ipv6 }} metric 256 pref medium; default via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium");
    let failed = of_ipv6()?.failed(check("default dev eth0 metric 1024"))?;
    assert!(
        failed.contains("::/0 dev eth0 metric 1024, not "),
        "{failed}"
    );
    Ok(())
}

#[test]
fn a_default_route_that_tells_no_family_is_of_the_table() -> Result<()> {
    let mut cluster = of_ipv6()?;
    for (pod, ..) in NORMAL_PODS {
        let routes = r#"[{"dst": "default", "dev": "eth0", "flags": []}]"#;
        cluster.command(&format!("default/{pod}"), "ip -6 -j route show", routes);
    }
    let check = json!({"pod-routes": {"namespace": "default", "selector": "app=normal", "family": "ipv6",
        "exactly": ["default dev eth0"]}});
    assert_eq!(cluster.failed(check)?, "");
    Ok(())
}

#[test]
fn a_gateway_that_is_a_pods_own_address_is_a_remark() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"own-gateway": {"namespace": "default", "selector": "app=normal"}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: pods app=normal / the default route's gateway is a pod's own address / true
    remark: the default route's gateway 10.1.128.2 is a pod's own address: the kernel takes it as on-link (erratum E8 of the document)
    ");
    for pod in [POD, "normal-859c7fbdf5-4jghl", "normal-859c7fbdf5-sszf2"] {
        cluster.replace(
            &format!("default/{pod}"),
            ROUTE,
            "\"gateway\": \"10.1.128.2\"",
            "\"gateway\": \"10.1.128.9\"",
        )?;
    }
    insta::assert_snapshot!(cluster.report(check.clone())?, @"fact: pods app=normal / the default route's gateway is a pod's own address / false");
    // Routes to other networks are no default, also where their gateway is the pod's own address.
    cluster.command(
        &format!("default/{POD}"),
        ROUTE,
        r#"[{"dst": "10.0.0.0/8", "gateway": "10.1.128.2", "dev": "net1", "flags": []}]"#,
    );
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: pod default/normal-859c7fbdf5-gjllb
      expected: a default route
      observed: none
      why: without one there is no gateway to look at
    fact: pods app=normal / the default route's gateway is a pod's own address / false
    ");
    Ok(())
}

#[test]
fn pods_reach_each_other_across_nodes_and_the_service() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.connect_all();
    insta::assert_snapshot!(cluster.report(connectivity())?, @"
    fact: pods app=normal / TCP across nodes / connected
    fact: pods app=normal / TCP to service normal / connected
    ");
    // The first pod's connection to the third one was refused, and it did not try the Service.
    cluster.connections[1]["connected"] = json!(false);
    cluster.connections[1]["error"] = json!("Connection timed out\n");
    cluster.connections.remove(2);
    insta::assert_snapshot!(cluster.report(connectivity())?, @"
    failed: pod normal-859c7fbdf5-4jghl
      expected: TCP to service/normal
      observed: not tried
      why: what was not tried proves nothing
    failed: pod normal-859c7fbdf5-4jghl on doc-worker
      expected: TCP to normal-859c7fbdf5-sszf2 on doc-worker2, 10.244.182.52:80
      observed: Connection timed out
      why: refused means that nobody listens there, a time-out that a packet or its answer was lost
    fact: pods app=normal / TCP across nodes / connected | not connected
    fact: pods app=normal / TCP to service normal / connected
    ");
    cluster.connections.clear();
    assert!(!cluster.evaluate(connectivity())??.passed());
    Ok(())
}

#[test]
fn the_list_of_what_was_tried_is_not_trusted() -> Result<()> {
    let tried = || -> Result<Cluster> {
        let mut cluster = Cluster::at_the_last_step()?;
        cluster.connect_all();
        Ok(cluster)
    };
    let mut cluster = tried()?;
    cluster
        .connections
        .retain(|connection| !connection.to_string().contains("sszf2"));
    insta::assert_snapshot!(cluster.failed(connectivity())?, @"
    pods app=normal: a pair of pods on two nodes, not none
    pod normal-859c7fbdf5-sszf2: TCP from this pod, not not tried
    pod normal-859c7fbdf5-sszf2: TCP to this pod, not not tried
    ");
    for (target, address) in [
        ("service/normal", "192.0.2.6"),
        ("service/normal", ""),
        (POD, "192.0.2.6"),
    ] {
        let mut cluster = tried()?;
        let mut targets = cluster.connections.iter_mut();
        for connection in targets
            .by_ref()
            .filter(|connection| connection["to"] == target)
        {
            connection["address"] = json!(address);
        }
        let failed = cluster.failed(connectivity())?;
        assert_eq!(failed.lines().count(), 1, "{failed}");
        assert!(failed.starts_with(&format!("{target}: ")), "{failed}");
    }
    let mut cluster = tried()?;
    let renamed = json!(cluster.connections)
        .to_string()
        .replace("859c7fbdf5", "0a0a0a0a0a");
    cluster.connections = serde_json::from_str(&renamed)?;
    assert!(
        cluster
            .failed(connectivity())?
            .contains(&format!("pod {POD}: TCP to this pod, not not tried"))
    );
    Ok(())
}

#[test]
fn more_than_a_packet_must_be_answered_too() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.connect_all();
    for connection in &mut cluster.connections {
        connection["payload"] = json!(3096);
        connection["answered"] = json!(true);
    }
    // A server that speaks only when it is spoken to in its own way.
    cluster.connections[3]["answered"] = Value::Null;
    insta::assert_snapshot!(cluster.report(connectivity())?, @"
    fact: pods app=normal / TCP across nodes / connected
    fact: pods app=normal / TCP to service normal / connected
    fact: pods app=normal / more than a packet across nodes / answered
    fact: pods app=normal / more than a packet to the service / answered
    ");
    cluster.connections[3]["error"] = json!("connection reset by peer");
    assert_eq!(cluster.failed(connectivity())?.lines().count(), 1);
    cluster.connections[3]["error"] = Value::Null;
    cluster.connections[1]["answered"] = json!(false);
    insta::assert_snapshot!(cluster.failed(connectivity())?, @"pod normal-859c7fbdf5-4jghl on doc-worker: an answer of normal-859c7fbdf5-sszf2 on doc-worker2, not none after 3096 bytes");
    Ok(())
}

#[test]
fn a_connection_that_is_not_understood_costs_the_others_nothing() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    cluster.connect_all();
    cluster.connections.push(json!({"from": 7}));
    let failed = cluster.failed(connectivity())?;
    assert_eq!(failed.lines().count(), 1, "{failed}");
    assert!(failed.contains(r#"{"from":7}"#), "{failed}");
    Ok(())
}

#[test]
fn the_bridge_is_on_each_node_with_a_pod() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    // No selected pod is there, so the bridge need not be.
    cluster.command("doc-control-plane", "ip -j -d link show", "[]");
    insta::assert_snapshot!(cluster.report(bridge())?, @"
    fact: each node with a pod / bridge cni5 / 10.1.128.1/24
    fact: each node with a pod / hairpin on ports of cni5 / on
    ");
    cluster.replace(
        "doc-worker",
        "ip -j -d link show",
        "\"hairpin\": true",
        "\"hairpin\": false",
    )?;
    cluster.replace(
        "doc-worker",
        "ip -j address show",
        "10.1.128.1",
        "10.1.129.1",
    )?;
    cluster.command("doc-worker2", "ip -j -d link show", "[]");
    insta::assert_snapshot!(cluster.report(bridge())?, @"
    failed: node doc-worker
      expected: 10.1.128.1/24 on cni5
      observed: 10.1.129.1/24
      why: the bridge is the pods' gateway on this node
    failed: port vethadc4fc2a of cni5 on node doc-worker
      expected: hairpin on
      observed: hairpin off
      why: the plugin's hairpinMode decides whether a pod reaches itself through a Service
    failed: node doc-worker2
      expected: bridge cni5
      observed: bridges: none
      why: the first pod on a node makes it
    failed: node doc-worker2
      expected: at least one port of cni5
      observed: none
      why: the pod on this node is not connected to the bridge
    fact: each node with a pod / bridge cni5 / 10.1.129.1/24 | absent
    fact: each node with a pod / hairpin on ports of cni5 / off
    ");
    Ok(())
}

#[test]
fn a_bridge_of_another_name_or_a_link_that_is_no_bridge_is_not_the_bridge() -> Result<()> {
    for (name, kind) in [("cni6", "bridge"), ("cni5", "veth")] {
        let mut cluster = Cluster::at_the_last_step()?;
        let links = json!([{"ifname": name, "linkinfo": {"info_kind": kind}}]);
        cluster.command("doc-worker", "ip -j -d link show", &links.to_string());
        let failed = cluster.failed(bridge())?;
        assert!(
            failed.contains("node doc-worker: bridge cni5, not bridges: "),
            "{failed}"
        );
    }
    Ok(())
}

#[test]
fn pods_that_tried_another_port_or_another_address_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check =
        json!({"connectivity": {"namespace": "default", "selector": "app=normal", "port": 80}});
    cluster.connect_all();
    cluster
        .connections
        .retain(|connection| connection["to-node"] != Value::Null);
    assert_eq!(cluster.failed(check.clone())?, "");
    let address = cluster.connections[0]["address"].clone();
    cluster.connections[0]["port"] = json!(8080);
    insta::assert_snapshot!(cluster.failed(check.clone())?, @"pod normal-859c7fbdf5-4jghl: TCP to port 80 of normal-859c7fbdf5-gjllb, not port 8080");
    cluster.connections[0]["port"] = json!(80);
    assert_eq!(cluster.connections[0]["address"], address);
    cluster.connections[0]["address"] = json!("10.244.182.52");
    insta::assert_snapshot!(cluster.failed(check)?, @"
    normal-859c7fbdf5-gjllb: one address, not 10.244.182.52, 10.244.19.51
    normal-859c7fbdf5-gjllb: 10.244.19.51, not 10.244.182.52
    ");
    Ok(())
}
