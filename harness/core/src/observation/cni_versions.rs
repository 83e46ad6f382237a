//! Which versions of the CNI specification the plugins of each node's configurations say that they support.
//!
//! Only plugins that a configuration names are asked, as the runtime itself asks them: any other program of the folder may
//! do more than answer.

pub(super) mod mutants;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Inability, Observations, Odd, text};
use crate::query::{Output, Query};

/// Prints a line for each plugin that is a program: its name, the status with which it ended, and its answer on one line, a tab
/// between two. The environment and the input are those with which libcni asks.
const SCRIPT: &str = r#"# CNI_COMMAND=VERSION of each plugin of /etc/cni/net.d
cd /opt/cni/bin || exit 1
named='"type"[[:space:]]*:[[:space:]]*"[A-Za-z0-9._-]+"'
grep -ohsE "$named" /etc/cni/net.d/*.conf /etc/cni/net.d/*.conflist /etc/cni/net.d/*.json /etc/cni/net.d/*/*.conf |
    sed 's/.*"\(.*\)"$/\1/' | sort -u | while read -r plugin; do
    [ -f "$plugin" ] && [ -x "$plugin" ] || continue
    answer=$(printf '{"cniVersion":"1.0.0"}' |
        CNI_COMMAND=VERSION CNI_NETNS=dummy CNI_IFNAME=dummy CNI_PATH=dummy timeout 5 "./$plugin" 2>/dev/null)
    printf '%s\t%s\t%s\n' "$plugin" "$?" "$(printf %s "$answer" | tr '\n\t' '  ')"
done
"#;

/// What a plugin said of the versions that it supports, or why that is not known, as a sentence fragment.
pub type Answer = Result<BTreeSet<String>, String>;

/// What a plugin prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    #[serde(default)]
    cni_version: String,
    #[serde(default)]
    supported_versions: Option<BTreeSet<String>>,
}

/// The query for them.
pub fn query() -> Query {
    Query::NodeCommand {
        command: ["sh", "-c", SCRIPT].map(str::to_owned).to_vec(),
    }
}

/// The answers of each node's plugins by name, or why there are none; nothing where nobody asked.
pub fn read(
    observations: &Observations,
) -> BTreeMap<String, Result<BTreeMap<String, Answer>, Inability>> {
    let outputs = observations.by_node(&query()).unwrap_or_default();
    let outputs = outputs.into_iter();
    outputs
        .map(|(node, output)| (node.to_owned(), answers(output)))
        .collect()
}

fn answers(output: &Output) -> Result<BTreeMap<String, Answer>, Inability> {
    let lines = text("versions of plugins", output)?.lines();
    lines
        .map(|line| {
            let read = || {
                let (plugin, rest) = line.split_once('\t')?;
                let (status, printed) = rest.split_once('\t')?;
                Some((plugin.to_owned(), answer(status.parse().ok()?, printed)))
            };
            read().ok_or_else(|| {
                let odd = Odd::new("no plugin with its status and its answer", line);
                let subject = output.subject.to_string();
                Inability::unparsable("versions of plugins", subject, odd.to_string())
            })
        })
        .collect()
}

/// What a plugin's status and its answer to VERSION say, by libcni's rule.
///
/// # Errors
/// Why the answer is none, as a sentence fragment.
pub fn answer(status: i64, printed: &str) -> Answer {
    if status != 0 {
        let odd = Odd::new(format!("it ended with status {status}"), printed);
        return Err(odd.to_string());
    }
    let read = serde_json::from_str::<Printed>(printed);
    let read = read.map_err(|error| Odd::new(error.to_string(), printed).to_string())?;
    match read.supported_versions {
        Some(versions) if !versions.is_empty() && !read.cni_version.is_empty() => Ok(versions),
        // A plugin of the time before the list of versions.
        _ if read.cni_version == "0.2.0" => Ok(["0.1.0", "0.2.0"].map(str::to_owned).into()),
        _ => Err(Odd::new("it names no versions", printed).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::query::Subject;

    #[rstest]
    #[case(0, r#"{"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}"#, Ok(vec!["0.4.0", "1.0.0"]))]
    #[case(0, r#"{"cniVersion": "0.2.0"}"#, Ok(vec!["0.1.0", "0.2.0"]))]
    #[case(
        0,
        r#"{"cniVersion": "1.0.0", "supportedVersions": []}"#,
        Err("it names no versions")
    )]
    #[case(0, r#"{"supportedVersions": ["1.0.0"]}"#, Err("it names no versions"))]
    #[case(0, "calico v3.28.4", Err("not understood: expected value"))]
    #[case(124, "", Err("it ended with status 124"))]
    fn an_answer_is_versions_or_why_there_are_none(
        #[case] status: i64,
        #[case] printed: &str,
        #[case] expected: Result<Vec<&str>, &str>,
    ) {
        match (answer(status, printed), expected) {
            (Ok(versions), Ok(expected)) => assert!(versions.iter().eq(expected)),
            (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
            (answer, expected) => panic!("{answer:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn each_line_is_a_plugins_own() -> anyhow::Result<()> {
        let printed = "bridge\t0\t{\"cniVersion\": \"0.2.0\"}\ncalico\t2\t \n";
        let of = |text: &str| {
            let mut observations = Observations::default();
            let node = Subject::Node("quay-1".to_owned());
            observations.insert(query(), vec![Output::fetched(node, 0, text, "")]);
            read(&observations).remove("quay-1").transpose()
        };
        let answers = of(printed)?.unwrap_or_default();
        assert!(answers["bridge"].is_ok() && answers["calico"].is_err());
        assert_eq!(answers.len(), 2);
        assert_eq!(of("")?, Some(BTreeMap::new()));
        assert!(of("bridge 0").is_err());
        assert!(read(&Observations::default()).is_empty());
        Ok(())
    }
}
