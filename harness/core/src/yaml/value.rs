//! From a piece of the tree to a type, by serde. A problem is placed at the innermost value that it is about.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeOwned, Deserializer, Expected, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

mod access;

use access::{Entries, Items, Kind};

use super::unknown::report_unknown;
use super::{Content, Node, Reading};
use crate::problem::known_names;

/// Reads a value; nothing where it is broken, and then the reading has the problem.
pub(crate) fn value<T: DeserializeOwned>(node: &Node, reading: &Reading<'_>) -> Option<T> {
    T::deserialize(NodeDeserializer { node, reading }).ok()
}

/// What went wrong, until it is placed.
#[derive(Debug)]
enum Failure {
    /// The reading has it.
    Noted,
    /// Another type was expected.
    Type(String),
    /// A key is missing.
    Missing(&'static str),
    /// What a type's own reading says.
    Custom(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl std::error::Error for Failure {}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Type(readable(&expected.to_string()))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Type(readable(&expected.to_string()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

/// Serde's word for what it expected, as a person would say it.
fn readable(expected: &str) -> String {
    match expected {
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a mapping".to_owned(),
        "u8" => "a whole number up to 255".to_owned(),
        "u16" => "a whole number up to 65535".to_owned(),
        "u32" | "u64" | "usize" => "a whole number".to_owned(),
        other => match other.strip_prefix("semver version") {
            Some("") => "a version such as `3.28.4`".to_owned(),
            Some(_) => "a version requirement such as `<4.0.0`".to_owned(),
            None => other.to_owned(),
        },
    }
}

#[derive(Clone, Copy)]
struct NodeDeserializer<'a> {
    node: &'a Node,
    reading: &'a Reading<'a>,
}

impl<'a> NodeDeserializer<'a> {
    fn child(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    /// Notes a failure here, if no inner value has noted it.
    fn noted<T>(self, result: Result<T, Failure>) -> Result<T, Failure> {
        let (message, hint) = match result {
            Ok(value) => return Ok(value),
            Err(Failure::Noted) => return Err(Failure::Noted),
            Err(Failure::Missing(key)) => (format!("missing key `{key}`"), None),
            Err(Failure::Type(expected)) => {
                let hint = self.quoting_hint(&expected).map(str::to_owned);
                let found = self.node.describe();
                (format!("expected {expected}, found {found}"), hint)
            }
            Err(Failure::Custom(message)) => {
                let (message, hint) = match message.split_once(" (hint: ") {
                    Some((message, hint)) => (message, hint.strip_suffix(')')),
                    None => (message.as_str(), None),
                };
                let message = match &self.node.content {
                    Content::Text(text) => format!("failed to read `{text}`: {message}"),
                    _ => message.to_owned(),
                };
                (message, hint.map(str::to_owned))
            }
        };
        let problem = self.reading.source.problem(self.node.span(), message);
        self.reading.note(match hint {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        });
        Err(Failure::Noted)
    }

    fn quoting_hint(self, expected: &str) -> Option<&'static str> {
        let is_bare = matches!(
            self.node.content,
            Content::Boolean(_) | Content::Integer(_) | Content::Unsigned(_) | Content::Float(_)
        );
        match expected {
            "a text" if is_bare => Some("put it in quotes"),
            text if is_bare && text.starts_with("a time") => {
                Some("write its unit too: ms, s, m or h")
            }
            text if is_bare && text.starts_with("a version") => {
                Some("write all three numbers of the version, or put it in quotes")
            }
            _ => None,
        }
    }

    fn fail<T>(self, span: Range<usize>, message: String, hint: String) -> Result<T, Failure> {
        self.reading.problem_with_hint(span, message, hint);
        Err(Failure::Noted)
    }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.noted(match &self.node.content {
            Content::Nothing => visitor.visit_unit(),
            Content::Boolean(value) => visitor.visit_bool(*value),
            Content::Integer(value) => visitor.visit_i64(*value),
            Content::Unsigned(value) => visitor.visit_u64(*value),
            Content::Float(value) => visitor.visit_f64(*value),
            Content::Text(text) => visitor.visit_str(text),
            Content::List(items) => visitor.visit_seq(Items::of(self, items)),
            Content::Mapping(entries) => {
                visitor.visit_map(Entries::of(self, entries.iter().collect()))
            }
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.node.content {
            Content::Nothing => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match &self.node.content {
            Content::List(items) if items.len() != length => self.noted(Err(Failure::Custom(
                format!("expected a list of {length}, found {}", items.len()),
            ))),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let Content::Mapping(entries) = &self.node.content else {
            return self.noted(Err(Failure::Type(format!(
                "a mapping with the keys {}",
                fields.join(", ")
            ))));
        };
        let misspelt = report_unknown(self.node, fields, self.reading);
        let known: Vec<_> = entries
            .iter()
            .filter(|entry| fields.contains(&entry.key.as_str()))
            .collect();
        let result = visitor.visit_map(Entries::of(self, known));
        match result {
            Err(Failure::Missing(key)) if misspelt.contains(&key) => Err(Failure::Noted),
            other => self.noted(other),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let (kind, span, content) = match &self.node.content {
            Content::Text(text) => (text, self.node.span(), None),
            Content::Mapping(entries) => match entries.as_slice() {
                [entry] => (&entry.key, entry.key_span.clone(), Some(&entry.value)),
                [_, second, ..] => {
                    return self.fail(
                        second.key_span.clone(),
                        format!("a second kind `{}` in one place", second.key),
                        "one kind in one place: begin the next with `- `, or indent what \
                         belongs to the first"
                            .to_owned(),
                    );
                }
                [] => return self.noted(Err(expected_kind(variants))),
            },
            _ => return self.noted(Err(expected_kind(variants))),
        };
        if !variants.contains(&kind.as_str()) {
            return self.fail(
                span,
                format!("unknown {} `{kind}`", name.to_lowercase()),
                known_names(kind, variants.iter().copied()),
            );
        }
        self.noted(visitor.visit_enum(Kind::of(self, kind, content)))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple_struct map identifier ignored_any
    }
}

fn expected_kind(variants: &[&str]) -> Failure {
    Failure::Type(format!("one of {}", variants.join(", ")))
}
