//! Markdown → blocks, by lines. Which lines are code is the Markdown parser's word; what a line is not told by it is
//! prose.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use super::block::{Block, Fence, Kind, Lines};
use super::{Document, digest, transcript};

/// What the Markdown parser says of some lines.
enum Region {
    Code { lines: Lines, info: Option<String> },
    Heading(Lines),
    Paragraph(Lines),
}

/// The blocks of a document whose text and lines are known.
pub(super) fn blocks(document: &Document) -> Vec<Block> {
    let mut regions = Vec::new();
    let mut code = Vec::new();
    for (event, range) in Parser::new_ext(document.text(), Options::empty()).into_offset_iter() {
        let last_byte = range.end.saturating_sub(1).max(range.start);
        let lines = Lines {
            first: document.line_at(range.start),
            last: document.line_at(last_byte),
        };
        match event {
            Event::Start(Tag::CodeBlock(kind)) => regions.push(Region::Code {
                lines,
                info: match kind {
                    CodeBlockKind::Fenced(info) => Some(info.trim().to_owned()),
                    CodeBlockKind::Indented => None,
                },
            }),
            Event::Start(Tag::Heading { .. }) => regions.push(Region::Heading(lines)),
            Event::Start(Tag::Paragraph) => regions.push(Region::Paragraph(lines)),
            Event::Code(_) => {
                let marks = document.text()[range.clone()]
                    .bytes()
                    .take_while(|byte| *byte == b'`')
                    .count();
                code.push(range.start + marks..range.end.saturating_sub(marks));
            }
            _ => {}
        }
    }
    let mut blocks = Vec::new();
    let mut next_line = 1;
    for region in regions {
        let (Region::Code { lines, .. } | Region::Heading(lines) | Region::Paragraph(lines)) =
            &region;
        if lines.first < next_line {
            continue;
        }
        prose(document, next_line, lines.first - 1, &mut blocks);
        next_line = lines.last + 1;
        match region {
            Region::Code { lines, info } => blocks.extend(code_block(document, lines, info)),
            Region::Heading(lines) => blocks.push(block(document, Kind::Heading, lines)),
            Region::Paragraph(lines) => blocks.push(paragraph(document, lines)),
        }
    }
    prose(document, next_line, document.line_count(), &mut blocks);
    for block in &mut blocks {
        if matches!(block.kind, Kind::Prose | Kind::Heading) {
            block.code = code
                .iter()
                .filter(|code| block.span.contains(&code.start))
                .cloned()
                .collect();
        }
    }
    blocks
}

fn block(document: &Document, kind: Kind, lines: Lines) -> Block {
    let span = if lines.first > lines.last {
        let at = document.line_span(lines.first).start;
        at..at
    } else {
        document.lines_span(lines)
    };
    Block {
        kind,
        lines,
        sha256: digest(&document.text()[span.clone()]),
        span,
        fence: None,
        pieces: Vec::new(),
        code: Vec::new(),
    }
}

/// Lines that the Markdown parser gave no block for, such as the items of a tight list: each run of them is prose.
fn prose(document: &Document, first: usize, last: usize, blocks: &mut Vec<Block>) {
    let mut start = None;
    for line in first..=last + 1 {
        let blank = line > last || document.line(line).trim().is_empty();
        match (blank, start) {
            (false, None) => start = Some(line),
            (true, Some(first)) => {
                let lines = Lines {
                    first,
                    last: line - 1,
                };
                blocks.push(block(document, Kind::Prose, lines));
                start = None;
            }
            _ => {}
        }
    }
}

/// Prose, or a transcript or an output that stands among the prose.
fn paragraph(document: &Document, lines: Lines) -> Block {
    if transcript::starts_loose(document.line(lines.first)) {
        let pieces = transcript::pieces(document, lines, "");
        let kind = transcript::kind(&pieces);
        return Block {
            pieces,
            ..block(document, kind, lines)
        };
    }
    block(document, Kind::Prose, lines)
}

fn code_block(document: &Document, whole: Lines, info: Option<String>) -> Option<Block> {
    let (lines, fence) = match info {
        None => (whole, None),
        Some(info) => {
            let closing = (whole.last > whole.first
                && closes(document.line(whole.first), document.line(whole.last)))
            .then_some(whole.last);
            let lines = Lines {
                first: whole.first + 1,
                last: closing.map_or(whole.last, |line| line - 1),
            };
            let fence = Fence {
                info,
                opening: whole.first,
                closing,
            };
            (lines, Some(fence))
        }
    };
    if fence.is_none() && lines.first > lines.last {
        return None;
    }
    let language = fence.as_ref().map_or("", |fence| fence.info.as_str());
    let pieces = transcript::pieces(document, lines, language);
    let kind = transcript::kind(&pieces);
    Some(Block {
        fence,
        pieces,
        ..block(document, kind, lines)
    })
}

/// Whether a line is the closing marker of the fence that another one opens.
fn closes(opening: &str, closing: &str) -> bool {
    let marker = |line: &str| {
        let from = line.find(['`', '~'])?;
        let mark = line[from..].chars().next()?;
        let length = line[from..]
            .chars()
            .take_while(|next| *next == mark)
            .count();
        Some((mark, length, line[from..].trim_end().len()))
    };
    match (marker(opening), marker(closing)) {
        (Some((mark, length, _)), Some((other, other_length, all))) => {
            mark == other && other_length >= length && all == other_length
        }
        _ => false,
    }
}
