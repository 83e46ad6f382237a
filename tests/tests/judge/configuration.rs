//! Configurations of every kind that CRI-O may be given, and a folder's entries made of them.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// What stands in a file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Content(pub(crate) Vec<u8>);

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A regular file.
    File(Content),
    /// A link to a file outside of the folder.
    Link(Content),
    /// A link to nothing.
    DanglingLink,
    /// A link to a folder that holds these files.
    LinkToFolder(Vec<(String, Content)>),
    /// A folder that holds these files.
    Folder(Vec<(String, Content)>),
}

impl std::fmt::Debug for Content {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "`{}`",
            String::from_utf8_lossy(&self.0).escape_debug()
        )
    }
}

const VERSIONS: [&str; 11] = [
    "", "0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0", "9.9.9", "1.0", "v1.0.0",
];
/// The same names again and again, so that files meet; some are those of folders, some are none for libcni.
const NETWORKS: [&str; 12] = [
    "a",
    "b",
    "c",
    "A",
    "k8s-pod-network",
    "net_1.x",
    "10",
    "",
    "two words",
    "a/b",
    "ü",
    "10-a.conf",
];
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
/// The first of a chain; these four are the reference plugins that stand alone.
const FIRST: [&str; 13] = [
    "ptp",
    "ptp",
    "bridge",
    "bridge",
    "loopback",
    "loopback",
    "old",
    "old",
    "absent",
    "mute",
    "not-executable",
    "folder",
    "linked",
];
const ODD_TYPES: [&str; 5] = ["Ptp", "../bin/old", "", ".", "dangling"];
const CHAINED: [&str; 3] = ["portmap", "tuning", "absent"];

/// Texts that are no configuration, or one against all appearance.
const TEXTS: [&str; 16] = [
    "",
    " \n",
    "{",
    "[]",
    "null",
    "{}",
    "0",
    "\"type\"",
    "{'type': 'loopback'}",
    "{\"type\": \"loopback\",}",
    "{\"type\": \"loopback\"} {}",
    "{\"type\": \"loopback\", \"TYPE\": \"absent\"}",
    "{\"TYPE\": \"absent\", \"type\": \"loopback\"}",
    "{\"type\": \"absent\", \"Type\": \"loopback\", \"name\": \"twice\"}",
    "# comment\n{\"type\": \"loopback\"}",
    "{\"name\": \"n\", \"type\": \"loopback\", \"plugins\": [{\"type\": \"loopback\"}]}",
];

/// Keys that replace or are added to those of a configuration or of its first plugin.
fn odd_keys() -> impl Strategy<Value = (&'static str, Value)> {
    select(vec![
        ("name", json!(null)),
        ("name", json!(1)),
        ("cniVersion", json!(null)),
        ("cniVersion", json!(1.0)),
        ("cniVersions", json!(["0.4.0", "1.0.0"])),
        ("cniVersions", json!(["9.0.0"])),
        ("cniVersions", json!(["x"])),
        ("cniVersions", json!([])),
        ("cniVersions", json!("1.0.0")),
        ("type", json!(null)),
        ("type", json!(7)),
        ("Type", json!("loopback")),
        ("NAME", json!("loud")),
        ("plugins", json!([])),
        ("plugins", json!({})),
        ("plugins", json!(null)),
        ("plugins", json!([null])),
        ("plugins", json!(["loopback"])),
        ("disableCheck", json!("TRUE")),
        ("disableCheck", json!("no")),
        ("disableGC", json!(0)),
        ("loadOnlyInlinedPlugins", json!(true)),
        ("loadOnlyInlinedPlugins", json!("False")),
        ("ipam", json!("host-local")),
        ("ipam", json!({ "type": 1 })),
        ("ipam", json!(null)),
        ("capabilities", json!({ "portMappings": "yes" })),
        ("capabilities", json!({ "portMappings": true })),
        ("dns", json!({ "nameservers": "10.0.0.1" })),
        ("dns", json!({ "domain": null, "search": ["x"] })),
        ("prevResult", json!([])),
    ])
}

/// One plugin; its addresses tell which file it stands in.
fn plugin(kind: &str, subnet: u8) -> Value {
    match kind {
        "ptp" => json!({ "type": "ptp", "ipam": ipam(subnet) }),
        "bridge" => {
            json!({ "type": "bridge", "bridge": format!("judge{subnet}"), "ipam": ipam(subnet) })
        }
        _ => json!({ "type": kind }),
    }
}

fn ipam(subnet: u8) -> Value {
    json!({ "type": "host-local", "subnet": format!("10.77.{subnet}.0/24") })
}

fn network_name() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => select(&NETWORKS[..7]), 2 => select(&NETWORKS[7..])]
}

fn version() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        3 => Just(None),
        4 => select(&["0.4.0", "1.0.0"][..]).prop_map(Some),
        2 => select(&VERSIONS[..]).prop_map(Some),
    ]
}

fn first_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![9 => select(&FIRST[..]), 1 => select(&ODD_TYPES[..])]
}

fn chained_types() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        5 => Just(Vec::new()),
        1 => vec(select(&CHAINED[..]), 1..3),
    ]
}

/// A well-formed configuration, as a list or as a single plugin.
fn well_formed(is_list: bool) -> impl Strategy<Value = Value> {
    (
        network_name(),
        version(),
        first_type(),
        chained_types(),
        any::<u8>(),
    )
        .prop_map(move |(name, version, first, chained, subnet)| {
            let first = plugin(first, subnet);
            let mut configuration = if is_list {
                let others = chained.into_iter().map(|kind| plugin(kind, subnet));
                let plugins: Vec<Value> = std::iter::once(first).chain(others).collect();
                json!({ "name": name, "plugins": plugins })
            } else {
                let mut single = first;
                if !name.is_empty() {
                    single["name"] = name.into();
                }
                single
            };
            if let Some(version) = version {
                configuration["cniVersion"] = version.into();
            }
            configuration
        })
}

/// A configuration with some keys that it should not have.
fn odd(is_list: bool) -> impl Strategy<Value = Value> {
    (
        well_formed(is_list),
        vec(odd_keys(), 1..3),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(mut configuration, keys, in_plugin, without)| {
            for (key, value) in keys {
                let target = if in_plugin && configuration["plugins"][0].is_object() {
                    &mut configuration["plugins"][0]
                } else {
                    &mut configuration
                };
                target[key] = value;
            }
            // A list that leaves its plugins to a folder.
            if let (true, Some(list)) = (without, configuration.as_object_mut()) {
                list.remove("plugins");
            }
            configuration
        })
}

/// Whole texts, some of them damaged.
fn damaged(is_list: bool) -> impl Strategy<Value = Vec<u8>> {
    (well_formed(is_list), 0..5_u8, any::<prop::sample::Index>()).prop_map(|(value, kind, at)| {
        let text = value.to_string();
        match kind {
            0 => text.as_bytes()[..at.index(text.len())].to_vec(),
            1 => format!("\u{feff}{text}").into_bytes(),
            2 => format!("{text}\n}}").into_bytes(),
            // Bytes that are not UTF-8, inside of a text and outside of one.
            3 => {
                let rest = text.trim_start_matches('{').as_bytes();
                [&br#"{"x": ""#[..], &[0xff, 0xfe], br#"","#, rest].concat()
            }
            _ => [text.as_bytes(), &[0xff]].concat(),
        }
    })
}

/// What may stand in a file of a name.
pub(crate) fn content(name: &str) -> BoxedStrategy<Content> {
    // Now and then a list stands where a single plugin belongs, and the other way round.
    let is_list = name.ends_with(".conflist");
    let text = |value: Value| value.to_string().into_bytes();
    prop_oneof![
        12 => well_formed(is_list).prop_map(text),
        8 => usable(name).prop_map(|Content(bytes)| bytes),
        1 => well_formed(!is_list).prop_map(text),
        3 => odd(is_list).prop_map(text),
        1 => damaged(is_list),
        1 => select(&TEXTS[..]).prop_map(|text| text.as_bytes().to_vec()),
    ]
    .prop_map(Content)
    .boxed()
}

/// A configuration that CRI-O takes.
pub(crate) fn usable(name: &str) -> BoxedStrategy<Content> {
    let is_list = name.ends_with(".conflist");
    (
        select(&NETWORKS[..7]),
        select(&["ptp", "bridge", "loopback", "old"][..]),
        any::<u8>(),
    )
        .prop_map(move |(network, kind, subnet)| {
            let mut single = plugin(kind, subnet);
            let configuration = if is_list {
                json!({ "cniVersion": "0.4.0", "name": network, "plugins": [single] })
            } else {
                single["name"] = network.into();
                single["cniVersion"] = "0.4.0".into();
                single
            };
            Content(configuration.to_string().into_bytes())
        })
        .boxed()
}

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
