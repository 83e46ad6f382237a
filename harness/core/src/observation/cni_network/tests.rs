//! Files that libcni reads and refuses, and versions and names as it takes them.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn plugins(file_name: &str, text: &str) -> Result<String, String> {
    parse(Libcni::V1_3, file_name, text)
        .map(|list| list.plugins.join(" "))
        .map_err(|invalid| invalid.to_string())
}

#[rstest]
#[case::keys_of_any_case("a.conf", r#"{"NAME": "n", "Type": "loopback"}"#, Ok("loopback"))]
#[case::the_last_key_of_a_single_plugin("a.conf", r#"{"type": "b", "TYPE": "a"}"#, Ok("b"))]
#[case::null_sets_nothing("a.conf", r#"{"name": null, "type": "a", "ipam": null}"#, Ok("a"))]
#[case::ranges_are_the_plugins_matter("a.conf", r#"{"type": "a", "ipam": {"ranges": 1}}"#, Ok("a"))]
#[case::plugins_left_to_the_folder("a.conflist", r#"{"name": "n"}"#, Ok(""))]
#[case::a_switch_as_text(
    "a.conflist",
    r#"{"name": "n", "disableGC": "TRUE", "plugins": [{"type": "a"}]}"#,
    Ok("a")
)]
#[case::nothing(
    "a.conf",
    "null",
    Err("no type; a list of plugins needs a name that ends in .conflist")
)]
#[case::nothing_of_a_list("a.conflist", "null", Err("no name"))]
#[case::list_keys_have_one_case(
    "a.conflist",
    r#"{"Name": "n", "plugins": [{"type": "a"}]}"#,
    Err("no name")
)]
#[case::null_is_no_name_of_a_list(
    "a.conflist",
    r#"{"name": null, "plugins": [{"type": "a"}]}"#,
    Err("name is not a text")
)]
#[case::ipam(
    "a.conf",
    r#"{"type": "a", "ipam": "host-local"}"#,
    Err("ipam is not an object")
)]
#[case::ipam_type(
    "a.conf",
    r#"{"type": "a", "ipam": {"TYPE": 1}}"#,
    Err("ipam is not an object of the right types")
)]
#[case::capabilities(
    "a.conf",
    r#"{"type": "a", "capabilities": {"x": 1}}"#,
    Err("capabilities is not an object of the right types")
)]
#[case::dns(
    "a.conf",
    r#"{"type": "a", "dns": {"search": "x"}}"#,
    Err("dns is not an object of the right types")
)]
#[case::dns_domain(
    "a.conf",
    r#"{"type": "a", "dns": {"domain": 1}}"#,
    Err("dns is not an object of the right types")
)]
#[case::dns_lists("a.conf", r#"{"type": "a", "dns": {"search": ["x", null]}}"#, Ok("a"))]
#[case::previous_result(
    "a.conf",
    r#"{"type": "a", "prevResult": 1}"#,
    Err("prevResult is not an object")
)]
#[case::attachments(
    "a.conf",
    r#"{"type": "a", "CNI.dev/valid-attachments": [null, {"containerID": "c", "ifname": null}]}"#,
    Ok("a")
)]
#[case::attachments_as_an_object(
    "a.conf",
    r#"{"type": "a", "cni.dev/valid-attachments": {"containerID": "c"}}"#,
    Err("cni.dev/valid-attachments is not a list")
)]
#[case::attachments_of_other_things(
    "a.conf",
    r#"{"type": "a", "cni.dev/valid-attachments": ["c"]}"#,
    Err("cni.dev/valid-attachments is not an object")
)]
#[case::an_attachment_without_texts(
    "a.conf",
    r#"{"type": "a", "cni.dev/valid-attachments": [{"ifname": 1}]}"#,
    Err("cni.dev/valid-attachments is not an object of the right types")
)]
#[case::an_empty_list("a.conflist", r#"{"name": "n", "plugins": []}"#, Err("no plugins"))]
#[case::a_switch_off_as_text(
    "a.conflist",
    r#"{"name": "n", "disableCheck": "False", "plugins": [{"type": "a"}]}"#,
    Ok("a")
)]
#[case::an_empty_plugin(
    "a.conflist",
    r#"{"name": "n", "plugins": [null]}"#,
    Err("no type; a list of plugins needs a name that ends in .conflist")
)]
#[case::a_switch_that_is_none(
    "a.conflist",
    r#"{"name": "n", "disableCheck": "no", "plugins": [{"type": "a"}]}"#,
    Err("disableCheck is not true or false")
)]
#[case::only_inlined_without_any(
    "a.conflist",
    r#"{"name": "n", "loadOnlyInlinedPlugins": true}"#,
    Err("no plugins")
)]
fn it_reads_as_libcni_does(
    #[case] file_name: &str,
    #[case] text: &str,
    #[case] expected: Result<&str, &str>,
) {
    let expected = expected.map(str::to_owned).map_err(str::to_owned);
    assert_eq!(plugins(file_name, text), expected);
}

#[rstest]
#[case(r#""cniVersion": "0.3.1""#, Ok("0.3.1"))]
#[case(r#""cniVersion": "9.9.9""#, Ok("9.9.9"))]
#[case(
    r#""cniVersion": "0.4.0", "cniVersions": ["1.0.0", "0.3.1", "9.0.0"]"#,
    Ok("1.0.0")
)]
#[case(r#""cniVersion": "1.0.0", "cniVersions": ["0.3.1"]"#, Ok("1.0.0"))]
#[case(r#""cniVersions": ["0.3.1", "1.0"]"#, Ok("1.0"))]
#[case(r#""cniVersion": "2.0.0", "cniVersions": ["3"]"#, Ok("2.0.0"))]
#[case(r#""cniVersions": []"#, Ok(""))]
#[case(r#""cniVersions": "1.0.0""#, Err("cniVersions is not a list"))]
#[case(
    r#""cniVersions": ["one"]"#,
    Err("cniVersions is not a list of versions")
)]
#[case(
    r#""cniVersions": ["1.0.0.0"]"#,
    Err("cniVersions is not a list of versions")
)]
#[case(r#""cniVersion": null"#, Err("cniVersion is not a text"))]
fn the_version_is_the_highest_that_libcni_knows(
    #[case] keys: &str,
    #[case] expected: Result<&str, &str>,
) {
    let text = format!(r#"{{"name": "n", {keys}, "plugins": [{{"type": "a"}}]}}"#);
    let version = parse(Libcni::V1_3, "a.conflist", &text)
        .map(|list| list.cni_version)
        .map_err(|invalid| invalid.to_string());
    assert_eq!(version, expected.map(str::to_owned).map_err(str::to_owned));
}

#[rstest]
#[case("1.26.4", Libcni::V1_1)]
#[case("1.30.0", Libcni::V1_1)]
#[case("1.31.7", Libcni::V1_2)]
#[case("1.32.1", Libcni::V1_2)]
#[case("1.33.0", Libcni::V1_3)]
#[case("2.0.0", Libcni::V1_3)]
fn each_crio_has_its_libcni(
    #[case] version: &str,
    #[case] expected: Libcni,
) -> Result<(), semver::Error> {
    assert_eq!(Libcni::of_crio(&version.parse()?), expected);
    Ok(())
}

/// What an older libcni does not know, it neither takes nor refuses.
#[rstest]
#[case::plugins_of_a_folder(r#"{"name": "n"}"#, "refused refused taken")]
#[case::a_switch_for_it(
    r#"{"name": "n", "loadOnlyInlinedPlugins": "no", "plugins": [{"type": "a"}]}"#,
    "taken taken refused"
)]
#[case::another_switch(
    r#"{"name": "n", "disableGC": 1, "plugins": [{"type": "a"}]}"#,
    "taken refused refused"
)]
#[case::versions(
    r#"{"name": "n", "cniVersions": 1, "plugins": [{"type": "a"}]}"#,
    "taken refused refused"
)]
#[case::attachments(
    r#"{"name": "n", "plugins": [{"type": "a", "cni.dev/valid-attachments": {}}]}"#,
    "taken refused refused"
)]
fn each_libcni_knows_more(#[case] text: &str, #[case] expected: &str) {
    let words = [Libcni::V1_1, Libcni::V1_2, Libcni::V1_3].map(|libcni| {
        let is_taken = parse(libcni, "a.conflist", text).is_ok();
        if is_taken { "taken" } else { "refused" }
    });
    assert_eq!(words.join(" "), expected);
}

#[test]
fn an_older_libcni_implements_less() -> Result<(), Invalid> {
    let text = r#"{"name": "n", "cniVersions": ["1.1.0", "0.4.0"], "plugins": [{"type": "a"}]}"#;
    let version = |libcni| Ok(parse(libcni, "a.conflist", text)?.cni_version);
    assert_eq!(version(Libcni::V1_1)?, "");
    assert_eq!(version(Libcni::V1_3)?, "1.1.0");
    Ok(())
}

#[rstest]
#[case("a", true)]
#[case("k8s-pod_network.1", true)]
#[case("", false)]
#[case("-a", false)]
#[case("a b", false)]
#[case("a/b", false)]
#[case("netz-ä", false)]
fn a_name_is_of_plain_characters(#[case] name: &str, #[case] expected: bool) {
    assert_eq!(is_name(name), expected);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(name in "a\\.conf(list)?", text in "\\PC{0,200}") {
        prop_assert!(parse(Libcni::V1_3, &name, &text).is_ok() || parse(Libcni::V1_3, &name, &text).is_err());
    }
}
