//! What CRI-O's log says of each reading of its folder of configurations. Known from CRI-O 1.26 to 1.34: from 1.35 a
//! reading that finds no network says nothing.

use super::cni_selection::Network;

const DEFAULT: &str = "Updated default CNI network name to";
const FOUND: &str = "Found CNI network ";
const IGNORED: &str = "Ignored CNI network ";
const BECAUSE: &str = " because already exists";

/// One reading of the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The networks that it took, in order.
    pub networks: Vec<Network>,
    /// The default network's name; empty for none.
    pub default_network: String,
}

/// The readings that messages tell of, in order; one that has not ended yet is left out.
///
/// # Errors
/// A message that begins as CRI-O's do and is not of their form.
pub fn readings<'a>(messages: impl IntoIterator<Item = &'a str>) -> Result<Vec<Reading>, String> {
    let mut readings = Vec::new();
    let mut reading = Reading::default();
    for message in messages {
        let form = || format!("can't read '{message}'");
        if let Some(found) = message.strip_prefix(FOUND) {
            reading.networks.push(network(found).ok_or_else(form)?);
        } else if let Some(ignored) = message.strip_prefix(IGNORED) {
            // It says "Found" of it first.
            let ignored = ignored.strip_suffix(BECAUSE).and_then(network);
            let ignored = ignored.ok_or_else(form)?;
            reading
                .networks
                .retain(|network| network.file != ignored.file);
        } else if let Some(name) = message.strip_prefix(DEFAULT) {
            name.trim_start().clone_into(&mut reading.default_network);
            readings.push(std::mem::take(&mut reading));
        }
    }
    Ok(readings)
}

/// `NAME (type=TYPE) at PATH`
fn network(text: &str) -> Option<Network> {
    let (text, path) = text.rsplit_once(" at /")?;
    let (name, plugin) = text.rsplit_once(" (type=")?;
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    Some(Network {
        name: name.to_owned(),
        plugin: plugin.strip_suffix(')')?.to_owned(),
        file: file.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::journal;

    const JOURNAL: &str = include_str!("../../testdata/journal/worker.jsonl");

    #[test]
    fn a_recorded_journal_has_its_readings() -> Result<(), String> {
        let reading = journal::parse(JOURNAL);
        let messages: Vec<String> = reading
            .entries
            .iter()
            .filter_map(|entry| Some(entry.logged()?.message))
            .collect();
        let readings = readings(messages.iter().map(String::as_str))?;
        let shown: Vec<(Vec<&str>, &str)> = readings
            .iter()
            .map(|reading| {
                let files = reading.networks.iter();
                let files = files.map(|network| network.file.as_str()).collect();
                (files, reading.default_network.as_str())
            })
            .collect();
        assert_eq!(
            shown,
            [
                (vec![], ""),
                (vec!["10-calico.conflist"], "k8s-pod-network"),
                (vec!["00-multus.conf"], "multus-cni-network"),
                (vec![], "multus-cni-network"),
            ]
        );
        Ok(())
    }

    #[test]
    fn a_network_that_is_there_already_is_not_taken() -> Result<(), String> {
        let readings = readings([
            "Found CNI network a b (type=ptp) at /etc/cni/net.d/1 at 2.conf",
            "Found CNI network a b (type=bridge) at /etc/cni/net.d/3.conf",
            "Ignored CNI network a b (type=bridge) at /etc/cni/net.d/3.conf because already exists",
            "Updated default CNI network name to a b",
            "something else",
            "Updated default CNI network name to ",
            "Found CNI network c (type=ptp) at /etc/cni/net.d/c.conf",
        ])?;
        let shown: Vec<(usize, &str)> = readings
            .iter()
            .map(|reading| (reading.networks.len(), reading.default_network.as_str()))
            .collect();
        assert_eq!(shown, [(1, "a b"), (0, "")]);
        assert_eq!(readings[0].networks[0].plugin, "ptp");
        Ok(())
    }

    #[test]
    fn another_form_is_an_error() {
        assert_eq!(
            readings(["Found CNI network a"]),
            Err("can't read 'Found CNI network a'".to_owned())
        );
    }
}
