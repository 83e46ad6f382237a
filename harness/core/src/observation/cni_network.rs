//! A CNI configuration file as libcni loads it: a list of plugins with one name and one version, or why it is refused. It
//! runs no plugin and does not read what plugins alone understand. libcni 1.3 is CRI-O's judgement (`tests/tests/judge`);
//! what older ones do not know yet ([`Libcni`]) is from their source.
//!
//! Go's reading of JSON is part of the rule: the keys of a plugin count whatever their case and the last one wins, null
//! leaves a key unset, and a key of the wrong type refuses the file. Texts that Go reads and this does not: nested deeper
//! than 128 levels, numbers beyond a double's range under keys that nobody reads, and lone surrogates.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use semver::Version;
use thiserror::Error;

/// Why a file is no configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// Not a JSON object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A list without a name.
    #[error("no name")]
    NoName,
    /// A key has a value of another type than it must have.
    #[error("{key} is not {wanted}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// A list without plugins.
    #[error("no plugins")]
    NoPlugins,
    /// A plugin without a `type`.
    #[error("no type; a list of plugins needs a name that ends in .conflist")]
    NoType,
}

/// Which libcni reads a file; each knows what the ones before it know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Libcni {
    /// 1.1, in CRI-O until 1.30: one `cniVersion`, and all plugins in the file.
    V1_1,
    /// 1.2, in CRI-O 1.31 and 1.32: `cniVersions`, `disableGC` and `cni.dev/valid-attachments`.
    V1_2,
    /// 1.3, in CRI-O from 1.33: plugins in a folder with the network's name, and `loadOnlyInlinedPlugins`.
    #[default]
    V1_3,
}

impl Libcni {
    /// The one that a version of CRI-O is built with.
    pub fn of_crio(version: &Version) -> Self {
        match (version.major, version.minor) {
            (0, _) | (1, ..=30) => Self::V1_1,
            (1, 31 | 32) => Self::V1_2,
            _ => Self::V1_3,
        }
    }

    /// The version of the specification that it implements.
    fn implements(self) -> (i64, i64, i64) {
        match self {
            Self::V1_1 => (1, 0, 0),
            Self::V1_2 | Self::V1_3 => (1, 1, 0),
        }
    }
}

/// A network as its file gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkList {
    /// Its name; may be empty.
    pub name: String,
    /// The version that every plugin has to support; empty where the file gives none.
    pub cni_version: String,
    /// The plugins' `type`, in order; empty where the file leaves them to the folder.
    pub plugins: Vec<String>,
    /// Whether the `.conf` files of the folder with the network's name follow as plugins.
    pub takes_folder: bool,
}

/// What libcni reads of one plugin.
#[derive(Default)]
struct PluginConf {
    name: String,
    cni_version: String,
    kind: String,
}

/// Reads a file; its name decides whether it is a list.
///
/// # Errors
/// [`Invalid`] where libcni refuses it.
pub fn parse(libcni: Libcni, file_name: &str, text: &str) -> Result<NetworkList, Invalid> {
    let value = json(text)?;
    if file_name.ends_with(".conflist") {
        return list(libcni, &value);
    }
    let written = plugin_conf(libcni, object(&value)?, false)?;
    // A single plugin is made a list by way of a sorted map, so that a key written twice counts in another order.
    let plugin = plugin_conf(libcni, object(&value)?, true)?;
    Ok(NetworkList {
        name: written.name,
        cni_version: written.cni_version,
        plugins: vec![plugin.kind],
        // The list that libcni makes of it is not a file, so that no folder is looked for.
        takes_folder: false,
    })
}

/// The `type` of a plugin that stands in a file of its own, in the folder of its network.
///
/// # Errors
/// [`Invalid`] where libcni refuses it, and the network with it. Only libcni 1.3 looks there.
pub fn parse_plugin(text: &str) -> Result<String, Invalid> {
    Ok(plugin_conf(Libcni::V1_3, object(&json(text)?)?, false)?.kind)
}

/// Whether libcni lets a plugin be called for a network of this name; it is asked only when a pod is added.
pub fn is_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    match name.as_bytes() {
        [first, others @ ..] => {
            first.is_ascii_alphanumeric() && others.iter().all(|&byte| rest(byte))
        }
        [] => false,
    }
}

fn json(text: &str) -> Result<Value, Invalid> {
    serde_json::from_str(text).map_err(|error| Invalid::NotJson(error.to_string()))
}

/// Go leaves a target untouched by `null`, as if the text were an empty object.
fn object(value: &Value) -> Result<Option<&Map<String, Value>>, Invalid> {
    match value {
        Value::Null => Ok(None),
        Value::Object(object) => Ok(Some(object)),
        _ => Err(Invalid::NotAnObject),
    }
}

fn list(libcni: Libcni, value: &Value) -> Result<NetworkList, Invalid> {
    let object = object(value)?.ok_or(Invalid::NoName)?;
    let name = match object.get("name") {
        None => return Err(Invalid::NoName),
        Some(name) => text("name", name)?.to_owned(),
    };
    let cni_version = version(libcni, object)?;
    truth(object, "disableCheck")?;
    if libcni >= Libcni::V1_2 {
        truth(object, "disableGC")?;
    }
    let only_inlined = libcni < Libcni::V1_3 || truth(object, "loadOnlyInlinedPlugins")?;
    let plugins = match object.get("plugins") {
        None if only_inlined => return Err(Invalid::NoPlugins),
        None => Vec::new(),
        Some(Value::Array(plugins)) if plugins.is_empty() => return Err(Invalid::NoPlugins),
        Some(Value::Array(plugins)) => plugins
            .iter()
            .map(|plugin| Ok(plugin_conf(libcni, self::object(plugin)?, true)?.kind))
            .collect::<Result<_, Invalid>>()?,
        Some(_) => return Err(wrong_type("plugins", "a list")),
    };
    Ok(NetworkList {
        name,
        cni_version,
        plugins,
        takes_folder: !only_inlined,
    })
}

/// `cniVersion`, or the highest of `cniVersions` and it that libcni implements.
fn version(libcni: Libcni, object: &Map<String, Value>) -> Result<String, Invalid> {
    let single = match object.get("cniVersion") {
        None => "",
        Some(single) => text("cniVersion", single)?,
    };
    let several = match object.get("cniVersions") {
        _ if libcni < Libcni::V1_2 => return Ok(single.to_owned()),
        None => return Ok(single.to_owned()),
        Some(Value::Array(several)) => several,
        Some(_) => return Err(wrong_type("cniVersions", "a list")),
    };
    let mut versions = several
        .iter()
        .map(|version| text("cniVersions", version))
        .collect::<Result<Vec<&str>, Invalid>>()?;
    if !single.is_empty() {
        versions.push(single);
    }
    let mut best: Option<((i64, i64, i64), &str)> = None;
    for text in versions {
        let number = number(text).ok_or(wrong_type("cniVersions", "a list of versions"))?;
        let is_better = best.is_none_or(|(before, _)| number.cmp(&before) != Ordering::Less);
        if number <= libcni.implements() && is_better {
            best = Some((number, text));
        }
    }
    Ok(best.map_or(single, |(_, text)| text).to_owned())
}

/// A version's numbers; what is left out is zero, and no version at all is 0.1.0.
fn number(text: &str) -> Option<(i64, i64, i64)> {
    if text.is_empty() {
        return Some((0, 1, 0));
    }
    let numbers: Vec<i64> = text
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match numbers[..] {
        [major] => Some((major, 0, 0)),
        [major, minor] => Some((major, minor, 0)),
        [major, minor, micro] => Some((major, minor, micro)),
        _ => None,
    }
}

/// A switch of a list: true or false, also as a text of any case.
fn truth(object: &Map<String, Value>, key: &'static str) -> Result<bool, Invalid> {
    match object.get(key) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::String(value)) if value.to_lowercase() == "true" => Ok(true),
        Some(Value::String(value)) if value.to_lowercase() == "false" => Ok(false),
        Some(_) => Err(wrong_type(key, "true or false")),
    }
}

fn text<'a>(key: &'static str, value: &'a Value) -> Result<&'a str, Invalid> {
    value.as_str().ok_or(wrong_type(key, "a text"))
}

fn wrong_type(key: &'static str, wanted: &'static str) -> Invalid {
    Invalid::WrongType { key, wanted }
}

/// One plugin, its keys in the order in which they are written or sorted.
fn plugin_conf(
    libcni: Libcni,
    object: Option<&Map<String, Value>>,
    sorted: bool,
) -> Result<PluginConf, Invalid> {
    let mut members: Vec<(&String, &Value)> = object.into_iter().flatten().collect();
    if sorted {
        members.sort_by_key(|(key, _)| *key);
    }
    let mut conf = PluginConf::default();
    for (key, value) in members {
        match key.to_ascii_lowercase().as_str() {
            "cniversion" => set("cniVersion", value, &mut conf.cni_version)?,
            "name" => set("name", value, &mut conf.name)?,
            "type" => set("type", value, &mut conf.kind)?,
            "capabilities" => ensure_members("capabilities", value, |_, value| value.is_boolean())?,
            "ipam" => ensure_members("ipam", value, |key, value| {
                key != "type" || value.is_string()
            })?,
            "dns" => ensure_members("dns", value, |key, value| match key {
                "domain" => value.is_string(),
                "nameservers" | "search" | "options" => value.as_array().is_some_and(|texts| {
                    texts.iter().all(|text| text.is_string() || text.is_null())
                }),
                _ => true,
            })?,
            "prevresult" => ensure_members("prevResult", value, |_, _| true)?,
            "cni.dev/valid-attachments" if libcni >= Libcni::V1_2 => ensure_attachments(value)?,
            _ => {}
        }
    }
    if conf.kind.is_empty() {
        return Err(Invalid::NoType);
    }
    Ok(conf)
}

fn set(key: &'static str, value: &Value, field: &mut String) -> Result<(), Invalid> {
    if !value.is_null() {
        text(key, value)?.clone_into(field);
    }
    Ok(())
}

/// A list of attachments, as a runtime hands it to a plugin that is to clean up; nobody writes it into a file on purpose.
fn ensure_attachments(value: &Value) -> Result<(), Invalid> {
    let key = "cni.dev/valid-attachments";
    let attachments = match value {
        Value::Null => return Ok(()),
        Value::Array(attachments) => attachments,
        _ => return Err(wrong_type(key, "a list")),
    };
    for attachment in attachments {
        ensure_members(key, attachment, |name, value| match name {
            "containerid" | "ifname" => value.is_string(),
            _ => true,
        })?;
    }
    Ok(())
}

/// An object or null, whose members are null or as they must be.
fn ensure_members(
    key: &'static str,
    value: &Value,
    is_right: impl Fn(&str, &Value) -> bool,
) -> Result<(), Invalid> {
    let members = match value {
        Value::Null => return Ok(()),
        Value::Object(members) => members,
        _ => return Err(wrong_type(key, "an object")),
    };
    let all_right = members
        .iter()
        .all(|(name, value)| value.is_null() || is_right(&name.to_ascii_lowercase(), value));
    if all_right {
        Ok(())
    } else {
        Err(wrong_type(key, "an object of the right types"))
    }
}

#[cfg(test)]
mod tests;
