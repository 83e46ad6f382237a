//! The `network-status` annotation that Multus writes. Multus before 4.1.2 and Calico before 3.31 leave fields out.

pub(super) mod mutants;

use std::net::IpAddr;

use serde::Deserialize;

use super::Inability;
use super::pods::Pod;

/// The annotation's name.
pub const ANNOTATION: &str = "k8s.v1.cni.cncf.io/network-status";

/// One entry, for one network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The network's name, such as `kube-system/net-calico`.
    pub name: String,
    /// The interface; none where the plugin's result names none.
    pub interface: Option<String>,
    /// Its addresses.
    pub ips: Vec<IpAddr>,
    /// Its MAC address.
    pub mac: Option<String>,
    /// Its MTU, from Multus 4.1.2 on.
    pub mtu: Option<u32>,
    /// Whether it is the pod's default network.
    pub default: bool,
}

impl Entry {
    /// The entry without its addresses: `kube-system/default-calico (default)`, `default/cfosdefaultcni5 net1`.
    pub fn outline(&self) -> String {
        let mut outline = self.name.clone();
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

/// A pod's entries by one of the annotation's names; none where the pod does not have it.
///
/// # Errors
/// [`Inability`] where it is not an array of entries.
pub fn read(pod: &Pod, annotation: &str) -> Result<Option<Vec<Entry>>, Inability> {
    pod.annotation(annotation)
        .map(|text| {
            serde_json::from_str(text).map_err(|error| {
                Inability::unparsable("network-status", pod.subject(), error.to_string())
            })
        })
        .transpose()
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
        let entries = read(&pod(text), ANNOTATION)?.unwrap_or_default();
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
}
