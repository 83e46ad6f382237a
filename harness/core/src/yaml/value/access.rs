//! How serde walks through lists, mappings and kinds of the tree.

use std::slice::Iter;
use std::vec::IntoIter;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::{Failure, NodeDeserializer};
use crate::yaml::{Entry, Node};

/// The elements of a list.
pub(super) struct Items<'a> {
    parent: NodeDeserializer<'a>,
    rest: Iter<'a, Node>,
}

impl<'a> Items<'a> {
    pub(super) fn of(parent: NodeDeserializer<'a>, items: &'a [Node]) -> Self {
        Self {
            parent,
            rest: items.iter(),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        self.rest
            .next()
            .map(|item| seed.deserialize(self.parent.child(item)))
            .transpose()
    }

    /// How many are left, whether or not those before could be read.
    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The keys and values of a mapping.
pub(super) struct Entries<'a> {
    parent: NodeDeserializer<'a>,
    rest: IntoIter<&'a Entry>,
    value: Option<&'a Node>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(parent: NodeDeserializer<'a>, entries: Vec<&'a Entry>) -> Self {
        Self {
            parent,
            rest: entries.into_iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        let Some(entry) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(&entry.value);
        let key: StrDeserializer<'_, Failure> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        match self.value.take() {
            Some(value) => seed.deserialize(self.parent.child(value)),
            None => Err(Failure::custom("a value was read before its key")),
        }
    }
}

/// The name of an externally tagged kind, and what stands below it.
pub(super) struct Kind<'a> {
    parent: NodeDeserializer<'a>,
    name: &'a str,
    content: Option<&'a Node>,
}

impl<'a> Kind<'a> {
    pub(super) fn of(
        parent: NodeDeserializer<'a>,
        name: &'a str,
        content: Option<&'a Node>,
    ) -> Self {
        Self {
            parent,
            name,
            content,
        }
    }
}

impl<'a, 'de> EnumAccess<'de> for Kind<'a> {
    type Error = Failure;
    type Variant = Parameters<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Parameters<'a>), Failure> {
        let kind: StrDeserializer<'_, Failure> = self.name.into_deserializer();
        let parameters = Parameters {
            parent: self.parent,
            name: self.name,
            content: self.content,
        };
        Ok((seed.deserialize(kind)?, parameters))
    }
}

/// What stands below an externally tagged kind.
pub(super) struct Parameters<'a> {
    parent: NodeDeserializer<'a>,
    name: &'a str,
    content: Option<&'a Node>,
}

impl<'a> Parameters<'a> {
    fn content(&self) -> Result<NodeDeserializer<'a>, Failure> {
        match self.content {
            Some(node) => Ok(self.parent.child(node)),
            None => Err(Failure::Custom(format!("`{}` needs its keys", self.name))),
        }
    }
}

impl<'de> VariantAccess<'de> for Parameters<'_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        match self.content {
            Some(_) => Err(Failure::Custom(format!("`{}` has no keys", self.name))),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.content()?.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.content()?.deserialize_struct("", fields, visitor)
    }
}
