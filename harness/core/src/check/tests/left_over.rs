//! What outlives its pod or lies on the way to it: leases of sandboxes that are gone, plugins that do not answer, links
//! that are down.

use rstest::rstest;
use serde_json::{Value, json};

use super::fixture::{Cluster, Result};
use crate::observation::cni_versions;
use crate::query::Query;

const NODE: &str = "doc-worker";
const SANDBOXES: &str = "crictl pods --quiet --no-trunc";

fn addresses() -> Value {
    json!({"pod-addresses": {"namespace": "default", "selector": "app=normal", "interfaces": [
        {"name": "eth0", "network": "kube-system/default-calico", "prefix-length": 32, "lease": "default-calico"},
        {"name": "net1", "network": "default/cfosdefaultcni5", "prefix-length": 24, "unique": "node"}]}})
}

/// Each node tells which sandboxes run: those of the Deployment's pods, and one more.
fn with_sandboxes() -> Result<Cluster> {
    let mut cluster = Cluster::at_the_last_step()?;
    let mut ids = vec!["5d".repeat(32)];
    for pod in cluster.objects.get("Pod").into_iter().flatten() {
        let id = &pod["metadata"]["annotations"]["cni.projectcalico.org/containerID"];
        ids.extend(id.as_str().map(str::to_owned));
    }
    for node in ["doc-control-plane", NODE, "doc-worker2"] {
        cluster.command(node, SANDBOXES, &ids.join("\n"));
    }
    assert_eq!(cluster.failed(addresses())?, "");
    Ok(cluster)
}

#[rstest]
#[case::of_a_sandbox_that_is_gone(
    "c0ffee0123456789abcdef\r\neth0",
    "a sandbox of the runtime, not eth0 of sandbox c0ffee012345"
)]
#[case::of_an_old_host_local("c0ffee0123456789abcdef", "not sandbox c0ffee012345")]
#[case::cut_short("", "not no sandbox in the file")]
fn a_leaked_lease_is_told_with_its_owner(#[case] lease: &str, #[case] said: &str) -> Result<()> {
    let mut cluster = with_sandboxes()?;
    let path = "/var/lib/cni/networks/default-calico/10.244.19.77";
    cluster.write(NODE, path, lease);
    let failed = cluster.failed(addresses())?;
    assert!(
        failed.starts_with("lease 10.244.19.77 of default-calico on node doc-worker: "),
        "{failed}"
    );
    assert!(failed.contains(said), "{failed}");
    assert_eq!(failed.lines().count(), 1, "{failed}");
    Ok(())
}

#[test]
fn a_lease_of_another_sandbox_that_runs_is_no_leak() -> Result<()> {
    let mut cluster = with_sandboxes()?;
    let lease = format!("{}\r\neth0", "5d".repeat(32));
    cluster.write(
        NODE,
        "/var/lib/cni/networks/default-calico/10.244.19.77",
        &lease,
    );
    assert_eq!(cluster.failed(addresses())?, "");
    Ok(())
}

#[test]
fn a_node_whose_sandboxes_are_not_told_is_told() -> Result<()> {
    let mut cluster = with_sandboxes()?;
    cluster.command(NODE, SANDBOXES, "POD ID  CREATED");
    let failed = cluster.failed(addresses())?;
    assert!(
        failed.starts_with("node doc-worker: sandboxes that can be read"),
        "{failed}"
    );
    cluster
        .commands
        .remove(&(NODE.to_owned(), SANDBOXES.to_owned()));
    let failed = cluster.failed(addresses())?;
    assert_eq!(
        failed,
        "node doc-worker: sandboxes that can be read, not no output"
    );
    Ok(())
}

/// Each node's plugins answer with the versions that they support, but for one node's `multus`.
fn with_answer(answer: &str) -> Result<Cluster> {
    let mut cluster = Cluster::at_the_last_step()?;
    let Query::NodeCommand { command } = cni_versions::query() else {
        return Err("the plugins are asked on nodes".into());
    };
    let command = command.join(" ");
    let supported =
        "0\t{\"cniVersion\": \"1.0.0\", \"supportedVersions\": [\"0.1.0\", \"0.3.1\", \"1.0.0\"]}";
    for (node, answer) in [
        ("doc-control-plane", supported),
        (NODE, answer),
        ("doc-worker2", supported),
    ] {
        let printed = format!("bandwidth\t{supported}\nmultus\t{answer}\n");
        cluster.command(node, &command, &printed);
    }
    Ok(cluster)
}

#[rstest]
#[case::the_version(
    "0\t{\"cniVersion\": \"1.0.0\", \"supportedVersions\": [\"0.1.0\"]}",
    ""
)]
#[case::other_versions(
    "0\t{\"cniVersion\": \"1.0.0\", \"supportedVersions\": [\"1.0.0\"]}",
    "plugin multus does not support cniVersion 0.1.0"
)]
#[case::nothing(
    "1\t",
    "plugin multus does not answer VERSION: not understood: it ended with status 1"
)]
#[case::no_json(
    "0\tusage",
    "plugin multus does not answer VERSION: not understood: expected value"
)]
#[case::no_line_of_a_plugin("", "node doc-worker: versions of plugins that can be read")]
fn a_plugin_that_does_not_say_that_it_knows_the_version_takes_its_file_out(
    #[case] answer: &str,
    #[case] said: &str,
) -> Result<()> {
    let cluster = with_answer(answer)?;
    let failed = cluster.failed(json!({"default-network": {"name": "multus-cni-network"}}))?;
    if said.is_empty() {
        assert_eq!(failed, "");
    } else {
        assert!(failed.contains(said), "{failed}");
        assert!(!failed.contains("doc-worker2"), "{failed}");
    }
    Ok(())
}

#[rstest]
#[case::of_the_bridge("info_data", "bridge cni5 on node doc-worker: ")]
#[case::of_its_port("info_slave_kind", "port vethadc4fc2a of cni5 on node doc-worker: ")]
fn a_link_that_is_down_is_red(#[case] of: &str, #[case] said: &str) -> Result<()> {
    let check = json!({"bridge": {"namespace": "default", "selector": "app=normal", "name": "cni5",
        "address": "10.1.128.1/24", "hairpin": true}});
    let mut cluster = Cluster::at_the_last_step()?;
    assert_eq!(cluster.failed(check.clone())?, "");
    let kind = if of == "info_data" { "bridge" } else { "veth" };
    let link = |state: &str| {
        format!(r#""operstate": "{state}", "linkinfo": {{"info_kind": "{kind}", "{of}""#)
    };
    cluster.replace(NODE, "ip -j -d link show", &link("UP"), &link("DOWN"))?;
    let failed = cluster.failed(check)?;
    assert_eq!(failed, format!("{said}a link that is up, not state DOWN"));
    Ok(())
}
