//! Folders as they are found on nodes, and made-up ones: which network of them CRI-O takes, and why it passes over others.

use jiff::Timestamp;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::observation::cni_versions;

const CALICO: &str = include_str!("../../../testdata/cni/10-calico.conflist");
const MULTUS: &str = include_str!("../../../testdata/cni/70-multus.conf");

/// A file as `find` lists it.
pub(in crate::observation) fn file(name: &str, content: &str) -> Entry {
    Entry {
        name: name.to_owned(),
        kind: Kind::File,
        mode: "0644".to_owned(),
        size: 0,
        modified: Timestamp::UNIX_EPOCH,
        content: Some(content.to_owned()),
        target: None,
        entries: None,
    }
}

fn installed(names: &[&str]) -> Plugins {
    names.iter().copied().collect()
}

fn all() -> Plugins {
    installed(&["bandwidth", "calico", "loopback", "multus", "portmap"])
}

fn select(entries: &[Entry], plugins: &Plugins) -> Selection {
    super::select(Folder::flat(entries), plugins)
}

fn winner(entries: &[Entry]) -> Option<String> {
    select(entries, &all())
        .winner()
        .map(|network| network.file.clone())
}

#[test]
fn the_lowest_name_wins_whatever_the_number_says() {
    let loopback = r#"{"name": "lo", "type": "loopback"}"#;
    assert_eq!(
        winner(&[
            file("70-multus.conf", MULTUS),
            file("200-loopback.conf", loopback),
            file("10-calico.conflist", CALICO),
        ]),
        Some("10-calico.conflist".to_owned())
    );
    // Without Calico's file it is 200, not 70: bytes are compared, not numbers.
    assert_eq!(
        winner(&[
            file("70-multus.conf", MULTUS),
            file("200-loopback.conf", loopback),
        ]),
        Some("200-loopback.conf".to_owned())
    );
    assert_eq!(
        winner(&[
            file("10-calico.conflist", CALICO),
            file("00-multus.conf", MULTUS),
        ]),
        Some("00-multus.conf".to_owned())
    );
}

#[test]
fn other_extensions_and_folders_are_not_seen() {
    let mut folder = file("00-folder.conf", "");
    folder.kind = Kind::Directory;
    let selection = select(
        &[
            file("00-multus.conf.bak", MULTUS),
            file("00-multus.conf.new", MULTUS),
            file("calico-kubeconfig", "secret"),
            folder,
        ],
        &all(),
    );
    assert_eq!(selection, Selection::default());
}

#[test]
fn what_is_not_usable_is_passed_over_with_the_reason() {
    let selection = select(
        &[
            file("00-multus.conf", ""),
            file("01-other.conf", r#"{"name": "other", "type": "flannel"}"#),
            file("10-calico.conflist", CALICO),
            file("70-multus.conf", MULTUS),
            file("80-multus.conf", MULTUS),
            file("90.json", r#"{"type": "loopback"}"#),
        ],
        &all(),
    );
    let networks: Vec<(&str, &str)> = selection
        .networks
        .iter()
        .map(|network| (network.name.as_str(), network.plugin.as_str()))
        .collect();
    assert_eq!(
        networks,
        [
            ("k8s-pod-network", "calico"),
            ("multus-cni-network", "multus"),
            ("90.json", "loopback"),
        ]
    );
    insta::assert_debug_snapshot!(selection.skipped, @r#"
    [
        Skipped {
            file: "00-multus.conf",
            reason: "not JSON: EOF while parsing a value at line 1 column 0",
            twin: None,
        },
        Skipped {
            file: "01-other.conf",
            reason: "plugin flannel is not installed",
            twin: None,
        },
        Skipped {
            file: "80-multus.conf",
            reason: "network multus-cni-network is already that of 70-multus.conf",
            twin: Some(
                Network {
                    name: "multus-cni-network",
                    plugin: "multus",
                    file: "80-multus.conf",
                },
            ),
        },
    ]
    "#);
}

#[test]
fn a_plugin_that_is_not_installed_takes_its_network_out() {
    let folder = [file("10-calico.conflist", CALICO)];
    let mut plugins = all();
    assert!(select(&folder, &plugins).winner().is_some());
    plugins.remove("bandwidth");
    let selection = select(&folder, &plugins);
    assert_eq!(selection.winner(), None);
    assert_eq!(
        selection.skipped[0].reason,
        "plugin bandwidth is not installed"
    );
}

/// With what was asked of two plugins: one that knows one version, one that can't be run.
#[test]
fn a_plugin_that_was_asked_supports_what_it_says() {
    let mut plugins = all();
    let answers = [
        (
            "old",
            r#"{"cniVersion": "0.4.0", "supportedVersions": ["0.4.0"]}"#,
        ),
        ("older", r#"{"cniVersion": "0.2.0"}"#),
        ("listless", r#"{"cniVersion": "0.4.0"}"#),
        ("unversioned", r#"{"supportedVersions": ["0.4.0"]}"#),
        (
            "empty",
            r#"{"cniVersion": "0.2.0", "supportedVersions": []}"#,
        ),
    ];
    for (name, printed) in answers {
        plugins.asked(name, cni_versions::answer(0, printed));
    }
    plugins.asked("mute", cni_versions::answer(126, ""));
    let mute = select(&[file("a.conf", r#"{"type": "mute"}"#)], &plugins);
    assert_eq!(
        mute.skipped[0].reason,
        "plugin mute does not answer VERSION: not understood: it ended with status 126: "
    );
    let usable = |plugin: &str, version: &str| {
        let text = format!(r#"{{"cniVersion": "{version}", "type": "{plugin}"}}"#);
        select(&[file("a.conf", &text)], &plugins)
            .winner()
            .is_some()
    };
    let found = [
        usable("old", "0.4.0"),
        usable("old", "1.0.0"),
        usable("old", ""),
        usable("older", ""),
        usable("mute", ""),
        usable("listless", ""),
        usable("unversioned", "0.4.0"),
        usable("empty", ""),
        usable("loopback", "1.1.0"),
        usable("loopback", "9.9.9"),
    ];
    assert_eq!(
        found,
        [
            true, false, false, true, false, false, false, true, true, false
        ]
    );
}

#[test]
fn a_list_takes_plugins_from_the_folder_with_its_name() {
    let list = [file("a.conflist", r#"{"name": "n"}"#)];
    let plugin_of = |entries: Vec<Entry>| {
        let folders = BTreeMap::from([("n".to_owned(), entries)]);
        let folder = Folder {
            folders: Some(&folders),
            ..Folder::flat(&list)
        };
        let selection = super::select(folder, &all());
        selection.winner().map(|network| network.plugin.clone())
    };
    let loopback = file("b.conf", r#"{"type": "loopback"}"#);
    let calico = file("a.conf", r#"{"type": "calico"}"#);
    let broken = file("c.conf", "{");
    assert_eq!(plugin_of(Vec::new()), None);
    assert_eq!(
        plugin_of(vec![loopback.clone(), calico]),
        Some("calico".to_owned())
    );
    assert_eq!(plugin_of(vec![loopback, broken]), None);
}

/// As a stage lists a node: a link, a device, a large file, and a folder of plugins, each as an entry of the JSON.
#[test]
fn a_listed_folder_is_judged_with_its_links_devices_and_folders() -> Result<(), serde_json::Error> {
    let entries = |early: &str| -> Result<Vec<Entry>, serde_json::Error> {
        serde_json::from_str(&format!(
            r#"[{early},
            {{"name": "20-harbour.conflist", "kind": "file", "mode": "0600", "size": 9, "modified": "2026-03-02T07:00:00Z",
              "content": "{{\"name\": \"harbour\", \"plugins\": [{{\"type\": \"calico\"}}]}}"}}]"#
        ))
    };
    let winner = |early: &str, libcni: Libcni| {
        let entries = entries(early)?;
        let folders = folders(&entries);
        let folder = Folder {
            folders: Some(&folders),
            libcni,
            ..Folder::flat(&entries)
        };
        let selection = super::select(folder, &all());
        let skipped = selection
            .skipped
            .first()
            .map(|skipped| skipped.reason.clone());
        let winner = selection
            .winner()
            .map(|winner| format!("{} ({})", winner.name, winner.plugin));
        Ok::<_, serde_json::Error>((winner.unwrap_or_default(), skipped.unwrap_or_default()))
    };
    let said = |winner: &str, skipped: &str| (winner.to_owned(), skipped.to_owned());
    let begin = |kind: &str| {
        format!(
            r#""kind": "{kind}", "mode": "0777", "size": 7, "modified": "2026-03-02T07:00:00Z""#
        )
    };
    let linked = format!(
        r#"{{"name": "05-quay.conf", {}, "target": {{"file": {{"mode": "0644", "size": 9}}}}, "content": "{{\"name\": \"quay\", \"type\": \"loopback\"}}"}}"#,
        begin("link")
    );
    assert_eq!(winner(&linked, Libcni::V1_3)?, said("quay (loopback)", ""));
    let gone = format!(
        r#"{{"name": "05-quay.conf", {}, "target": "missing"}}"#,
        begin("link")
    );
    assert_eq!(
        winner(&gone, Libcni::V1_3)?,
        said("harbour (calico)", "it is a link to nothing")
    );
    for kind in ["other", "socket"] {
        let special = format!(r#"{{"name": "05-quay.conf", {}}}"#, begin(kind));
        assert_eq!(
            winner(&special, Libcni::V1_3)?,
            said("harbour (calico)", "it is a device, a socket or a pipe")
        );
    }
    let in_folder = format!(
        r#"{{"name": "05-quay.conflist", {}, "content": "{{\"name\": \"quay\"}}"}},
        {{"name": "quay", {}, "entries": [{{"name": "1.conf", {}, "content": "{{\"type\": \"loopback\"}}"}}]}}"#,
        begin("file"),
        begin("directory"),
        begin("file")
    );
    assert_eq!(
        winner(&in_folder, Libcni::V1_3)?,
        said("quay (loopback)", "")
    );
    assert_eq!(
        winner(&in_folder, Libcni::V1_2)?,
        said("harbour (calico)", "no plugins")
    );
    Ok(())
}

#[test]
fn what_an_agent_has_renamed_is_not_seen() {
    let selection = select(
        &[
            file("00-multus.conf.agent_saved", MULTUS),
            file(
                "05-agent.conflist",
                r#"{"name": "agent", "plugins": [{"type": "loopback"}]}"#,
            ),
        ],
        &all(),
    );
    assert_eq!(selection.networks.len(), 1);
    assert_eq!(selection.networks[0].name, "agent");
    assert_eq!(selection.skipped, []);
}

/// How a program lies in the folder decides whether it can be asked for its versions.
#[rstest]
#[case::program(r#""kind": "file", "mode": "0755", "size": 9"#, "")]
#[case::for_its_group(r#""kind": "file", "mode": "0010", "size": 9"#, "")]
#[case::empty(
    r#""kind": "file", "mode": "0755", "size": 0"#,
    "plugin ferry is an empty file"
)]
#[case::no_program(
    r#""kind": "file", "mode": "0644", "size": 9"#,
    "plugin ferry is not executable"
)]
#[case::link(r#""kind": "link", "mode": "0777", "size": 9"#, "")]
#[case::link_to_a_program(
    r#""kind": "link", "mode": "0777", "size": 9, "target": {"file": {"mode": "0755", "size": 9}}"#,
    ""
)]
#[case::link_to_no_program(
    r#""kind": "link", "mode": "0777", "size": 9, "target": {"file": {"mode": "0600", "size": 9}}"#,
    "plugin ferry is not executable"
)]
#[case::link_to_nothing(
    r#""kind": "link", "mode": "0777", "size": 9, "target": "missing""#,
    "plugin ferry is a link to nothing"
)]
#[case::link_to_a_folder(
    r#""kind": "link", "mode": "0777", "size": 9, "target": "directory""#,
    "plugin ferry is not installed"
)]
#[case::folder(
    r#""kind": "directory", "mode": "0755", "size": 4096"#,
    "plugin ferry is not installed"
)]
#[case::pipe(
    r#""kind": "pipe", "mode": "0755", "size": 0"#,
    "plugin ferry is not installed"
)]
fn a_plugin_must_be_a_program(
    #[case] entry: &str,
    #[case] reason: &str,
) -> Result<(), serde_json::Error> {
    let entry = format!(r#"{{"name": "ferry", "modified": "2026-03-02T07:00:00Z", {entry}}}"#);
    let plugins = Plugins::listed(&[serde_json::from_str(&entry)?]);
    let selection = select(&[file("a.conf", r#"{"type": "ferry"}"#)], &plugins);
    let skipped = selection
        .skipped
        .first()
        .map(|skipped| skipped.reason.as_str());
    assert_eq!(skipped.unwrap_or_default(), reason);
    assert_eq!(selection.networks.is_empty(), !reason.is_empty());
    Ok(())
}

#[test]
fn a_list_without_a_name_takes_the_folder_itself() {
    let unnamed = r#"{"name": "", "plugins": [{"type": "loopback"}]}"#;
    let list = file("a.conflist", unnamed);
    let good = file("b.conf", r#"{"type": "calico", "name": "b"}"#);
    let bad = file("c.conf", "{");
    let winner = winner(&[list.clone(), good.clone()]);
    assert_eq!(winner, Some("a.conflist".to_owned()));
    let winner = self::winner(&[list, good, bad]);
    assert_eq!(winner, Some("b.conf".to_owned()));
}

#[test]
fn a_list_whose_name_leads_to_a_file_is_refused() {
    let list = |name: &str| {
        let text = format!(r#"{{"name": "{name}", "plugins": [{{"type": "loopback"}}]}}"#);
        file("a.conflist", &text)
    };
    let is_refused = |name: &str| winner(&[list(name), file("b", "")]).is_none();
    let names = ["b", "b/c", "./b", "c/../b", "c", "c/b", "../b"];
    let refused: Vec<&str> = names.into_iter().filter(|name| is_refused(name)).collect();
    assert_eq!(refused, ["b", "b/c", "./b", "c/../b"]);
    // A link to nowhere is no file, and no folder either.
    let mut link = file("b", "");
    link.content = None;
    assert_eq!(winner(&[list("b"), link]), Some("a.conflist".to_owned()));
}

proptest! {
    /// Against a model that asks every other file whether it would come first.
    #[test]
    fn the_winner_is_the_least_usable_file(
        names in proptest::collection::btree_set("[0-9a-c]{1,3}-[a-c]\\.(conf|conflist|json|bak)", 0..8),
        broken in proptest::collection::vec(any::<bool>(), 8),
    ) {
        let entries: Vec<Entry> = names
            .iter()
            .zip(&broken)
            .map(|(name, broken)| {
                let text = match (broken, name.ends_with(".conflist")) {
                    (true, _) => "{".to_owned(),
                    (false, true) => format!(r#"{{"name": "of {name}", "plugins": [{{"type": "calico"}}]}}"#),
                    (false, false) => format!(r#"{{"name": "of {name}", "type": "calico"}}"#),
                };
                file(name, &text)
            })
            .rev()
            .collect();
        let good = |entry: &&Entry| entry.content.as_deref() != Some("{") && !entry.name.ends_with("bak");
        let model = entries.iter().filter(good).find(|candidate| {
            entries
                .iter()
                .filter(good)
                .all(|other| candidate.name.as_bytes() <= other.name.as_bytes())
        });
        prop_assert_eq!(winner(&entries), model.map(|entry| entry.name.clone()));
    }
}
