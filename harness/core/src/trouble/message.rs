//! What components are known to say while a pod's sandbox is made, as data beside the catalogue: messages that pass by
//! themselves, and messages that no waiting mends.
//!
//! A message that is not listed is neither: what is under way then decides.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::Deserialize;

use crate::problem::{Problems, SourceText};
use crate::version::is_meant_for;
use crate::yaml;

/// All known messages, as `kind/messages.yaml` is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownMessages {
    messages: Vec<KnownMessage>,
}

/// One known message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownMessage {
    /// The component that says it.
    pub component: String,
    /// The versions that say it.
    pub versions: VersionReq,
    /// The parts that a message of this kind has, in this order, with anything between them.
    pub says: Vec<String>,
    /// What becomes of it.
    pub ends: Ending,
    /// What it means, as a sentence fragment.
    pub because: String,
    /// Where upstream shows it.
    pub reference: String,
}

/// What becomes of a state that a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The component is on its way, and the state ends when it has arrived.
    ByItself,
    /// Nothing that is under way ends it.
    Never,
}

impl KnownMessages {
    /// Reads the data; `file` is its path as the user knows it, and stands in the problems.
    ///
    /// # Errors
    /// What is wrong with the text, with places: also a message without parts or with an empty one, as that would be
    /// every message.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = SourceText::new(file, text);
        yaml::from_text_with(&source, |known: &Self, tree, reading| {
            for (index, message) in known.messages.iter().enumerate() {
                if message.says.is_empty() || message.says.iter().any(|part| part.trim().is_empty())
                {
                    let node = tree.key("messages").item(index);
                    reading.problem_with_hint(
                        node.key_span("says"),
                        "this would be every message",
                        "give the words that the component always uses",
                    );
                }
            }
        })
    }

    /// What is known of a message on a cluster that is made of these versions: the first entry that fits.
    pub fn find(
        &self,
        message: &str,
        components: &BTreeMap<String, Version>,
    ) -> Option<&KnownMessage> {
        self.messages.iter().find(|known| {
            components
                .get(&known.component)
                .is_some_and(|version| is_meant_for(&known.versions, version))
                && known.is(message)
        })
    }
}

impl KnownMessage {
    fn is(&self, message: &str) -> bool {
        let mut rest = Some(message);
        for part in &self.says {
            rest = rest.and_then(|rest| rest.split_once(part.as_str()).map(|(_, after)| after));
        }
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = r#"
messages:
  - component: weaver
    versions: ">=2.0.0"
    says: ["stat /var/lib/", ": no such file"]
    ends: by-itself
    because: the daemon writes the file when it is up
    reference: "weaver #7"
"#;

    fn components(version: &str) -> anyhow::Result<BTreeMap<String, Version>> {
        Ok(BTreeMap::from([("weaver".to_owned(), version.parse()?)]))
    }

    #[rstest]
    #[case::of_the_version(
        "2.1.0",
        "plugin failed: stat /var/lib/weaver: no such file or directory",
        true
    )]
    #[case::of_an_older_version(
        "1.9.0",
        "plugin failed: stat /var/lib/weaver: no such file or directory",
        false
    )]
    #[case::in_another_order("2.1.0", ": no such file, said stat /var/lib/", false)]
    #[case::of_another_kind("2.1.0", "connection refused", false)]
    fn a_message_is_known_by_its_parts_and_the_version(
        #[case] version: &str,
        #[case] message: &str,
        #[case] expected: bool,
    ) -> anyhow::Result<()> {
        let known = KnownMessages::parse("messages.yaml", TEXT)?;
        let found = known.find(message, &components(version)?);
        assert_eq!(found.is_some(), expected);
        Ok(())
    }

    #[rstest]
    #[case("[]")]
    #[case("[\"\"]")]
    #[case("[\"stat\", \" \"]")]
    fn what_would_be_every_message_is_refused(#[case] says: &str) {
        let text = TEXT.replace("[\"stat /var/lib/\", \": no such file\"]", says);
        let refused = KnownMessages::parse("messages.yaml", &text);
        let text = refused.map_or_else(|problems| problems.render(false), |_| String::new());
        assert!(text.contains("this would be every message"), "{text}");
    }

    #[test]
    fn the_projects_own_messages_can_be_read() -> anyhow::Result<()> {
        let known = KnownMessages::parse(
            "kind/messages.yaml",
            include_str!("../../../../kind/messages.yaml"),
        )?;
        assert!(!known.messages.is_empty());
        Ok(())
    }
}
