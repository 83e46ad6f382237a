//! The keys of one mapping, each read on its own: a broken one does not hide what is wrong with the others.

use serde::de::DeserializeOwned;

use super::unknown::report_unknown;
use super::{Content, Node, Reading, value};

/// A mapping whose unknown keys have been told.
#[derive(Debug)]
pub struct Fields<'a> {
    node: &'a Node,
    reading: &'a Reading<'a>,
    misspelt: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Nothing where the node is no mapping, and then the reading has the problem.
    pub fn of(
        node: &'a Node,
        known: &'static [&'static str],
        reading: &'a Reading<'a>,
    ) -> Option<Self> {
        if !matches!(node.content, Content::Mapping(_)) {
            reading.problem(
                node.span(),
                format!(
                    "expected a mapping with the keys {}, found {}",
                    known.join(", "),
                    node.describe()
                ),
            );
            return None;
        }
        Some(Self {
            node,
            reading,
            misspelt: report_unknown(node, known, reading),
        })
    }

    /// A key that must be there.
    pub fn required<T: DeserializeOwned>(&self, key: &'static str) -> Option<T> {
        value(self.present(key)?, self.reading)
    }

    /// A key that may be left out.
    pub fn optional<T: DeserializeOwned>(&self, key: &'static str) -> Option<T> {
        let entry = self.node.entry(key)?;
        value::<Option<T>>(&entry.value, self.reading).flatten()
    }

    /// The elements of a list that must be there.
    pub fn required_list(&self, key: &'static str) -> Option<&'a [Node]> {
        let node = self.present(key)?;
        list(node, self.reading)
    }

    /// The elements of a list that may be left out.
    pub fn optional_list(&self, key: &'static str) -> &'a [Node] {
        self.node
            .entry(key)
            .and_then(|entry| list(&entry.value, self.reading))
            .unwrap_or_default()
    }

    /// The value of a key that must be there.
    pub(crate) fn present(&self, key: &'static str) -> Option<&'a Node> {
        let entry = self.node.entry(key);
        // A key that is only misspelt has been told already.
        if entry.is_none() && !self.misspelt.contains(&key) {
            self.reading
                .problem(self.node.span(), format!("missing key `{key}`"));
        }
        entry.map(|entry| &entry.value)
    }
}

fn list<'a>(node: &'a Node, reading: &Reading<'_>) -> Option<&'a [Node]> {
    if let Content::List(items) = &node.content {
        return Some(items);
    }
    reading.problem(
        node.span(),
        format!("expected a list, found {}", node.describe()),
    );
    None
}
