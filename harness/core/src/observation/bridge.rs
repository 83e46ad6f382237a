//! A node's bridges and their ports, as `ip -j -d link` prints them.

pub(super) mod mutants;

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Inability, addresses, json};
use crate::query::Output;

/// The program that prints them.
pub const COMMAND: [&str; 5] = ["ip", "-j", "-d", "link", "show"];

/// One link of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Its name.
    #[serde(rename = "ifname")]
    pub name: String,
    /// The bridge that it is a port of.
    pub master: Option<String>,
    flags: BTreeSet<String>,
    #[serde(rename = "operstate")]
    state: String,
    #[serde(rename = "linkinfo")]
    information: Information,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Information {
    info_kind: String,
    info_slave_data: Port,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Port {
    hairpin: Option<bool>,
}

impl Link {
    /// Whether it is a bridge.
    pub fn is_bridge(&self) -> bool {
        self.information.info_kind == "bridge"
    }

    /// Why nothing can be reached over it, such as `NO-CARRIER, state DOWN`; none where it is up.
    pub fn down(&self) -> Option<String> {
        addresses::down(&self.flags, &self.state)
    }

    /// Whether it sends a frame back through the port that it came from; none for what is no bridge's port.
    pub fn hairpin(&self) -> Option<bool> {
        self.information.info_slave_data.hairpin
    }
}

/// A node's links.
///
/// # Errors
/// [`Inability`] where the program failed or printed something else.
pub fn read(output: &Output) -> Result<Vec<Link>, Inability> {
    json("links", output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Subject;

    fn output(text: &str) -> Output {
        Output::fetched(Subject::Node("doc-worker".to_owned()), 0, text, "")
    }

    #[test]
    fn a_bridge_and_its_port_are_read() -> Result<(), Inability> {
        let links = read(&output(include_str!("../../testdata/ip/node-link.json")))?;
        let bridges = links.iter().filter(|link| link.is_bridge());
        let names: Vec<&str> = bridges.map(|link| link.name.as_str()).collect();
        assert_eq!(names, ["cni5"]);
        let ports = links
            .iter()
            .filter(|link| link.master.as_deref() == Some("cni5"));
        assert_eq!(ports.map(Link::hairpin).collect::<Vec<_>>(), [Some(true)]);
        Ok(())
    }

    #[test]
    fn another_text_names_its_node() {
        let error = read(&output("1: lo")).map_err(|error| error.to_string());
        insta::assert_debug_snapshot!(error, @r#"
        Err(
            "failed to parse links of node doc-worker: invalid type: integer `1`, expected a sequence at line 1 column 1",
        )
        "#);
    }
}
