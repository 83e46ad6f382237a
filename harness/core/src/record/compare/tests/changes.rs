//! One changed thing at a time: its class, its typed difference, and whom it is blamed on.

use rstest::rstest;

use super::{check, multus_4, plainly, set, step, with_version};
use crate::check::{Fact, Failure};
use crate::record::compare::{Blame, Class};
use crate::record::{Class as Fault, Outcome, ReadError, Record, Verdict};

type Spoil = fn(&mut Record);

const ROUTES: &str = "10.0.0.0/8 via 169.254.1.1 dev eth0; 10.96.0.0/12 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link";

#[rstest]
#[case::gateway_lost(
    |record: &mut Record| set(record, "default-calico", "routes", "10.0.0.0/8 via 169.254.1.1", "10.0.0.0/8"),
    "default-calico", "routes", "the route 10.0.0.0/8 lost its gateway 169.254.1.1"
)]
#[case::gateway_changed(
    |record: &mut Record| set(record, "cfosdefaultcni5", "routes", "default via 10.1.128.2", "default via 10.1.128.1"),
    "cfosdefaultcni5", "routes", "the route default has the gateway 10.1.128.1 instead of 10.1.128.2"
)]
#[case::device_changed(
    |record: &mut Record| set(record, "cfosdefaultcni5", "routes", "10.0.0.2 via 10.1.128.1 dev net1", "10.0.0.2 via 10.1.128.1 dev eth0"),
    "cfosdefaultcni5", "routes", "the route 10.0.0.2 has the device eth0 instead of net1"
)]
#[case::source_lost(
    |record: &mut Record| set(record, "cfosdefaultcni5", "routes", " src {{ pod.net1 }}", ""),
    "cfosdefaultcni5", "routes", "the route 10.1.128.0/24 lost its source {{ pod.net1 }}"
)]
#[case::scope_given(
    |record: &mut Record| set(record, "default-calico", "routes", "10.0.0.0/8 via 169.254.1.1 dev eth0", "10.0.0.0/8 via 169.254.1.1 dev eth0 scope link"),
    "default-calico", "routes", "the route 10.0.0.0/8 was given the scope link"
)]
#[case::route_gone(
    |record: &mut Record| set(record, "deployment-normal", "routes", "default via 169.254.1.1 dev eth0; ", ""),
    "deployment-normal", "routes", "the route default via 169.254.1.1 dev eth0 is gone"
)]
#[case::route_new(
    |record: &mut Record| set(record, "default-calico", "routes", "10.0.0.0/8", "default via 10.1.128.1 dev net1; 10.0.0.0/8"),
    "default-calico", "routes", "the route default via 10.1.128.1 dev net1 is new"
)]
#[case::duplicate_gone(
    |record: &mut Record| set(record, "cfosdefaultcni5", "routes", "10.96.0.0/12 via 169.254.1.1 dev eth0; ", ""),
    "cfosdefaultcni5", "routes", "the route 10.96.0.0/12 via 169.254.1.1 dev eth0 is gone"
)]
#[case::order(
    |record: &mut Record| set(record, "default-calico", "routes", ROUTES, "10.96.0.0/12 via 169.254.1.1 dev eth0; 10.0.0.0/8 via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link"),
    "default-calico", "routes", "the routes have another order"
)]
#[case::on_some_pods_only(
    |record: &mut Record| set(record, "default-calico", "routes", ROUTES, &format!("{ROUTES} | {}", ROUTES.replace("10.0.0.0/8 via 169.254.1.1", "10.0.0.0/8"))),
    "default-calico", "routes", "the route 10.0.0.0/8 lost its gateway 169.254.1.1; not for all: some are as before"
)]
#[case::annotation_gone(
    |record: &mut Record| set(record, "default-calico", "annotation cni.projectcalico.org/podIP", "present", "absent"),
    "default-calico", "annotation cni.projectcalico.org/podIP", "the annotation cni.projectcalico.org/podIP is gone"
)]
#[case::annotation_new(
    |record: &mut Record| set(record, "default-calico", "annotation k8s.v1.cni.cncf.io/networks-status", "absent", "present"),
    "default-calico", "annotation k8s.v1.cni.cncf.io/networks-status", "the annotation k8s.v1.cni.cncf.io/networks-status is new"
)]
#[case::node_annotation_gone(
    |record: &mut Record| set(record, "install-calico", "annotation projectcalico.org/IPv4Address", "present", "absent"),
    "install-calico", "annotation projectcalico.org/IPv4Address", "the annotation projectcalico.org/IPv4Address is gone"
)]
#[case::file_gone(
    |record: &mut Record| set(record, "install-multus", "/etc/cni/net.d/multus.d", "present", "absent"),
    "install-multus", "/etc/cni/net.d/multus.d", "the file /etc/cni/net.d/multus.d is gone"
)]
#[case::file_in_a_list(
    |record: &mut Record| set(record, "net-calico", "files of /etc/cni/multus/net.d", "net-calico.conf", "00-other.conf, net-calico.conf"),
    "net-calico", "files of /etc/cni/multus/net.d", "the file 00-other.conf is new"
)]
#[case::address_left_its_range(
    |record: &mut Record| set(record, "deployment-normal", "eth0 address", ".150-.250 of the node's block, /32", "/32, not as wanted by range in the node's file"),
    "deployment-normal", "eth0 address", "the address is not as wanted by range in the node's file any more"
)]
#[case::another_range(
    |record: &mut Record| set(record, "deployment-normal", "eth0 address", ".150-.250", ".50-.100"),
    "deployment-normal", "eth0 address", "the range is .50-.100 of the node's block instead of .150-.250 of the node's block"
)]
#[case::prefix_length(
    |record: &mut Record| set(record, "deployment-normal", "eth0 address", "/32", "/24"),
    "deployment-normal", "eth0 address", "the prefix length is /24 instead of /32"
)]
#[case::interface_gone(
    |record: &mut Record| set(record, "cfosdefaultcni5", "interfaces", "eth0, net1", "eth0"),
    "cfosdefaultcni5", "interfaces", "the interface net1 is gone"
)]
#[case::network_of_an_interface(
    |record: &mut Record| set(record, "deployment-normal", "eth0 network", "kube-system/net-calico", "k8s-pod-network"),
    "deployment-normal", "eth0 network", "the network is k8s-pod-network instead of kube-system/net-calico"
)]
#[case::default_network(
    |record: &mut Record| set(record, "new-sandboxes", "default network", "multus-cni-network", "k8s-pod-network"),
    "new-sandboxes", "default network", "the network is k8s-pod-network instead of multus-cni-network"
)]
#[case::kept_network(
    |record: &mut Record| set(record, "multus-default", "network", "k8s-pod-network", "multus-cni-network"),
    "multus-default", "network", "the network is multus-cni-network instead of k8s-pod-network"
)]
#[case::configured_range(
    |record: &mut Record| set(record, "net-calico", "net-calico.conf: range", ".150-.250", ".1-.250"),
    "net-calico", "net-calico.conf: range", "the range is .1-.250 of the node's block instead of .150-.250 of the node's block"
)]
#[case::plugin_gone(
    |record: &mut Record| set(record, "install-multus", "10-calico.conflist: plugins", "calico, bandwidth, portmap", "calico, portmap"),
    "install-multus", "10-calico.conflist: plugins", "the plugin bandwidth is gone"
)]
#[case::network_status(
    |record: &mut Record| set(record, "cfosdefaultcni5", "k8s.v1.cni.cncf.io/network-status", "kube-system/default-calico (default), ", ""),
    "cfosdefaultcni5", "k8s.v1.cni.cncf.io/network-status", "the network-status entry kube-system/default-calico (default) is gone"
)]
#[case::network_status_absent(
    |record: &mut Record| set(record, "deployment-normal", "k8s.v1.cni.cncf.io/network-status", "kube-system/net-calico (default)", "absent"),
    "deployment-normal", "k8s.v1.cni.cncf.io/network-status", "the annotation k8s.v1.cni.cncf.io/network-status is gone"
)]
#[case::event(
    |record: &mut Record| set(record, "cfosdefaultcni5", "events AddedInterface", ", Add net1 [{{ pod.net1 }}/24] from default/cfosdefaultcni5", ""),
    "cfosdefaultcni5", "events AddedInterface", "the event Add net1 [{{ pod.net1 }}/24] from default/cfosdefaultcni5 is gone"
)]
#[case::log_line(
    |record: &mut Record| set(record, "install-multus", "log: multus config file /tmp/multus-conf/70-multus.conf is copied.", "present", "absent"),
    "install-multus", "log: multus config file /tmp/multus-conf/70-multus.conf is copied.", "the log line multus config file /tmp/multus-conf/70-multus.conf is copied. is gone"
)]
#[case::version(
    |record: &mut Record| set(record, "cluster", "kubelet", "v1.34.4", "v1.35.0"),
    "cluster", "kubelet", "the version is v1.35.0 instead of v1.34.4"
)]
#[case::readiness(
    |record: &mut Record| set(record, "default-calico", "ready", "3 of 3", "2 of 3"),
    "default-calico", "ready", "ready: 2 of 3 instead of 3 of 3"
)]
#[case::any_value(
    |record: &mut Record| set(record, "cfosdefaultcni5", "hairpin on ports of cni5", "on", "off"),
    "cfosdefaultcni5", "hairpin on ports of cni5", "on → off"
)]
fn a_changed_fact_says_in_which_way(
    #[case] change: Spoil,
    #[case] step: &str,
    #[case] fact: &str,
    #[case] words: &str,
) -> Result<(), ReadError> {
    let base = multus_4()?;
    let mut candidate = multus_4()?;
    change(&mut candidate);
    with_version(&mut candidate, "multus", "4.3.0");
    let comparison = plainly(&base, &candidate);
    assert_eq!(comparison.exit_code(), 1);
    let [change] = comparison.changes.as_slice() else {
        panic!("one change, not {:?}", comparison.changes);
    };
    assert_eq!(change.class, Class::Changed);
    assert_eq!((change.step.as_str(), change.fact.as_str()), (step, fact));
    assert_eq!(change.words(), words);
    assert_eq!(
        change.blame,
        Blame::Only {
            input: "multus".to_owned()
        }
    );
    Ok(())
}

fn told() -> Fact {
    Fact {
        subject: "each node".to_owned(),
        name: "net-calico.conf: mtu".to_owned(),
        value: "1450".to_owned(),
    }
}

fn fail(record: &mut Record) {
    let check = check(record, "deployment-normal", "routes");
    check.verdict = Verdict::Failed;
    let that = check.that.clone();
    let failure = Failure {
        subject: "pod default/normal-1".to_owned(),
        expected: "default via 169.254.1.1 dev eth0".to_owned(),
        observed: "none".to_owned(),
        why: "missing: default".to_owned(),
    };
    record
        .run
        .failures
        .entry("deployment-normal".to_owned())
        .or_default()
        .insert(that, vec![failure]);
    step(record, "deployment-normal").outcome = Outcome::Failed;
}

fn break_step(record: &mut Record, class: Fault) {
    let step = step(record, "net-calico");
    step.outcome = Outcome::Broken {
        class,
        why: "the API server refused manifests/net-calico.yaml".to_owned(),
    };
    for check in &mut step.checks {
        check.verdict = Verdict::Blocked { why: None };
        check.facts.clear();
    }
}

fn break_check(record: &mut Record) {
    let check = check(record, "deployment-normal", "routes");
    check.facts.clear();
    check.verdict = Verdict::Broken {
        why: "no answer".to_owned(),
    };
    step(record, "deployment-normal").outcome = Outcome::Broken {
        class: Fault::Cluster,
        why: "no answer".to_owned(),
    };
}

#[rstest]
#[case::new_fact(
    |record: &mut Record| { check(record, "net-calico", "net-calico.conf: range").facts.insert(told()); },
    Class::New, "net-calico.conf: mtu", "only the candidate tells it: 1450", 1
)]
#[case::gone_fact(
    |record: &mut Record| check(record, "net-calico", "net-calico.conf: range").facts.retain(|fact| !fact.name.ends_with("range")),
    Class::Gone, "net-calico.conf: range", "only the base tells it: .150-.250 of the node's block", 1
)]
#[case::gone_check(
    |record: &mut Record| step(record, "cfosdefaultcni5").checks.retain(|check| check.kind != "own-gateway"),
    Class::Gone, "the default route's gateway is a pod's own address", "only the base tells it: true", 2
)]
#[case::remark(
    |record: &mut Record| check(record, "cfosdefaultcni5", "the default route's gateway is a pod's own address").remarks.clear(),
    Class::Gone, "the default route's gateway 10.1.128.2 is a pod's own address: the kernel takes it as on-link (erratum E8 of the document)", "only the base tells it: said", 1
)]
#[case::failed(fail, Class::Verdict, "verdict", "passed → failed", 1)]
#[case::broken_check(
    break_check,
    Class::Verdict,
    "verdict",
    "passed → broken: no answer",
    1
)]
#[case::broken_step(
    |record: &mut Record| break_step(record, Fault::Cluster),
    Class::Verdict, "verdict", "passed → broken (cluster): the API server refused manifests/net-calico.yaml", 1
)]
#[case::gone_step(
    |record: &mut Record| record.canonical.steps.retain(|step| step.id != "net-calico"),
    Class::Gone, "verdict", "only the base tells it: passed", 1
)]
fn what_only_one_side_tells_and_how_it_ended_has_a_class_of_its_own(
    #[case] change: Spoil,
    #[case] class: Class,
    #[case] fact: &str,
    #[case] words: &str,
    #[case] number: usize,
) -> Result<(), ReadError> {
    let base = multus_4()?;
    let mut candidate = multus_4()?;
    change(&mut candidate);
    with_version(&mut candidate, "calico", "3.28.5");
    let comparison = plainly(&base, &candidate);
    assert_eq!(comparison.exit_code(), 1);
    assert_eq!(comparison.changes.len(), number, "{:?}", comparison.changes);
    let found = comparison.changes.iter().find(|change| change.fact == fact);
    let found = found.map(|change| (change.class, change.words(), change.blame.blamed()));
    assert_eq!(found, Some((class, words.to_owned(), Some("calico"))));
    Ok(())
}

#[test]
fn a_failure_is_told_with_the_verdict() -> Result<(), ReadError> {
    let mut candidate = multus_4()?;
    fail(&mut candidate);
    let comparison = plainly(&multus_4()?, &candidate);
    assert_eq!(comparison.changes[0].failures.len(), 1);
    assert_eq!(comparison.changes[0].blame, Blame::Nothing);
    Ok(())
}

#[test]
fn what_the_machine_broke_says_nothing_of_components() -> Result<(), ReadError> {
    let mut candidate = multus_4()?;
    break_step(&mut candidate, Fault::Machine);
    let comparison = plainly(&multus_4()?, &candidate);
    assert_eq!(comparison.changes, []);
    assert_eq!(comparison.not_compared.len(), 1);
    assert_eq!(comparison.exit_code(), 3);
    Ok(())
}

#[rstest]
#[case::nothing(|_: &mut Record| {}, Blame::Nothing)]
#[case::version(|record: &mut Record| with_version(record, "multus", "4.3.0"), Blame::Only { input: "multus".to_owned() })]
#[case::kernel(|record: &mut Record| { record.run.machine.insert("kernel".to_owned(), "6.1.0".to_owned()); }, Blame::Only { input: "kernel".to_owned() })]
#[case::memory_is_no_suspect(|record: &mut Record| { record.run.machine.insert("memory".to_owned(), "8 GiB".to_owned()); }, Blame::Nothing)]
#[case::digest(|record: &mut Record| rebuild(record, "cri-o"), Blame::Only { input: "cri-o".to_owned() })]
#[case::origin(|record: &mut Record| origin(record, "crun"), Blame::Only { input: "crun".to_owned() })]
#[case::component_gone(|record: &mut Record| record.canonical.components.retain(|component| component.name != "crun"), Blame::Only { input: "crun".to_owned() })]
#[case::version_before_digest(
    |record: &mut Record| { with_version(record, "multus", "4.3.0"); rebuild(record, "cri-o"); },
    Blame::Foremost { input: "multus".to_owned(), rebuilt: vec!["cri-o".to_owned()] }
)]
#[case::several(
    |record: &mut Record| { with_version(record, "multus", "4.3.0"); with_version(record, "calico", "3.29.0"); },
    Blame::OneOf { inputs: vec!["calico".to_owned(), "multus".to_owned()] }
)]
#[case::acts_of_the_step(
    |record: &mut Record| step(record, "default-calico").acts = vec!["another act".to_owned()],
    Blame::Only { input: "the acts of default-calico".to_owned() }
)]
#[case::acts_of_another_step(
    |record: &mut Record| step(record, "net-calico").acts = vec!["another act".to_owned()],
    Blame::Nothing
)]
#[case::nodes(|record: &mut Record| record.canonical.nodes.workers = 3, Blame::Only { input: "nodes".to_owned() })]
fn who_differs_is_blamed(#[case] change: Spoil, #[case] blame: Blame) -> Result<(), ReadError> {
    let mut candidate = multus_4()?;
    set(
        &mut candidate,
        "default-calico",
        "ready",
        "3 of 3",
        "2 of 3",
    );
    change(&mut candidate);
    let comparison = plainly(&multus_4()?, &candidate);
    assert_eq!(comparison.changes.len(), 1);
    assert_eq!(comparison.changes[0].blame, blame);
    Ok(())
}

fn rebuild(record: &mut Record, name: &str) {
    for component in &mut record.canonical.components {
        if component.name == name {
            for digest in component.digests.values_mut() {
                "sha256:0000".clone_into(digest);
            }
        }
    }
}

fn origin(record: &mut Record, name: &str) {
    for component in &mut record.canonical.components {
        if component.name == name {
            "another package".clone_into(&mut component.origin);
        }
    }
}
