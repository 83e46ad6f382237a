//! What a CNI configuration file says: empty, malformed, another name, plugin, version or range.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::mutant::{FactId, FactKind, Maker, Site, address, array, first_half, text};

/// The maker of the folder makes these; no output is theirs alone.
pub(crate) const MAKER: Maker = Maker {
    facts: &[
        "configuration.chained-plugin",
        "configuration.name",
        "configuration.plugin",
        "configuration.range",
        "configuration.text",
        "configuration.version",
    ],
    make: |_, _| false,
};

/// One configuration in a folder's array.
struct Configuration<'a> {
    /// Where its text is.
    pointer: String,
    json: Value,
    subject: &'a str,
}

/// The mutants of a configuration at an index of a folder's array; false where the file is none.
pub(crate) fn file(site: &mut Site<'_>, index: usize, content: &str, subject: &str) -> bool {
    let is_one = |json: &Value| json.get("type").is_some() || json.get("plugins").is_some();
    let json: Option<Value> = serde_json::from_str(content).ok();
    let Some(json) = json.filter(is_one) else {
        return false;
    };
    let pointer = format!("/{index}/content");
    let whole = FactId::new(FactKind::Configuration, "configuration.text", subject);
    site.set(&whole, "empty", &pointer, "");
    site.set(&whole, "truncated", &pointer, first_half(content));
    site.set(
        &whole,
        "malformed JSON",
        &pointer,
        content.replace(':', " "),
    );
    let configuration = Configuration {
        pointer,
        json,
        subject,
    };
    configuration.names(site);
    configuration.ranges(site);
    true
}

impl Configuration<'_> {
    fn names(&self, site: &mut Site<'_>) {
        let stale = json!("stale-network");
        self.set(
            site,
            "configuration.name",
            "other name",
            "/name",
            Some(&stale),
        );
        self.set(site, "configuration.name", "no name", "/name", None);
        let version = json!("0.1.0");
        let key = "configuration.version";
        self.set(site, key, "other version", "/cniVersion", Some(&version));
        let missing = json!("missing");
        let kind = format!("{}/type", self.first());
        let key = "configuration.plugin";
        self.set(site, key, "other plugin", &kind, Some(&missing));
        self.set(site, key, "no plugin", &kind, None);
        for place in 1..array(&self.json, "/plugins").len() {
            let kind = format!("/plugins/{place}/type");
            let key = "configuration.chained-plugin";
            let subject = format!("{}: plugin {place}", self.subject);
            let chained = self.part(&subject);
            chained.set(site, key, "other plugin", &kind, Some(&missing));
        }
    }

    fn ranges(&self, site: &mut Site<'_>) {
        let ranges = format!("{}/ipam/ranges", self.first());
        for (outer, set) in array(&self.json, &ranges).iter().enumerate() {
            for (inner, range) in array(set, "").iter().enumerate() {
                let at = format!("{ranges}/{outer}/{inner}");
                for key in ["rangeStart", "rangeEnd"] {
                    let Ok(address) = text(range, &format!("/{key}")).parse::<Ipv4Addr>() else {
                        continue;
                    };
                    // The first and the last address are facts of their own.
                    let subject = format!("{}: {key}", self.subject);
                    let end = self.part(&subject);
                    for (mutation, other) in address::others(address, site.surroundings) {
                        let (at, other) = (format!("{at}/{key}"), json!(other.to_string()));
                        end.set(site, "configuration.range", mutation, &at, Some(&other));
                    }
                }
                let subnet = json!("10.9.9.0/24");
                let at = format!("{at}/subnet");
                let key = "configuration.range";
                self.set(site, key, "other subnet", &at, Some(&subnet));
            }
        }
        let none = json!([]);
        if self.json.pointer(&ranges).is_some() {
            self.set(
                site,
                "configuration.range",
                "no range",
                &ranges,
                Some(&none),
            );
        }
    }

    /// The same configuration, where one of several alike facts in it is meant.
    fn part<'b>(&self, subject: &'b str) -> Configuration<'b> {
        Configuration {
            pointer: self.pointer.clone(),
            json: self.json.clone(),
            subject,
        }
    }

    /// Where the plugin is that makes the interface.
    fn first(&self) -> &'static str {
        if self.json.get("plugins").is_some() {
            "/plugins/0"
        } else {
            ""
        }
    }

    fn set(
        &self,
        site: &mut Site<'_>,
        key: &'static str,
        mutation: &'static str,
        at: &str,
        value: Option<&Value>,
    ) {
        let mut changed = self.json.clone();
        let (parent, last) = at.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(object)) = changed.pointer_mut(parent) {
            match value {
                Some(value) => {
                    object.insert(last.to_owned(), value.clone());
                }
                None => {
                    object.shift_remove(last);
                }
            }
        }
        if changed != self.json {
            let fact = FactId::new(FactKind::Configuration, key, self.subject);
            site.set(&fact, mutation, &self.pointer, changed.to_string());
        }
    }
}
