//! One CNI configuration on each node: its name, its plugin's type and its host-local range, inside the node's block.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, FileRange, Rule};
use crate::observation::cni_configuration::{self, CniConfiguration as Configuration, Range};
use crate::observation::cni_selection::{self, Folder};
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
    pub(super) fn within(self, block: IpNet) -> Option<(IpAddr, IpAddr)> {
        let nth = |distance: u32| {
            let address = match block.network() {
                IpAddr::V4(network) => IpAddr::V4(u32::from(network).checked_add(distance)?.into()),
                IpAddr::V6(network) => {
                    IpAddr::V6(u128::from(network).checked_add(distance.into())?.into())
                }
            };
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
        let mut evaluation = Evaluation::default();
        let blocks = match self.range {
            Some(_) => {
                let affinities = block_affinities::read(observations)?;
                let affinities =
                    evaluation.understood("the cluster", "block affinities", affinities);
                block_affinities::by_node(&affinities)
            }
            None => BTreeMap::new(),
        };
        let files = read_on_each_node(observations, &self.path, context)?;
        evaluation.require_nodes(files.len(), context);
        let mut seen = Vec::new();
        for (node, file) in &files {
            let subject = format!("{} on node {node}", self.path);
            match file {
                Ok(configuration) => {
                    self.judge_names(&mut evaluation, &subject, configuration);
                    judge_refused(&mut evaluation, &subject, configuration);
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
        let versions = good().map(|file| file.cni_version.as_deref().unwrap_or("none"));
        evaluation.fact("each node", format!("{name}: version"), versions);
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
        blocks: &[IpNet],
    ) -> Option<String> {
        let wanted = self.range?;
        match judge_range(file, wanted, blocks) {
            Ok(_) => Some(wanted.to_string()),
            Err((expected, observed)) => {
                let why = "pods get their addresses from this range, and only those of the node's own block are routed to it";
                evaluation.fail(subject, expected, observed, why);
                Some(format!("not {wanted}"))
            }
        }
    }
}

/// Whatever a scenario says of its range: a file that host-local refuses fails every pod of its network.
fn judge_refused(evaluation: &mut Evaluation, subject: &str, file: &Configuration) {
    for plugin in &file.plugins {
        for reason in &plugin.ranges.refused {
            evaluation.fail(
                subject,
                format!("ranges of {} that host-local takes", plugin.kind),
                reason,
                "CRI-O and Multus take the file, and every pod of the network fails",
            );
        }
    }
}

/// A configuration by path on each node, as CRI-O's libcni reads it, or why there is none.
pub(super) fn read_on_each_node(
    observations: &Observations,
    path: &str,
    context: &Context,
) -> Result<BTreeMap<String, Result<Configuration, String>>, Inability> {
    let (folder, name) = directory::split(path);
    let parse = |entries: Option<Vec<directory::Entry>>| {
        let entries = entries.ok_or_else(|| format!("no folder {folder}"))?;
        let entry = entries.iter().find(|entry| entry.name == name);
        let text = entry.ok_or("absent")?.text()?;
        let folders = cni_selection::folders(&entries);
        let folder = Folder {
            entries: &entries,
            folders: Some(&folders),
            libcni: context.libcni(),
        };
        cni_configuration::parse_in(folder, name, text)
    };
    let folders = directory::read(observations, folder, true)?;
    Ok(folders
        .into_iter()
        .map(|(node, entries)| (node, parse(entries)))
        .collect())
}

/// The ranges of a configuration where each is that part of a block of the node's, one of each block at most; else what
/// is expected and observed.
pub(super) fn judge_range(
    file: &Configuration,
    wanted: BlockRange,
    blocks: &[IpNet],
) -> Result<Vec<Range>, (String, String)> {
    if blocks.is_empty() {
        return Err(("a block of the node".to_owned(), "blocks: none".to_owned()));
    }
    let parts = blocks
        .iter()
        .filter_map(|block| Some((*block, wanted.within(*block)?)));
    let mut parts: Vec<(IpNet, (IpAddr, IpAddr))> = parts.collect();
    if parts.is_empty() {
        let blocks = list(blocks);
        return Err((wanted.to_string(), format!("the block is only {blocks}")));
    }
    let ranges: Vec<Range> = file.ranges().copied().collect();
    let expected = parts
        .iter()
        .map(|(block, (first, last))| format!("{first}-{last} in {block}"))
        .collect::<Vec<String>>()
        .join(" or ");
    let all_fit = ranges.iter().all(|range| {
        let fits = |(block, ends): &(IpNet, (IpAddr, IpAddr))| {
            *ends == (range.first, range.last) && block.contains(&range.subnet)
        };
        let part = parts.iter().position(fits);
        part.map(|part| parts.swap_remove(part)).is_some()
    });
    if all_fit && !ranges.is_empty() {
        return Ok(ranges);
    }
    let of_pod_subnet = file.plugins.iter();
    let of_pod_subnet = of_pod_subnet.flat_map(|plugin| &plugin.ranges.of_pod_subnet);
    let of_pod_subnet = of_pod_subnet.map(|family| format!("the node's {family} pod subnet"));
    let texts = ranges.iter().map(ToString::to_string);
    Err((expected, list(texts.chain(of_pod_subnet))))
}
