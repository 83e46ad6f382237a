use std::collections::BTreeSet;

use rstest::rstest;
use semver::Version;

use super::{GIBIBYTE, judge};
use crate::preflight::facts::{Cgroup, Engine, Facts, Inotify, Support, unmounted};
use crate::preflight::{Need, Preflight};

fn facts() -> Facts {
    Facts {
        engine: Ok(Engine {
            version: "20.10.24".to_owned(),
            storage: "overlay2".to_owned(),
            is_local: true,
        }),
        kernel: Some("6.18.44-a".to_owned()),
        cgroup: Cgroup::V1 {
            unmounted: BTreeSet::new(),
        },
        inotify: Inotify {
            instances: Some(128),
            used: Some(11),
            watches: Some(65536),
        },
        disks: vec![("/var/lib/docker".into(), 20 * GIBIBYTE)],
        memory: Some(23 * GIBIBYTE),
        vxlan: Support::Present,
        bridge: Support::Loadable,
        capabilities: Some(0x0001_ffff_feff_ffff),
        port: Ok(()),
    }
}

fn need() -> Need {
    Need {
        control_planes: 1,
        workers: 2,
        kubernetes: Some(Version::new(1, 34, 4)),
        cache: "/cache".into(),
        builds_stack: false,
        creates_cluster: true,
    }
}

fn failing(table: &Preflight) -> Vec<&'static str> {
    let rows = table.rows.iter().filter(|row| row.cure.is_some());
    rows.map(|row| row.what).collect()
}

#[test]
fn a_good_machine_passes_and_the_table_says_what_it_lacks() {
    let table = judge(&facts(), &need());
    assert!(table.passes());
    insta::assert_snapshot!(table, @"
    ok  engine             Docker 20.10.24, storage overlay2                 needed: a Docker engine that answers
    ok  kernel             6.18.44-a                                         needed: 4.19 or later
    ok  cgroup             version 1, every controller mounted               needed: every controller of /proc/cgroups mounted before the engine starts
    ok  capabilities       all but SYS_RESOURCE, which nodes can do without  needed: what the nodes need of root
    ok  inotify instances  117 free of 128                                   needed: 76 free
    ok  inotify watches    65536 in all                                      needed: 6144 in all
    ok  memory             23.0 GiB available                                needed: 3.0 GiB available
    ok  port of 127.0.0.1  free                                              needed: a free one for the cluster's API; kind chooses it
    ok  disk               20.0 GiB free at /var/lib/docker                  needed: 4.0 GiB free
    ok  vxlan              there                                             needed: in the kernel
    ok  bridge             as a module                                       needed: in the kernel
    ");
}

#[rstest]
#[case::no_engine("engine", |facts: &mut Facts| facts.engine = Err("connection refused".to_owned()))]
#[case::old_kernel("kernel", |facts: &mut Facts| facts.kernel = Some("4.18.0-553".to_owned()))]
#[case::unmounted_controller("cgroup", |facts: &mut Facts| facts.cgroup = Cgroup::V1 { unmounted: ["hugetlb".to_owned()].into() })]
#[case::controller_not_delegated("cgroup", |facts: &mut Facts| facts.cgroup = Cgroup::V2 { controllers: ["cpu".to_owned(), "memory".to_owned()].into() })]
#[case::bounded("capabilities", |facts: &mut Facts| facts.capabilities = Some(0xa804_25fb))]
#[case::another_cluster_there("inotify instances", |facts: &mut Facts| facts.inotify.used = Some(79))]
#[case::few_watches("inotify watches", |facts: &mut Facts| facts.inotify.watches = Some(4096))]
#[case::little_memory("memory", |facts: &mut Facts| facts.memory = Some(2 * GIBIBYTE))]
#[case::full_disk("disk", |facts: &mut Facts| facts.disks[0].1 = GIBIBYTE)]
#[case::no_vxlan("vxlan", |facts: &mut Facts| facts.vxlan = Support::Absent)]
#[case::no_bridge("bridge", |facts: &mut Facts| facts.bridge = Support::Absent)]
#[case::no_loopback("port of 127.0.0.1", |facts: &mut Facts| facts.port = Err("can't assign".to_owned()))]
#[case::engine_elsewhere("machine", |facts: &mut Facts| facts.engine = Ok(Engine { version: String::new(), storage: String::new(), is_local: false }))]
fn each_lack_fails_its_line_with_a_cure(#[case] line: &str, #[case] spoil: fn(&mut Facts)) {
    let mut facts = facts();
    spoil(&mut facts);
    assert_eq!(failing(&judge(&facts, &need())), [line]);
}

#[test]
fn a_build_needs_more_disk_than_a_run() {
    let mut facts = facts();
    facts.disks[0].1 = 5 * GIBIBYTE;
    let need = Need {
        builds_stack: true,
        ..need()
    };
    assert_eq!(failing(&judge(&facts, &need)), ["disk"]);
}

#[test]
fn a_kubelet_that_refuses_cgroup_v1_is_told_before() {
    let need = Need {
        kubernetes: Some(Version::new(1, 35, 0)),
        ..need()
    };
    assert_eq!(failing(&judge(&facts(), &need)), ["cgroup"]);
}

#[test]
fn a_cluster_that_is_there_needs_no_more_of_the_machine() {
    let mut facts = facts();
    facts.inotify.used = Some(79);
    facts.memory = Some(GIBIBYTE);
    let need = Need {
        creates_cluster: false,
        ..need()
    };
    assert!(judge(&facts, &need).passes());
}

#[test]
fn what_can_not_be_seen_without_root_is_no_lack() {
    let mut facts = facts();
    facts.inotify.used = None;
    facts.vxlan = Support::Unknown("Operation not permitted".to_owned());
    assert!(judge(&facts, &need()).passes());
}

#[test]
fn an_empty_table_does_not_pass() {
    assert!(!Preflight { rows: Vec::new() }.passes());
}

#[test]
fn a_controller_is_unmounted_where_only_others_are_mounted() {
    let controllers = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t5\t1\ncpuacct\t1\t5\t1\nhugetlb\t0\t1\t1\nrdma\t0\t1\t0\n";
    let mounts = "33 32 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n34 32 0:29 / /sys/fs/cgroup/unified rw - cgroup2 hugetlb rw,hugetlb\n";
    assert_eq!(
        unmounted(controllers, mounts),
        ["hugetlb".to_owned()].into()
    );
}
