//! A command as the rules look at it.

use std::ops::Range;

use crate::shell::{Course, Redirection, Word};

/// A command that is typed, with its bytes in the document.
pub(in crate::lint) struct Typed {
    /// Its words, `sudo` and assignments before it left out.
    pub(in crate::lint) words: Vec<Word>,
    pub(in crate::lint) redirections: Vec<Redirection>,
    pub(in crate::lint) span: Range<usize>,
    /// The bytes of the here-documents that it reads.
    pub(in crate::lint) bodies: Vec<Range<usize>>,
    /// Commands with the same number are one pipeline.
    pub(in crate::lint) pipeline: usize,
    /// Whether it is mentioned in the prose only.
    pub(in crate::lint) inline: bool,
    /// Whether the shell goes on without waiting for it.
    pub(in crate::lint) background: bool,
    /// Whether it is run for sure, and may fail.
    pub(in crate::lint) course: Course,
    /// Whether it is typed at a prompt.
    pub(in crate::lint) prompted: bool,
    /// The number of the document's block that it is in.
    pub(in crate::lint) block: usize,
    /// The host at whose prompt it is typed.
    pub(in crate::lint) host: Option<String>,
}

impl Typed {
    /// The program's name.
    pub(in crate::lint) fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.text.as_str())
    }

    /// Whether the words start with these.
    pub(in crate::lint) fn starts_with(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len()
            && self
                .words
                .iter()
                .zip(words)
                .all(|(word, wanted)| word.text == *wanted)
    }

    /// The word that has one of these texts.
    pub(in crate::lint) fn find(&self, texts: &[&str]) -> Option<&Word> {
        self.words
            .iter()
            .find(|word| texts.contains(&word.text.as_str()))
    }

    /// The value of an option, be it behind `=` or the next word.
    pub(in crate::lint) fn option(&self, name: &str) -> Option<Word> {
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
    pub(in crate::lint) fn kubectl(&self) -> Vec<&Word> {
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
    /// What is run in the end: behind `kubectl exec`, `ssh`, `ip netns exec` and the like; itself where it is none of these.
    pub(in crate::lint) fn innermost(&self) -> &[Word] {
        let mut words = self.words.as_slice();
        for _ in 0..4 {
            match inner(words) {
                Some(inside) if !inside.is_empty() => words = inside,
                _ => break,
            }
        }
        words
    }

    /// The short options in one word: `n`, `f` and `u` of `-nfu`.
    pub(in crate::lint) fn short_options(words: &[Word]) -> impl Iterator<Item = (&Word, char)> {
        words
            .iter()
            .take_while(|word| word.text != "--")
            .filter(|word| {
                let letters = word.text.strip_prefix('-').unwrap_or_default();
                !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            })
            .flat_map(|word| word.text.chars().skip(1).map(move |letter| (word, letter)))
    }
}

/// The words that a command hands to another shell, container or namespace.
fn inner(words: &[Word]) -> Option<&[Word]> {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let behind_dashes = || {
        let at = words.iter().position(|word| word.text == "--")?;
        words.get(at + 1..)
    };
    match text(0) {
        "kubectl" | "oc" => {
            let runs = ["exec", "run", "debug", "rsh"];
            words
                .iter()
                .any(|word| runs.contains(&word.text.as_str()))
                .then(behind_dashes)?
        }
        "docker" | "podman" | "nerdctl" | "crictl" if text(1) == "exec" => {
            let values = ["-e", "-u", "-w", "--env", "--user", "--workdir"];
            words.get(plain(words, 2, &values)? + 1..)
        }
        "ssh" => {
            let values = [
                "-i", "-p", "-l", "-o", "-F", "-J", "-L", "-R", "-D", "-W", "-b", "-c", "-m", "-E",
            ];
            words.get(plain(words, 1, &values)? + 1..)
        }
        "ip" => {
            let at = words.iter().position(|word| word.text == "exec")?;
            let inside = matches!(text(at.checked_sub(1)?), "netns" | "net" | "vrf");
            inside.then(|| words.get(at + 2..))?
        }
        "nsenter" => behind_dashes()
            .or_else(|| words.get(plain(words, 1, &["-t", "--target", "-S", "-G"])?..)),
        "env" | "nohup" | "time" | "exec" | "command" => words.get(1..),
        _ => None,
    }
}

/// The first word from a place on that is no option and no option's value.
fn plain(words: &[Word], from: usize, values: &[&str]) -> Option<usize> {
    let mut at = from;
    while let Some(word) = words.get(at) {
        if !word.text.starts_with('-') {
            return Some(at);
        }
        at += 1 + usize::from(values.contains(&word.text.as_str()));
    }
    None
}
