//! How a capture's file says what grew: of the outputs beside those of the checks, what an earlier step had already is
//! not written again. The checks' own outputs are always whole, for whoever reads the file without this program.

use crate::query::Output;

use super::{Capture, CapturedLook, LARGEST_UNPACKED, ReadError};

impl Capture {
    /// The same capture as it is written.
    pub(super) fn folded(&self) -> Self {
        let mut folded = self.clone();
        for (index, step) in folded.steps.iter_mut().enumerate() {
            for look in &mut step.others {
                // The nearest one is the likeliest to be its beginning.
                let before = self.steps[..index].iter().rev().find_map(|step| {
                    let same = step.others.iter().find(|one| one.query == look.query)?;
                    Some((&step.id, same))
                });
                if let Some((id, before)) = before
                    && let Some(outputs) = rest(look, before)
                {
                    look.outputs = outputs;
                    look.after = Some(id.clone());
                }
            }
        }
        folded
    }

    /// Makes outputs whole again that were written as what came after an earlier step's.
    ///
    /// # Errors
    /// [`ReadError::After`] where that step has none; [`ReadError::Bomb`] where this would fill the memory.
    pub(super) fn unfold(&mut self) -> Result<(), ReadError> {
        let mut unpacked = 0_usize;
        for index in 0..self.steps.len() {
            let (earlier, now) = self.steps.split_at_mut(index);
            let Some(step) = now.first_mut() else { break };
            for look in &mut step.others {
                let Some(after) = look.after.take() else {
                    continue;
                };
                let of_step = earlier.iter().find(|step| step.id == after);
                let before = of_step.and_then(|step| {
                    let mut others = step.others.iter();
                    others.find(|one| one.query == look.query)
                });
                let whole = before.and_then(|before| whole(look, before));
                look.outputs = whole.ok_or_else(|| ReadError::After {
                    step: step.id.clone(),
                    after,
                    query: look.query.to_string(),
                })?;
                let lengths = look.outputs.iter().map(|output| output.text.len());
                unpacked = lengths.fold(unpacked, usize::saturating_add);
                if unpacked > LARGEST_UNPACKED {
                    return Err(ReadError::Bomb);
                }
            }
        }
        Ok(())
    }
}

/// What each output has more than before; none where one is something else, or another subject's.
fn rest(look: &CapturedLook, before: &CapturedLook) -> Option<Vec<Output>> {
    joined(look, before, |text, before| {
        text.strip_prefix(before).map(str::to_owned)
    })
}

fn whole(look: &CapturedLook, before: &CapturedLook) -> Option<Vec<Output>> {
    joined(look, before, |text, before| Some(format!("{before}{text}")))
}

fn joined(
    look: &CapturedLook,
    before: &CapturedLook,
    join: impl Fn(&str, &str) -> Option<String>,
) -> Option<Vec<Output>> {
    if look.outputs.len() != before.outputs.len() {
        return None;
    }
    let pairs = look.outputs.iter().zip(&before.outputs);
    pairs
        .map(|(output, before)| {
            let is_same = output.subject == before.subject;
            let text = is_same.then(|| join(&output.text, &before.text))??;
            Some(Output {
                text: output.text.changed(|_| text),
                ..output.clone()
            })
        })
        .collect()
}
