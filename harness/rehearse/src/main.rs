//! The program.

mod command;
mod observe;
mod stack;
mod stage;

fn main() {}
