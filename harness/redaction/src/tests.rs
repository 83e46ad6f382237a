use proptest::prelude::*;
use serde_json::{Value, json};

use super::redact;

const JWT: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IkEifQ.eyJpc3MiOiJrdWJlcm5ldGVzIiwic3ViIjoibXVsdHVzIn0.c2lnbmF0dXJl-_8";

#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(redact(text), expected);
    assert_eq!(redact(expected), expected, "a second time changes nothing");
}

#[test]
fn a_jwt_goes_wherever_it_stands() {
    becomes(
        &format!("msg=\"token is {JWT}.\" node=x{JWT}"),
        "msg=\"token is [redacted].\" node=x[redacted]",
    );
}

#[test]
fn a_bearer_token_goes_and_prose_stays() {
    becomes(
        "Authorization: Bearer 0123456789abcdef\nauthorization: bearer short\nbearer authentication failed",
        "Authorization: Bearer [redacted]\nauthorization: bearer [redacted]\nbearer authentication failed",
    );
    becomes(
        r#"{"Authorization": "Basic dXNlcg=="}, curl -H 'Authorization: Token abc'"#,
        r#"{"Authorization": "Basic [redacted]"}, curl -H 'Authorization: Token [redacted]'"#,
    );
}

#[test]
fn private_keys_go_and_certificates_stay() {
    becomes(
        "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nafter",
        "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\nafter",
    );
    becomes(
        r#"{"key":"-----BEGIN PRIVATE KEY-----\nMIIE\n"#,
        r#"{"key":"-----BEGIN PRIVATE KEY-----[redacted]"#,
    );
    becomes(
        "a: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=\nb: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
        "a: [redacted]\nb: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
    );
}

#[test]
fn credentials_of_a_kubeconfig_go_and_the_rest_stays() {
    becomes(
        "users:\n- name: admin\n  user:\n    client-certificate-data: QUJD\n    client-key-data: |\n      QUJD\n      REVG\n    token: abc.def # of today\n    \n- token: \"a \\\" b\"\n  password:\n    secret\n  as: admin\nclusters:\n- cluster:\n    certificate-authority-data: QUJD\n    server: https://10.96.0.1:443\n",
        "users:\n- name: admin\n  user:\n    client-certificate-data: [redacted]\n    client-key-data: |\n      [redacted]\n      [redacted]\n    token: [redacted]\n    \n- token: \"[redacted]\"\n  password:\n    [redacted]\n  as: admin\nclusters:\n- cluster:\n    certificate-authority-data: QUJD\n    server: https://10.96.0.1:443\n",
    );
}

#[test]
fn credentials_inside_json_go_at_any_depth_of_quoting() {
    becomes(
        r#"{"token": "abc", "user": {token: abc, as: x}, "config": "users:\n- user:\n    token: abc\ntoken: abc\nname: x", "inner": "{\"token\":\"a\\\"bc\",\"name\":\"x\"}"}"#,
        r#"{"token": "[redacted]", "user": {token: [redacted], as: x}, "config": "users:\n- user:\n    token: [redacted]\ntoken: [redacted]\nname: x", "inner": "{\"token\":\"[redacted]\",\"name\":\"x\"}"}"#,
    );
}

#[test]
fn flags_go_and_words_stay() {
    becomes(
        "kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:00 --token=abc",
        "kubeadm join 10.0.0.1:6443 --token [redacted] --discovery-token-ca-cert-hash sha256:00 --token=[redacted]",
    );
    let prose = "the token: it was read\nfailed to read token:\n  properties:\n    token:\n      type: string\nunexpected token in line 3\ntoken: [a]\n";
    becomes(prose, prose);
}

#[test]
fn data_of_secrets_in_yaml_goes_whatever_the_order_of_keys() {
    becomes(
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    ca.crt: QUJD\n    # why\n    long: |\n      more\n    empty: \"\"\n  kind: Secret\n  metadata:\n    name: a\n- apiVersion: v1\n  data:\n    key: value\n  kind: ConfigMap\nkind: List\n---\nkind: Secret\nstringData: {a: b}\n---\nkind: ConfigMap\ndata:\n  a: b\n",
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    ca.crt: [redacted]\n    # why\n    long: |\n      [redacted]\n    empty: \"\"\n  kind: Secret\n  metadata:\n    name: a\n- apiVersion: v1\n  data:\n    key: value\n  kind: ConfigMap\nkind: List\n---\nkind: Secret\nstringData: [redacted]\n---\nkind: ConfigMap\ndata:\n  a: b\n",
    );
}

#[test]
fn data_of_secrets_in_json_goes_also_cut_off_and_quoted() {
    becomes(
        r#"it's 5" long {"items":[{"data":{"a":"QUJD","b":"RE"},"kind":"Secret"},{"kind":"ConfigMap","data":{"a":"b"}}]}"#,
        r#"it's 5" long {"items":[{"data":{"a":"[redacted]","b":"[redacted]"},"kind":"Secret"},{"kind":"ConfigMap","data":{"a":"b"}}]}"#,
    );
    becomes(
        "5\" long\n{\"items\": [{\"data\": {\"a\": \"QUJD\", \"b\": \"R\\\"E\"}, \"kind\": \"Secret\"},\n {\"kind\": \"ConfigMap\", \"data\": {\"a\": \"b\"}}]}",
        "5\" long\n{\"items\": [{\"data\": {\"a\": \"[redacted]\", \"b\": \"[redacted]\"}, \"kind\": \"Secret\"},\n {\"kind\": \"ConfigMap\", \"data\": {\"a\": \"b\"}}]}",
    );
    becomes(
        r#"{"kind":"SecretList","items":[{"data":{"a":"QUJD"}},{"data":{"a":"RE"#,
        r#"{"kind":"SecretList","items":[{"data":{"a":"[redacted]"}},{"data":{"a":"[redacted]"#,
    );
    becomes(
        r#"{"last-applied": "{\"data\":{\"a\":\"QUJD\"},\"kind\":\"Secret\",\"x\":\"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"b\\\":\\\"RE\\\"}}\"}", "data": {"a": "b"}}"#,
        r#"{"last-applied": "{\"data\":{\"a\":\"[redacted]\"},\"kind\":\"Secret\",\"x\":\"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"b\\\":\\\"[redacted]\\\"}}\"}", "data": {"a": "b"}}"#,
    );
}

#[test]
fn passwords_in_urls_go_and_other_urls_stay() {
    becomes(
        "https://user:p@ss@example.org/a@b http://[::1]:443/x@y ssh://git@example.org \"http://a:b@c\"",
        "https://[redacted]@example.org/a@b http://[::1]:443/x@y ssh://git@example.org \"http://[redacted]@c\"",
    );
}

#[test]
fn outputs_without_secrets_stay_to_the_byte() {
    for text in [
        include_str!("../../core/testdata/record/passed.json"),
        include_str!("../../core/testdata/record/failed.json"),
        "default via 10.1.128.2 dev net1 \n10.0.0.0/8 via 169.254.1.1 dev eth0 \r\n",
        "{\n  \"kubeconfig\": \"/etc/cni/net.d/multus.d/multus.kubeconfig\"\n}",
    ] {
        assert_eq!(redact(text), text);
    }
}

/// What every shape holds and no redacted one may.
const WITHHELD: &str = "W1THH3LD";

fn texts(file: &str) -> Vec<String> {
    serde_json::from_str(file).unwrap_or_default()
}

/// A text as it may stand in an output: alone, among lines, in JSON once and twice quoted, in a log's line.
fn places(text: &str) -> Vec<String> {
    let quoted = serde_json::json!({ "message": text }).to_string();
    let twice = serde_json::json!([{ "log": quoted, "count": 1 }]).to_string();
    vec![
        text.to_owned(),
        format!("before\n{text}\nafter"),
        format!(
            "{:#}",
            serde_json::json!({ "lines": [text], "kind": "Pod" })
        ),
        quoted,
        twice,
    ]
}

#[test]
fn a_hundred_shapes_go_in_every_place() {
    let shapes = texts(include_str!("../testdata/shapes.json"));
    assert!(shapes.len() > 200, "{}", shapes.len());
    let mut left = Vec::new();
    for text in shapes.iter().flat_map(|shape| places(shape)) {
        let redacted = redact(&text);
        if redacted.contains(WITHHELD) {
            left.push(format!("{text:?} => {redacted:?}"));
        }
        assert_eq!(redact(&redacted), redacted, "a second time changes nothing");
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        assert!(
            !is_json(&text) || is_json(&redacted),
            "{text} => {redacted}"
        );
    }
    assert!(
        left.is_empty(),
        "{}\n{} are left",
        left.join("\n"),
        left.len()
    );
}

#[test]
fn a_mark_in_flow_form_is_no_list_of_a_text() {
    becomes(
        "{kind: Secret, data: {a: S3CRET}}",
        "{kind: Secret, data: {a: [redacted]}}",
    );
    becomes(
        "{kind: Secret, stringData: {a: [S3CRET, 'x'], b: S3CRET}}",
        "{kind: Secret, stringData: {a: [[redacted], '[redacted]'], b: [redacted]}}",
    );
    becomes(
        "{kind: SecretList, items: [{data: {a: S3CRET}}]}",
        "{kind: SecretList, items: [{data: {a: [redacted]}}]}",
    );
}

#[test]
fn what_is_no_secret_stays_in_every_place() {
    let innocent = texts(include_str!("../testdata/innocent.json"));
    assert!(innocent.len() > 60, "{}", innocent.len());
    for text in innocent.iter().flat_map(|text| places(text)) {
        assert_eq!(redact(&text), text);
    }
}

/// Whether two values have the same keys and kinds of values in the same places.
fn has_form_of(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| {
                    other
                        .get(key)
                        .is_some_and(|other| has_form_of(value, other))
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| has_form_of(one, other))
        }
        (Value::String(_), Value::String(_)) => true,
        (one, other) => one == other,
    }
}

#[track_caller]
fn keeps_its_form(value: &Value) {
    for text in [value.to_string(), format!("{value:#}")] {
        let redacted = redact(&text);
        let read = serde_json::from_str(&redacted);
        assert!(
            read.is_ok_and(|read| has_form_of(&read, value)),
            "{text} => {redacted}"
        );
    }
}

#[test]
fn a_value_that_ends_with_what_a_secret_begins_with_ends_there() {
    for end in [
        "password=",
        "password: ",
        "the password ",
        "token:",
        "apiKey=>",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
        "Authorization: Digest response=",
        "Authorization:",
        "Cookie: a=",
        "give --password",
        "curl -u",
        "curl -u ",
        "mysql -p",
        "password='tide",
        "name=DB_PASSWORD value=",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2ln\n",
        "kind: Secret\ndata:\n  a: W1",
    ] {
        keeps_its_form(
            &json!({ "observed": end, "subject": "it's a:b", "why": ["x", "-----END PRIVATE KEY-----", "y'"] }),
        );
        keeps_its_form(&json!([end, { "why": end }, end, "last"]));
        keeps_its_form(&json!({ "log": json!({ "a": end, "b": "c" }).to_string(), "next": "d" }));
    }
}

/// What a text is made of: ordinary words and the beginnings, middles and ends of all that the rules look at.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<char>().prop_map(String::from),
        "[a-z0-9 ]{0,6}",
        prop::sample::select(vec![
            "\n",
            "\n  ",
            "\n- ",
            "\n    ",
            "\\n",
            "\"",
            "\\\"",
            "\\\\\\\"",
            "'",
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            ",",
            "token",
            "token: ",
            "\"token\":\"",
            "\\\"token\\\":\\\"",
            "password: |\n",
            "client-key-data: ",
            "--token ",
            "--token=",
            "kind: Secret\n",
            "data:\n",
            "data: ",
            "\"kind\":\"Secret\"",
            "\"data\":{",
            "stringData:\n  a: b\n",
            "Authorization: ",
            "Authorization: Digest response=",
            "Cookie: a=b; c=",
            "password=",
            "password ",
            "password='",
            "PASSWORD=>",
            "key='API_KEY' value=",
            "--password",
            "-u ",
            "mysql -p",
            "? kind\n: Secret\n",
            "=",
            "==",
            "Basic ",
            "Bearer ",
            "bearer",
            "https://",
            "a:b@c",
            "@",
            "eyJhbGciOiJI",
            ".eyJzdWIiOiJ",
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----END RSA PRIVATE KEY-----",
            "-----",
            "LS0tLS1CRUdJTi",
            "---\n",
            "[redacted]",
            "null",
            "0123456789abcdef",
            "pass",
            "pass: ",
            "\"pass\":",
            "set password ",
            "enable secret 5 ",
            "snmp-server community ",
            "--creds a:",
            "/bot123456789:",
            "| ",
            "-> ",
            "ENC ",
            "\u{1b}[0m",
            "\u{1b}",
            "\u{1b}]8;;",
            "\u{200b}",
            "hunter2",
        ])
        .prop_map(str::to_owned),
        Just(JWT.to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_token_survives(pieces in prop::collection::vec(piece(), 0..30), at in any::<prop::sample::Index>()) {
        let mut pieces = pieces;
        pieces.insert(at.index(pieces.len() + 1), JWT.to_owned());
        let redacted = redact(&pieces.concat());
        prop_assert!(!redacted.contains(JWT), "{redacted}");
        for part in JWT.split('.').take(2) {
            prop_assert!(!redacted.contains(part), "{redacted}");
        }
    }

    #[test]
    fn json_keeps_its_form(values in prop::collection::vec(prop::collection::vec(piece(), 0..6), 3..4)) {
        let [a, b, c] = [0, 1, 2].map(|index| values[index].concat());
        keeps_its_form(&json!({ "observed": a, "why": [b, "x"], "then": { "subject": c, "count": 3 } }));
    }

    #[test]
    fn a_second_time_changes_nothing(pieces in prop::collection::vec(piece(), 0..30)) {
        let once = redact(&pieces.concat());
        prop_assert_eq!(redact(&once), once);
    }

    #[test]
    fn a_private_key_never_survives(before in prop::collection::vec(piece(), 0..10), after in prop::collection::vec(piece(), 0..10)) {
        let key = "MIIEpAIBAAKCAQEA7bq3";
        let text = format!("{}-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----{}", before.concat(), after.concat());
        prop_assert!(!redact(&text).contains(key));
    }

    #[test]
    fn data_of_a_secret_never_survives_after_a_whole_line(before in prop::collection::vec(piece(), 0..10)) {
        let text = format!("{}\n---\nkind: Secret\ndata:\n  a: c2VjcmV0Cg\n", before.concat());
        prop_assert!(!redact(&text).contains("c2VjcmV0Cg"));
    }
}

#[test]
fn time_is_linear_for_texts_that_look_like_beginnings_of_secrets() {
    for beginning in [
        "eyJ",
        "eyJaaaaaaaaaa.",
        "-----BEGIN RSA PRIVATE KEY-----",
        "{\"kind\":\"Secret\",\"data\":{\"a\":\"b\",\"c\":",
        "token: |\n ",
        "\\\"token\\\":\\\"",
        "https://a:",
        "Bearer ",
        "- - data:\n",
        "\"",
        "\\",
        "set password ",
        "| password ",
        "password 5 ",
        "pass: ",
        "/bot123456789:",
        "\u{1b}[",
        "\u{1b}]",
        "\u{200b}pass",
    ] {
        // A quadratic rule would need minutes for these three megabytes; the test's own time limit would end it.
        let text = beginning.repeat(3_000_000 / beginning.len());
        assert!(redact(&text).len() <= 4 * text.len());
    }
}
