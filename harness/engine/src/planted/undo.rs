//! What undoes one act, with everything that it needs. It is done by [`undoing`](super::undoing).

use kube::Api;
use kube::api::DynamicObject;
use serde_json::Value;

use crate::stage::Node;

/// What undoes one act.
pub(super) enum Undo {
    /// A script on a node, in a network namespace where one is given.
    Script {
        /// The node.
        node: Node,
        /// The namespace's path on the node.
        network: Option<String>,
        /// The script.
        script: String,
    },
    /// A file gets its content, permissions and times back, or is removed where it was not there.
    File {
        /// The node.
        node: Node,
        /// The file.
        path: String,
        /// Where it was saved.
        saved: Option<String>,
    },
    /// A file gets its name back.
    Rename {
        /// The node.
        node: Node,
        /// Its name now.
        from: String,
        /// Its name before.
        to: String,
    },
    /// A file gets its permissions back.
    Mode {
        /// The node.
        node: Node,
        /// The file.
        path: String,
        /// In octal.
        mode: String,
    },
    /// An object gets its older values back.
    Patch {
        /// Who serves it.
        api: Api<DynamicObject>,
        /// Its name.
        name: String,
        /// The merge patch.
        body: Value,
        /// Whether its status is patched.
        status: bool,
    },
    /// An object is deleted again.
    Delete {
        /// Who serves it.
        api: Api<DynamicObject>,
        /// Its name.
        name: String,
    },
    /// An object is made again.
    Create {
        /// Who serves it.
        api: Api<DynamicObject>,
        /// The object.
        object: Box<DynamicObject>,
    },
}
