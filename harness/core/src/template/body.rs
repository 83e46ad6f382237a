//! A value of JSON whose texts have variables, such as an object that a fault makes.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::Text;

/// A value of JSON. The keys of objects have no variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Body<V> {
    /// A text.
    Text(Text<V>),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
    /// Anything else.
    Other(Value),
}

impl<V> Body<V> {
    /// The value with a text in place of each variable.
    ///
    /// # Errors
    /// Why the first variable without a value has none.
    pub fn fill<E>(&self, value: &impl Fn(&V) -> Result<String, E>) -> Result<Value, E> {
        Ok(match self {
            Self::Text(text) => Value::String(text.fill(value)?),
            Self::List(items) => {
                let items = items.iter().map(|item| item.fill(value));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Object(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, entry)| Ok((key.clone(), entry.fill(value)?)));
                Value::Object(entries.collect::<Result<_, _>>()?)
            }
            Self::Other(value) => value.clone(),
        })
    }
}

impl<'de, V: FromStr<Err = String>> Deserialize<'de> for Body<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BodyVisitor(PhantomData))
    }
}

struct BodyVisitor<V>(PhantomData<V>);

impl<'de, V: FromStr<Err = String>> Visitor<'de> for BodyVisitor<V> {
    type Value = Body<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Body<V>, E> {
        Ok(Body::Other(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Body<V>, E> {
        Ok(Body::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Body<V>, E> {
        Ok(Body::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Body<V>, E> {
        Ok(Body::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Body<V>, E> {
        Ok(Body::Other(value.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Body<V>, E> {
        text.parse().map(Body::Text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Body<V>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Body::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<V>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Body::Object(entries))
    }
}
