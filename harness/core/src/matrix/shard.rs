//! A part of the cells: every n-th one, so that shards are of nearly one size and a cell's shard follows from its place.

use std::fmt;
use std::str::FromStr;

use super::Cell;

/// One of so many parts, counted from 1, written `2/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

impl Shard {
    /// The cells of this shard, in their order. A shard may have none where there are more shards than cells.
    pub fn select(self, cells: Vec<Cell>) -> Vec<Cell> {
        let cells = cells.into_iter().enumerate();
        cells
            .filter(|(place, _)| place % self.of == self.index - 1)
            .map(|(_, cell)| cell)
            .collect()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not a shard such as 1/3");
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let index: usize = index.parse().map_err(|_error| wrong())?;
        let of: usize = of.parse().map_err(|_error| wrong())?;
        if index == 0 || index > of {
            return Err(format!(
                "shard {text} does not exist: shards are 1/{of} to {of}/{of}"
            ));
        }
        Ok(Self { index, of })
    }
}
