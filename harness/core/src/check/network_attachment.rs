//! A `NetworkAttachmentDefinition`: in its namespace, under its name, with the configuration that it must hold, or with
//! none where Multus is to take a file on the pod's node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::{Inability, Observations, cni_configuration, network_attachments};
use crate::query::Query;
use crate::written::Written;

/// Parameters of the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkAttachment {
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The configuration that it holds; without this key it must hold none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Held>,
}

/// A configuration in the object itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Held {
    /// The configuration's `name`; without this key any name will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The (first) plugin's `type`.
    pub plugin: String,
}

impl Rule for NetworkAttachment {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![network_attachments::query()]
    }

    fn problems(&self, written: Written<'_>) {
        written.key("name").object_name(&self.name);
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let mut evaluation = Evaluation::default();
        let all = network_attachments::read(observations)?;
        let all = evaluation.understood("the cluster", "network attachment definitions", all);
        let subject = format!(
            "network attachment definition {}/{}",
            self.namespace, self.name
        );
        let found = all
            .iter()
            .find(|one| one.metadata.namespace == self.namespace && one.metadata.name == self.name);
        let seen = found.map(|found| held(&self.name, &found.spec.config));
        let observed = seen.as_ref().map_or("absent".to_owned(), described);
        let expected = match (&self.configuration, &seen) {
            (Some(wanted), Some(Ok(Some((name, _))))) => {
                outline(wanted.name.as_ref().unwrap_or(name), &wanted.plugin)
            }
            (Some(wanted), _) => {
                let name = wanted.name.as_deref().unwrap_or("of any kind");
                outline(name, &wanted.plugin)
            }
            (None, _) => NONE.to_owned(),
        };
        if observed != expected {
            let names = all
                .iter()
                .map(|one| format!("{}/{}", one.metadata.namespace, one.metadata.name));
            let why = if found.is_none() {
                format!(
                    "pods find it by namespace and name; there are: {}",
                    list(names)
                )
            } else {
                "Multus takes the configuration from here, and from a file on the node where there is none"
                    .to_owned()
            };
            evaluation.fail(&subject, expected, &observed, why);
        }
        evaluation.fact(subject, "configuration", [observed]);
        Ok(evaluation)
    }
}

const NONE: &str = "no configuration of its own";

/// The name and the first plugin of the configuration that an object holds, where it holds one. A configuration without a
/// name has the object's.
fn held(object: &str, config: &str) -> Result<Option<(String, String)>, String> {
    if config.is_empty() {
        return Ok(None);
    }
    // Multus takes a configuration with a `type` for one plugin, whatever else it has, and another for a list.
    let mut config = match serde_json::from_str::<Value>(config) {
        Ok(Value::Object(config)) => config,
        Ok(_) => return Err("not a JSON object".to_owned()),
        Err(error) => return Err(format!("not JSON: {error}")),
    };
    let kind = config.get("type").and_then(Value::as_str);
    let is_plugin = kind.is_some_and(|kind| !kind.is_empty());
    if config
        .get("name")
        .is_none_or(|name| name.is_null() || name == "")
    {
        config.insert("name".to_owned(), object.into());
    }
    let name = if is_plugin { "of.conf" } else { "of.conflist" };
    let configuration = cni_configuration::parse(name, &Value::Object(config).to_string())?;
    let plugin = configuration.plugins.first();
    let plugin = plugin.map_or("none", |plugin| plugin.kind.as_str());
    Ok(Some((configuration.name.clone(), plugin.to_owned())))
}

/// What an object holds, as one text.
fn described(held: &Result<Option<(String, String)>, String>) -> String {
    match held {
        Ok(Some((name, plugin))) => outline(name, plugin),
        Ok(None) => NONE.to_owned(),
        Err(reason) => format!("an unusable configuration: {reason}"),
    }
}

fn outline(name: &str, plugin: &str) -> String {
    format!("name {name}, plugin {plugin}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing("", NONE)]
    #[case::named(
        r#"{"cniVersion": "0.3.1", "name": "ferry", "type": "macvlan"}"#,
        "name ferry, plugin macvlan"
    )]
    #[case::a_plugin_without_a_name(
        r#"{"cniVersion": "0.3.1", "type": "macvlan"}"#,
        "name quay, plugin macvlan"
    )]
    #[case::a_list_without_a_name(
        r#"{"cniVersion": "0.3.1", "plugins": [{"type": "bridge"}, {"type": "tuning"}]}"#,
        "name quay, plugin bridge"
    )]
    #[case::an_empty_name(r#"{"name": "", "type": "macvlan"}"#, "name quay, plugin macvlan")]
    #[case::a_type_wins_over_plugins(
        r#"{"name": "ferry", "type": "macvlan", "plugins": [{"type": "bridge"}]}"#,
        "name ferry, plugin macvlan"
    )]
    #[case::an_empty_type_does_not(
        r#"{"name": "ferry", "type": "", "plugins": [{"type": "bridge"}]}"#,
        "name ferry, plugin bridge"
    )]
    #[case::no_plugin(r#"{"cniVersion": "0.3.1"}"#, "an unusable configuration: no plugins")]
    #[case::no_json(
        "{",
        "an unusable configuration: not JSON: EOF while parsing an object at line 1 column 1"
    )]
    #[case::blank(
        " ",
        "an unusable configuration: not JSON: EOF while parsing a value at line 1 column 1"
    )]
    #[case::no_object("[]", "an unusable configuration: not a JSON object")]
    fn what_it_holds_is_read_as_multus_reads_it(#[case] config: &str, #[case] expected: &str) {
        assert_eq!(described(&held("quay", config)), expected);
    }
}
