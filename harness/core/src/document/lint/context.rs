//! What the rules look at: a document's commands, the files and manifests that they write, and what was printed.

use std::ops::Range;

use serde_json::Value;

use crate::document::shell::{self, Command, End, HereDocument, Redirection, Word};
use crate::document::{Block, Document, Kind, Piece, PieceKind};

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
}

/// A command that is typed, with its bytes in the document.
pub(super) struct Typed {
    /// Its words, `sudo` and assignments before it left out.
    pub(super) words: Vec<Word>,
    pub(super) redirections: Vec<Redirection>,
    pub(super) span: Range<usize>,
    /// The bytes of the here-documents that it reads.
    pub(super) bodies: Vec<Range<usize>>,
    /// Commands with the same number are one pipeline.
    pub(super) pipeline: usize,
    /// Whether it is mentioned in the prose only.
    pub(super) inline: bool,
    /// The host at whose prompt it is typed.
    pub(super) host: Option<String>,
}

impl Typed {
    /// The program's name.
    pub(super) fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.text.as_str())
    }

    /// Whether the words start with these.
    pub(super) fn starts_with(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len()
            && self
                .words
                .iter()
                .zip(words)
                .all(|(word, wanted)| word.text == *wanted)
    }

    /// The word that has one of these texts.
    pub(super) fn find(&self, texts: &[&str]) -> Option<&Word> {
        self.words
            .iter()
            .find(|word| texts.contains(&word.text.as_str()))
    }

    /// The value of an option, be it behind `=` or the next word.
    pub(super) fn option(&self, name: &str) -> Option<Word> {
        let at = self.words.iter().position(|word| {
            word.text == name
                || word
                    .text
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('='))
        })?;
        let word = &self.words[at];
        match word.text.split_once('=') {
            Some((_, value)) => Some(Word {
                text: value.to_owned(),
                ..word.clone()
            }),
            None => self.words.get(at + 1).cloned(),
        }
    }

    /// The words of `kubectl` that are no options and no options' values, from its subcommand on and up to `--`.
    pub(super) fn kubectl(&self) -> Vec<&Word> {
        if self.program() != "kubectl" {
            return Vec::new();
        }
        let mut plain = Vec::new();
        let mut words = self.words[1..].iter();
        while let Some(word) = words.next() {
            match word.text.as_str() {
                "--" => break,
                "-n" | "--namespace" | "-f" | "--filename" | "-o" | "--output" | "-p"
                | "--patch" | "-c" | "--container" | "-l" | "--selector" | "--context"
                | "--type" | "--for" | "--timeout" | "--image" | "--replicas" | "--kubeconfig" => {
                    words.next();
                }
                text if text.starts_with('-') => {}
                _ => plain.push(word),
            }
        }
        plain
    }
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
    pub(super) block: &'a Block,
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
        };
        let mut pipelines = 0;
        for block in &document.blocks {
            for code in &block.code {
                let text = &document.text()[code.clone()];
                if super::super::transcript::is_command(text) {
                    context.script(code.clone(), true, None, &mut pipelines);
                }
            }
            context.pieces(block, &mut pipelines);
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
        self.commands
            .iter()
            .filter(move |command| command.pipeline == number)
    }

    fn pieces(&mut self, block: &'a Block, pipelines: &mut usize) {
        let mut command = None;
        let mut shell_of = None;
        for piece in &block.pieces {
            match piece.kind {
                PieceKind::Command => {
                    let host = piece.prompt.as_ref().and_then(|prompt| prompt.host.clone());
                    if host.is_some() {
                        shell_of = None;
                    }
                    let before = self.commands.len();
                    self.script(piece.content.clone(), false, host, pipelines);
                    if self.commands.len() > before {
                        command = Some(before);
                        if let Some(pod) = pod_of(&self.commands[before]) {
                            shell_of = Some(pod);
                        }
                    }
                }
                PieceKind::Output => self.outputs.push(Printed {
                    block,
                    piece,
                    command,
                    pod: shell_of.clone(),
                }),
                PieceKind::File => self.add_manifests(&piece.content),
            }
        }
    }

    /// Adds a script's commands, and those of the here-documents that another shell reads.
    fn script(
        &mut self,
        span: Range<usize>,
        inline: bool,
        host: Option<String>,
        pipelines: &mut usize,
    ) {
        let script = shell::scan(self.text(&span));
        let base = span.start;
        let first = *pipelines;
        let here_documents: Vec<_> = script
            .here_documents
            .iter()
            .map(|here_document| shifted(here_document, base))
            .collect();
        for command in &script.commands {
            *pipelines = (*pipelines).max(first + command.pipeline + 1);
            let typed = typed(command, base, first, inline, host.clone(), &here_documents);
            let remote = matches!(typed.program(), "ssh" | "bash" | "sh");
            let bodies = typed.bodies.clone();
            self.commands.push(typed);
            if remote {
                for body in bodies {
                    self.script(body, inline, host.clone(), pipelines);
                }
            }
        }
        self.here_documents.extend(here_documents);
        *pipelines += 1;
    }

    fn written(&mut self) {
        let mut files = Vec::new();
        for command in &self.commands {
            for body in &command.bodies {
                let tee = self
                    .pipeline(command.pipeline)
                    .filter(|other| other.program() == "tee")
                    .flat_map(|other| other.words[1..].iter())
                    .filter(|word| !word.text.starts_with('-'));
                let redirected = self
                    .pipeline(command.pipeline)
                    .flat_map(|other| &other.redirections)
                    .filter(|redirection| redirection.operator.starts_with('>'))
                    .map(|redirection| &redirection.target);
                for path in tee.chain(redirected) {
                    files.push(Written {
                        path: path.clone(),
                        body: body.clone(),
                    });
                }
            }
        }
        self.files = files;
    }

    fn objects(&mut self) {
        let bodies: Vec<_> = self
            .commands
            .iter()
            .filter(|command| {
                self.pipeline(command.pipeline).any(|other| {
                    other.kubectl().first().is_some_and(|word| {
                        matches!(word.text.as_str(), "apply" | "create" | "replace")
                    })
                })
            })
            .flat_map(|command| command.bodies.clone())
            .collect();
        for body in bodies {
            self.add_manifests(&body);
        }
        let files: Vec<_> = self.files.iter().map(|file| file.body.clone()).collect();
        for body in files {
            if let Ok(value) = serde_json::from_str::<Value>(self.text(&body)) {
                self.add_configuration(value, body);
            } else {
                self.add_manifests(&body);
            }
        }
    }

    fn add_manifests(&mut self, span: &Range<usize>) {
        let mut start = span.start;
        let separators: Vec<_> = self
            .lines(span)
            .into_iter()
            .filter(|(_, line)| line.trim_end() == "---")
            .map(|(line, _)| line)
            .collect();
        for end in separators.iter().map(|line| line.start).chain([span.end]) {
            let part = start..end.max(start);
            start = separators
                .iter()
                .find(|line| line.start == end)
                .map_or(end, |line| line.end);
            let Ok(value) = serde_saphyr::from_str::<Value>(self.text(&part)) else {
                continue;
            };
            let config = value.pointer("/spec/config").and_then(Value::as_str);
            if let Some(config) = config.and_then(|text| serde_json::from_str(text).ok()) {
                self.add_configuration(config, part.clone());
            }
            if value.get("kind").is_some() {
                self.manifests.push(Manifest { value, span: part });
            } else {
                self.add_configuration(value, part);
            }
        }
    }

    fn add_configuration(&mut self, value: Value, span: Range<usize>) {
        if value.get("type").is_some_and(Value::is_string)
            || value.get("plugins").is_some_and(Value::is_array)
        {
            self.configurations.push(Configuration { value, span });
        }
    }
}

fn shift(span: &Range<usize>, base: usize) -> Range<usize> {
    span.start + base..span.end + base
}

fn shifted_word(word: &Word, base: usize) -> Word {
    Word {
        span: shift(&word.span, base),
        ..word.clone()
    }
}

fn shifted(here_document: &HereDocument, base: usize) -> HereDocument {
    HereDocument {
        word: shifted_word(&here_document.word, base),
        indented: here_document.indented,
        body: shift(&here_document.body, base),
        end: match &here_document.end {
            End::Word(line) => End::Word(shift(line, base)),
            End::Blanks(line) => End::Blanks(shift(line, base)),
            End::Missing => End::Missing,
        },
    }
}

fn typed(
    command: &Command,
    base: usize,
    first_pipeline: usize,
    inline: bool,
    host: Option<String>,
    here_documents: &[HereDocument],
) -> Typed {
    let mut words: &[Word] = &command.words;
    while let [first, rest @ ..] = words {
        let assignment = first.text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|next| next.is_ascii_alphanumeric() || next == '_')
        });
        if (first.text == "sudo" || assignment) && !rest.is_empty() {
            words = rest;
        } else {
            break;
        }
    }
    Typed {
        words: words.iter().map(|word| shifted_word(word, base)).collect(),
        redirections: command
            .redirections
            .iter()
            .map(|redirection| Redirection {
                operator: redirection.operator,
                target: shifted_word(&redirection.target, base),
            })
            .collect(),
        span: shift(&command.span, base),
        bodies: command
            .here_documents
            .iter()
            .filter_map(|number| here_documents.get(*number))
            .map(|here_document| here_document.body.clone())
            .collect(),
        pipeline: first_pipeline + command.pipeline,
        inline,
        host,
    }
}

/// The pod that a command runs in or describes.
fn pod_of(command: &Typed) -> Option<String> {
    let words = command.kubectl();
    let (verb, rest) = words.split_first()?;
    if !matches!(verb.text.as_str(), "exec" | "describe") {
        return None;
    }
    let name = match rest.first()?.text.as_str() {
        "pod" | "po" | "pods" => rest.get(1)?.text.as_str(),
        name => name,
    };
    Some(
        name.strip_prefix("po/")
            .or_else(|| name.strip_prefix("pod/"))
            .unwrap_or(name)
            .to_owned(),
    )
}
