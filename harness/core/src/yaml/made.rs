//! Trees made of other trees: one laid over another, some keys of one, each text replaced. Every value keeps its place, so
//! that what is wrong with the whole is told where its part is written.

use std::ops::Range;

use super::{Content, Entry, Node};

impl Node {
    /// The value of a key, where it is written.
    pub(crate) fn child(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The elements of a list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// Whether there is no value.
    pub(crate) fn is_nothing(&self) -> bool {
        self.content == Content::Nothing
    }

    /// Each key of a mapping with its place and its value.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, Range<usize>, &Self)> {
        let entries = self.entries().iter();
        entries.map(|entry| (entry.key.as_str(), entry.key_span.clone(), &entry.value))
    }

    /// This tree with another laid over it, as a JSON merge patch is (RFC 7396): mappings are joined key by key, nothing takes
    /// a key out, and anything else takes the place of what is here.
    pub(crate) fn under(&self, over: &Self) -> Self {
        if !over.is_mapping() {
            return over.clone();
        }
        let mut entries = self.entries().to_vec();
        for added in over.entries() {
            let index = entries.iter().position(|entry| entry.key == added.key);
            if added.value.is_nothing() {
                entries.retain(|entry| entry.key != added.key);
            } else if let Some(index) = index {
                let value = entries[index].value.under(&added.value);
                entries[index] = Entry {
                    value,
                    ..added.clone()
                };
            } else {
                let value = Self::default().under(&added.value);
                entries.push(Entry {
                    value,
                    ..added.clone()
                });
            }
        }
        Self {
            span: over.span.clone(),
            content: Content::Mapping(entries),
        }
    }

    /// This mapping with only these keys.
    pub(crate) fn only_keys(&self, keys: &[&str]) -> Self {
        let entries = self.entries().iter();
        let kept = entries.filter(|entry| keys.contains(&entry.key.as_str()));
        Self {
            span: self.span.clone(),
            content: Content::Mapping(kept.cloned().collect()),
        }
    }

    /// This tree with each text replaced; keys stay.
    pub(crate) fn with_texts(&self, replace: &mut impl FnMut(&Self, &str) -> String) -> Self {
        let content = match &self.content {
            Content::Text(text) => Content::Text(replace(self, text)),
            Content::List(items) => {
                Content::List(items.iter().map(|item| item.with_texts(replace)).collect())
            }
            Content::Mapping(entries) => {
                let entries = entries.iter().map(|entry| Entry {
                    value: entry.value.with_texts(replace),
                    ..entry.clone()
                });
                Content::Mapping(entries.collect())
            }
            other => other.clone(),
        };
        Self {
            span: self.span.clone(),
            content,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::problem::{Problems, SourceText};
    use crate::yaml::{Node, Reading};

    fn read(text: &str) -> Result<Node, Problems> {
        Reading::of(&SourceText::new("a.yaml", text)).tree()
    }

    #[test]
    fn a_tree_is_laid_over_another_as_a_merge_patch() -> Result<(), Problems> {
        let below = read("a: { b: x, c: [x, x] }\nd: x\nf: x\n")?;
        let over = read("a: { c: [y], e: { g: ~, h: y } }\nd: ~\n")?;
        let joined = below.under(&over);
        let joined = joined.with_texts(&mut |_, text| format!("<{text}>"));
        let inner = joined.key("a");
        assert_eq!(inner.key("b").as_text(), Some("<x>"));
        assert_eq!(inner.key("c").items().len(), 1);
        assert_eq!(inner.key("c").item(0).as_text(), Some("<y>"));
        assert_eq!(inner.key("e").key("h").as_text(), Some("<y>"));
        assert!(!inner.key("e").has_key("g") && !joined.has_key("d"));
        assert_eq!(inner.key("b").span(), below.key("a").key("b").span());
        let one = joined.only_keys(&["f", "i"]);
        assert!(one.has_key("f") && !one.has_key("a") && one.child("i").is_none());
        Ok(())
    }
}
