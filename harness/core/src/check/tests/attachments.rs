//! Network attachment definitions.

use serde_json::json;

use super::fixture::{Cluster, Result};

#[test]
fn a_definition_is_where_it_should_be_and_holds_what_it_should() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let empty = json!({"network-attachment": {"namespace": "kube-system", "name": "net-calico"}});
    let held = json!({"network-attachment": {"namespace": "default", "name": "cfosdefaultcni5",
        "configuration": {"name": "cfosdefaultcni5", "plugin": "bridge"}}});
    let object = |namespace: &str, name: &str, config: &str| json!({"metadata": {"namespace": namespace, "name": name}, "spec": {"config": config}});
    let config = r#"{"name": "cfosdefaultcni5", "type": "bridge"}"#;
    cluster.objects.insert(
        "NetworkAttachmentDefinition",
        vec![
            json!({"metadata": {"namespace": "kube-system", "name": "net-calico"}}),
            object("default", "cfosdefaultcni5", config),
        ],
    );
    insta::assert_snapshot!(cluster.report(empty.clone())?, @"fact: network attachment definition kube-system/net-calico / configuration / no configuration of its own");
    insta::assert_snapshot!(cluster.report(held.clone())?, @"fact: network attachment definition default/cfosdefaultcni5 / configuration / name cfosdefaultcni5, plugin bridge");
    // In another namespace, with a configuration of its own, and broken.
    cluster.objects.insert(
        "NetworkAttachmentDefinition",
        vec![
            object("default", "net-calico", ""),
            object("default", "cfosdefaultcni5", "{"),
        ],
    );
    insta::assert_snapshot!(cluster.report(empty)?, @r"
    failed: network attachment definition kube-system/net-calico
      expected: no configuration of its own
      observed: absent
      why: pods find it by namespace and name; there are: default/net-calico, default/cfosdefaultcni5
    fact: network attachment definition kube-system/net-calico / configuration / absent
    ");
    insta::assert_snapshot!(cluster.report(held.clone())?, @r"
    failed: network attachment definition default/cfosdefaultcni5
      expected: name cfosdefaultcni5, plugin bridge
      observed: an unusable configuration: not JSON: EOF while parsing an object at line 1 column 1
      why: Multus takes the configuration from here, and from a file on the node where there is none
    fact: network attachment definition default/cfosdefaultcni5 / configuration / an unusable configuration: not JSON: EOF while parsing an object at line 1 column 1
    ");
    let list = r#"{"name": "other", "plugins": [{"type": "macvlan"}]}"#;
    cluster.objects.insert(
        "NetworkAttachmentDefinition",
        vec![object("default", "cfosdefaultcni5", list)],
    );
    insta::assert_snapshot!(cluster.report(held)?, @r"
    failed: network attachment definition default/cfosdefaultcni5
      expected: name cfosdefaultcni5, plugin bridge
      observed: name other, plugin macvlan
      why: Multus takes the configuration from here, and from a file on the node where there is none
    fact: network attachment definition default/cfosdefaultcni5 / configuration / name other, plugin macvlan
    ");
    Ok(())
}
