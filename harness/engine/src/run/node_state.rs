//! What steps leave on a node besides the API server's objects: files and network devices, of the kinds that the catalogue
//! calls its components' state. It is noted at one time and put back at another, so that a run can go on from there.
//!
//! Only what was added since is taken away. What was changed or has gone is not made again: that is an error.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use rehearse_core::catalogue::State;

use crate::stage::{Cluster, Node};
use crate::step::on_nodes;

/// Prints `link NAME` for each device of these types, then `TYPE SIZE CHANGED PATH` for each entry of the folders, without
/// the size and the time of folders, which change with what is in them. The types are one word, folders are the others.
const LIST: &str = r#"for type in $1; do ip -brief link show type "$type" | while read -r name rest; do echo "link ${name%@*}"; done; done
shift
for folder in "$@"; do [ ! -e "$folder" ] || find "$folder" \( -type d -printf '%y - - %p\n' \) -o -printf '%y %s %T@ %p\n'; done"#;

/// What was on each node, by its name.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// What of a node it is.
    of: State,
    nodes: BTreeMap<String, Listing>,
}

/// By what it is: a link's name, or a file's type and path; the value is what else is known of it.
type Listing = BTreeMap<Entry, String>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Link(String),
    Path(String),
}

impl NodeState {
    /// What is on the nodes now.
    ///
    /// # Errors
    /// With the node that does not say it.
    pub async fn now(cluster: &Cluster, of: State) -> anyhow::Result<Self> {
        let nodes = cluster.nodes().iter().map(async |node| {
            let listing = list(cluster, node, &of).await?;
            Ok::<_, anyhow::Error>((node.name.clone(), listing))
        });
        let nodes = try_join_all(nodes).await?;
        Ok(Self {
            of,
            nodes: nodes.into_iter().collect(),
        })
    }

    /// Takes away what was added since.
    ///
    /// # Errors
    /// What has changed or is gone since, or does not go, with the node.
    pub async fn put_back(&self, cluster: &Cluster) -> anyhow::Result<()> {
        try_join_all(cluster.nodes().iter().map(async |node| {
            let before = self
                .nodes
                .get(&node.name)
                .with_context(|| format!("failed to put {} back: it was not there", node.name))?;
            let added = added(before, &list(cluster, node, &self.of).await?);
            let added = added.with_context(|| format!("failed to put {} back", node.name))?;
            for command in removals(&added) {
                on_nodes::one(cluster, node, &command).await?;
            }
            let left = list(cluster, node, &self.of).await?;
            if left != *before {
                bail!(
                    "failed to put {} back: its files went on changing",
                    node.name
                );
            }
            Ok(())
        }))
        .await?;
        Ok(())
    }
}

async fn list(cluster: &Cluster, node: &Node, of: &State) -> anyhow::Result<Listing> {
    let types: Vec<&str> = of.link_types.iter().map(String::as_str).collect();
    let types = types.join(" ");
    let mut command = vec!["sh", "-ec", LIST, "list", &types];
    command.extend(of.folders.iter().map(String::as_str));
    let printed = on_nodes::one(cluster, node, &command).await?;
    read(printed.expose()).with_context(|| format!("failed to read the files of {}", node.name))
}

fn read(printed: &str) -> anyhow::Result<Listing> {
    let mut listing = Listing::new();
    for line in printed.lines() {
        if let Some(name) = line.strip_prefix("link ") {
            listing.insert(Entry::Link(name.to_owned()), String::new());
            continue;
        }
        let mut parts = line.splitn(4, ' ');
        let (Some(kind), Some(size), Some(changed), Some(path)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            bail!("a line of another form: {line}");
        };
        let entry = Entry::Path(path.to_owned());
        listing.insert(entry, format!("{kind} {size} {changed}"));
    }
    Ok(listing)
}

/// What is there now and was not; an error where something else is different.
fn added(before: &Listing, now: &Listing) -> anyhow::Result<BTreeSet<Entry>> {
    for (entry, was) in before {
        match now.get(entry) {
            Some(is) if is == was => {}
            Some(_) => bail!("{} has changed", entry.name()),
            None => bail!("{} is gone", entry.name()),
        }
    }
    let added = now.keys().filter(|entry| !before.contains_key(entry));
    Ok(added.cloned().collect())
}

/// One command for all paths, which ends with a folder only after what is in it, and one for each link.
fn removals(added: &BTreeSet<Entry>) -> Vec<Vec<&str>> {
    let mut commands = Vec::new();
    let mut paths = Vec::new();
    for entry in added {
        match entry {
            Entry::Link(name) => commands.push(vec!["ip", "link", "delete", name]),
            Entry::Path(path) => paths.push(path.as_str()),
        }
    }
    if !paths.is_empty() {
        let mut command = vec!["rm", "--recursive", "--force", "--"];
        command.extend(paths);
        commands.push(command);
    }
    commands
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Link(name) | Self::Path(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "link docker0\nd - - /etc/cni\nf 10 1.5 /etc/cni/10-calico.conflist\n";

    #[test]
    fn what_was_added_is_removed() -> anyhow::Result<()> {
        let now =
            format!("{BEFORE}link cni5\nd - - /etc/cni/multus\nf 3 2.0 /etc/cni/multus/a b\n");
        let added = added(&read(BEFORE)?, &read(&now)?)?;
        assert_eq!(
            removals(&added),
            [
                vec!["ip", "link", "delete", "cni5"],
                vec![
                    "rm",
                    "--recursive",
                    "--force",
                    "--",
                    "/etc/cni/multus",
                    "/etc/cni/multus/a b"
                ],
            ]
        );
        assert_eq!(
            removals(&super::added(&read(BEFORE)?, &read(BEFORE)?)?),
            Vec::<Vec<&str>>::new()
        );
        Ok(())
    }

    #[test]
    fn what_has_changed_or_is_gone_cannot_be_put_back() -> anyhow::Result<()> {
        let before = read(BEFORE)?;
        let told = |now: &str| -> anyhow::Result<String> {
            match added(&before, &read(now)?) {
                Ok(added) => bail!("taken: {added:?}"),
                Err(error) => Ok(error.to_string()),
            }
        };
        let changed = BEFORE.replace("1.5", "1.6");
        assert_eq!(told(&changed)?, "/etc/cni/10-calico.conflist has changed");
        assert_eq!(
            told("d - - /etc/cni\nf 10 1.5 /etc/cni/10-calico.conflist\n")?,
            "docker0 is gone"
        );
        assert!(added(&before, &before)?.is_empty());
        Ok(())
    }
}
