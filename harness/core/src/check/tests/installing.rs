//! Calico's own objects and the workloads that it and Multus are made of.

use serde_json::{Value, json};

use super::fixture::{Cluster, Result};

#[test]
fn available_components_pass_and_others_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"tigera-status": {"available": ["apiserver", "calico"]}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: tigerastatus apiserver / conditions / Available True, Degraded False, Progressing False
    fact: tigerastatus calico / conditions / Available True, Degraded False, Progressing False
    ");
    let calico = cluster.object("TigeraStatus", "calico")?;
    calico["status"]["conditions"] = json!([
        {"type": "Available", "status": "True"}, {"type": "Degraded", "status": "False"},
        {"type": "Progressing", "status": "True", "message": "DaemonSet calico-node is not yet scheduled on 1 nodes"},
    ]);
    cluster.object("TigeraStatus", "apiserver")?["metadata"]["name"] = json!("goldmane");
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: tigerastatus apiserver
      expected: Available
      observed: absent; there are: goldmane, calico
      why: the operator has not made it yet, or does not run this component
    failed: tigerastatus calico
      expected: Progressing is False
      observed: Progressing is True: DaemonSet calico-node is not yet scheduled on 1 nodes
      why: the operator's message says what it waits for
    fact: tigerastatus calico / conditions / Available True, Degraded False, Progressing True
    ");
    insta::assert_snapshot!(cluster.report(json!({"tigera-status": {"available": []}}))?, @"
    failed: tigerastatuses
      expected: at least one name
      observed: none
      why: a check that names nothing proves nothing
    ");
    Ok(())
}

#[test]
fn the_installation_is_as_the_document_has_it() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"installation": {"bgp": "Disabled", "container-ip-forwarding": "Enabled", "pool": "10.244.0.0/16",
        "block-size": 24, "encapsulation": "VXLAN", "nat-outgoing": "Enabled"}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: installation default / IPPool objects / as the installation says
    fact: installation default / bgp / Disabled
    fact: installation default / containerIPForwarding / Enabled
    fact: installation default / ipPools blockSize / 24
    fact: installation default / ipPools cidr / 10.244.0.0/16
    fact: installation default / ipPools encapsulation / VXLAN
    fact: installation default / ipPools natOutgoing / Enabled
    ");
    let network = &mut cluster.object("Installation", "default")?["spec"]["calicoNetwork"];
    network["bgp"] = json!("Enabled");
    network["ipPools"][0]["blockSize"] = json!(26);
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    failed: installation default
      expected: bgp Disabled
      observed: bgp Enabled
      why: the server holds another value than was applied, or a default
    failed: installation default
      expected: ipPools blockSize 24
      observed: ipPools blockSize 26
      why: the server holds another value than was applied, or a default
    failed: IPPool of 10.244.0.0/16
      expected: blocks of /26, encapsulation VXLAN, with NAT
      observed: blocks of /24, encapsulation VXLAN, with NAT
      why: addresses come from the IPPool objects, which the operator keeps as the Installation says
    fact: installation default / IPPool objects / not as the installation says
    fact: installation default / bgp / Enabled
    fact: installation default / containerIPForwarding / Enabled
    fact: installation default / ipPools blockSize / 26
    fact: installation default / ipPools cidr / 10.244.0.0/16
    fact: installation default / ipPools encapsulation / VXLAN
    fact: installation default / ipPools natOutgoing / Enabled
    ");
    cluster.object("Installation", "default")?["spec"] = json!({});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    failed: installation default
      expected: spec.calicoNetwork
      observed: absent
      why: the operator has not filled in its defaults yet
    ");
    cluster.objects.insert("Installation", Vec::new());
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: installations
      expected: default
      observed: none
      why: the operator knows one installation, and its name is default
    ");
    Ok(())
}

#[test]
fn rolled_out_workloads_pass_and_others_fail() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"workloads": {"namespace": "calico-system",
        "deployments": ["calico-kube-controllers", "calico-typha"], "daemon-sets": ["calico-node", "csi-node-driver"]}});
    insta::assert_snapshot!(cluster.report(check.clone())?, @"
    fact: daemonset calico-system/calico-node / ready / 3 of 3
    fact: daemonset calico-system/csi-node-driver / ready / 3 of 3
    fact: deployment calico-system/calico-kube-controllers / ready / all
    fact: deployment calico-system/calico-typha / ready / all
    ");
    let typha = cluster.object("Deployment", "calico-typha")?;
    typha["metadata"]["generation"] = json!(2);
    typha["status"]["updatedReplicas"] = json!(1);
    cluster.object("Deployment", "calico-kube-controllers")?["spec"]["replicas"] = json!(0);
    let node = cluster.object("DaemonSet", "calico-node")?;
    node["status"]["desiredNumberScheduled"] = json!(2);
    node["status"]["numberReady"] = json!(2);
    cluster.objects.entry("DaemonSet").or_default().pop();
    insta::assert_snapshot!(cluster.report(check)?, @"
    failed: deployment calico-system/calico-kube-controllers
      expected: at least one pod, current and ready
      observed: 0 wanted, 1 there, 1 current, 1 ready, 1 available
      why: the rollout has not ended
    failed: deployment calico-system/calico-typha
      expected: 2 wanted, all current and ready
      observed: 2 wanted, 2 there, 1 current, 2 ready, 2 available, of an older generation
      why: the rollout has not ended
    failed: daemonset calico-system/calico-node
      expected: a current and ready pod on each of 3 nodes
      observed: 2 wanted, 3 current, 2 ready, 3 available
      why: the rollout has not ended, or a node takes no pod
    failed: daemonset calico-system/csi-node-driver
      expected: all pods ready
      observed: absent; there are: calico-node
      why: it was not made yet, or has another name in this version
    fact: daemonset calico-system/calico-node / ready / 2 of 3
    fact: deployment calico-system/calico-kube-controllers / ready / not all
    fact: deployment calico-system/calico-typha / ready / not all
    ");
    insta::assert_snapshot!(cluster.report(json!({"workloads": {"namespace": "calico-system"}}))?, @"
    failed: workloads of calico-system
      expected: at least one name
      observed: none
      why: a check that names nothing proves nothing
    ");
    Ok(())
}

#[test]
fn a_deployment_of_an_older_generation_or_without_pods_fails() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"workloads": {"namespace": "calico-system",
        "deployments": ["calico-kube-controllers", "calico-typha"]}});
    cluster.object("Deployment", "calico-typha")?["metadata"]["generation"] = json!(2);
    let controllers = cluster.object("Deployment", "calico-kube-controllers")?;
    controllers["spec"]["replicas"] = json!(0);
    controllers["status"] = json!({"observedGeneration": 1});
    insta::assert_snapshot!(cluster.failed(check)?, @"
    deployment calico-system/calico-kube-controllers: at least one pod, current and ready, not 0 wanted, 0 there, 0 current, 0 ready, 0 available
    deployment calico-system/calico-typha: 2 wanted, all current and ready, not 2 wanted, 2 there, 2 current, 2 ready, 2 available, of an older generation
    ");
    Ok(())
}

/// A cluster of two families as an operator leaves it that compared the pools as texts, and one that is whole.
#[test]
fn each_pool_is_in_force_whatever_its_writing() -> Result<()> {
    let mut cluster = Cluster::at_the_last_step()?;
    let check = json!({"installation": {"bgp": "Disabled", "container-ip-forwarding": "Enabled", "pool": "10.244.0.0/16",
        "block-size": 24, "encapsulation": "VXLAN", "nat-outgoing": "Enabled"}});
    let pools = &mut cluster.object("Installation", "default")?["spec"]["calicoNetwork"]["ipPools"];
    if let Some(pools) = pools.as_array_mut() {
        pools.push(json!({"cidr": "fd07:10:244:0::/56", "blockSize": 122, "encapsulation": "None", "natOutgoing": "Disabled"}));
    }
    let objects = |cluster: &mut Cluster, objects: Vec<Value>| {
        let pools = cluster.objects.entry("IPPool").or_default();
        pools.truncate(1);
        pools.extend(objects);
    };
    let second = |disabled: bool| {
        json!({"apiVersion": "projectcalico.org/v3", "metadata": {"name": "second"},
            "spec": {"cidr": "fd07:10:244::/56", "blockSize": 122, "natOutgoing": false, "disabled": disabled}})
    };
    let own = json!({"metadata": {"name": "quay-old"}, "spec": {"cidr": "10.9.0.0/16", "disabled": true}});
    objects(&mut cluster, vec![second(false), own.clone()]);
    assert_eq!(cluster.failed(check.clone())?, "");
    objects(&mut cluster, vec![second(true), own.clone()]);
    assert_eq!(
        cluster.failed(check.clone())?,
        "IPPool of fd07:10:244:0::/56: blocks of /122, encapsulation None, without NAT, not disabled"
    );
    objects(&mut cluster, vec![own]);
    assert_eq!(
        cluster.failed(check)?,
        "IPPool of fd07:10:244:0::/56: blocks of /122, encapsulation None, without NAT, not no such pool; there are: 10.244.0.0/16, 10.9.0.0/16"
    );
    Ok(())
}
