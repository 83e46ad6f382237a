//! The lines of a code block → pieces: what was typed, what was printed, what is a file.
//!
//! A line is typed where a prompt says so, where the block's language says so, or where it starts with the name of a
//! program that such documents use. It is not known here whether a command is right.

use super::block::{Kind, Lines, Piece, PieceKind, Prompt};
use super::shell;
use super::{Document, digest};

mod command;
mod language;
mod printed;
mod prompt;

pub(super) use command::{is_command, is_surely_command};
pub(super) use language::Language;
pub(super) use prompt::prompt;

/// The most lines of a statement without a here-document.
const LONGEST: usize = 400;

/// How much of a document may be read again to find where statements end, so that what is left open everywhere costs no
/// more than a few readings.
pub(super) struct Budget {
    left: usize,
    /// Whether it was not enough.
    pub(super) exceeded: bool,
}

impl Budget {
    pub(super) fn of(text: &str) -> Self {
        Self {
            left: text.len().saturating_mul(8).saturating_add(64 * 1024),
            exceeded: false,
        }
    }

    /// Whether so many bytes may be read.
    fn spend(&mut self, bytes: usize) -> bool {
        let enough = self.left >= bytes;
        self.left = self.left.saturating_sub(bytes);
        self.exceeded |= !enough;
        enough
    }
}

/// The kind of a block that consists of these pieces.
pub(super) fn kind(pieces: &[Piece]) -> Kind {
    let any = |kind| pieces.iter().any(|piece| piece.kind == kind);
    match (
        any(PieceKind::Command),
        any(PieceKind::Output),
        any(PieceKind::File),
    ) {
        (true, false, _) => Kind::Commands,
        (true, true, _) => Kind::Transcript,
        (false, _, true) => Kind::File,
        (false, _, false) => Kind::Output,
    }
}

/// Whether a paragraph that starts with this line is a transcript or a table that was printed.
pub(super) fn starts_loose(line: &str) -> bool {
    let at_prompt = prompt(line).is_some_and(|length| {
        let typed = &line[length..];
        !typed.trim().is_empty() && (line[..length].contains('@') || is_command(typed))
    });
    at_prompt || printed::is_table_head(line)
}

/// Whether a command goes on behind this line.
pub(super) fn goes_on(line: &str) -> bool {
    let line = line.trim_end();
    let marks = |mark: char| line.matches(mark).count() % 2 == 1;
    line.ends_with(['\\', '|', '{', '('])
        || line.ends_with("&&")
        || line.ends_with(" do")
        || line.ends_with(" then")
        || line.contains("<<")
        || marks('\'')
        || marks('"')
}

/// How the commands of a block are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// All lines are typed until one is printed.
    Typed,
    /// After prompts.
    Prompts,
    /// After prompts, `# ` being root's.
    RootPrompts,
}

/// The pieces of some lines; `info` is what the fence says of them.
pub(super) fn pieces(
    document: &Document,
    lines: Lines,
    info: &str,
    budget: &mut Budget,
) -> Vec<Piece> {
    let texts = || (lines.first..=lines.last).map(|line| document.line(line));
    let first = texts().find(|line| {
        !line.trim().is_empty() && (!line.trim_start().starts_with('#') || prompt(line).is_some())
    });
    let language = Language::of(info);
    let root = |line: &str| prompt::root(line).is_some();
    let Some(first) = first else {
        // Nothing but comments, or root's commands.
        let all_root = texts().all(|line| line.trim().is_empty() || root(line));
        if language == Language::Session && all_root && texts().any(root) {
            return split(document, lines, Style::RootPrompts, budget);
        }
        return Vec::new();
    };
    let whole = |kind| vec![piece(document, kind, lines, None)];
    let has_prompt = texts().any(|line| prompt(line).is_some());
    let style = match language {
        Language::Printed if prompt(first).is_none() => return whole(PieceKind::Output),
        Language::Data if prompt(first).is_none() => {
            if !(is_surely_command(first) && first.contains("<<")) {
                return whole(PieceKind::File);
            }
            Style::Typed
        }
        _ if has_prompt => match language {
            Language::Session => Style::RootPrompts,
            _ if is_command(first) && prompt(first).is_none() => Style::Typed,
            _ => Style::Prompts,
        },
        Language::Session if texts().any(root) && !is_command(first) => Style::RootPrompts,
        Language::Session | Language::Unknown if is_command(first) => Style::Typed,
        Language::Session => return whole(PieceKind::Output),
        Language::Shell if printed::is_printed(first) && !is_command(first) => {
            return whole(PieceKind::Output);
        }
        Language::Shell => Style::Typed,
        _ => {
            let kind = if is_file(first) {
                PieceKind::File
            } else {
                PieceKind::Output
            };
            return whole(kind);
        }
    };
    split(document, lines, style, budget)
}

fn split(document: &Document, lines: Lines, style: Style, budget: &mut Budget) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut typed = style == Style::Typed;
    let mut line = lines.first;
    while line <= lines.last {
        let text = document.line(line);
        let prompt_of = |text: &str| match style {
            Style::RootPrompts => prompt(text).or_else(|| prompt::root(text)),
            _ => prompt(text),
        };
        let prompt_length = prompt_of(text).filter(|length| *length < text.trim_end().len());
        let starts_command = prompt_length.is_some()
            || if typed {
                is_command(text) || !printed::is_printed(text)
            } else {
                is_surely_command(text) && prompt(text).is_none()
            };
        if !starts_command || text.trim().is_empty() {
            if !is_remark(document, line, lines, style, &pieces) {
                typed = typed && starts_command;
                add(document, &mut pieces, PieceKind::Output, line, line, None);
            }
            line += 1;
            continue;
        }
        let last = statement_end(
            document,
            line,
            lines.last,
            prompt_length.unwrap_or(0),
            budget,
        );
        let start = document.line_span(line).start;
        let prompt = prompt_length.map(|length| Prompt {
            span: start..start + length,
            host: prompt::host(&text[..length]),
        });
        // After a prompt, what follows is printed until a line is known to be typed again.
        typed = typed && prompt.is_none();
        add(
            document,
            &mut pieces,
            PieceKind::Command,
            line,
            last,
            prompt,
        );
        line = last + 1;
    }
    for piece in &mut pieces {
        trim_blank_lines(document, piece);
    }
    pieces.retain(|piece| !document.content(piece).trim().is_empty());
    pieces
}

/// Whether a line of a session is told by its author: a comment at the block's start or behind a blank line, over a prompt.
fn is_remark(
    document: &Document,
    line: usize,
    lines: Lines,
    style: Style,
    pieces: &[Piece],
) -> bool {
    if style == Style::Typed || !document.line(line).starts_with('#') {
        return false;
    }
    let apart = pieces.is_empty()
        || document.line(line - 1).trim().is_empty()
        || document.line(line - 1).starts_with('#');
    let next = (line + 1..=lines.last.min(line + 20))
        .map(|line| document.line(line))
        .find(|text| !text.trim().is_empty() && !text.starts_with('#'));
    apart && next.is_some_and(|text| prompt(text).is_some())
}

/// Adds lines to the last piece where they are of the same kind, or else a piece.
fn add(
    document: &Document,
    pieces: &mut Vec<Piece>,
    kind: PieceKind,
    first: usize,
    last: usize,
    prompt: Option<Prompt>,
) {
    if let Some(before) = pieces.last_mut() {
        let blank = document.line(first).trim().is_empty() && kind == PieceKind::Output;
        let same = before.kind == kind && prompt.is_none() && before.prompt.is_none();
        if same || blank {
            before.lines.last = last;
            return;
        }
    }
    pieces.push(Piece {
        kind,
        lines: Lines { first, last },
        content: 0..0,
        sha256: String::new(),
        prompt,
    });
}

fn trim_blank_lines(document: &Document, target: &mut Piece) {
    let mut lines = target.lines;
    while lines.last > lines.first && document.line(lines.last).trim().is_empty() {
        lines.last -= 1;
    }
    while lines.first < lines.last && document.line(lines.first).trim().is_empty() {
        lines.first += 1;
    }
    *target = piece(document, target.kind, lines, target.prompt.take());
}

fn piece(document: &Document, kind: PieceKind, lines: Lines, prompt: Option<Prompt>) -> Piece {
    let span = document.lines_span(lines);
    let content = prompt
        .as_ref()
        .map_or(span.start, |prompt| prompt.span.end)
        .min(span.end)..span.end;
    Piece {
        kind,
        lines,
        sha256: digest(&document.text()[content.clone()]),
        content,
        prompt,
    }
}

/// The last line of the command that starts on a line: of here-documents, loops, quotes and continued lines the last.
fn statement_end(
    document: &Document,
    first: usize,
    limit: usize,
    skip: usize,
    budget: &mut Budget,
) -> usize {
    let start = document.line_span(first).start + skip;
    let line = &document.text()[start..document.line_span(first).end];
    if !line.contains(['\'', '"', '\\', '$', '`', '(', '{', '<', '|', '&']) && !command::opens(line)
    {
        return first;
    }
    // Most statements are one line.
    if shell::statement_end(line).is_some() || first == limit {
        return first;
    }
    let is_here_document = line.contains("<<");
    let most = if is_here_document {
        limit
    } else {
        limit.min(first + LONGEST)
    };
    // What is read again grows with what the statement is long, not with what follows it.
    let mut window = first;
    while window < most {
        window = most.min(first + 4 * (window - first).max(1));
        if !budget.spend(document.line_span(window).end - start) {
            return first;
        }
        // A prompt ends what is open, unless it stands in a here-document.
        let prompted = (first + 1..=window)
            .find(|line| !is_here_document && prompt(document.line(*line)).is_some());
        let last = prompted.map_or(window, |line| line - 1);
        let text = &document.text()[start..document.line_span(last).end];
        if let Some(end) = shell::statement_end(text) {
            let last_byte = text[..end].trim_end().len().saturating_sub(1);
            return document.line_at(start + last_byte).clamp(first, limit);
        }
        if prompted.is_some() {
            break;
        }
    }
    // What never ends is a stray quote, and no command.
    first
}

fn is_file(first: &str) -> bool {
    first.starts_with("apiVersion:")
        || first.starts_with("kind:")
        || first.starts_with("---")
        || matches!(first.trim_end(), "{" | "[")
}
