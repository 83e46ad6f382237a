//! The `network-status` annotation: gone, stale, malformed, an entry more or less, and each field of each entry.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, address, array, escape, text};

/// The maker of the pods makes these; no output is theirs alone.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "network-status.address",
        "network-status.default",
        "network-status.entries",
        "network-status.interface",
        "network-status.mac",
        "network-status.mtu",
        "network-status.network",
        "network-status.present",
    ],
    make: |_, _| false,
};

/// Whether the annotation is one of Multus' two names for it.
pub(crate) fn is_it(name: &str) -> bool {
    name == "k8s.v1.cni.cncf.io/network-status" || name == "k8s.v1.cni.cncf.io/networks-status"
}

/// A change of the parsed annotation.
type Alteration<'a> = &'a dyn Fn(&mut Vec<Value>);

struct Annotation<'a> {
    pointer: String,
    entries: &'a [Value],
    subject: String,
}

/// Both names of the annotation of one pod.
pub(crate) fn mutants(site: &mut Site<'_>, index: usize, pod: &Value, subject: &str) {
    let annotations = pod.pointer("/metadata/annotations");
    let annotations = annotations.and_then(Value::as_object).into_iter().flatten();
    for (name, value) in annotations.filter(|(name, _)| is_it(name)) {
        let subject = format!("{subject}: {name}");
        let pointer = format!("/{index}/metadata/annotations/{}", escape(name));
        let present = FactId::new(FactKind::NetworkStatus, "network-status.present", &subject);
        site.remove(&present, "gone", &pointer);
        site.set(&present, "malformed JSON", &pointer, "[{\"name\": ");
        site.set(&present, "not a list", &pointer, "{}");
        let parsed: Option<Value> = serde_json::from_str(value.as_str().unwrap_or_default()).ok();
        let Some(Value::Array(entries)) = parsed else {
            continue;
        };
        Annotation {
            pointer,
            entries: &entries,
            subject,
        }
        .mutants(site);
    }
}

impl Annotation<'_> {
    fn mutants(&self, site: &mut Site<'_>) {
        let list = FactId::new(
            FactKind::NetworkStatus,
            "network-status.entries",
            &self.subject,
        );
        self.edited(site, &list, "no entries", &Vec::clear);
        for (index, entry) in self.entries.iter().enumerate() {
            let of_entry = FactId::new(
                FactKind::NetworkStatus,
                "network-status.entries",
                format!("{}: {}", self.subject, text(entry, "/name")),
            );
            self.edited(site, &of_entry, "entry gone", &|entries| {
                entries.remove(index);
            });
            self.edited(site, &of_entry, "entry twice", &|entries| {
                entries.insert(index, entry.clone());
            });
            self.entry(site, index, entry);
        }
        if self.entries.len() > 1 {
            self.edited(site, &list, "other order", &|entries| entries.swap(0, 1));
        }
        self.edited(site, &list, "extra entry", &|entries| {
            entries.push(json!({"name": "default/other", "interface": "net9", "ips": ["10.9.9.9"], "dns": {}}));
        });
    }

    fn entry(&self, site: &mut Site<'_>, index: usize, entry: &Value) {
        let subject = format!("{}: {}", self.subject, text(entry, "/name"));
        let fact = |key: &'static str| FactId::new(FactKind::NetworkStatus, key, &subject);
        let name = text(entry, "/name").replace("calico", "stale");
        self.with(
            site,
            &fact("network-status.network"),
            "other network",
            index,
            "name",
            &json!(format!("{name}-1")),
        );
        let interface = fact("network-status.interface");
        self.with(
            site,
            &interface,
            "other interface",
            index,
            "interface",
            &json!("net7"),
        );
        if entry.get("interface").is_some() {
            self.edited(site, &interface, "no interface", &|entries| {
                without(entries, index, "interface");
            });
        }
        let default = entry["default"] != true;
        self.with(
            site,
            &fact("network-status.default"),
            "other default",
            index,
            "default",
            &json!(default),
        );
        self.addresses(site, index, entry, &fact("network-status.address"));
        self.with(
            site,
            &fact("network-status.mac"),
            "other MAC address",
            index,
            "mac",
            &json!("02:00:00:00:00:01"),
        );
        self.with(
            site,
            &fact("network-status.mtu"),
            "other MTU",
            index,
            "mtu",
            &json!(1280),
        );
    }

    fn addresses(&self, site: &mut Site<'_>, index: usize, entry: &Value, fact: &FactId) {
        self.with(site, fact, "no address", index, "ips", &json!([]));
        let ips = array(entry, "/ips");
        let address = ips
            .iter()
            .find_map(|ip| ip.as_str()?.parse::<Ipv4Addr>().ok());
        let Some(address) = address else {
            return;
        };
        for (mutation, other) in address::others(address, site.surroundings) {
            self.with(
                site,
                fact,
                mutation,
                index,
                "ips",
                &json!([other.to_string()]),
            );
        }
        let two = json!([address.to_string(), "10.9.9.9"]);
        self.with(site, fact, "another address", index, "ips", &two);
    }

    fn with(
        &self,
        site: &mut Site<'_>,
        fact: &FactId,
        mutation: &'static str,
        index: usize,
        key: &str,
        value: &Value,
    ) {
        self.edited(site, fact, mutation, &|entries| {
            if let Some(Value::Object(entry)) = entries.get_mut(index) {
                entry.insert(key.to_owned(), value.clone());
            }
        });
    }

    fn edited(
        &self,
        site: &mut Site<'_>,
        fact: &FactId,
        mutation: &'static str,
        edit: Alteration<'_>,
    ) {
        let mut entries = self.entries.to_vec();
        edit(&mut entries);
        if entries != self.entries {
            let text = Value::Array(entries).to_string();
            site.set(fact, mutation, &self.pointer, text);
        }
    }
}

fn without(entries: &mut [Value], index: usize, key: &str) {
    if let Some(Value::Object(entry)) = entries.get_mut(index) {
        entry.shift_remove(key);
    }
}
