//! CRI-O's own configuration: it names a network, another folder or other plugins, or is of another form.

use super::FOLDER;
use crate::mutant::{FactId, FactKind, Maker, Site, text};
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &["runtime.default-network", "runtime.folders", "runtime.text"],
    make: |site, query| {
        let is_mine = matches!(query, Query::NodeDirectory { path, .. } if path == FOLDER);
        if is_mine {
            files(site);
        }
        is_mine
    },
};

/// The last file that CRI-O reads, whose keys count.
fn files(site: &mut Site<'_>) {
    let entries = site.elements();
    let named = |name: &str| {
        entries
            .iter()
            .position(|entry| text(entry, "/name") == name)
    };
    let drop_ins = named(super::DROP_INS).and_then(|folder| {
        let last = entries[folder]["entries"]
            .as_array()?
            .len()
            .checked_sub(1)?;
        Some(format!("/{folder}/entries/{last}"))
    });
    let Some(file) = drop_ins.or_else(|| Some(format!("/{}", named(super::FILE)?))) else {
        return;
    };
    let fact = |key: &'static str| {
        FactId::new(
            FactKind::Configuration,
            key,
            format!("{}: {FOLDER}", site.whom()),
        )
    };
    let (network, folders, form) = (
        fact("runtime.default-network"),
        fact("runtime.folders"),
        fact("runtime.text"),
    );
    let content = format!("{file}/content");
    for (fact, mutation, keys) in [
        (
            &network,
            "another network",
            "cni_default_network = \"stranger\"",
        ),
        (
            &folders,
            "another folder",
            "network_dir = \"/etc/stranger\"",
        ),
        (
            &folders,
            "other plugins",
            "plugin_dirs = [\"/opt/stranger\"]",
        ),
        (&form, "of another form", "network_dir = 1"),
    ] {
        site.set(
            fact,
            mutation,
            &content,
            format!("[crio.network]\n{keys}\n"),
        );
    }
}
