//! Files of a folder: gone, renamed, in upper case, with another extension, of another kind; a file that sorts before.

use serde_json::{Value, json};

use crate::mutant::{Edit, FactId, FactKind, Maker, Site, text};
use crate::observation::cni_configuration::mutants as cni_configuration;
use crate::query::Query;

/// Whose mutants these are.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "files.content",
        "files.folder",
        "files.kind",
        "files.mode",
        "files.modified",
        "files.others",
        "files.present",
        "files.size",
        "plugins.present",
    ],
    make: |site, query| match query {
        Query::NodeDirectory { path, .. } => {
            folder(site, path, query);
            true
        }
        _ => false,
    },
};

/// Where the plugins' programs are.
const PLUGINS: &str = "/opt/cni/bin";

/// A folder that is not there.
pub(crate) fn gone(site: &mut Site<'_>, path: &str) {
    let folder = FactId::new(
        FactKind::File,
        "files.folder",
        format!("{}: {path}", site.whom()),
    );
    if site.original.output.status == 0 {
        let error = "no such folder".to_owned();
        site.push(&folder, "gone", Edit::Failed { status: 1, error });
    }
}

/// The files of one folder on one node.
fn folder(site: &mut Site<'_>, path: &str, query: &Query) {
    gone(site, path);
    let whom = site.whom();
    let entries = site.elements();
    if path == PLUGINS {
        return plugins(site, &entries);
    }
    for (index, entry) in entries.iter().enumerate() {
        file(
            site,
            index,
            entry,
            &format!("{whom}: {path}/{}", text(entry, "/name")),
        );
    }
    others(site, path, query, entries.len());
}

fn plugins(site: &mut Site<'_>, entries: &[Value]) {
    for (index, entry) in entries.iter().enumerate() {
        let name = text(entry, "/name");
        let subject = format!("{}: {PLUGINS}/{name}", site.whom());
        let fact = FactId::new(FactKind::File, "plugins.present", subject);
        site.remove(&fact, "gone", format!("/{index}"));
        site.set(
            &fact,
            "renamed",
            format!("/{index}/name"),
            format!("{name}.old"),
        );
    }
}

fn file(site: &mut Site<'_>, index: usize, entry: &Value, subject: &str) {
    let name = text(entry, "/name");
    let at = |key: &str| format!("/{index}/{key}");
    let present = FactId::new(FactKind::File, "files.present", subject);
    site.remove(&present, "gone", format!("/{index}"));
    site.set(&present, "renamed", at("name"), format!("x-{name}"));
    site.set(&present, "upper case", at("name"), name.to_uppercase());
    site.set(
        &present,
        "other extension",
        at("name"),
        other_extension(name),
    );
    let fact = |key: &'static str| FactId::new(FactKind::File, key, subject);
    let kind = if entry["kind"] == "file" {
        "directory"
    } else {
        "file"
    };
    site.set(&fact("files.kind"), "other kind", at("kind"), kind);
    if entry["kind"] == "file" {
        let mut link = entry.clone();
        link["kind"] = json!("link");
        link["target"] = json!("missing");
        if let Some(keys) = link.as_object_mut() {
            keys.remove("content");
        }
        let dangling = "a link to nothing";
        site.set(&fact("files.kind"), dangling, format!("/{index}"), link);
    }
    site.set(&fact("files.mode"), "other mode", at("mode"), "0000");
    site.set(
        &fact("files.modified"),
        "older",
        at("modified"),
        "2001-01-01T00:00:00Z",
    );
    site.set(&fact("files.size"), "other size", at("size"), 1);
    let Some(content) = entry["content"].as_str() else {
        return;
    };
    if !cni_configuration::file(site, index, content, subject) {
        let content = fact("files.content");
        site.set(&content, "empty", at("content"), "");
        site.set(&content, "other text", at("content"), "something else");
    }
}

/// `a.conf` becomes `a.bak`, and `a.conf.bak` becomes `a.conf`.
fn other_extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, "bak")) => stem.to_owned(),
        Some((stem, _)) => format!("{stem}.bak"),
        None => format!("{name}.bak"),
    }
}

/// Files that nobody put there, and those that a check wants absent.
fn others(site: &mut Site<'_>, path: &str, query: &Query, end: usize) {
    let fact = FactId::new(
        FactKind::File,
        "files.others",
        format!("{}: {path}", site.whom()),
    );
    let text = json!({"cniVersion": "0.3.1", "name": "stranger", "plugins": [{"type": "calico"}]})
        .to_string();
    let entry = |name: &str| {
        json!({"name": name, "kind": "file", "mode": "0644", "size": text.len(),
            "modified": "2026-01-01T00:00:00Z", "content": text})
    };
    site.insert(
        &fact,
        "a file that sorts before",
        "",
        0,
        entry("00-a.conflist"),
    );
    site.insert(
        &fact,
        "a file that sorts after",
        "",
        end,
        entry("99-z.conflist"),
    );
    let unwanted = site.surroundings.unwanted.iter();
    let names: Vec<String> = unwanted
        .filter(|(of, _)| of == query)
        .map(|(_, name)| name.clone())
        .collect();
    for name in names {
        let subject = format!("{}: {path}/{name}", site.whom());
        let fact = FactId::new(FactKind::File, "files.others", subject);
        site.insert(&fact, "there", "", end, entry(&name));
    }
}
