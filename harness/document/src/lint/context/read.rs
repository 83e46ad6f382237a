//! A document's pieces → the commands, files, manifests, configurations and outputs of a [`Context`].

use std::ops::Range;

use serde_json::Value;

use super::{Configuration, Context, Manifest, Printed, Typed, Written};
use crate::shell::{self, Command, End, HereDocument, Redirection, Word};
use crate::{Block, PieceKind};

/// Where a script stands.
#[derive(Clone)]
pub(super) struct Place {
    /// The number of its block.
    pub(super) block: usize,
    /// Whether it stands in the prose.
    pub(super) inline: bool,
    /// Whether it is typed at a prompt.
    pub(super) prompted: bool,
    /// The host that the prompt names.
    pub(super) host: Option<String>,
}

/// How many scripts inside of scripts for other shells are read.
const DEEPEST: usize = 3;

impl<'a> Context<'a> {
    pub(super) fn pieces(&mut self, number: usize, block: &'a Block, pipelines: &mut usize) {
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
                    let place = Place {
                        block: number,
                        inline: false,
                        prompted: piece.prompt.is_some(),
                        host,
                    };
                    self.script(piece.content.clone(), &place, pipelines, 0);
                    if self.commands.len() > before {
                        command = Some(before);
                        if let Some(pod) = pod_of(&self.commands[before]) {
                            shell_of = Some(pod);
                        }
                    }
                }
                PieceKind::Output => self.outputs.push(Printed {
                    piece,
                    command,
                    pod: shell_of.clone(),
                }),
                PieceKind::File => self.add_manifests(&piece.content),
            }
        }
    }

    /// Adds a script's commands, and those of the here-documents that another shell reads.
    pub(super) fn script(
        &mut self,
        span: Range<usize>,
        place: &Place,
        pipelines: &mut usize,
        depth: usize,
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
            let typed = typed(command, base, first, place, &here_documents);
            let remote = matches!(typed.program(), "ssh" | "bash" | "sh");
            let bodies = typed.bodies.clone();
            self.commands.push(typed);
            if remote && depth < DEEPEST {
                for body in bodies {
                    self.script(body, place, pipelines, depth + 1);
                }
            }
        }
        self.here_documents.extend(here_documents);
        *pipelines += 1;
    }

    pub(super) fn written(&mut self) {
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

    pub(super) fn objects(&mut self) {
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
                self.add_configuration(value, body.clone(), body);
            } else {
                self.add_manifests(&body);
            }
        }
        self.manifests.sort_by_key(|manifest| manifest.span.start);
        self.manifests.dedup_by_key(|manifest| manifest.span.start);
    }

    fn add_manifests(&mut self, span: &Range<usize>) {
        let mut start = span.start;
        let separators: Vec<_> = self
            .lines(span)
            .into_iter()
            .filter(|(_, line)| line.trim_end() == "---")
            .map(|(line, _)| line)
            .collect();
        let mut following = separators.iter();
        for end in separators.iter().map(|line| line.start).chain([span.end]) {
            let part = start..end.max(start);
            start = following.next().map_or(end, |line| line.end);
            let Ok(value) = serde_saphyr::from_str::<Value>(self.text(&part)) else {
                continue;
            };
            let config = value.pointer("/spec/config").and_then(Value::as_str);
            if let Some(config) = config.and_then(|text| serde_json::from_str(text).ok()) {
                let place = self.configuration_text(&part);
                self.add_configuration(config, place, part.clone());
            }
            if value.get("kind").is_some() {
                self.manifests.push(Manifest { value, span: part });
            } else {
                self.add_configuration(value, part.clone(), part);
            }
        }
    }

    /// Where the text of a NetworkAttachmentDefinition's configuration starts, to the object's end.
    pub(in crate::lint) fn configuration_text(&self, object: &Range<usize>) -> Range<usize> {
        let lines = self.lines(object);
        let key = lines.iter().find_map(|(span, line)| {
            let rest = line.trim_start().strip_prefix("config:")?;
            Some(span.end - rest.len())
        });
        key.unwrap_or(object.start)..object.end
    }

    fn add_configuration(&mut self, value: Value, text: Range<usize>, span: Range<usize>) {
        if value.get("type").is_some_and(Value::is_string)
            || value.get("plugins").is_some_and(Value::is_array)
        {
            self.configurations
                .push(Configuration { value, text, span });
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
    place: &Place,
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
            // Options of sudo itself, such as `-E`.
            while let [option, behind @ ..] = words
                && first.text == "sudo"
                && matches!(option.text.as_str(), "-E" | "-H" | "-n" | "-S" | "-b")
                && !behind.is_empty()
            {
                words = behind;
            }
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
        background: command.background,
        course: command.course,
        inline: place.inline,
        prompted: place.prompted,
        block: place.block,
        host: place.host.clone(),
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
