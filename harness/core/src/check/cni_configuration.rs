//! One CNI configuration on each node: its name, its plugin's type and its host-local range, inside the node's block.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, FileRange, Rule};
use crate::observation::cni_configuration::{self, CniConfiguration as Configuration, Range};
use crate::observation::{Inability, Observations, block_affinities, directory};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CniConfiguration {
    /// Absolute path on the node.
    pub path: String,
    /// The configuration's `name`.
    pub name: String,
    /// The (first) plugin's `type`.
    pub plugin: String,
    /// The host-local range, where the configuration has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<BlockRange>,
}

/// A part of a node's own block, by the distance from the block's first address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BlockRange {
    /// Such as 150 for `10.244.19.150` in the block `10.244.19.0/24`.
    pub first: u32,
    /// The last one, included.
    pub last: u32,
}

impl BlockRange {
    /// The first and the last address in a block; none where the block is too small.
    pub(super) fn within(self, block: Ipv4Net) -> Option<(Ipv4Addr, Ipv4Addr)> {
        let nth = |distance: u32| {
            let address = u32::from(block.network()).checked_add(distance)?;
            let address = Ipv4Addr::from(address);
            block.contains(&address).then_some(address)
        };
        let (first, last) = (nth(self.first)?, nth(self.last)?);
        (first <= last).then_some((first, last))
    }
}

/// Such as `.150-.250 of the node's block`.
impl fmt::Display for BlockRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            ".{}-.{} of the node's block",
            self.first, self.last
        )
    }
}

impl Rule for CniConfiguration {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let (folder, _) = directory::split(&self.path);
        let mut queries = vec![directory::query(folder, true)];
        if self.range.is_some() {
            queries.push(block_affinities::query());
        }
        queries
    }

    fn problems(&self, written: Written<'_>) {
        written.key("path").on_node(&self.path);
    }

    fn file_ranges<'a>(&'a self, written: Written<'a>) -> Vec<FileRange<'a>> {
        let range = self.range.map(|range| FileRange {
            file: &self.path,
            range,
            written: written.key("range"),
        });
        range.into_iter().collect()
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let blocks = match self.range {
            Some(_) => block_affinities::read(observations)?,
            None => BTreeMap::new(),
        };
        let files = read_on_each_node(observations, &self.path)?;
        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(files.len(), context);
        let mut seen = Vec::new();
        for (node, file) in &files {
            let subject = format!("{} on node {node}", self.path);
            match file {
                Ok(configuration) => {
                    self.judge_names(&mut evaluation, &subject, configuration);
                    let of_node = blocks.get(node).map_or(&[][..], Vec::as_slice);
                    seen.push(self.judge_range(&mut evaluation, &subject, configuration, of_node));
                }
                Err(reason) => {
                    evaluation.fail(
                        &subject,
                        "a CNI configuration",
                        reason,
                        "no plugin can use it",
                    );
                }
            }
        }
        let good = || files.values().filter_map(|file| file.as_ref().ok());
        let (_, name) = directory::split(&self.path);
        evaluation.fact(
            "each node",
            format!("{name}: name"),
            good().map(|file| &file.name),
        );
        let plugins = good().map(|file| list(file.plugins.iter().map(|plugin| &plugin.kind)));
        evaluation.fact("each node", format!("{name}: plugins"), plugins);
        evaluation.fact(
            "each node",
            format!("{name}: range"),
            seen.into_iter().flatten(),
        );
        Ok(evaluation)
    }
}

impl CniConfiguration {
    fn judge_names(&self, evaluation: &mut Evaluation, subject: &str, file: &Configuration) {
        if file.name != self.name {
            evaluation.fail(
                subject,
                format!("name {}", self.name),
                format!("name {}", file.name),
                "a network is known by the name in its file, not by the file's name",
            );
        }
        let plugin = file.plugins.first().map_or("none", |plugin| &plugin.kind);
        if plugin != self.plugin {
            evaluation.fail(
                subject,
                format!("plugin {}", self.plugin),
                format!("plugin {plugin}"),
                "the first plugin makes the interface",
            );
        }
    }

    /// The normalised range, where one is asked for.
    fn judge_range(
        &self,
        evaluation: &mut Evaluation,
        subject: &str,
        file: &Configuration,
        blocks: &[Ipv4Net],
    ) -> Option<String> {
        let wanted = self.range?;
        match judge_range(file, wanted, blocks) {
            Ok(_) => Some(wanted.to_string()),
            Err((expected, observed)) => {
                let why = "addresses outside the node's own block are not routed to this node";
                evaluation.fail(subject, expected, observed, why);
                Some(format!("not {wanted}"))
            }
        }
    }
}

/// A configuration by path on each node, or why there is none.
pub(super) fn read_on_each_node(
    observations: &Observations,
    path: &str,
) -> Result<BTreeMap<String, Result<Configuration, String>>, Inability> {
    let (folder, name) = directory::split(path);
    let folders = directory::read(observations, folder, true)?;
    let parse = |entries: Option<Vec<directory::Entry>>| {
        let entries = entries.ok_or_else(|| format!("no folder {folder}"))?;
        let entry = entries.iter().find(|entry| entry.name == name);
        let entry = entry.ok_or("absent")?;
        let text = entry.content.as_deref().ok_or("not a text file")?;
        cni_configuration::parse(name, text).map_err(|invalid| invalid.to_string())
    };
    Ok(folders
        .into_iter()
        .map(|(node, entries)| (node, parse(entries)))
        .collect())
}

/// The one range of a configuration where it is that part of the node's one block; else what is expected and observed.
pub(super) fn judge_range(
    file: &Configuration,
    wanted: BlockRange,
    blocks: &[Ipv4Net],
) -> Result<Range, (String, String)> {
    let [block] = blocks else {
        let observed = format!("blocks: {}", list(blocks));
        return Err(("one block of the node".to_owned(), observed));
    };
    let Some((first, last)) = wanted.within(*block) else {
        return Err((wanted.to_string(), format!("the block is only {block}")));
    };
    let ranges: Vec<&Range> = file
        .plugins
        .iter()
        .flat_map(|plugin| &plugin.ranges)
        .collect();
    match ranges.as_slice() {
        [range] if (range.first, range.last) == (first, last) && range.subnet.contains(&first) => {
            Ok(**range)
        }
        ranges => {
            let texts = ranges.iter();
            let texts =
                texts.map(|range| format!("{}-{} in {}", range.first, range.last, range.subnet));
            Err((format!("{first}-{last} in {block}"), list(texts)))
        }
    }
}
