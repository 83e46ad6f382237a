//! Whether our rule and CRI-O agree: on a reading of a folder, on a sandbox and its addresses, and on what is in use.

use std::net::IpAddr;

use anyhow::{Result, ensure};
use rehearse_core::observation::cni_log::{self, Reading};
use rehearse_core::observation::cni_network;
use rehearse_core::observation::cni_reload::Loaded;
use rehearse_core::observation::cni_selection::{Network, Selection};

use crate::cases::{Tally, count};
use crate::configuration::Item;
use crate::folder::Items;
use crate::node::Sandbox;

/// The whole selection, not the winner alone: what comes second wins tomorrow.
pub(crate) fn agree(selection: &Selection, reading: &Reading, said: &[String]) -> Result<()> {
    let ours = Reading {
        networks: selection.networks.clone(),
        default_network: selection
            .winner()
            .map_or(String::new(), |network| network.name.clone()),
    };
    ensure!(
        ours == *reading,
        "our rule: {ours:#?}\nskipped: {:#?}\nCRI-O: {reading:#?}\nits words: {said:#?}",
        selection.skipped
    );
    Ok(())
}

pub(crate) fn agree_on_sandbox(
    network: Option<&Network>,
    sandbox: &Sandbox,
    tally: &Tally,
) -> Result<()> {
    let Some(network) = network else {
        ensure!(
            sandbox.called.is_none() && sandbox.result.is_err(),
            "our rule: no network\nCRI-O: {sandbox:#?}"
        );
        return Ok(());
    };
    count(&tally.with_default);
    let called = (network.name.clone(), network.plugin.clone());
    ensure!(
        sandbox.called.as_ref() == Some(&called),
        "our rule: {network:?}\nCRI-O: {:#?}",
        sandbox.said
    );
    match &sandbox.result {
        Ok(result) => {
            ensure!(
                result.network == network.name && cni_network::is_name(&network.name),
                "our rule: {network:?}\nCRI-O: {result:?}"
            );
            count(&tally.given);
        }
        // Whether the plugin can do it is not the rule's matter; that it was called is.
        Err(reason) if reason.contains("invalid characters found in network name") => {
            ensure!(
                !cni_network::is_name(&network.name),
                "our rule takes {} for a name, libcni does not",
                network.name
            );
            count(&tally.refused_name);
        }
        Err(_) => {}
    }
    Ok(())
}

/// The sandbox's addresses are of a range that stands in the winner's file or in its folder, and so were not given by
/// another one of the same name.
pub(crate) fn agree_on_addresses(
    network: Option<&Network>,
    items: &Items,
    sandbox: &Sandbox,
) -> Result<()> {
    let (Some(network), Ok(result)) = (network, &sandbox.result) else {
        return Ok(());
    };
    let mut texts = Vec::new();
    for (name, item) in items {
        match item {
            // A list without a name has that of its file, and takes what stands in the folder itself.
            Item::File(content) | Item::Link(content)
                if *name == network.file || network.name == network.file =>
            {
                texts.push(String::from_utf8_lossy(&content.0));
            }
            Item::Folder(files) | Item::LinkToFolder(files) if *name == network.name => {
                let files = files.iter();
                texts.extend(files.map(|(_, content)| String::from_utf8_lossy(&content.0)));
            }
            _ => {}
        }
    }
    for address in &result.addresses {
        let subnet = match address {
            IpAddr::V4(address) => match address.octets() {
                [10, 77, subnet, _] => subnet,
                _ => continue,
            },
            IpAddr::V6(_) => continue,
        };
        let range = format!("10.77.{subnet}.0/24");
        ensure!(
            texts.iter().any(|text| text.contains(&range)),
            "our rule: {network:?} with {texts:?}\nCRI-O: {result:?}"
        );
    }
    Ok(())
}

pub(crate) fn agree_on_loaded(loaded: &Loaded, said: &[String], reads: bool) -> Result<()> {
    let readings =
        cni_log::readings(said.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
    ensure!(
        readings.is_empty() != reads,
        "our rule: reads again {reads}\nCRI-O: {said:#?}"
    );
    match readings.last() {
        Some(last) => agree(loaded.selection(), last, said),
        None => Ok(()),
    }
}
