//! Captures with the built program: a plan that is played, a run that becomes a capture, and files that are none.
//!
//! No engine is to be found here: a capture needs none.

mod files;
mod keeping;
mod locations;
mod playing;
mod small;
