//! What the rules look at: a document's commands, the files and manifests that they write, and what was printed.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::shell::{HereDocument, Word};
use crate::{Block, Document, Kind, Piece, transcript};

mod mentions;
mod read;
mod typed;

pub(super) use typed::Typed;

/// A document and what is known of it.
pub(super) struct Context<'a> {
    pub(super) document: &'a Document,
    /// Every command, those inside here-documents for other shells and those in the prose included.
    pub(super) commands: Vec<Typed>,
    /// Every here-document.
    pub(super) here_documents: Vec<HereDocument>,
    /// Every file that a here-document is written into.
    pub(super) files: Vec<Written>,
    /// Every Kubernetes object that is given as text.
    pub(super) manifests: Vec<Manifest>,
    /// Every CNI configuration, be it a file or in an object.
    pub(super) configurations: Vec<Configuration>,
    /// Every output.
    pub(super) outputs: Vec<Printed<'a>>,
    /// The number of each pipeline with those of its commands.
    pipelines: BTreeMap<usize, Vec<usize>>,
    /// Where each file's name and each identifier stands.
    pub(super) mentions: mentions::Mentions<'a>,
}

/// A file that is written from a here-document.
pub(super) struct Written {
    pub(super) path: Word,
    pub(super) body: Range<usize>,
}

/// A Kubernetes object that is given as text.
pub(super) struct Manifest {
    pub(super) value: Value,
    pub(super) span: Range<usize>,
}

impl Manifest {
    /// A text of it, by its JSON pointer.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// A CNI configuration.
pub(super) struct Configuration {
    pub(super) value: Value,
    /// The bytes of its own text.
    pub(super) text: Range<usize>,
    pub(super) span: Range<usize>,
}

impl Configuration {
    /// The configuration's plugins: of a list each, otherwise itself.
    pub(super) fn plugins(&self) -> Vec<&Value> {
        match self.value.get("plugins").and_then(Value::as_array) {
            Some(plugins) => plugins.iter().collect(),
            None => vec![&self.value],
        }
    }
}

/// An output, and what printed it.
pub(super) struct Printed<'a> {
    pub(super) piece: &'a Piece,
    /// Its number in [`Context::commands`].
    pub(super) command: Option<usize>,
    /// The pod in which it was printed, or that it describes.
    pub(super) pod: Option<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let mut context = Self {
            document,
            commands: Vec::new(),
            here_documents: Vec::new(),
            files: Vec::new(),
            manifests: Vec::new(),
            configurations: Vec::new(),
            outputs: Vec::new(),
            pipelines: BTreeMap::new(),
            mentions: mentions::Mentions::of(document),
        };
        let mut pipelines = 0;
        for (number, block) in document.blocks.iter().enumerate() {
            for code in &block.code {
                let text = &document.text()[code.clone()];
                if transcript::is_command(text) {
                    let place = read::Place {
                        block: number,
                        inline: true,
                        prompted: false,
                        host: None,
                    };
                    context.script(code.clone(), &place, &mut pipelines, 0);
                }
            }
            context.pieces(number, block, &mut pipelines);
        }
        for (number, command) in context.commands.iter().enumerate() {
            let of = context.pipelines.entry(command.pipeline).or_default();
            of.push(number);
        }
        context.written();
        context.objects();
        context
    }

    /// The document's bytes.
    pub(super) fn text(&self, span: &Range<usize>) -> &'a str {
        &self.document.text()[span.clone()]
    }

    /// Where a text first stands in a span; the span itself where it does not.
    pub(super) fn locate(&self, span: &Range<usize>, needle: &str) -> Range<usize> {
        self.text(span).find(needle).map_or(span.clone(), |at| {
            span.start + at..span.start + at + needle.len()
        })
    }

    /// The lines of a span with their bytes, line breaks left out.
    pub(super) fn lines(&self, span: &Range<usize>) -> Vec<(Range<usize>, &'a str)> {
        let mut at = span.start;
        let mut lines = Vec::new();
        for line in self.text(span).split_inclusive('\n') {
            let trimmed = line.trim_end_matches(['\n', '\r']);
            lines.push((at..at + trimmed.len(), trimmed));
            at += line.len();
        }
        lines
    }

    /// The blocks of prose, titles included.
    pub(super) fn prose(&self) -> impl Iterator<Item = &'a Block> {
        self.document
            .blocks
            .iter()
            .filter(|block| matches!(block.kind, Kind::Prose | Kind::Heading))
    }

    /// The sentences of the prose with their bytes.
    pub(super) fn sentences(&self) -> Vec<(Range<usize>, &'a str)> {
        let mut sentences = Vec::new();
        for block in self.prose() {
            let text = self.text(&block.span);
            let mut start = 0;
            for (at, _) in text.match_indices(". ").chain([(text.len(), "")]) {
                // A heading's or an item's mark is no part of what is told.
                let from = start
                    + (text[start..at].len()
                        - text[start..at]
                            .trim_start_matches(['-', '#', ' ', '*', '\n'])
                            .len());
                if from < at {
                    let span = block.span.start + from..block.span.start + at;
                    sentences.push((span.clone(), self.text(&span)));
                }
                start = (at + 2).min(text.len());
            }
        }
        sentences
    }

    /// The other commands of a command's pipeline, itself included.
    pub(super) fn pipeline(&self, number: usize) -> impl Iterator<Item = &Typed> {
        let commands = self.pipelines.get(&number).into_iter().flatten();
        commands.map(|command| &self.commands[*command])
    }
}
