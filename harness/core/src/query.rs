//! What a check needs to see: the few raw outputs that a stage can fetch.
//!
//! A query says *what*, never how: the stage `kind` asks the Kubernetes API and the engine, the stage `capture` reads
//! what an earlier run kept. Every answer is kept as evidence, word for word.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redaction::{RawText, Redacted};

/// One raw output, or one for each node or pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Query {
    /// Objects of one kind as the API server holds them: one [`Output`] with a JSON array of whole objects, sorted by
    /// namespace and name. The array is empty where there are none.
    Objects {
        /// Such as `v1`, `apps/v1` or `operator.tigera.io/v1`.
        api_version: String,
        /// Such as `Pod` or `TigeraStatus`.
        kind: String,
        /// All namespaces (or a cluster-wide kind) when absent.
        namespace: Option<String>,
        /// A label selector such as `app=normal`.
        selector: Option<String>,
    },
    /// The files of one folder on each node, not recursive: one [`Output`] for each node with a JSON array of
    /// `{"name", "kind": "file"|"directory"|"link"|"other", "mode": "0644", "size", "modified": RFC 3339, "content",
    /// "target", "entries"}`, sorted by name. `content` only when asked for, and for files of at most 256 KiB, save those
    /// that libcni reads (`.conf`, `.conflist`, `.json`), which have no limit. `target` says of a link where it leads:
    /// `{"file": {"mode", "size"}}`, `"directory"`, `"other"` or `"missing"`. `entries` are a folder's own `.conf` files, in
    /// the same form, where contents are asked for and there are any. Status 1 where the folder is not there.
    NodeDirectory {
        /// Absolute path on the node.
        path: String,
        /// Whether `content` is wanted.
        contents: bool,
    },
    /// The standard output of a program on each node.
    NodeCommand {
        /// Program and arguments.
        command: Vec<String>,
    },
    /// A unit's journal on each node since the node came up, as `journalctl --output=json` prints it: one JSON object
    /// a line with `__REALTIME_TIMESTAMP` (microseconds) and `MESSAGE`.
    NodeJournal {
        /// Such as `crio`.
        unit: String,
    },
    /// The standard output of a program in the first container of each pod that is not being deleted.
    PodCommand {
        /// The pods' namespace.
        namespace: String,
        /// A label selector such as `app=normal`.
        selector: String,
        /// Program and arguments.
        command: Vec<String>,
    },
    /// The log of each pod's first container.
    PodLogs {
        /// The pods' namespace.
        namespace: String,
        /// A label selector.
        selector: String,
    },
    /// A TCP connection from each ready pod to each other one's address, and to a Service's cluster address: one
    /// [`Output`] with a JSON array of `{"from", "from-node", "to", "to-node", "address", "port", "connected", "error"}`;
    /// `to` is `service/NAME` and `to-node` null for the Service.
    Connections {
        /// The pods' namespace.
        namespace: String,
        /// A label selector.
        selector: String,
        /// The port that the pods listen on and the Service offers.
        port: u16,
        /// A Service in the same namespace that is tried from each pod too.
        service: Option<String>,
    },
}

/// A command on one line: of a script only its first line, which says what it is for.
pub(crate) fn words(command: &[String]) -> String {
    let words = command.join(" ");
    match words.split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => words,
    }
}

/// An empty selector selects all.
fn pods_of(selector: &str) -> String {
    if selector.is_empty() {
        "all pods".to_owned()
    } else {
        format!("pods {selector}")
    }
}

impl fmt::Display for Query {
    /// What is asked, for people: `objects v1 Pod in default with app=normal`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Objects {
                api_version,
                kind,
                namespace,
                selector,
            } => {
                write!(formatter, "objects {api_version} {kind}")?;
                if let Some(namespace) = namespace {
                    write!(formatter, " in {namespace}")?;
                }
                match selector {
                    Some(selector) => write!(formatter, " with {selector}"),
                    None => Ok(()),
                }
            }
            Self::NodeDirectory { path, contents } => {
                let what = if *contents { "files" } else { "names of files" };
                write!(formatter, "{what} in {path} of each node")
            }
            Self::NodeCommand { command } => {
                write!(formatter, "`{}` on each node", words(command))
            }
            Self::NodeJournal { unit } => write!(formatter, "journal of {unit} on each node"),
            Self::PodCommand {
                namespace,
                selector,
                command,
            } => write!(
                formatter,
                "`{}` in {} of {namespace}",
                words(command),
                pods_of(selector)
            ),
            Self::PodLogs {
                namespace,
                selector,
            } => write!(formatter, "logs of {} of {namespace}", pods_of(selector)),
            Self::Connections {
                namespace,
                selector,
                port,
                ..
            } => write!(
                formatter,
                "connections to port {port} of pods {selector} of {namespace}"
            ),
        }
    }
}

/// Whom a raw output is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The cluster as a whole.
    Cluster,
    /// A node by its name.
    Node(String),
    /// A pod by namespace and name.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => formatter.write_str("the cluster"),
            Self::Node(name) => write!(formatter, "node {name}"),
            Self::Pod { namespace, name } => write!(formatter, "pod {namespace}/{name}"),
        }
    }
}

/// One raw output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Output {
    /// Whom it is about.
    pub subject: Subject,
    /// The exit status; 0 for what has none.
    pub status: i64,
    /// Standard output, or the JSON text.
    pub text: Redacted,
    /// Standard error; empty for what has none.
    pub error: Redacted,
}

impl Output {
    /// An output as it was fetched, without its secrets from here on: what is judged is the very text that is kept.
    pub fn fetched(
        subject: Subject,
        status: i64,
        text: impl Into<RawText>,
        error: impl Into<RawText>,
    ) -> Self {
        Self {
            subject,
            status,
            text: text.into().redacted(),
            error: error.into().redacted(),
        }
    }
}
