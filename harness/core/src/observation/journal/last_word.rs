//! What CRI-O's journal says of its default network: its last word, whether that is still good, and the network that a pod's
//! sandbox was given.
//!
//! CRI-O says the name at every reading of its folder, also when nothing has changed. From 1.35 on it says nothing where
//! it finds no network, so that the word before is no witness any more once it has read again. Until 1.34 it says that
//! there is none, and its silence means that it is still reading. Which events make it read is told by
//! [`cni_reload`](crate::observation::cni_reload).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Entry;

/// How the line begins that says the name.
pub(crate) const UPDATED: &str = "Updated default CNI network name to";
const FOUND: &str = "Found CNI network ";
const EVENT: &str = "CNI monitoring event ";
const LOADING_FAILED: &str = "CNI config loading failed";
const STARTING: &str = "Starting CRI-O, version: ";

/// The first minor version of CRI-O 1 that is silent where there is no network.
const SILENT_FROM: u32 = 35;

/// What CRI-O took as the default network, at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultNetwork {
    /// When it said so.
    pub time: Timestamp,
    /// The network's name; empty for none.
    pub name: String,
    /// When it has read its folder again after that and named no network: what it said is no longer so.
    pub outdated: Option<Timestamp>,
}

/// The network that a sandbox was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The network's name.
    pub network: String,
    /// The first plugin's `type`; empty where it is not said.
    pub plugin: String,
}

/// CRI-O's last word on its default network, if it said one at or after that time.
pub fn last_default_network(entries: &[Entry], since: Option<Timestamp>) -> Option<DefaultNetwork> {
    let mut listener = Listener::default();
    for entry in entries {
        if let Some(logged) = entry.logged() {
            listener.hear(&logged.message, logged.time.unwrap_or(entry.time));
        }
    }
    let word = listener.word?;
    since.is_none_or(|since| word.time >= since).then_some(word)
}

/// The network that CRI-O last gave a pod's sandbox, as `Adding pod … to CNI network "…" (type=…)` says.
pub fn network_given(entries: &[Entry], namespace: &str, pod: &str) -> Option<Given> {
    let prefix = format!("Adding pod {namespace}_{pod} to CNI network \"");
    entries.iter().rev().find_map(|entry| {
        let logged = entry.logged()?;
        let (network, rest) = logged.message.strip_prefix(&prefix)?.split_once('"')?;
        let plugin = rest.trim().strip_prefix("(type=");
        let plugin = plugin.and_then(|plugin| plugin.strip_suffix(')'));
        Some(Given {
            network: network.to_owned(),
            plugin: plugin.unwrap_or_default().to_owned(),
        })
    })
}

/// What is known after the lines that were heard.
#[derive(Default)]
struct Listener {
    word: Option<DefaultNetwork>,
    /// The files of the networks of the present reading, by name.
    found: BTreeMap<String, String>,
    /// The file of the default network.
    file: Option<String>,
    /// Whether this CRI-O says that there is no network.
    says_none: bool,
}

impl Listener {
    fn hear(&mut self, message: &str, time: Timestamp) {
        if let Some(name) = message.strip_prefix(UPDATED) {
            let name = name.trim().to_owned();
            self.file = self.found.remove(&name);
            self.found.clear();
            self.word = Some(DefaultNetwork {
                time,
                name,
                outdated: None,
            });
        } else if let Some((name, file)) = message.strip_prefix(FOUND).and_then(found) {
            // The first file of a name has it.
            self.found.entry(name).or_insert(file);
        } else if let Some(event) = message.strip_prefix(EVENT) {
            if self.reads_again_on(event) {
                self.read_again(time);
            }
        } else if message.starts_with(LOADING_FAILED) {
            // The folder could not be read, so that what CRI-O knew stays.
            if let Some(word) = &mut self.word {
                word.outdated = None;
            }
        } else if let Some(version) = message.strip_prefix(STARTING) {
            self.says_none = minor(version).is_some_and(|minor| minor < SILENT_FROM);
            self.read_again(time);
        }
    }

    fn read_again(&mut self, time: Timestamp) {
        self.found.clear();
        if let Some(word) = &mut self.word
            && !self.says_none
        {
            word.outdated.get_or_insert(time);
        }
    }

    /// `REMOVE "/etc/cni/net.d/a.conf"`, or with the path first, as older ones print it.
    fn reads_again_on(&self, event: &str) -> bool {
        let mut parts = event.split('"');
        let (before, path, after) = (parts.next(), parts.next(), parts.next());
        let has = |operation: &str| {
            let mut words = before.into_iter().chain(after);
            words.any(|words| words.contains(operation))
        };
        ["CREATE", "WRITE", "RENAME"].into_iter().any(has)
            || (has("REMOVE") && path.is_some() && path == self.file.as_deref())
    }
}

/// Name and path of `NAME (type=TYPE) at PATH`.
fn found(text: &str) -> Option<(String, String)> {
    let (network, path) = text.rsplit_once(" at /")?;
    let (name, _) = network.rsplit_once(" (type=")?;
    Some((name.to_owned(), format!("/{path}")))
}

/// The second number of `1.34.0, git: …`; none where the first is not 1.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::observation::journal;

    const JOURNAL: &str = include_str!("../../../testdata/journal/worker.jsonl");
    const HARBOUR: &str =
        "Found CNI network harbour (type=calico) at /etc/cni/net.d/10-harbour.conflist";
    const UPDATED_TO: &str = "Updated default CNI network name to harbour";

    fn entries() -> Vec<Entry> {
        journal::parse(JOURNAL).entries
    }

    /// One line a second.
    fn said(messages: &[&str]) -> Vec<Entry> {
        let seconds = 1_772_000_000..;
        let times = seconds.map(|second| Timestamp::from_second(second).unwrap_or_default());
        let lines = messages.iter().zip(times);
        lines
            .map(|(message, time)| Entry {
                time,
                message: format!("INFO[0003] {message}"),
            })
            .collect()
    }

    #[test]
    fn the_last_word_is_the_last_line_that_says_it() {
        let last = last_default_network(&entries(), None);
        assert_eq!(
            last.map(|word| (word.name, word.outdated)),
            Some(("multus-cni-network".to_owned(), None))
        );
    }

    #[test]
    fn words_before_the_given_time_do_not_count() -> Result<(), Box<dyn std::error::Error>> {
        let during: Timestamp = "2026-11-23T21:33:15Z".parse()?;
        let after: Timestamp = "2026-11-23T21:33:17Z".parse()?;
        assert!(last_default_network(&entries(), Some(during)).is_some());
        assert_eq!(last_default_network(&entries(), Some(after)), None);
        Ok(())
    }

    #[test]
    fn an_empty_name_is_a_word_too() {
        let last = last_default_network(
            &said(&[UPDATED_TO, "Updated default CNI network name to "]),
            None,
        );
        assert_eq!(last.map(|word| word.name), Some(String::new()));
    }

    /// What follows a word, and whether the word is still good: by a CRI-O that is silent where it finds no network, and by
    /// one that says so and is still reading.
    #[rstest]
    #[case::default_removed(&[r#"CNI monitoring event REMOVE        "/etc/cni/net.d/10-harbour.conflist""#], false)]
    #[case::default_removed_in_the_old_form(
        &[r#"CNI monitoring event "/etc/cni/net.d/10-harbour.conflist": REMOVE"#],
        false
    )]
    #[case::other_removed(&[r#"CNI monitoring event REMOVE        "/etc/cni/net.d/20-quay.conf""#], true)]
    #[case::mode_changed(&[r#"CNI monitoring event CHMOD         "/etc/cni/net.d/10-harbour.conflist""#], true)]
    #[case::default_overwritten(&[r#"CNI monitoring event CREATE|WRITE  "/etc/cni/net.d/10-harbour.conflist""#], false)]
    #[case::renamed(&[r#"CNI monitoring event RENAME        "/etc/cni/net.d/10-harbour.conflist""#], false)]
    #[case::said_again(
        &[r#"CNI monitoring event CREATE        "/etc/cni/net.d/x""#, HARBOUR, UPDATED_TO],
        true
    )]
    #[case::could_not_be_read(
        &[r#"CNI monitoring event CREATE        "/etc/cni/net.d/x""#, "CNI config loading failed, continue monitoring: x"],
        true
    )]
    #[case::restarted(&["Starting CRI-O, version: 1.35.2, git: unknown(clean)"], false)]
    #[case::something_else(&["Removed stopped container"], true)]
    fn a_word_is_out_of_date_once_crio_has_read_again_and_said_nothing(
        #[case] after: &[&str],
        #[case] is_good: bool,
    ) {
        for (start, is_good) in [
            ("Starting CRI-O, version: 1.35.0, git: 3f(clean)", is_good),
            (
                "Starting CRI-O, version: 1.34.0-3.rhaos4.21.git3f.el9",
                is_good || !after[0].starts_with("Starting"),
            ),
            ("something of before", is_good),
        ] {
            let entries = said(&[&[start, HARBOUR, UPDATED_TO], after].concat());
            let word = last_default_network(&entries, None);
            assert_eq!(
                word.map(|word| (word.name, word.outdated.is_none())),
                Some(("harbour".to_owned(), is_good)),
                "{start}"
            );
        }
    }

    #[test]
    fn the_network_of_a_sandbox_is_the_last_that_was_added() {
        let given = |pod| {
            let given = network_given(&entries(), "default", pod);
            given.map(|given| (given.network, given.plugin))
        };
        let text = |network: &str, plugin: &str| Some((network.to_owned(), plugin.to_owned()));
        assert_eq!(given("priority-1"), text("k8s-pod-network", "calico"));
        assert_eq!(given("switched-1"), text("multus-cni-network", "multus"));
        assert_eq!(given("switched"), None);
    }
}
