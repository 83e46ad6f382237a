//! YAML as a tree in which every value knows its place, so that all problems of a file can be told at once, each where it
//! is. This is the only module that names the YAML crate.
//!
//! Strict: duplicate keys, merge keys and several documents in one file are problems, and `yes` is a text.

mod fields;
mod made;
mod parsed;
mod read;
mod unknown;
mod value;

use std::cell::RefCell;
use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::problem::{Problem, Problems, SourceText};

pub use fields::Fields;
pub(crate) use parsed::{each, parsed};
pub(crate) use value::value;

/// A value and its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The bytes of the text that the value is written in; for a block mapping or list only its first character.
    span: Range<usize>,
    content: Content,
}

/// What a value is.
#[derive(Clone, Debug, Default, PartialEq)]
enum Content {
    #[default]
    Nothing,
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key: String,
    key_span: Range<usize>,
    value: Node,
}

impl Node {
    /// Where to point for this value: a mapping is shown by its first key.
    pub fn span(&self) -> Range<usize> {
        match self.entries().first() {
            Some(entry) => entry.key_span.clone(),
            None => self.span.clone(),
        }
    }

    /// The value of a key, or this node itself where it has no such key: the nearest place there is.
    pub fn key(&self, key: &str) -> &Self {
        self.entry(key).map_or(self, |entry| &entry.value)
    }

    /// Where a key is written, or where this node is.
    pub(crate) fn key_span(&self, key: &str) -> Range<usize> {
        self.entry(key)
            .map_or_else(|| self.span(), |entry| entry.key_span.clone())
    }

    /// The text of a key, where it has one.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.entry(key)?.value.content {
            Content::Text(ref text) => Some(text),
            _ => None,
        }
    }

    /// The text that this is, where it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a key is written.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Every value inside of this one, each with the nearest key above it.
    pub(crate) fn values(&self) -> Vec<(&str, &Self)> {
        let mut values = Vec::new();
        let mut rest = vec![("", self)];
        while let Some((key, node)) = rest.pop() {
            values.push((key, node));
            match &node.content {
                Content::List(items) => rest.extend(items.iter().map(|item| (key, item))),
                Content::Mapping(entries) => {
                    let entries = entries.iter();
                    rest.extend(entries.map(|entry| (entry.key.as_str(), &entry.value)));
                }
                _ => {}
            }
        }
        values
    }

    /// Whether this is a mapping.
    pub(crate) fn is_mapping(&self) -> bool {
        matches!(self.content, Content::Mapping(_))
    }

    /// An element of a list, or this node itself.
    pub fn item(&self, index: usize) -> &Self {
        self.items().get(index).unwrap_or(self)
    }

    /// The value of the only key of an externally tagged kind, or this node itself.
    pub fn only(&self) -> &Self {
        match self.entries() {
            [entry] => &entry.value,
            _ => self,
        }
    }

    /// Whether this is a list with nothing in it.
    pub(crate) fn is_empty_list(&self) -> bool {
        matches!(&self.content, Content::List(items) if items.is_empty())
    }

    fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Mapping(entries) => entries,
            _ => &[],
        }
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// What was found, for a message.
    fn describe(&self) -> String {
        match &self.content {
            Content::Nothing => "nothing".to_owned(),
            Content::Boolean(value) => format!("`{value}`"),
            Content::Integer(value) => format!("the number {value}"),
            Content::Unsigned(value) => format!("the number {value}"),
            Content::Float(value) => format!("the number {value}"),
            Content::Text(text) => format!("the text `{text}`"),
            Content::List(_) => "a list".to_owned(),
            Content::Mapping(_) => "a mapping".to_owned(),
        }
    }
}

/// One text that is being read, and what was found wrong with it so far.
#[derive(Debug)]
pub struct Reading<'a> {
    pub(crate) source: &'a SourceText,
    problems: RefCell<Problems>,
}

impl<'a> Reading<'a> {
    /// Nothing is found yet.
    pub fn of(source: &'a SourceText) -> Self {
        Self {
            source,
            problems: RefCell::default(),
        }
    }

    /// Notes a problem at a place of the text.
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>) {
        self.note(self.source.problem(span, message));
    }

    /// Notes a problem at a place of the text, with what to do about it.
    pub fn problem_with_hint(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.note(self.source.problem(span, message).with_hint(hint));
    }

    pub(crate) fn note(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// All that was found wrong.
    pub fn finish(self) -> Problems {
        self.problems.into_inner()
    }
}

/// Reads a whole YAML text into a type: unknown keys are all told, and otherwise the first broken value.
///
/// # Errors
/// The problems, each with its place.
pub fn from_text<T: DeserializeOwned>(source: &SourceText) -> Result<T, Problems> {
    from_text_with(source, |_, _, _| {})
}

/// As [`from_text`], and `check` notes what is wrong with a value that could be read.
///
/// # Errors
/// The problems, each with its place.
pub(crate) fn from_text_with<T: DeserializeOwned>(
    source: &SourceText,
    check: impl FnOnce(&T, &Node, &Reading<'_>),
) -> Result<T, Problems> {
    let reading = Reading::of(source);
    let tree = reading.tree()?;
    let found = value::<T>(&tree, &reading);
    if let Some(found) = &found {
        check(found, &tree, &reading);
    }
    let problems = reading.finish();
    match found {
        Some(found) => problems.or(found),
        None => Err(problems.sorted()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use insta::assert_snapshot;
    use rstest::rstest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Component {
        name: String,
        versions: Vec<semver::Version>,
        #[serde(default)]
        module_path: Option<String>,
    }

    #[test]
    fn a_text_is_read_into_a_type() -> Result<(), Problems> {
        let text = "name: &name a\nmodule-path: *name\nversions: [1.2.3]\n";
        let component: Component = from_text(&SourceText::new("a.yaml", text))?;
        assert_eq!(component.module_path.as_deref(), Some("a"));
        assert_eq!(component.versions, [semver::Version::new(1, 2, 3)]);
        Ok(())
    }

    #[test]
    fn unknown_keys_and_the_first_broken_value_are_told() {
        let text = "nam: a\nmodule: b\nversions: [1.2.3, 1.2]\n";
        let told = from_text::<Component>(&SourceText::new("a.yaml", text))
            .map_or_else(|problems| problems.to_string(), |_| "no problem".to_owned());
        assert_snapshot!(told, @r"
        error: unknown key `nam`
         --> a.yaml:1:1
          |
        1 | nam: a
          | ^^^
          |
          = hint: did you mean `name`? Known: name, versions, module-path

        error: unknown key `module`
         --> a.yaml:2:1
          |
        2 | module: b
          | ^^^^^^
          |
          = hint: known: name, versions, module-path

        error: expected a version such as `3.28.4`, found the number 1.2
         --> a.yaml:3:19
          |
        3 | versions: [1.2.3, 1.2]
          |                   ^^^
          |
          = hint: write all three numbers of the version, or put it in quotes
        ");
    }

    fn tree(text: &str) -> Result<Node, Problems> {
        Reading::of(&SourceText::new("a.yaml", text)).tree()
    }

    #[test]
    fn a_key_that_is_there_twice_hides_nothing() {
        let text = "name: a\nname: b\nmodul: c\nversions: [1.2]\n";
        let told = from_text::<Component>(&SourceText::new("a.yaml", text))
            .map_or_else(|problems| problems, |_| Problems::default());
        let told: Vec<_> = told
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(
            told,
            [
                "the key `name` is there twice",
                "unknown key `modul`",
                "expected a version such as `3.28.4`, found the number 1.2",
            ]
        );
    }

    #[test]
    fn aliases_of_aliases_do_not_grow_without_end() -> Result<(), std::fmt::Error> {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let alias = format!("*a{}, ", level - 1).repeat(10);
            writeln!(text, "a{level}: &a{level} [{alias}]")?;
        }
        assert!(tree(&text).is_err());
        Ok(())
    }

    #[rstest]
    #[case("{\"a\": ", "}")]
    #[case("[", "]")]
    #[case("- ", "")]
    #[case("? ", "")]
    fn what_nests_too_deep_is_refused_before_the_stack_ends(
        #[case] opener: &str,
        #[case] closer: &str,
    ) {
        for depth in [45, 64, 1000, 3000] {
            let text = format!("{}1{}\n", opener.repeat(depth), closer.repeat(depth));
            assert!(tree(&text).is_err(), "{depth}");
        }
        let text = format!("{}1{}\n", "[".repeat(40), "]".repeat(40));
        assert!(tree(&text).is_ok());
    }
}
