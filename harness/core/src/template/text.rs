//! A text with variables in `{{ }}` as its parts, read once: what a check expects of a pod, what a fault does to a node.
//!
//! Nothing but variables is known: no filters, no loops, and no `{% %}`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tags::{VARIABLE, tags};
use crate::yaml;

/// A text with variables. It is written as it was read, with one blank inside each pair of braces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<V> {
    parts: Vec<Part<V>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<V> {
    Literal(String),
    Variable(V),
}

impl<V> Text<V> {
    /// Its variables, in the text's order.
    pub fn variables(&self) -> impl Iterator<Item = &V> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Variable(variable) => Some(variable),
        })
    }

    /// The text with a value in place of each variable.
    ///
    /// # Errors
    /// Why the first variable without a value has none.
    pub fn fill<E>(&self, value: impl Fn(&V) -> Result<String, E>) -> Result<String, E> {
        let parts = self.parts.iter();
        let mut filled = String::new();
        for part in parts {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Variable(variable) => filled.push_str(&value(variable)?),
            }
        }
        Ok(filled)
    }
}

impl<V: FromStr<Err = String>> FromStr for Text<V> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut read = 0;
        for tag in tags(text, &[VARIABLE]) {
            let Range { start, end } = tag?;
            parts.push(Part::Literal(text[read..start - 2].to_owned()));
            parts.push(Part::Variable(text[start..end].trim().parse()?));
            read = end + 2;
        }
        parts.push(Part::Literal(text[read..].to_owned()));
        parts.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
        Ok(Self { parts })
    }
}

impl<V: fmt::Display> fmt::Display for Text<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => formatter.write_str(text),
            Part::Variable(variable) => write!(formatter, "{{{{ {variable} }}}}"),
        })
    }
}

impl<V: fmt::Display> Serialize for Text<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, V: FromStr<Err = String>> Deserialize<'de> for Text<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        yaml::parsed(deserializer, "a text")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A variable of one letter.
    #[derive(Debug, PartialEq)]
    struct Letter(char);

    impl FromStr for Letter {
        type Err = String;

        fn from_str(text: &str) -> Result<Self, String> {
            let letter = text.parse();
            letter.map(Self).map_err(|_| format!("no letter: '{text}'"))
        }
    }

    impl fmt::Display for Letter {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "{}", self.0)
        }
    }

    #[rstest]
    #[case("no variable", "no variable", "no variable")]
    #[case("{{ a }}", "{{ a }}", "A")]
    #[case("x{{b}}{{  c}} y", "x{{ b }}{{ c }} y", "xBC y")]
    #[case("}} {%", "}} {%", "}} {%")]
    #[case("", "", "")]
    fn a_text_is_its_parts(#[case] text: &str, #[case] written: &str, #[case] filled: &str) {
        let text = text.parse::<Text<Letter>>();
        let value = |letter: &Letter| Ok::<_, String>(letter.0.to_uppercase().to_string());
        assert_eq!(
            text.as_ref().map(ToString::to_string),
            Ok(written.to_owned())
        );
        assert_eq!(
            text.and_then(|text| text.fill(value)),
            Ok(filled.to_owned())
        );
    }

    #[rstest]
    #[case("a {{ b", "`{{` without `}}`")]
    #[case("{{ a }} {{ bc }}", "no letter: 'bc'")]
    #[case("{{ {{ a }} }}", "no letter: '{{ a'")]
    #[case("{{}}", "no letter: ''")]
    fn what_is_no_variable_is_told(#[case] text: &str, #[case] why: &str) {
        assert_eq!(text.parse::<Text<Letter>>(), Err(why.to_owned()));
    }
}
