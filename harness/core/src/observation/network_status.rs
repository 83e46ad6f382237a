//! The `network-status` annotation that Multus writes. Multus before 4.1.2 and Calico before 3.31 leave fields out.

pub(super) mod mutants;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::pods::Pod;
use super::{Inability, Odd, Reading};

/// The annotation's name.
pub const ANNOTATION: &str = "k8s.v1.cni.cncf.io/network-status";

/// The name that Multus before 4 writes besides.
pub const OLD_ANNOTATION: &str = "k8s.v1.cni.cncf.io/networks-status";

/// What stands for a network without a name.
const NO_NAME: &str = "(no name)";

/// One entry, for one network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The network's name, such as `kube-system/net-calico`; empty where the plugin's configuration has none.
    pub name: String,
    /// The interface; none where the plugin's result names none.
    pub interface: Option<String>,
    /// Its addresses; none on a network without addresses.
    pub ips: Vec<IpAddr>,
    /// Its MAC address.
    pub mac: Option<String>,
    /// Its MTU, from Multus 4.1.2 on.
    pub mtu: Option<u32>,
    /// Whether it is the pod's default network.
    pub default: bool,
    /// What else it says, by field, such as `gateway`, `dns` or `device-info`: what is empty is left out.
    pub fields: BTreeMap<String, String>,
    /// What in it is no address though it should be one, with its field: Go prints `<nil>` for one that is not set.
    pub odd: Vec<Odd>,
}

impl Entry {
    /// The network's name, also where it has none.
    pub fn name(&self) -> &str {
        if self.name.is_empty() {
            NO_NAME
        } else {
            &self.name
        }
    }

    /// The entry without its addresses: `kube-system/default-calico (default)`, `default/cfosdefaultcni5 net1`.
    pub fn outline(&self) -> String {
        let mut outline = self.name().to_owned();
        if let Some(interface) = &self.interface {
            outline.push(' ');
            outline.push_str(interface);
        }
        if self.default {
            outline.push_str(" (default)");
        }
        outline
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    interface: Option<String>,
    #[serde(default)]
    ips: Option<Vec<Value>>,
    #[serde(default)]
    mac: Option<String>,
    #[serde(default)]
    mtu: Option<u32>,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    gateway: Option<Vec<Value>>,
    /// Whatever a version of Multus writes besides.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl From<Raw> for Entry {
    fn from(raw: Raw) -> Self {
        let mut odd = Vec::new();
        let ips = addresses("ips", raw.ips.as_deref().unwrap_or_default(), &mut odd);
        let gateways = raw.gateway.unwrap_or_default();
        // Those that are addresses are told with the field.
        addresses("gateway", &gateways, &mut odd);
        let gateway = (!gateways.is_empty()).then_some(("gateway".to_owned(), gateways.into()));
        let rest = raw.rest.into_iter().filter(|(_, value)| !is_empty(value));
        let fields = rest.chain(gateway);
        Self {
            name: raw.name.unwrap_or_default(),
            interface: raw.interface.filter(|name| !name.is_empty()),
            ips,
            mac: raw.mac.filter(|mac| !mac.is_empty()),
            mtu: raw.mtu,
            default: raw.default,
            fields: fields.map(|(name, value)| (name, text(&value))).collect(),
            odd,
        }
    }
}

fn addresses(field: &str, values: &[Value], odd: &mut Vec<Odd>) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for value in values {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(address) => addresses.push(address),
            None => odd.push(Odd::new(format!("{field}: no address"), &text(value))),
        }
    }
    addresses
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text as it is, a list of texts with commas, anything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(text).collect();
            texts.join(",")
        }
        _ => value.to_string(),
    }
}

/// A pod's entries by one of the annotation's names; none where the pod does not have it.
///
/// # Errors
/// [`Inability`] where it is not an array.
pub fn read(pod: &Pod, annotation: &str) -> Result<Option<Reading<Entry>>, Inability> {
    let Some(written) = pod.annotation(annotation) else {
        return Ok(None);
    };
    let values: Option<Vec<Value>> = serde_json::from_str(written).map_err(|error| {
        Inability::unparsable("network-status", pod.subject(), error.to_string())
    })?;
    let entry = |value: Value| {
        let raw = Raw::deserialize(&value);
        raw.map(Entry::from)
            .map_err(|error| Odd::new(format!("an entry: {error}"), &value.to_string()))
    };
    Ok(Some(
        values.unwrap_or_default().into_iter().map(entry).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(annotation: &str) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.namespace = "default".to_owned();
        pod.metadata.name = "normal-1".to_owned();
        let annotations = &mut pod.metadata.annotations;
        annotations.insert(ANNOTATION.to_owned(), annotation.to_owned());
        pod
    }

    #[test]
    fn entries_may_leave_fields_out() -> Result<(), Inability> {
        let text = r#"[{"name": "kube-system/default-calico", "ips": ["10.244.182.52"], "default": true, "dns": {}},
            {"name": "default/cfosdefaultcni5", "interface": "net1", "ips": ["10.1.128.2"], "mac": "5a:cf:74:47:5b:84",
             "mtu": 1500, "gateway": ["10.1.128.1"], "device-info": {"type": "pci"}, "dns": {}}]"#;
        let entries = read(&pod(text), ANNOTATION)?.unwrap_or_default().entries;
        let outlines: Vec<String> = entries.iter().map(Entry::outline).collect();
        assert_eq!(
            outlines,
            [
                "kube-system/default-calico (default)",
                "default/cfosdefaultcni5 net1"
            ]
        );
        assert_eq!(entries[0].interface, None);
        assert_eq!(entries[1].mtu, Some(1500));
        let fields = |entry: &Entry| entry.fields.clone().into_iter().collect::<Vec<_>>();
        assert_eq!(fields(&entries[0]), []);
        let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            fields(&entries[1]),
            [
                named("device-info", r#"{"type":"pci"}"#),
                named("gateway", "10.1.128.1")
            ]
        );
        assert_eq!(
            read(&pod(text), "k8s.v1.cni.cncf.io/networks-status")?,
            None
        );
        Ok(())
    }

    #[test]
    fn another_text_names_its_pod() {
        let error = read(&pod("{}"), ANNOTATION).map_err(|error| error.to_string());
        insta::assert_debug_snapshot!(error, @r#"
        Err(
            "failed to parse network-status of pod default/normal-1: invalid type: map, expected a sequence at line 1 column 0",
        )
        "#);
    }

    #[test]
    fn what_is_missing_null_or_odd_is_told_of_its_entry() -> Result<(), Inability> {
        let text = r#"[{"name": "", "ips": null, "default": true, "dns": {"nameservers": [], "search": null}},
            {"ips": ["10.3.0.9", "<nil>", "fd31::9"], "gateway": ["<nil>", "10.3.0.1"], "dns": {"nameservers": ["10.96.0.10"]}},
            {"name": "shop/lan", "interface": "", "mtu": "wide"}, {"name": "shop/wan", "interface": "net2", "mac": "", "mtu": 9000}]"#;
        let reading = read(&pod(text), ANNOTATION)?.unwrap_or_default();
        let outlines: Vec<String> = reading.entries.iter().map(Entry::outline).collect();
        assert_eq!(
            outlines,
            ["(no name) (default)", "(no name)", "shop/wan net2"]
        );
        assert_eq!(reading.odd.len(), 1);
        assert!(
            reading.odd[0].to_string().contains("shop/lan"),
            "{}",
            reading.odd[0]
        );
        let entry = &reading.entries[1];
        let odd: Vec<String> = entry.odd.iter().map(ToString::to_string).collect();
        assert_eq!(
            odd,
            [
                "not understood: ips: no address: <nil>",
                "not understood: gateway: no address: <nil>"
            ]
        );
        assert_eq!(entry.ips.len(), 2);
        assert_eq!(entry.fields["gateway"], "<nil>,10.3.0.1");
        assert_eq!(entry.fields["dns"], r#"{"nameservers":["10.96.0.10"]}"#);
        assert_eq!(reading.entries[0].ips, Vec::<IpAddr>::new());
        assert_eq!(reading.entries[2].mac, None);
        Ok(())
    }
}
