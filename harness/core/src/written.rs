//! A check or an act where it is written: what its own static rules look at, and where their problems are noted.
//!
//! It knows the words of such problems that several kinds share (a path on a node, a range), and not which keys they are for.

use ipnet::IpNet;

use crate::cluster::{Cluster, Nodes};
use crate::problem::known_names;
use crate::yaml::{Node, Reading};

mod kubernetes;

/// What else the scenario says; what is missing here could not be read, and has been told.
#[derive(Default)]
pub(crate) struct Around<'a> {
    pub(crate) cluster: Option<&'a Cluster>,
    pub(crate) nodes: Option<&'a Nodes>,
    /// The probe pods that this step or an earlier one starts; nothing where an act could not be read, which may start them.
    pub(crate) probes: Option<Vec<&'a str>>,
}

/// One value of a check or an act with its place in the text.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    node: &'a Node,
    reading: &'a Reading<'a>,
    around: &'a Around<'a>,
}

impl<'a> Written<'a> {
    /// The keys of a check or an act.
    pub(crate) fn new(node: &'a Node, reading: &'a Reading<'a>, around: &'a Around<'a>) -> Self {
        Self {
            node,
            reading,
            around,
        }
    }

    /// The value of a key, or this value itself where it has no such key: the nearest place there is.
    pub(crate) fn key(self, key: &str) -> Self {
        Self {
            node: self.node.key(key),
            ..self
        }
    }

    /// An element of a list, or this value itself.
    pub(crate) fn item(self, index: usize) -> Self {
        Self {
            node: self.node.item(index),
            ..self
        }
    }

    /// Notes what is wrong here.
    pub(crate) fn problem(self, message: impl Into<String>) {
        self.reading.problem(self.node.span(), message);
    }

    /// Notes what is wrong here, with what to do about it.
    pub(crate) fn problem_with_hint(self, message: impl Into<String>, hint: impl Into<String>) {
        self.reading
            .problem_with_hint(self.node.span(), message, hint);
    }

    /// What holds for the values of every check, whatever its kind; `may_be_empty` says which lists mean something without
    /// an element.
    pub(crate) fn values(self, may_be_empty: impl Fn(&str) -> bool) {
        for (key, node) in self.node.values() {
            let written = Self { node, ..self };
            if node.is_empty_list() && !may_be_empty(key) {
                written.problem_with_hint(
                    format!("`{key}` is empty"),
                    "an empty set proves nothing: name something, or leave the key out",
                );
            }
            let Some(text) = node.as_text() else {
                continue;
            };
            if text.trim().is_empty() {
                written.problem_with_hint(
                    format!("`{key}` has an empty text"),
                    "it is found everywhere or nowhere: name something",
                );
            } else if key == "selector" {
                if let Err(why) = kubernetes::selector(text) {
                    written.problem_with_hint(
                        format!("`{text}` is no label selector: {why}"),
                        "such as `app=normal` or `app in (a, b),!old`",
                    );
                }
            } else if key == "namespace" {
                written.object_name(text);
            }
        }
    }

    /// At least one of the keys is written.
    pub(crate) fn names_something(self, keys: &[&str]) {
        if !keys.iter().any(|key| self.node.has_key(key)) {
            self.problem_with_hint(
                "a check that names nothing proves nothing",
                format!("give it {}", keys.join(" or ")),
            );
        }
    }

    /// None of the texts that must be absent is wanted under another key too: a check of both can never pass.
    pub(crate) fn without(self, absent: &[String], wanted: impl Fn(&str) -> bool, key: &str) {
        for (index, text) in absent.iter().enumerate() {
            if wanted(text) {
                self.item(index).problem_with_hint(
                    format!("`{text}` must be absent, and `{key}` wants it"),
                    "no output is both",
                );
            }
        }
    }

    /// None of the texts under a key goes over the end of a line, since they are looked for in each line.
    pub(crate) fn one_line(self, key: &str, texts: &[String]) {
        for (index, text) in texts.iter().enumerate() {
            if text.trim_end_matches('\n').contains('\n') {
                self.key(key).item(index).problem_with_hint(
                    "no line contains several lines",
                    "name each line on its own",
                );
            }
        }
    }

    /// The value is an object's name.
    pub(crate) fn object_name(self, name: &str) {
        if !kubernetes::is_subdomain(name) {
            self.problem_with_hint(
                format!("no object can be named `{name}`"),
                "a name has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or a digit",
            );
        }
    }

    /// The value is an annotation's name.
    pub(crate) fn annotation(self, name: &str) {
        if !kubernetes::is_qualified_name(name) {
            self.problem_with_hint(
                format!("no annotation can be named `{name}`"),
                "such as `k8s.v1.cni.cncf.io/network-status`; it is taken to the letter",
            );
        }
    }

    /// The value is the name of a file in a folder that another key names.
    pub(crate) fn file_name(self, name: &str) {
        if name.contains('/') {
            self.problem_with_hint(
                format!("`{name}` is a path, and no file has such a name"),
                "name the file alone; the folder is in `directory`",
            );
        } else if name.contains(['*', '?', '[']) || name.trim() != name {
            self.problem_with_hint(
                format!("`{name}` is taken to the letter, and no file has such a name"),
                "name each file, without patterns and blanks",
            );
        }
    }

    /// The value is one of the words that the API knows.
    pub(crate) fn one_of(self, word: &str, known: &[&str]) {
        if !known.contains(&word) {
            self.problem_with_hint(
                format!("`{word}` is no value of this field"),
                known_names(word, known.iter().copied()),
            );
        }
    }

    /// The value is the name of an interface, by the kernel's rule (`IFNAMSIZ` is 16 with the closing zero).
    pub(crate) fn interface(self, name: &str) {
        if !is_interface(name) {
            self.problem_with_hint(
                format!("no interface can be named `{name}`"),
                "a name has 1 to 15 printed letters and digits, and neither `/` nor `:`",
            );
        }
    }

    /// The value is the prefix length of an IPv4 address.
    pub(crate) fn prefix_length(self, prefix_length: u8) {
        if prefix_length > 32 {
            self.problem(format!(
                "an IPv4 address has no prefix of {prefix_length} bits"
            ));
        }
    }

    /// The value is a path on a node.
    pub(crate) fn on_node(self, path: &str) {
        if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
            self.problem_with_hint(
                format!("`{path}` is no absolute path"),
                "a path on a node begins with `/` and has no `..`",
            );
        }
    }

    /// The value is a path inside the scenario's folder.
    pub(crate) fn in_folder(self, path: &str) {
        let is_inside = !path.contains('\\')
            && path
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..");
        if !is_inside {
            self.problem_with_hint(
                format!("`{path}` leaves the scenario's folder"),
                "a file of a scenario is named from its folder down, such as `manifests/calico.yaml`",
            );
        }
    }

    /// The value becomes a part of object names and of folder names: it is a label of Kubernetes.
    pub(crate) fn name(self, name: &str) {
        let has_letters = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let has_ends = !name.starts_with('-') && !name.ends_with('-');
        if !has_letters || !has_ends || name.is_empty() || name.len() > 50 {
            self.problem_with_hint(
                format!("`{name}` is no name"),
                "a name has 1 to 50 lower-case letters, digits and hyphens, and no hyphen at an end",
            );
        }
    }

    /// The value is a range, not an address inside one.
    pub(crate) fn network(self, network: IpNet) {
        let trunc = network.trunc();
        if network != trunc {
            self.problem_with_hint(
                format!("`{network}` is an address inside a range, not the range"),
                format!("write `{trunc}`"),
            );
        }
    }

    /// The value is a pool of pods' addresses.
    pub(crate) fn pool(self, pool: IpNet) {
        self.network(pool);
        if let Some(cluster) = self.around.cluster
            && !cluster.pod_subnet.contains(&pool)
        {
            self.problem_with_hint(
                format!("the pool {pool} is outside the cluster's pod subnet"),
                format!("`cluster.pod-subnet` is {}", cluster.pod_subnet),
            );
        }
    }

    /// The value is the prefix length of a pool's blocks.
    pub(crate) fn block_length(self, prefix_length: u8, pool: IpNet) {
        if !fits(prefix_length, pool) {
            self.problem(format!(
                "a block of /{prefix_length} does not fit into the pool {pool}"
            ));
            return;
        }
        let blocks = 1_u64 << (prefix_length - pool.prefix_len());
        let Some(nodes) = self.around.nodes.map(Nodes::count) else {
            return;
        };
        if u64::try_from(nodes).is_ok_and(|nodes| blocks < nodes) {
            self.problem(format!(
                "the pool {pool} has {blocks} blocks of /{prefix_length}, and there are {nodes} nodes"
            ));
        }
    }

    /// The value is a number of nodes that pods run on.
    pub(crate) fn at_most_schedulable(self, count: usize) {
        let Some(nodes) = self.around.nodes else {
            return;
        };
        let schedulable = nodes.schedulable();
        if count > schedulable {
            self.problem_with_hint(
                format!("pods cannot be on {count} nodes: {schedulable} may run pods"),
                "`nodes` says how many there are, and whether pods may run on control planes",
            );
        }
    }

    /// The value names probe pods that are started by now.
    pub(crate) fn probe(self, probe: &str) {
        let Some(started) = &self.around.probes else {
            return;
        };
        if !started.contains(&probe) {
            self.problem_with_hint(
                format!("no `probe-pods` of this step or an earlier one is named `{probe}`"),
                known_names(probe, started.iter().copied()),
            );
        }
    }
}

/// Whether an interface can have the name.
pub(crate) fn is_interface(name: &str) -> bool {
    let is_printable = |letter: char| letter.is_ascii_graphic() && letter != '/' && letter != ':';
    !name.is_empty() && name.len() < 16 && name.chars().all(is_printable)
}

/// Whether a block of that prefix length is a part of the pool.
pub(crate) fn fits(prefix_length: u8, pool: IpNet) -> bool {
    (pool.prefix_len()..=pool.max_prefix_len()).contains(&prefix_length)
}
