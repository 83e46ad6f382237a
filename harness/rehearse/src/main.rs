//! The program.

mod command;

fn main() {}
