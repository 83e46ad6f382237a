//! The user at the command line, as the engine knows them: shown what happens, asked before what is missing is made.

use std::path::Path;

use rehearse_core::record::DocumentUnderTest;
use rehearse_engine::event::Event;
use rehearse_engine::options::Caller;
use rehearse_engine::prepare::Prepared;
use rehearse_engine::setup::Piece;

use crate::consent;
use crate::progress::Progress;
use crate::selection;

/// The user of one command.
#[derive(Debug)]
pub struct Asking {
    setup: bool,
    progress: Progress,
}

impl Asking {
    /// `setup` is whether the user has agreed already to what is missing.
    pub fn new(setup: bool) -> Self {
        Self {
            setup,
            progress: Progress::default(),
        }
    }

    /// Does something for this user.
    pub async fn with<T>(&self, work: impl AsyncFnOnce(Caller<'_>) -> T) -> T {
        let tell = |event: Event| self.progress.show(&event);
        let agree =
            |prepared: &Prepared, missing: &[Piece]| consent::agree(self.setup, prepared, missing);
        work(Caller {
            tell: &tell,
            agree: &agree,
            again: &again,
        })
        .await
    }
}

/// The command line that does the same again, exactly.
fn again(prepared: &Prepared, lock: &Path) -> String {
    format!(
        "{} --locked {}{}",
        selection::command(&prepared.selection, &prepared.plan),
        selection::quoted(&lock.display().to_string()),
        document_option(prepared.document.as_ref())
    )
}

/// `--document` as it is typed to do the same again, with a space before it; nothing where there was none.
pub fn document_option(document: Option<&DocumentUnderTest>) -> String {
    document.map_or_else(String::new, |document| {
        format!(" --document {}", selection::quoted(&document.path))
    })
}
