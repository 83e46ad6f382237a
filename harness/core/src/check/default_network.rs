//! Which network is the default on each node, by all witnesses: CRI-O's rule applied to the directory, CRI-O's own last
//! word, and the network that a new sandbox was really given. A disagreement names each witness.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::own_result;
use super::{Context, Evaluation, Rule};
use crate::observation::cni_network::Libcni;
use crate::observation::cni_results::{self, CachedResult};
use crate::observation::cni_selection::{self, Folder, Plugins, Selection};
use crate::observation::cni_versions::{self, Answer};
use crate::observation::crio_configuration::{self, CrioConfiguration};
use crate::observation::directory::{self, Entry};
use crate::observation::journal::{self, last_word};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations, Odd, Reading};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DefaultNetwork {
    /// The network's name, such as `k8s-pod-network`.
    pub name: String,
    /// The `type` of its first plugin, such as `calico`: a name alone may be that of another plugin's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// Whether CRI-O's last word must be newer than the step's start: after a change it must, without one it need not.
    #[serde(default)]
    pub after: After,
    /// The probe pods of this step ([`ProbePods`](crate::scenario::ProbePods)), one new sandbox on each node; without
    /// it the third witness is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
}

/// From when CRI-O's last word may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// Since the node came up.
    #[default]
    Start,
    /// Since the step began.
    Step,
}

impl After {
    /// Whether it asks for nothing: what is newer than the node's start is anything.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands a reference to the field"
    )]
    pub(super) fn is_start(&self) -> bool {
        *self == Self::Start
    }
}

const CONFIGURATIONS: &str = "/etc/cni/net.d";
const PLUGINS: &str = "/opt/cni/bin";
const UNIT: &str = "crio";

/// What every line of CRI-O's that counts here contains.
const OF_NETWORKS: &str = "CNI";

/// The namespace and the label that probe pods have.
pub(super) const PROBE_NAMESPACE: &str = "default";

/// The label selector of a step's probe pods.
pub(super) fn probe_selector(probe: &str) -> String {
    format!("rehearse.probe={probe}")
}

/// What one witness says: a network's name (empty for none), or nothing at all.
struct Witness {
    name: &'static str,
    network: Option<String>,
    /// The `type` of the network's first plugin, where the witness says it.
    plugin: Option<String>,
    text: String,
}

/// What the nodes' CRI-O is, as far as it decides what a folder means.
struct Runtime<'a> {
    plugins: &'a BTreeMap<String, Option<Vec<Entry>>>,
    libcni: Libcni,
}

impl Rule for DefaultNetwork {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        let mut queries = vec![
            directory::query(CONFIGURATIONS, true),
            directory::query(PLUGINS, false),
            journal::query(UNIT),
            crio_configuration::query(),
            cni_versions::query(),
        ];
        if let Some(probe) = &self.probe {
            queries.push(pods::query(PROBE_NAMESPACE, &probe_selector(probe)));
            queries.push(cni_results::query());
        }
        queries
    }

    fn does_without(&self, query: &Query) -> bool {
        [crio_configuration::query(), cni_versions::query()].contains(query)
    }

    fn problems(&self, written: Written<'_>) {
        if let Some(probe) = &self.probe {
            written.key("probe").probe(probe);
        }
    }

    fn evaluate(
        &self,
        observations: &Observations,
        context: &Context,
    ) -> Result<Evaluation, Inability> {
        let configurations = directory::read(observations, CONFIGURATIONS, true)?;
        let plugins = directory::read(observations, PLUGINS, false)?;
        let journals = journal::read(observations, UNIT)?;
        let own = crio_configuration::read(observations)?;
        let since = match self.after {
            After::Start => None,
            After::Step => Some(context.step_started),
        };
        let (probes, results) = match &self.probe {
            Some(probe) => (
                pods::read(observations, PROBE_NAMESPACE, &probe_selector(probe))?,
                cni_results::read(observations)?,
            ),
            None => Default::default(),
        };

        let mut evaluation = Evaluation::default();
        evaluation.require_nodes(configurations.len(), context);
        let versions = cni_versions::read(observations);
        let runtime = Runtime {
            plugins: &plugins,
            libcni: context.libcni(),
        };
        let (mut networks, mut files) = (Vec::new(), Vec::new());
        for (node, entries) in &configurations {
            let answers = evaluation.asked(node, "versions of plugins", &versions);
            let entries = entries.as_deref().unwrap_or_default();
            let selection = runtime.selection(node, entries, answers.unwrap_or_default());
            let journal = journals.get(node).map(Result::as_ref);
            let (journal, unread) = heard(journal);
            let settings = Settings::of(own.get(node));
            let mut witnesses = vec![
                rule(&selection, &settings),
                settings.instead_of_silence(last_word(journal, &unread, since)),
            ];
            if self.probe.is_some() {
                let mut on_node = probes.iter().filter(|pod| pod.spec.node_name == *node);
                let probe = on_node.next();
                if let Some(other) = on_node.next() {
                    evaluation.fail(
                        format!("node {node}"),
                        "one probe pod",
                        format!("also {}", other.full_name()),
                        "which of them shows what a new sandbox is given is not known",
                    );
                }
                witnesses.push(given_by_journal(journal, probe));
                witnesses.push(given_by_result(results.get(node), probe));
            }
            self.judge(&mut evaluation, node, &witnesses);
            self.judge_plugin(&mut evaluation, node, &selection, &witnesses);
            networks.extend(witnesses.iter().map(|witness| match &witness.network {
                Some(name) if name.is_empty() => "none".to_owned(),
                Some(name) => name.clone(),
                None => "unknown".to_owned(),
            }));
            let file = match &settings.pinned {
                Some(name) => selection.named(name),
                None => selection.winner(),
            };
            files.push(file.map_or_else(
                || "none".to_owned(),
                |winner| format!("{} ({})", winner.file, winner.plugin),
            ));
            let rows = witnesses
                .into_iter()
                .map(|witness| (witness.name.to_owned(), witness.text));
            evaluation.witnesses(format!("default network of {node}"), rows.collect());
        }
        evaluation.fact("each node", "default network", networks);
        evaluation.fact("each node", "default network's file", files);
        Ok(evaluation)
    }
}

impl Runtime<'_> {
    /// What CRI-O makes of a node's files; `answers` are those of its plugins, where they were asked for their versions.
    fn selection(
        &self,
        node: &str,
        entries: &[Entry],
        answers: BTreeMap<String, Answer>,
    ) -> Selection {
        let plugins = self.plugins.get(node).and_then(Option::as_deref);
        let mut plugins = Plugins::listed(plugins.unwrap_or_default());
        for (plugin, answer) in answers {
            plugins.asked(&plugin, answer);
        }
        let folders = cni_selection::folders(entries);
        let folder = Folder {
            entries,
            folders: Some(&folders),
            libcni: self.libcni,
        };
        cni_selection::select(folder, &plugins)
    }
}

/// The lines of a node's journal, and what in it is not understood and may be a word on networks.
fn heard<'a>(
    journal: Option<Result<&'a Reading<journal::Entry>, &'a Inability>>,
) -> (&'a [journal::Entry], Vec<String>) {
    match journal {
        Some(Ok(reading)) => {
            let counts = |odd: &&Odd| reading.entries.is_empty() || odd.text.contains(OF_NETWORKS);
            let odd = reading.odd.iter().filter(counts);
            (&reading.entries, odd.map(ToString::to_string).collect())
        }
        Some(Err(inability)) => (&[], vec![inability.to_string()]),
        None => (&[], Vec::new()),
    }
}

impl DefaultNetwork {
    fn judge(&self, evaluation: &mut Evaluation, node: &str, witnesses: &[Witness]) {
        let agrees = |witness: &&Witness| witness.network.as_ref() == Some(&self.name);
        let others: Vec<&Witness> = witnesses
            .iter()
            .filter(|witness| !agrees(witness))
            .collect();
        if others.is_empty() {
            return;
        }
        let said = witnesses
            .iter()
            .map(|witness| format!("{}: {}", witness.name, witness.text));
        let said: Vec<String> = said.collect();
        let why = if others.len() == witnesses.len() {
            "no witness says so".to_owned()
        } else {
            let others = list(others.iter().map(|witness| witness.name));
            format!("the witnesses disagree; not so: {others}")
        };
        evaluation.fail(
            format!("node {node}"),
            format!("default network {} by all witnesses", self.name),
            said.join("; "),
            why,
        );
    }
}

impl DefaultNetwork {
    /// A network is known by its name, and a name may stand in the files of two plugins: then the first of them has it.
    fn judge_plugin(
        &self,
        evaluation: &mut Evaluation,
        node: &str,
        selection: &Selection,
        witnesses: &[Witness],
    ) {
        if let Some(wanted) = &self.plugin {
            let is_other = |witness: &&Witness| {
                let plugin = witness.plugin.as_ref();
                plugin.is_some_and(|plugin| plugin != wanted)
                    && witness.network.as_ref() == Some(&self.name)
            };
            for other in witnesses.iter().filter(is_other) {
                evaluation.fail(
                    format!("node {node}"),
                    format!("network {} of plugin {wanted}", self.name),
                    format!("{}: {}", other.name, other.text),
                    "another plugin's file has the network's name",
                );
            }
        }
        // Another plugin's file of the same name is passed over, whichever of the two was meant.
        let Some(winner) = selection.named(&self.name) else {
            return;
        };
        let twins = selection
            .skipped
            .iter()
            .filter_map(|skipped| skipped.twin.as_ref());
        let rivals = twins.filter(|twin| twin.name == self.name && twin.plugin != winner.plugin);
        for rival in rivals {
            evaluation.fail(
                format!("node {node}"),
                format!("one plugin for the network {}", self.name),
                format!(
                    "{} of {}, and {} of {}",
                    winner.plugin, winner.file, rival.plugin, rival.file
                ),
                "CRI-O takes the first file of a name and ignores the other, and the name alone does not tell which it is",
            );
        }
    }
}

/// What CRI-O's own configuration changes in its rule.
#[derive(Default)]
struct Settings {
    /// The network that it names.
    pinned: Option<String>,
    /// Why the rule on these folders says nothing of this node, as a sentence fragment.
    elsewhere: Option<String>,
}

impl Settings {
    fn of(own: Option<&Result<CrioConfiguration, Odd>>) -> Self {
        let own = match own {
            None => return Self::default(),
            Some(Ok(own)) => own,
            Some(Err(odd)) => {
                return Self {
                    elsewhere: Some(format!("CRI-O's configuration is {odd}")),
                    ..Self::default()
                };
            }
        };
        let is = |path: &str, wanted: &str| path.trim_end_matches('/') == wanted;
        let folder = own.network_dir.as_deref();
        let folder = folder.filter(|folder| !is(folder, CONFIGURATIONS));
        let folder = folder.map(|folder| format!("CRI-O reads {folder}, and not {CONFIGURATIONS}"));
        let plugins = own.plugin_dirs.as_deref();
        let plugins = plugins.filter(|paths| !paths.iter().any(|path| is(path, PLUGINS)));
        let plugins = plugins.map(|paths| {
            format!(
                "CRI-O looks for plugins in {}, and not in {PLUGINS}",
                list(paths)
            )
        });
        Self {
            pinned: own.default_network.clone(),
            elsewhere: folder.or(plugins),
        }
    }

    /// CRI-O says no word on a network that its configuration names.
    fn instead_of_silence(&self, witness: Witness) -> Witness {
        match &self.pinned {
            Some(name) if witness.network.is_none() => Witness {
                network: Some(name.clone()),
                text: format!("{name}, by its configuration, and no word on it"),
                ..witness
            },
            _ => witness,
        }
    }
}

fn rule(selection: &Selection, settings: &Settings) -> Witness {
    let winner = match &settings.pinned {
        Some(name) => selection.named(name),
        None => selection.winner(),
    };
    let mut text = match (winner, &settings.pinned) {
        (Some(winner), _) => format!("{} ({}) of {}", winner.name, winner.plugin, winner.file),
        (None, Some(name)) => format!("no usable file of {name}"),
        (None, None) => "no usable file".to_owned(),
    };
    if settings.pinned.is_some() {
        text.push_str(", by CRI-O's configuration");
    }
    if !selection.skipped.is_empty() {
        let skipped = selection.skipped.iter();
        let skipped = skipped.map(|skipped| format!("{} ({})", skipped.file, skipped.reason));
        text = format!("{text}, passed over {}", list(skipped));
    }
    let network = winner.map(|winner| winner.name.clone()).unwrap_or_default();
    Witness {
        name: "rule",
        network: settings.elsewhere.is_none().then_some(network),
        plugin: winner.map(|winner| winner.plugin.clone()),
        text: match &settings.elsewhere {
            Some(reason) => format!("unknown, as {reason}"),
            None => text,
        },
    }
}

/// What CRI-O said before it read its folder again and named no network is not its word any more, and a word that is not
/// understood may be the last.
fn last_word(journal: &[journal::Entry], unread: &[String], since: Option<Timestamp>) -> Witness {
    let word = last_word::last_default_network(journal, since);
    let text = match (&word, since) {
        (Some(word), _) => {
            let name = if word.name.is_empty() {
                "none,"
            } else {
                &word.name
            };
            let outdated = word.outdated.map(|time| {
                format!(", out of date: it read its folder again at {time} and named no network")
            });
            format!("{name} at {}{}", word.time, outdated.unwrap_or_default())
        }
        (None, Some(since)) => format!("nothing since the step began at {since}"),
        (None, None) => "nothing".to_owned(),
    };
    let is_open = unread
        .iter()
        .any(|unread| unread.contains(last_word::UPDATED));
    let word = word.filter(|word| word.outdated.is_none() && !is_open);
    let unread = unread.iter().map(|unread| format!("; {unread}"));
    Witness {
        name: "CRI-O's last word",
        network: word.map(|word| word.name),
        plugin: None,
        text: format!("{text}{}", unread.collect::<String>()),
    }
}

fn given_by_journal(journal: &[journal::Entry], probe: Option<&Pod>) -> Witness {
    let given = probe.and_then(|pod| {
        last_word::network_given(journal, &pod.metadata.namespace, &pod.metadata.name)
    });
    let plugin = given.as_ref().map(|given| given.plugin.clone());
    let network = given.map(|given| given.network);
    Witness {
        plugin: plugin.filter(|plugin| !plugin.is_empty()),
        ..new_sandbox("new sandbox, by CRI-O's journal", network, probe)
    }
}

/// A result of another network beside the wanted one is a disagreement, so all of them count; and so is one that is not
/// what the pod says of itself.
fn given_by_result(results: Option<&Reading<CachedResult>>, probe: Option<&Pod>) -> Witness {
    let odd = results.map_or(&[][..], |results| results.odd.as_slice());
    let results = results.map_or(&[][..], |results| results.entries.as_slice());
    let is_its = |result: &&CachedResult| probe.is_some_and(|pod| result.pod == pod.full_name());
    let of_pod = || results.iter().filter(is_its);
    let networks: BTreeSet<&str> = of_pod().map(|result| result.network.as_str()).collect();
    let contradictions: Vec<String> = of_pod()
        .zip(probe.iter().cycle())
        .flat_map(|(result, pod)| own_result::contradictions(pod, result))
        .collect();
    let network = (!networks.is_empty()).then(|| list(&networks));
    let mut witness = new_sandbox("new sandbox, by its CNI result", network, probe);
    if let Some(network) = &mut witness.network
        && !contradictions.is_empty()
    {
        network.push_str(", not as the pod says");
        witness.text = format!("{}, but {}", witness.text, contradictions.join("; "));
    }
    // The runtime passes over such a file too; it may be the probe pod's.
    if !odd.is_empty() {
        witness.text = format!("{}; {}", witness.text, list(odd));
    }
    witness
}

fn new_sandbox(name: &'static str, network: Option<String>, probe: Option<&Pod>) -> Witness {
    let text = match (&network, probe) {
        (Some(network), _) => network.clone(),
        (None, Some(pod)) => format!("nothing of {}", pod.metadata.name),
        (None, None) => "no probe pod on this node".to_owned(),
    };
    Witness {
        name,
        network,
        plugin: None,
        text,
    }
}
