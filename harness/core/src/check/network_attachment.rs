//! A `NetworkAttachmentDefinition`: in its namespace, under its name, with the configuration that it must hold, or with
//! none where Multus is to take a file on the pod's node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evaluation::list;
use super::{Context, Evaluation, Rule};
use crate::observation::{Inability, Observations, cni_configuration, network_attachments};
use crate::query::Query;

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
    /// The configuration's `name`.
    pub name: String,
    /// The (first) plugin's `type`.
    pub plugin: String,
}

impl Rule for NetworkAttachment {
    fn queries(&self, _context: &Context) -> Vec<Query> {
        vec![network_attachments::query()]
    }

    fn evaluate(
        &self,
        observations: &Observations,
        _context: &Context,
    ) -> Result<Evaluation, Inability> {
        let all = network_attachments::read(observations)?;
        let subject = format!(
            "network attachment definition {}/{}",
            self.namespace, self.name
        );
        let mut evaluation = Evaluation::default();
        let found = all
            .iter()
            .find(|one| one.metadata.namespace == self.namespace && one.metadata.name == self.name);
        let observed = match found {
            Some(found) => held(&found.spec.config),
            None => "absent".to_owned(),
        };
        let expected = match &self.configuration {
            Some(held) => outline(&held.name, &held.plugin),
            None => NONE.to_owned(),
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

/// What an object holds, as one text.
fn held(config: &str) -> String {
    if config.trim().is_empty() {
        return NONE.to_owned();
    }
    // Multus tells a list of plugins by its content, as there is no file name here.
    let is_list = serde_json::from_str::<serde_json::Value>(config)
        .is_ok_and(|value| value.get("plugins").is_some());
    let name = if is_list { "of.conflist" } else { "of.conf" };
    match cni_configuration::parse(name, config) {
        Ok(configuration) => {
            let plugin = configuration.plugins.first();
            let plugin = plugin.map_or("none", |plugin| plugin.kind.as_str());
            outline(&configuration.name, plugin)
        }
        Err(invalid) => format!("an unusable configuration: {invalid}"),
    }
}

fn outline(name: &str, plugin: &str) -> String {
    format!("name {name}, plugin {plugin}")
}
