//! A comparison of two records as text: for a terminal, for a pull request, as one page. JSON is the comparison itself.

pub mod html;
pub mod markdown;
pub mod terminal;

mod words;

#[cfg(test)]
mod tests;
