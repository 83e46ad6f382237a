//! What is typed into a shell: its commands with their words, redirections and here-documents, and whether it parses.
//!
//! [`scan`] is lenient and never fails: it finds words in whatever is given. [`syntax`] is a shell's own parse, and says
//! where a shell would give up. Nothing is expanded or run.

mod placeholder;
mod scan;
mod script;
mod syntax;
mod words;

pub use scan::{scan, statement_end, statements};
pub use script::{Command, Course, End, HereDocument, Redirection, Script, Unclosed};
pub use syntax::{Broken, Parse, syntax};
pub use words::Word;
