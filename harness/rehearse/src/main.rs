//! The program.

mod command;
mod observe;
mod preflight;
mod stack;
mod stage;

fn main() {}
