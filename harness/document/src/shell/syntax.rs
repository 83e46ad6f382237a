//! A shell's own parse of a text: where it gives up, and why.
//!
//! The parser is that of the shell `brush`. Where it finds a quote or an expansion left open that [`scan`] finds closed,
//! nothing is told: a shell knows more of them than it does.
//! Here-documents that end only but for blanks are ended first: that they do
//! not end is told by [`super::End`], and what follows them is worth a parse of its own.

use brush_parser::{
    ParseError, ParserOptions, SourcePosition, parse_tokens, uncached_tokenize_str,
};

use super::{End, HereDocument, placeholder, scan};

/// Why a shell gives up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The byte where it gives up, or where what is left open starts.
    pub at: usize,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

/// What a shell makes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse {
    /// It can be read.
    Whole,
    /// It cannot.
    Broken(Broken),
    /// It was not looked at: it is larger or nested deeper than what a person types.
    NotExamined,
}

/// What is nested deeper takes the parser a stack that no thread has; what is nested in brackets costs twice the time a level.
const DEEPEST: usize = 12;

/// A longer statement, in bytes, is a program; here-documents count.
const LONGEST: usize = 128 * 1024;

/// Whether a shell can parse a statement.
pub fn syntax(text: &str) -> Parse {
    let script = scan(text);
    if let Some(unclosed) = script.unclosed {
        return Parse::Broken(Broken {
            at: unclosed.at,
            message: format!("{} is left open", unclosed.what),
        });
    }
    if text.len() > LONGEST || script.depth > DEEPEST || nesting(text) > DEEPEST {
        return Parse::NotExamined;
    }
    match parse(text, &script.here_documents) {
        Ok(()) => Parse::Whole,
        Err(broken) => Parse::Broken(broken),
    }
}

/// How deep a text is nested at most, whatever quotes and comments make of its brackets.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let words = |wanted: &[&str]| {
        text.split([' ', '\t', '\n', ';'])
            .filter(|word| wanted.contains(word))
            .count()
    };
    deepest.max(words(&["!"]))
}

fn parse(text: &str, here_documents: &[HereDocument]) -> Result<(), Broken> {
    let mended = mend(&placeholder::masked(text), here_documents);
    let options = ParserOptions::default();
    match uncached_tokenize_str(&mended, &options.tokenizer_options()) {
        Err(_) => Ok(()),
        Ok(tokens) => match parse_tokens(&tokens, &options) {
            Ok(_) => Ok(()),
            Err(ParseError::ParsingNear(position)) => Err(Broken {
                at: byte_at(text, &position),
                message: "a word that cannot stand here".to_owned(),
            }),
            Err(_) => Err(Broken {
                at: text.len(),
                message: "a loop, a branch or a group is left open".to_owned(),
            }),
        },
    }
}

/// The text with its here-documents ended; every line keeps its place.
fn mend(text: &str, here_documents: &[HereDocument]) -> String {
    let mut mended = text.to_owned();
    for here_document in here_documents.iter().rev() {
        if let End::Blanks(line) = &here_document.end {
            mended.replace_range(line.clone(), &here_document.word.text);
        }
    }
    mended
}

fn byte_at(text: &str, position: &SourcePosition) -> usize {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number + 1 == position.line {
            let column = position.column.saturating_sub(1);
            return at + line.chars().take(column).map(char::len_utf8).sum::<usize>();
        }
        at += line.len();
    }
    text.len()
}
