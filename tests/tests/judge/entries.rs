//! Folders of configurations of every kind: names, links, folders in folders.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::configuration::{Content, Item, content, usable};

const EXTENSIONS: [&str; 14] = [
    ".conf",
    ".conf",
    ".conf",
    ".conflist",
    ".conflist",
    ".conflist",
    ".json",
    ".json",
    ".CONF",
    ".Conflist",
    ".conf.bak",
    ".conflist.disabled",
    ".jsonx",
    "",
];
const STEMS: [&str; 22] = [
    "00",
    "0",
    "9",
    "10",
    "100",
    "11",
    "2",
    "a",
    "A",
    "b",
    "Z",
    "00-multus",
    "10-calico",
    "70-multus",
    "99-loopback",
    "",
    ".",
    ".hidden",
    "_",
    "~",
    "ü",
    "with blank",
];

/// A file's name.
pub(crate) fn file_name() -> impl Strategy<Value = String> {
    (select(&STEMS[..]), select(&EXTENSIONS[..])).prop_filter_map(
        "a name of its own",
        |(stem, extension)| {
            let mut name = String::new();
            write!(name, "{stem}{extension}").ok()?;
            (!matches!(name.as_str(), "" | "." | "..")).then_some(name)
        },
    )
}

/// The files of a folder, which libcni takes for plugins of the network with the folder's name.
fn folder() -> impl Strategy<Value = Vec<(String, Content)>> {
    let file = prop_oneof![3 => Just("plugin.conf"), 1 => Just("10.conf"), 1 => Just("other.conflist"), 1 => Just("other.json")];
    let file = file.prop_flat_map(|name| (Just(name.to_owned()), content("single.conf")));
    vec(file, 0..3).prop_map(|mut files| {
        files.sort_by(|(left, _), (right, _)| left.cmp(right));
        files.dedup_by(|(left, _), (right, _)| left == right);
        files
    })
}

/// An entry of a folder with its name.
fn entry() -> impl Strategy<Value = (String, Item)> {
    let named = |name: String| {
        let items = prop_oneof![
            14 => content(&name).prop_map(Item::File),
            2 => content(&name).prop_map(Item::Link),
            1 => Just(Item::DanglingLink),
            1 => folder().prop_map(Item::Folder),
            1 => folder().prop_map(Item::LinkToFolder),
        ];
        (Just(name), items)
    };
    let of_network = (
        select(&["a", "b", "c", "A", "10"][..]),
        prop_oneof![
            3 => folder().prop_map(Item::Folder),
            1 => folder().prop_map(Item::LinkToFolder),
            1 => content("a.conf").prop_map(Item::File),
            1 => Just(Item::DanglingLink),
        ],
    );
    prop_oneof![
        8 => file_name().prop_flat_map(named),
        1 => of_network.prop_map(|(name, item)| (name.to_owned(), item)),
    ]
}

/// A list beside a folder with its network's name, from which it takes plugins.
fn with_folder() -> impl Strategy<Value = Vec<(String, Item)>> {
    let names = (select(&["00", "50"][..]), select(&["a", "b", "c"][..]));
    let inlined = prop_oneof![
        2 => Just(Value::Null),
        1 => Just(json!([{ "type": "loopback" }])),
    ];
    let first = prop_oneof![3 => usable("x.conf"), 1 => content("x.conf")];
    (names, inlined, any::<bool>(), first, folder()).prop_map(
        |((stem, network), inlined, only_inlined, first, mut files)| {
            let mut list = json!({ "name": network, "cniVersion": "0.4.0" });
            if !inlined.is_null() {
                list["plugins"] = inlined;
                list["loadOnlyInlinedPlugins"] = only_inlined.into();
            }
            files.push(("00.conf".to_owned(), first));
            let list = Content(list.to_string().into_bytes());
            vec![
                (format!("{stem}.conflist"), Item::File(list)),
                (network.to_owned(), Item::Folder(files)),
            ]
        },
    )
}

/// A whole folder; no two entries have one name.
pub(crate) fn folder_of_configurations() -> impl Strategy<Value = Vec<(String, Item)>> {
    let pair = prop_oneof![7 => Just(Vec::new()), 1 => with_folder()];
    (vec(entry(), 0..7), pair).prop_map(|(mut entries, pair)| {
        entries.extend(pair);
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        entries.dedup_by(|(left, _), (right, _)| left == right);
        entries
    })
}
