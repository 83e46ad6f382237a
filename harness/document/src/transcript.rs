//! The lines of a code block → pieces: what was typed, what was printed, what is a file.
//!
//! A line is typed where a prompt says so, where the block's language says so, or where it starts with the name of a
//! program that such documents use. It is not known here whether a command is right.

use super::block::{Kind, Lines, Piece, PieceKind, Prompt};
use super::shell;
use super::{Document, digest};

/// Programs and words of the shell that a line without a prompt is known as a command by.
const COMMANDS: [&str; 84] = [
    "alias",
    "apt",
    "apt-get",
    "awk",
    "bash",
    "bridge",
    "calicoctl",
    "case",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cilium",
    "cp",
    "crictl",
    "crio",
    "ctr",
    "curl",
    "cut",
    "dig",
    "dnf",
    "docker",
    "echo",
    "eval",
    "exit",
    "export",
    "find",
    "for",
    "function",
    "git",
    "go",
    "grep",
    "head",
    "helm",
    "hostname",
    "if",
    "ip",
    "iptables",
    "istioctl",
    "journalctl",
    "jq",
    "kind",
    "kubeadm",
    "kubectl",
    "ln",
    "ls",
    "make",
    "minikube",
    "mkdir",
    "modprobe",
    "mount",
    "mv",
    "nc",
    "nft",
    "nslookup",
    "oc",
    "ping",
    "podman",
    "printf",
    "python3",
    "read",
    "rm",
    "scp",
    "sed",
    "set",
    "sh",
    "sleep",
    "source",
    "ss",
    "ssh",
    "sudo",
    "sysctl",
    "systemctl",
    "tail",
    "tar",
    "tee",
    "timeout",
    "touch",
    "until",
    "wait",
    "watch",
    "wget",
    "while",
    "yum",
];

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
    prompt(line).is_some_and(|length| length < line.trim_end().len()) || is_table_head(line)
}

/// The pieces of some lines; `language` is what the fence says of them.
pub(super) fn pieces(document: &Document, lines: Lines, language: &str) -> Vec<Piece> {
    let first = (lines.first..=lines.last)
        .map(|line| document.line(line))
        .find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let Some(first) = first else {
        return Vec::new();
    };
    let language = language.split([' ', ',', '{']).next().unwrap_or_default();
    let shell_language = matches!(
        language,
        "bash" | "sh" | "shell" | "zsh" | "console" | "shell-session" | "terminal"
    );
    let has_prompt = (lines.first..=lines.last).any(|line| prompt(document.line(line)).is_some());
    if !has_prompt && !shell_language && !is_command(first) {
        let kind = if is_file(first, language) {
            PieceKind::File
        } else {
            PieceKind::Output
        };
        return vec![piece(document, kind, lines, None)];
    }
    let unprompted = shell_language || is_command(first);
    split(document, lines, unprompted)
}

fn split(document: &Document, lines: Lines, mut typed: bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut line = lines.first;
    while line <= lines.last {
        let text = document.line(line);
        let prompt_length = prompt(text).filter(|length| *length < text.trim_end().len());
        let starts_command = prompt_length.is_some()
            || if typed {
                !is_table_head(text)
            } else {
                is_command(text) && prompt(text).is_none()
            };
        if !starts_command || text.trim().is_empty() {
            typed = typed && starts_command;
            add(document, &mut pieces, PieceKind::Output, line, line, None);
            line += 1;
            continue;
        }
        let last = command_end(document, line, lines.last, prompt_length.unwrap_or(0));
        let start = document.line_span(line).start;
        let prompt = prompt_length.map(|length| Prompt {
            span: start..start + length,
            host: host(&text[..length]),
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
    pieces.push(piece(document, kind, Lines { first, last }, prompt));
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
fn command_end(document: &Document, first: usize, limit: usize, skip: usize) -> usize {
    let start = document.line_span(first).start + skip;
    let mut last = first;
    // What is still open after this many lines is a stray quote, and no command.
    while last <= limit.min(first + 200) {
        if last > first && prompt(document.line(last)).is_some() {
            break;
        }
        let text = &document.text()[start..document.line_span(last).end];
        if shell::scan(text).is_complete() {
            return last;
        }
        last += 1;
    }
    first
}

/// How long the prompt is that a line starts with, in bytes, the blanks behind it included.
pub(super) fn prompt(line: &str) -> Option<usize> {
    let with_blank = |end: usize| {
        let rest = &line[end..];
        if rest.is_empty() {
            return Some(end);
        }
        let trimmed = rest.trim_start_matches(' ');
        (trimmed.len() < rest.len()).then_some(line.len() - trimmed.len())
    };
    let first_word = line.split(' ').next().unwrap_or_default();
    let ends = first_word.ends_with('$') || first_word.ends_with('#');
    if first_word == "$" || (ends && first_word.contains('@')) {
        return with_blank(first_word.len());
    }
    // A root shell in a container, as BusyBox and bash print it.
    if (first_word.starts_with('/') || first_word == "~")
        && line[first_word.len()..].starts_with(" #")
    {
        return with_blank(first_word.len() + 2);
    }
    if ends && (first_word.starts_with("bash-") || first_word.starts_with("sh-")) {
        return with_blank(first_word.len());
    }
    if line.starts_with('[') && first_word.contains('@') {
        let end = line.find("]$").or_else(|| line.find("]#"))? + 2;
        return with_blank(end);
    }
    None
}

fn host(prompt: &str) -> Option<String> {
    let (_, behind) = prompt.split_once('@')?;
    let host: String = behind
        .chars()
        .take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '.' | '_'))
        .collect();
    (!host.is_empty()).then_some(host)
}

/// Whether a line is typed into a shell, by its first word.
pub(super) fn is_command(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else {
        return false;
    };
    let known = COMMANDS.contains(&first);
    let alone = matches!(first, "ls" | "bash" | "sh" | "exit" | "wait" | "hostname");
    (known && (alone || words.next().is_some() || line.ends_with('\\')))
        || is_assignment(first)
        || first.starts_with("./")
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || next == '_')
            && !name.starts_with(|next: char| next.is_ascii_digit())
    })
}

fn is_file(first: &str, language: &str) -> bool {
    matches!(language, "yaml" | "yml" | "json" | "toml" | "ini" | "conf")
        || first.starts_with("apiVersion:")
        || first.starts_with("---")
        || matches!(first.trim_end(), "{" | "[")
}

/// Whether a line is the head of a table as kubectl prints it: columns in capitals.
pub(super) fn is_table_head(line: &str) -> bool {
    let words: Vec<_> = line
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    words.len() > 1
        && line.starts_with(|first: char| first.is_ascii_uppercase())
        && words.iter().all(|word| {
            word.chars().all(|next| {
                next.is_ascii_uppercase() || next.is_ascii_digit() || " -()".contains(next)
            })
        })
}
