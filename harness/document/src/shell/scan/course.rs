//! Whether a command is run for sure, and may fail: what the lists of `&&` and `||`, branches and groups make of it.

use super::Scanner;
use crate::shell::Course;

pub(super) struct Opener {
    pub(super) at: usize,
    pub(super) what: &'static str,
    /// Whether what is inside may be left out.
    conditional: bool,
    list: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Nothing,
    /// `||`.
    Failure,
    /// A test and `&&`.
    Test,
}

impl Scanner<'_> {
    pub(super) fn open(&mut self, at: usize, what: &'static str, conditional: bool) {
        let conditional = conditional || self.is_conditional();
        self.openers.push(Opener {
            at,
            what,
            conditional,
            list: self.list,
        });
        self.script.depth = self.script.depth.max(self.openers.len());
        self.end_list();
    }

    /// Whether what comes next may be left out.
    fn is_conditional(&self) -> bool {
        let inside = self.openers.last().is_some_and(|one| one.conditional);
        inside || self.after != After::Nothing
    }

    /// Ends what was opened last; the list that it is part of goes on behind it.
    pub(super) fn close(&mut self) {
        if let Some(opener) = self.openers.pop() {
            self.list = opener.list;
        }
    }

    pub(super) fn end_list(&mut self) {
        self.list = self.script.commands.len();
        self.after = After::Nothing;
        self.negated = false;
    }

    pub(super) fn end_command(&mut self, ends_pipeline: bool) {
        if let Some(mut command) = self.current.take() {
            if self.is_conditional() {
                command.course = Course::Conditional;
            } else if self.negated {
                command.course = Course::MayFail;
            }
            // `|| exit` is no leave to fail.
            let program = command.words.first().map(|word| word.text.as_str());
            let gives_up = matches!(program, Some("exit" | "return" | "false"));
            if self.after == After::Failure && !gives_up {
                for before in self.script.commands.iter_mut().skip(self.list) {
                    if before.course == Course::Plain {
                        before.course = Course::MayFail;
                    }
                }
            }
            self.script.commands.push(command);
        }
        if ends_pipeline {
            self.pipeline += 1;
        }
    }

    /// Whether the last command of the list only asks: a test, or arithmetic, which is no command here.
    fn tests(&self) -> bool {
        let list = self.script.commands.get(self.list..).unwrap_or_default();
        let asks = ["[", "[[", "test", "grep"];
        list.last().is_none_or(|command| {
            let program = command.words.first();
            program.is_some_and(|word| asks.contains(&word.text.as_str()))
        })
    }

    /// Goes on with the list behind `||`, or behind `&&`, which hangs on something only where a test is before it.
    pub(super) fn goes_on(&mut self, after: After) {
        let hangs =
            after == After::Failure || self.after == After::Test || self.negated || self.tests();
        self.after = if hangs { after } else { After::Nothing };
        self.negated = false;
    }
}
