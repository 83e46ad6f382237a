//! Checks that name one thing of the several that they can compare, and none.

use serde_json::json;

use super::fixture::{Cluster, NODES, Result};

#[test]
fn one_thing_to_compare_is_enough_and_none_proves_nothing() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    for (node, _) in NODES {
        cluster.command(node, "uname", "Linux\n");
    }
    let pods = cluster.objects["Pod"].iter();
    let names = pods.filter_map(|pod| pod["metadata"]["name"].as_str());
    cluster.logs = names
        .map(|name| (format!("default/{name}"), "starting\n".to_owned()))
        .collect();
    for (kind, parameters, alone) in [
        (
            "node-annotations",
            json!({"present": []}),
            vec![
                json!({"present": ["projectcalico.org/IPv4Address"]}),
                json!({"in-block": "projectcalico.org/IPv4VXLANTunnelAddr"}),
            ],
        ),
        (
            "node-command",
            json!({"command": ["uname"]}),
            vec![
                json!({"lines": ["Linux"]}),
                json!({"contains": ["inu"]}),
                json!({"absent": ["BSD"]}),
            ],
        ),
        (
            "versions",
            json!({"kubelet": false, "runtime": false}),
            vec![json!({"kubelet": true}), json!({"runtime": true})],
        ),
        (
            "pod-annotations",
            json!({"namespace": "default", "selector": "app=normal"}),
            vec![
                json!({"present": ["cni.projectcalico.org/podIP"]}),
                json!({"absent": ["k8s.v1.cni.cncf.io/other"]}),
            ],
        ),
        (
            "pod-logs",
            json!({"namespace": "default", "selector": "app=normal"}),
            vec![
                json!({"contains": ["starting"]}),
                json!({"absent": ["panic"]}),
            ],
        ),
        (
            "node-files",
            json!({"directory": "/etc/cni/multus/net.d"}),
            vec![
                json!({"contains": ["net-calico.conf"]}),
                json!({"absent": ["net-calico.conf.bak"]}),
                json!({"exactly": ["default-calico.conf", "net-calico.conf"]}),
                json!({"modes": {"net-calico.conf": "0644"}}),
            ],
        ),
    ] {
        let nothing = cluster.evaluate(json!({ kind: parameters }))??;
        let whys: Vec<&String> = nothing
            .failures
            .iter()
            .map(|failure| &failure.why)
            .collect();
        assert!(
            matches!(whys.as_slice(), [why] if why.ends_with("proves nothing")),
            "{kind}: {whys:?}"
        );
        for one in alone {
            let mut check = parameters.clone();
            for (name, value) in one.as_object().into_iter().flatten() {
                check[name] = value.clone();
            }
            assert_eq!(cluster.failed(json!({ kind: check }))?, "", "{kind} {one}");
        }
    }
    Ok(())
}
