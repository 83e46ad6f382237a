//! What a new version of each component could break, as a change of what a real run saw.
//!
//! Each is one that an engineer would know the component by, at the place where it would show first. None is known to be
//! one of a real version.

/// One defect of one component.
pub(crate) struct Defect {
    /// The component, by its name in the catalogue.
    pub(crate) component: &'static str,
    /// What it does wrong.
    pub(crate) what: &'static str,
    /// The step that must notice.
    pub(crate) step: &'static str,
    /// The check of it that must notice.
    pub(crate) that: &'static str,
    /// The outputs that are changed: those of the queries whose JSON has this text.
    pub(crate) query: &'static str,
    /// What stands there, a regular expression.
    pub(crate) from: &'static str,
    /// What stands there then.
    pub(crate) to: &'static str,
}

const NODES: &str = r#""kind":"Node""#;
const PODS: &str = r#""kind":"Pod""#;
const JOURNAL: &str = r#"{"node-journal":{"unit":"crio"}}"#;
const ROUTES: &str = r#""ip","-4","-j","route","show""#;

/// At least one for each component that a fact of the scenario can show.
pub(crate) const DEFECTS: &[Defect] = &[
    Defect {
        component: "kubernetes",
        what: "kubelet writes another address into a pod's status than the pod has",
        step: "deployment-normal",
        that: "every witness gives the same address, from the node's range",
        query: PODS,
        from: r#""podIP":"10\.244\.(\d+)\.\d+""#,
        to: r#""podIP":"10.244.$1.9""#,
    },
    Defect {
        component: "kubernetes",
        what: "kube-proxy does not serve a Service's address",
        step: "deployment-normal",
        that: "pods reach each other across nodes, and their Service",
        query: r#"{"connections":"#,
        from: r#"("to":"service/normal",[^}]*"connected":)true,("payload":\d+),"answered":true,"error":"""#,
        to: r#"${1}false,$2,"answered":null,"error":"no route to host""#,
    },
    Defect {
        component: "cri-o",
        what: "CRI-O does not see that another file is the first one",
        step: "multus-default",
        that: "the rule and CRI-O name Multus's network",
        query: JOURNAL,
        from: "CNI network name to multus-cni-network",
        to: "CNI network name to k8s-pod-network",
    },
    Defect {
        component: "cri-o",
        what: "CRI-O gives a new sandbox the network of before",
        step: "new-sandboxes",
        that: "every witness names Multus's network",
        query: "/var/lib/cni/results",
        from: "multus-cni-network",
        to: "k8s-pod-network",
    },
    Defect {
        component: "crun",
        what: "the containers of a pod do not start",
        step: "deployment-normal",
        that: "three pods are ready on two nodes or more",
        query: PODS,
        from: r#"("type":"Ready",[^}]*"status":)"True""#,
        to: r#"$1"False""#,
    },
    Defect {
        component: "conmon",
        what: "a program that runs in a container prints nothing",
        step: "install-multus",
        that: "the entrypoint says that it copied the configuration",
        query: r#"{"pod-logs":"#,
        from: "(?s)^.+$",
        to: "",
    },
    Defect {
        component: "pause",
        what: "a pod's sandbox ends and is made again with another address",
        step: "multus-default",
        that: "pods of before keep their network",
        query: r#""ip","-j","address","show""#,
        from: r#""local":"10\.244\.(\d+)\.\d+""#,
        to: r#""local":"10.244.$1.199""#,
    },
    Defect {
        component: "cni-plugins",
        what: "bridge leaves the ports of its bridge without hairpin",
        step: "cfosdefaultcni5",
        that: "the bridge has its address, and hairpin on every port",
        query: r#""ip","-j","-d","link","show""#,
        from: r#""hairpin":true"#,
        to: r#""hairpin":false"#,
    },
    Defect {
        component: "cni-plugins",
        what: "bridge does not set a route of its configuration",
        step: "cfosdefaultcni5",
        that: "the route table is the document's, duplicates in its order",
        query: ROUTES,
        from: r#"\{"dst":"10\.0\.0\.2",[^}]*\},"#,
        to: "",
    },
    Defect {
        component: "calico",
        what: "a node's VXLAN address is outside the node's block",
        step: "install-calico",
        that: "Calico annotates every node",
        query: NODES,
        from: r#"IPv4VXLANTunnelAddr":"10\.244\."#,
        to: r#"IPv4VXLANTunnelAddr":"10.245."#,
    },
    Defect {
        component: "calico",
        what: "the default route of a pod has no link-local gateway",
        step: "deployment-normal",
        that: "Calico's default route and its link-local gateway are all the routes",
        query: ROUTES,
        from: r#""dst":"default","gateway":"169\.254\.1\.1","#,
        to: r#""dst":"default","#,
    },
    Defect {
        component: "calico",
        what: "the operator that comes with it holds the pool without its encapsulation",
        step: "install-calico",
        that: "the Installation is held as it was asked for",
        query: r#""kind":"Installation""#,
        from: r#""encapsulation":"VXLAN""#,
        to: r#""encapsulation":"None""#,
    },
    Defect {
        component: "multus",
        what: "network-status does not say which network is the default one",
        step: "default-calico",
        that: "network-status has one entry, the default",
        query: PODS,
        from: r#"\\"default\\": true"#,
        to: r#"\"default\": false"#,
    },
    Defect {
        component: "multus",
        what: "no file in its folder is found by the name of its network",
        step: "deployment-normal",
        that: "Multus tells of the interface that it added",
        query: r#""kind":"Event""#,
        from: "from kube-system/net-calico",
        to: "from multus-cni-network",
    },
    Defect {
        component: "etcd",
        what: "an object that was created is not there",
        step: "net-calico",
        that: "net-calico is defined without a configuration of its own",
        query: r#""kind":"NetworkAttachmentDefinition""#,
        from: "(?s)^.+$",
        to: "[]",
    },
    Defect {
        component: "registry",
        what: "an image cannot be pulled, so that no pod of a DaemonSet becomes ready",
        step: "install-multus",
        that: "Multus is ready on every node",
        query: r#""kind":"DaemonSet""#,
        from: r#""numberReady":3"#,
        to: r#""numberReady":0"#,
    },
    Defect {
        component: "kind",
        what: "the nodes run another runtime than the one that was asked for",
        step: "cluster",
        that: "every node is NotReady for want of a network",
        query: NODES,
        from: r#""cri-o://[^"]+""#,
        to: r#""containerd://2.1.3""#,
    },
    Defect {
        component: "node-root-file-system",
        what: "a package of the node image brings a CNI configuration",
        step: "cluster",
        that: "no CNI configuration is there yet",
        query: "/etc/cni/net.d",
        from: r"(?s)^\s*\[\]\s*$",
        to: r#"[{"name":"100-crio-bridge.conflist","kind":"file","mode":"0644","size":2,"modified":"2026-01-01T00:00:00Z"}]"#,
    },
    Defect {
        component: "node-programs",
        what: "a file that only its owner may read is made readable for all",
        step: "install-multus",
        that: "Calico's kubeconfig is for its owner alone",
        query: "/etc/cni/net.d",
        from: r#"("name":"calico-kubeconfig","kind":"file","mode":)"0600""#,
        to: r#"$1"0644""#,
    },
    Defect {
        component: "network-multitool",
        what: "the program in the pods does not serve its port",
        step: "deployment-normal",
        that: "pods reach each other across nodes, and their Service",
        query: r#"{"connections":"#,
        from: r#""connected":true,("payload":\d+),"answered":true,"error":"""#,
        to: r#""connected":false,$1,"answered":null,"error":"connection refused""#,
    },
];

/// The components that no fact of the scenario depends on, and why.
pub(crate) const SHOWN_BY_NOTHING: &[(&str, &str)] = &[
    (
        "coredns",
        "no check resolves a name: each connection is made by address",
    ),
    (
        "cri-tools",
        "a tool for people; no query and no step calls it",
    ),
    (
        "tigera-operator",
        "it comes with its Calico, so that no cell has another operator alone",
    ),
];
