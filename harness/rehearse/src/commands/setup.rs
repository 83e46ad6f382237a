//! Makes ready what a run needs: an engine, room on the machine, the stack. Asked on a terminal, never assumed elsewhere.

use anyhow::bail;

use super::prepare::{Prepared, Selection};
use crate::run::event::Listener;
use crate::run::interrupt::Interrupt;
use crate::stack::Stack;

/// What a run needs, ready on this machine.
///
/// # Errors
/// What is missing, and the command that cures it.
#[expect(clippy::unused_async, reason = "making a stack ready waits for builds")]
pub async fn ready(
    _prepared: &Prepared,
    _selection: &Selection,
    _setup: bool,
    _tell: Listener<'_>,
    _interrupt: &Interrupt,
) -> anyhow::Result<Stack> {
    bail!("failed to find the stack: nothing makes one yet")
}
