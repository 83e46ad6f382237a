//! One subcommand a file.

pub mod stack;
