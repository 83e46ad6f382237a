//! In which way two values of one fact differ, typed by what the fact is about. What has no type of its own is two
//! texts.

use std::collections::BTreeSet;

use serde::Serialize;

mod routes;
mod words;

/// One piece of how a fact differs. `Display` gives it as a sentence fragment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Difference {
    /// A route is not there any more.
    RouteGone {
        /// As `ip route` prints it.
        route: String,
    },
    /// A route came.
    RouteNew {
        /// As `ip route` prints it.
        route: String,
    },
    /// A route to the same destination has another gateway, device, scope, source or protocol; or none.
    RouteChanged {
        /// The destination.
        destination: String,
        /// Which attribute, such as `gateway`.
        attribute: String,
        /// None where it had none.
        before: Option<String>,
        /// None where it has none now.
        after: Option<String>,
    },
    /// The same routes in another order: of equal destinations the first one is used.
    RoutesReordered,
    /// An annotation, file, log line, list entry and so on is not there any more.
    Gone {
        /// What it is, such as `annotation`.
        what: String,
        /// Its name.
        name: String,
    },
    /// An annotation, file, log line, list entry and so on came.
    New {
        /// What it is, such as `annotation`.
        what: String,
        /// Its name.
        name: String,
    },
    /// The same entries in another order.
    Reordered {
        /// Of what, such as `plugins`.
        what: String,
    },
    /// An address is not what these witnesses want or say any more.
    AddressUnexpected {
        /// The witnesses; `range` among them says that it left its range.
        by: Vec<String>,
    },
    /// An address comes from another range.
    Range {
        /// The base's.
        before: String,
        /// The candidate's.
        after: String,
    },
    /// An address has another prefix length.
    PrefixLength {
        /// The base's, such as `/32`.
        before: String,
        /// The candidate's.
        after: String,
    },
    /// Another network.
    Network {
        /// The base's.
        before: String,
        /// The candidate's.
        after: String,
    },
    /// Another version.
    Version {
        /// The base's.
        before: String,
        /// The candidate's.
        after: String,
    },
    /// Another number is ready.
    Readiness {
        /// The base's.
        before: String,
        /// The candidate's.
        after: String,
    },
    /// It ended in another way.
    Verdict {
        /// The base's.
        before: String,
        /// The candidate's.
        after: String,
    },
    /// The fact itself is told by one side only.
    Told {
        /// What is told.
        fact: String,
        /// The value.
        value: String,
        /// Whether the candidate is the side that tells it.
        by_candidate: bool,
    },
    /// Not all subjects have it: some are as before.
    OnSomeOnly,
    /// Any other value.
    Value {
        /// The base's.
        before: String,
        /// The candidate's.
        after: String,
    },
}

/// Between the values of subjects that differ, as checks write them.
const BETWEEN_SUBJECTS: &str = " | ";

impl Difference {
    /// How a fact differs that one side only tells: what is present there is new or gone; anything else is only told.
    pub(super) fn told(kind: &str, fact: &str, value: &str, by_candidate: bool) -> Self {
        let typed = if value == "present" {
            let (before, after) = if by_candidate {
                ("absent", value)
            } else {
                (value, "absent")
            };
            presence(kind, fact, before, after).pop()
        } else {
            None
        };
        typed.unwrap_or_else(|| Self::Told {
            fact: fact.to_owned(),
            value: value.to_owned(),
            by_candidate,
        })
    }

    /// How two values of a fact differ; `kind` is the check's, `fact` the fact's name.
    pub(super) fn between(kind: &str, fact: &str, before: &str, after: &str) -> Vec<Self> {
        let values = |text: &'_ str| -> BTreeSet<String> {
            text.split(BETWEEN_SUBJECTS).map(str::to_owned).collect()
        };
        let (left, right) = (values(before), values(after));
        let gone: Vec<&String> = left.difference(&right).collect();
        let came: Vec<&String> = right.difference(&left).collect();
        match (gone.as_slice(), came.as_slice()) {
            ([gone], [came]) if left.len() == 1 && right.len() == 1 => {
                of_values(kind, fact, gone, came)
            }
            // Only some subjects have the new value, and there is one old value to compare it with.
            ([], [came]) if left.len() == 1 => {
                let mut differences = of_values(kind, fact, before, came);
                differences.push(Self::OnSomeOnly);
                differences
            }
            _ => vec![value(before, after)],
        }
    }
}

fn value(before: &str, after: &str) -> Difference {
    Difference::Value {
        before: before.to_owned(),
        after: after.to_owned(),
    }
}

fn of_values(kind: &str, fact: &str, before: &str, after: &str) -> Vec<Difference> {
    let typed = match kind {
        "pod-routes" if fact == "routes" || fact == "IPv6 routes" => {
            routes::differences(before, after)
        }
        "pod-annotations" | "node-annotations" | "network-status" | "node-files" | "pod-logs" => {
            presence(kind, fact, before, after)
        }
        "pod-addresses" => address(fact, before, after),
        "cni-configuration" => configuration(fact, before, after),
        "default-network" | "kept-network" if fact.ends_with("network") => network(before, after),
        "versions" => vec![Difference::Version {
            before: before.to_owned(),
            after: after.to_owned(),
        }],
        "workloads" | "pods" | "nodes" if fact.contains("ready") => vec![Difference::Readiness {
            before: before.to_owned(),
            after: after.to_owned(),
        }],
        "pod-events" => list("event", before, after),
        _ => Vec::new(),
    };
    if typed.is_empty() {
        vec![value(before, after)]
    } else {
        typed
    }
}

fn network(before: &str, after: &str) -> Vec<Difference> {
    vec![Difference::Network {
        before: before.to_owned(),
        after: after.to_owned(),
    }]
}

/// Something that is named by the fact, and there or not; or a list of such.
fn presence(kind: &str, fact: &str, before: &str, after: &str) -> Vec<Difference> {
    let (what, name) = match kind {
        "node-files" => match fact.strip_prefix("files of ") {
            Some(_folder) => return list("file", before, after),
            None => ("file", fact),
        },
        "pod-logs" => ("log line", fact.trim_start_matches("log: ")),
        "network-status" => {
            if before != "absent" && after != "absent" {
                return list("network-status entry", before, after);
            }
            ("annotation", fact)
        }
        _ => ("annotation", fact.trim_start_matches("annotation ")),
    };
    let (what, name) = (what.to_owned(), name.to_owned());
    match (before, after) {
        (_, "absent") => vec![Difference::Gone { what, name }],
        ("absent", _) => vec![Difference::New { what, name }],
        _ => Vec::new(),
    }
}

fn address(fact: &str, before: &str, after: &str) -> Vec<Difference> {
    if fact == "interfaces" {
        return list("interface", before, after);
    }
    if fact.ends_with(" network") {
        return network(before, after);
    }
    let (before, after) = (Address::of(before), Address::of(after));
    let mut differences = Vec::new();
    match (before.place, after.place) {
        (_, Place::Unexpected(by)) => differences.push(Difference::AddressUnexpected {
            by: by.split(", ").map(str::to_owned).collect(),
        }),
        (Place::Range(before), Place::Range(after)) if before != after => {
            differences.push(Difference::Range {
                before: before.to_owned(),
                after: after.to_owned(),
            });
        }
        _ => {}
    }
    if let (Some(before), Some(after)) = (before.prefix, after.prefix)
        && before != after
    {
        differences.push(Difference::PrefixLength {
            before: before.to_owned(),
            after: after.to_owned(),
        });
    }
    differences
}

/// The value of an address as checks write it: `RANGE, /LENGTH`, or `/LENGTH, not as wanted by WITNESSES`.
struct Address<'text> {
    place: Place<'text>,
    prefix: Option<&'text str>,
}

enum Place<'text> {
    Range(&'text str),
    Unexpected(&'text str),
    Nowhere,
}

impl<'text> Address<'text> {
    fn of(text: &'text str) -> Self {
        if let Some((prefix, by)) = text.split_once(", not as wanted by ") {
            return Self {
                place: Place::Unexpected(by),
                prefix: Some(prefix),
            };
        }
        match text.rsplit_once(", ") {
            Some((range, prefix)) if prefix.starts_with('/') => Self {
                place: Place::Range(range),
                prefix: Some(prefix),
            },
            _ => Self {
                place: Place::Nowhere,
                prefix: text.starts_with('/').then_some(text),
            },
        }
    }
}

fn configuration(fact: &str, before: &str, after: &str) -> Vec<Difference> {
    if fact.ends_with(": plugins") {
        list("plugin", before, after)
    } else if fact.ends_with(": range") {
        vec![Difference::Range {
            before: before.to_owned(),
            after: after.to_owned(),
        }]
    } else if fact.ends_with(": name") {
        network(before, after)
    } else {
        Vec::new()
    }
}

/// Lists as checks write them, `none` where they are empty.
fn list(what: &str, before: &str, after: &str) -> Vec<Difference> {
    let entries = |text: &'_ str| -> Vec<String> {
        let entries = text.split(", ").filter(|entry| *entry != "none");
        entries.map(str::to_owned).collect()
    };
    let (before, after) = (entries(before), entries(after));
    let (gone, came) = (without(&before, &after), without(&after, &before));
    if gone.is_empty() && came.is_empty() {
        return vec![Difference::Reordered {
            what: what.to_owned(),
        }];
    }
    let gone = gone.into_iter().map(|name| Difference::Gone {
        what: what.to_owned(),
        name,
    });
    let came = came.into_iter().map(|name| Difference::New {
        what: what.to_owned(),
        name,
    });
    gone.chain(came).collect()
}

/// Those of the first that are not in the second, each as often as it is there too often.
fn without(entries: &[String], others: &[String]) -> Vec<String> {
    let mut rest = others.to_vec();
    let mut left = Vec::new();
    for entry in entries {
        match rest.iter().position(|other| other == entry) {
            Some(index) => {
                rest.remove(index);
            }
            None => left.push(entry.clone()),
        }
    }
    left
}
