//! Markdown → blocks, by lines. Which lines are code is the Markdown parser's word; what a line is not told by it is
//! prose.
//!
//! Guides are written for several renderers. Before the parser sees a text, what only their dialects mean is put into
//! words of plain Markdown, byte for byte as long: code in shortcodes of Hugo and Jekyll becomes a fence, the heads of
//! MkDocs' admonitions and tabs become list items, and lines of nothing but tags are blank. How a text is shown is no
//! concern here.

use pulldown_cmark::{CodeBlockKind, Event, MetadataBlockKind, Options, Parser, Tag};

use super::block::{Block, Fence, Kind, Lines};
use super::{Document, digest, transcript};

mod dialect;

/// What the Markdown parser says of some lines.
enum Region {
    Code {
        lines: Lines,
        info: Option<String>,
        closing: Option<usize>,
    },
    Heading(Lines),
    Paragraph(Lines),
    Hidden(Lines),
}

impl Region {
    fn lines(&self) -> Lines {
        match self {
            Self::Code { lines, .. }
            | Self::Heading(lines)
            | Self::Paragraph(lines)
            | Self::Hidden(lines) => *lines,
        }
    }
}

/// What is known of a text's lines before any of them is looked at.
pub(super) struct Outline {
    regions: Vec<Region>,
    /// Inline code: the line, and the bytes of the line that it is.
    code: Vec<(usize, std::ops::Range<usize>)>,
    /// Of each line, how many bytes at its start are a list's indentation, a quote's mark or a shell's `> `.
    pub(super) prefixes: Vec<usize>,
}

/// The bytes of each line's start, and the text that they belong to.
struct Source<'a> {
    text: &'a str,
    starts: &'a [usize],
}

impl<'a> Source<'a> {
    /// The line, counted from 1, that a byte is in.
    fn line_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).max(1)
    }

    fn start(&self, line: usize) -> usize {
        self.starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(self.text.len())
    }

    fn line(&self, line: usize) -> &'a str {
        self.text[self.start(line)..self.start(line + 1)].trim_end_matches(['\n', '\r'])
    }
}

/// Reads a text whose lines start at these bytes.
pub(super) fn outline(text: &str, starts: &[usize]) -> Outline {
    let plain = dialect::plain(text);
    let mark = if plain.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let source = Source {
        text: &plain,
        starts,
    };
    let mut outline = Outline {
        regions: Vec::new(),
        code: Vec::new(),
        prefixes: vec![0; starts.len()],
    };
    if let Some(first) = outline.prefixes.first_mut() {
        *first = mark;
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut in_code = false;
    for (event, range) in Parser::new_ext(&plain[mark..], options).into_offset_iter() {
        let range = range.start + mark..range.end + mark;
        let last_byte = range.end.saturating_sub(1).max(range.start);
        let lines = Lines {
            first: source.line_at(range.start),
            last: source.line_at(last_byte),
        };
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                in_code = true;
                outline.add_code(&source, lines, kind);
            }
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Text(_) if in_code => outline.note_prefix(&source, lines, range.start),
            Event::Start(Tag::Heading { .. }) => outline.regions.push(Region::Heading(lines)),
            Event::Start(Tag::Paragraph) => outline.regions.push(Region::Paragraph(lines)),
            Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)) => {
                outline.regions.push(Region::Hidden(lines));
            }
            Event::Start(Tag::HtmlBlock)
                if plain[range.clone()].trim_start().starts_with("<!--") =>
            {
                outline.regions.push(Region::Hidden(lines));
            }
            Event::Code(_) => {
                let marks = plain[range.clone()]
                    .bytes()
                    .take_while(|byte| *byte == b'`')
                    .count();
                let start = source.start(lines.first);
                if lines.first == lines.last {
                    let code = range.start + marks - start
                        ..range.end.saturating_sub(marks).max(range.start + marks) - start;
                    outline.code.push((lines.first, code));
                }
            }
            _ => {}
        }
    }
    outline.split_indented(&source);
    outline.note_continuations(&source);
    outline
}

impl Outline {
    fn add_code(&mut self, source: &Source<'_>, whole: Lines, kind: CodeBlockKind<'_>) {
        let CodeBlockKind::Fenced(info) = kind else {
            self.regions.push(Region::Code {
                lines: whole,
                info: None,
                closing: None,
            });
            return;
        };
        let closing = (whole.last > whole.first
            && closes(source.line(whole.first), source.line(whole.last)))
        .then_some(whole.last);
        self.regions.push(Region::Code {
            lines: whole,
            info: Some(info.trim().to_owned()),
            closing,
        });
        // A line that has no text of its own is blank, whatever its container puts before it.
        for line in whole.first + 1..=closing.map_or(whole.last, |line| line - 1) {
            let text = source.line(line);
            if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'>')) {
                self.prefixes[line - 1] = text.len();
            }
        }
    }

    /// A text of a code block starts at a byte: what is before it in its line belongs to the containers.
    fn note_prefix(&mut self, source: &Source<'_>, lines: Lines, start: usize) {
        let from_line = start - source.start(lines.first);
        let before = &source.text[source.start(lines.first)..start];
        let is_container = before
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'>'));
        if is_container && let Some(prefix) = self.prefixes.get_mut(lines.first - 1) {
            // The first text of a line says it; a second one starts behind an escape or an entity.
            if *prefix == 0 || *prefix > from_line {
                *prefix = from_line;
            }
        }
        for line in lines.first + 1..=lines.last {
            if let Some(prefix) = self.prefixes.get_mut(line - 1) {
                *prefix = 0;
            }
        }
    }

    /// An indented block that holds fences is what MDX and tabs make of indentation: its fences are fences.
    fn split_indented(&mut self, source: &Source<'_>) {
        let mut regions = Vec::new();
        for region in std::mem::take(&mut self.regions) {
            let Region::Code {
                lines, info: None, ..
            } = region
            else {
                regions.push(region);
                continue;
            };
            let fence = |line: usize| {
                let text = source.line(line).trim_start();
                text.starts_with("```") || text.starts_with("~~~")
            };
            if !(lines.first..=lines.last).any(fence) {
                regions.push(region);
                continue;
            }
            let mut line = lines.first;
            while line <= lines.last {
                if !fence(line) {
                    line += 1;
                    continue;
                }
                let opening = source.line(line);
                let indentation = opening.len() - opening.trim_start().len();
                let closing =
                    (line + 1..=lines.last).find(|other| closes(opening, source.line(*other)));
                let last = closing.unwrap_or(lines.last);
                for inner in line + 1..last {
                    let text = source.line(inner);
                    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
                    self.prefixes[inner - 1] = blanks.min(indentation);
                }
                regions.push(Region::Code {
                    lines: Lines { first: line, last },
                    info: Some(
                        opening
                            .trim()
                            .trim_start_matches(['`', '~'])
                            .trim()
                            .to_owned(),
                    ),
                    closing,
                });
                line = last + 1;
            }
        }
        self.regions = regions;
    }

    /// The `> ` that a shell prints before a line that goes on with the one before.
    fn note_continuations(&mut self, source: &Source<'_>) {
        for region in &self.regions {
            let Region::Code { lines, .. } = region else {
                continue;
            };
            let mut continued = false;
            for line in lines.first..=lines.last {
                let Some(prefix) = self.prefixes.get(line - 1).copied() else {
                    continue;
                };
                let text = source.line(line).get(prefix..).unwrap_or_default();
                if continued && let Some(rest) = text.strip_prefix('>') {
                    let blank = usize::from(rest.starts_with(' '));
                    self.prefixes[line - 1] += 1 + blank;
                    continue;
                }
                continued = transcript::prompt(text).is_some() && transcript::goes_on(text);
            }
        }
    }
}

/// The blocks of a document whose text and lines are known.
/// And whether all of it was looked at: what is left open in too many places is read line by line.
pub(super) fn blocks(document: &Document, outline: &Outline) -> (Vec<Block>, bool) {
    let mut blocks = Vec::new();
    let mut next_line = 1;
    let mut budget = transcript::Budget::of(document.text());
    for region in &outline.regions {
        let lines = region.lines();
        if lines.first < next_line {
            continue;
        }
        prose(document, next_line, lines.first - 1, &mut blocks);
        next_line = lines.last + 1;
        match region {
            Region::Code { info, closing, .. } => {
                let block = code_block(document, lines, info.as_deref(), *closing, &mut budget);
                blocks.extend(block);
            }
            Region::Heading(_) => blocks.push(block(document, Kind::Heading, lines)),
            Region::Paragraph(_) => blocks.push(paragraph(document, lines, &mut budget)),
            Region::Hidden(_) => blocks.push(block(document, Kind::Hidden, lines)),
        }
    }
    prose(document, next_line, document.line_count(), &mut blocks);
    let mut code = outline.code.iter().peekable();
    for block in &mut blocks {
        while let Some((line, bytes)) = code.next_if(|(line, _)| *line <= block.lines.last) {
            let span = document.line_span(*line);
            let prefix = outline.prefixes.get(line - 1).copied().unwrap_or(0);
            let at = |byte: usize| (span.start + byte.saturating_sub(prefix)).min(span.end);
            let shown = matches!(block.kind, Kind::Prose | Kind::Heading);
            if shown && *line >= block.lines.first {
                block.code.push(at(bytes.start)..at(bytes.end));
            }
        }
    }
    (blocks, !budget.exceeded)
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
        is_indented: false,
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
fn paragraph(document: &Document, lines: Lines, budget: &mut transcript::Budget) -> Block {
    if transcript::starts_loose(document.line(lines.first)) {
        let pieces = transcript::pieces(document, lines, "", budget);
        let kind = transcript::kind(&pieces);
        return Block {
            pieces,
            ..block(document, kind, lines)
        };
    }
    block(document, Kind::Prose, lines)
}

fn code_block(
    document: &Document,
    whole: Lines,
    info: Option<&str>,
    closing: Option<usize>,
    budget: &mut transcript::Budget,
) -> Option<Block> {
    let (lines, fence) = match info {
        None => (whole, None),
        Some(info) => {
            let lines = Lines {
                first: whole.first + 1,
                last: closing.map_or(whole.last, |line| line - 1),
            };
            let fence = Fence {
                info: info.to_owned(),
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
    let pieces = transcript::pieces(document, lines, language, budget);
    let kind = transcript::kind(&pieces);
    Some(Block {
        is_indented: fence.is_none(),
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
