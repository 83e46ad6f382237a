//! What is wrong with something that a user wrote: where, why, and what to do about it.
//!
//! A problem is found and shown here; it is never repaired, and nothing here decides what a problem is.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::{Deserialize, Serialize};

mod names;

pub use names::{known_names, nearest};

/// How many bytes of a line are shown on either side of where a piece begins; more than any terminal is wide.
const AROUND: usize = 1_000;

/// A text with the name that the user knows it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceText {
    /// The path as the user gave it.
    pub file: String,
    /// The whole text.
    pub text: Arc<str>,
    /// Where each line begins: a text with many mistakes is not counted through for each of them.
    starts: Arc<[usize]>,
}

impl SourceText {
    /// A text and its name.
    pub fn new(file: &str, text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Self {
            file: file.to_owned(),
            text: Arc::from(text),
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// The line of a byte span of this text; an empty text has none.
    pub fn location(&self, span: Range<usize>) -> Option<Location> {
        (!self.text.is_empty()).then(|| Location {
            file: self.file.clone(),
            line: Place::new(self, span).line(),
        })
    }

    /// A problem at a byte span of this text; an empty text has no places.
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem {
            place: (!self.text.is_empty()).then(|| Place::new(self, span)),
            ..Problem::new(&self.file, message)
        }
    }
}

/// A line of a file that somebody wrote, as it is told to people and to programs that open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Location {
    /// The path.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

impl Location {
    /// Whether the path is one in a repository or a folder, and not one of this machine.
    pub fn is_relative(&self) -> bool {
        !self.file.starts_with('/')
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    text: Arc<str>,
    starts: Arc<[usize]>,
    span: Range<usize>,
}

impl Place {
    /// A piece by its byte span, of which only the first line is kept: one caret line says where to look.
    pub fn new(source: &SourceText, span: Range<usize>) -> Self {
        let text = &source.text;
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.min(text.len()));
        // Of an empty span there is no line.
        let piece = text[start..end.max(start)].lines().next().unwrap_or("");
        Self {
            span: start..start + piece.trim_end().len(),
            text: Arc::clone(text),
            starts: Arc::clone(&source.starts),
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.starts
            .partition_point(|start| *start <= self.span.start)
            .max(1)
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        let before = &self.text[self.line_span().start..self.span.start];
        before.chars().count() + 1
    }

    /// Its bytes in the text.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Adds to a group the line that it is in with a mark under the piece, shown as of `file`; of a long line what is
    /// around the piece, since a file of many mistakes on one line would take minutes.
    pub fn shown_in<'a>(&'a self, group: Group<'a>, file: &'a str) -> Group<'a> {
        let line = self.line_span();
        let from = self.span.start.saturating_sub(AROUND).max(line.start);
        let from = self.text.ceil_char_boundary(from);
        let to = self.span.start.saturating_add(AROUND).min(line.end);
        let to = self.text.floor_char_boundary(to);
        let end = self.span.end.min(to);
        let snippet = Snippet::source(&self.text[from..to])
            .line_start(self.line())
            .annotation(AnnotationKind::Primary.span(self.span.start - from..end - from));
        if from == line.start {
            return group.element(snippet.path(file));
        }
        let origin = Origin::path(file)
            .line(self.line())
            .char_column(self.column());
        group.element(origin).element(snippet)
    }

    /// The bytes of its line, with the end of the line.
    fn line_span(&self) -> Range<usize> {
        let line = self.line();
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let end = self.starts.get(line).copied();
        start..end.unwrap_or(self.text.len())
    }
}

/// One thing that is wrong with what a user wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file (or the option) that it is in.
    pub file: String,
    /// Where in the file; nothing for what is about the file as a whole.
    pub place: Option<Place>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem of a file as a whole.
    pub fn new(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.into(),
            hint: None,
        }
    }

    /// The same problem with what to do about it.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The message with its place, source line, caret and hint; `colour` adds terminal escapes. No newline at the end.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut group = match &self.place {
            Some(place) => {
                let title = Level::ERROR.primary_title(&self.message);
                place.shown_in(Group::with_title(title), &self.file)
            }
            None => Group::with_title(
                Level::ERROR.primary_title(format!("{}: {}", self.file, self.message)),
            ),
        };
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.with_name("hint").message(hint));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problem {}

/// All that is wrong, in the order of the files' texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    /// What there is already: by file, place, message and hint, since to compare with each would take a file of many
    /// mistakes minutes.
    seen: HashSet<(String, usize, String, Option<String>)>,
}

impl Problems {
    /// Adds one; an equal one is kept once.
    pub fn push(&mut self, problem: Problem) {
        let start = problem.place.as_ref().map_or(0, |place| place.span.start);
        let key = (
            problem.file.clone(),
            start,
            problem.message.clone(),
            problem.hint.clone(),
        );
        if self.seen.insert(key) {
            self.list.push(problem);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Each one, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// The value where nothing is wrong; otherwise the problems, sorted by file and place.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.list.is_empty() {
            Ok(value)
        } else {
            Err(self.sorted())
        }
    }

    /// The same, by file and place.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.list
            .sort_by(|left, right| sort_key(left).cmp(&sort_key(right)));
        self
    }

    /// All of them as [`Problem::render`] shows one, with an empty line between two.
    pub fn render(&self, colour: bool) -> String {
        let rendered: Vec<_> = self.list.iter().map(|one| one.render(colour)).collect();
        rendered.join("\n\n")
    }
}

fn sort_key(problem: &Problem) -> (&str, usize) {
    let start = problem.place.as_ref().map_or(0, |place| place.span.start);
    (&problem.file, start)
}

impl Extend<Problem> for Problems {
    fn extend<T: IntoIterator<Item = Problem>>(&mut self, problems: T) {
        for problem in problems {
            self.push(problem);
        }
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        let mut problems = Self::default();
        problems.push(problem);
        problems
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn a_problem_shows_line_caret_and_hint() {
        let source = SourceText::new("scenarios/a/scenario.yaml", "title: Ä\nstepz: []\n");
        let problem = source
            .problem(10..15, "unknown key `stepz`")
            .with_hint(known_names("stepz", ["steps", "title"]));
        assert_snapshot!(problem, @r"
        error: unknown key `stepz`
         --> scenarios/a/scenario.yaml:2:1
          |
        2 | stepz: []
          | ^^^^^
          |
          = hint: did you mean `steps`? Known: steps, title
        ");
    }

    #[test]
    fn a_problem_of_a_whole_file_names_it() {
        let problem = Problem::new("--with calico=9.9.9", "there is no such version")
            .with_hint("known: 3.28.4");
        assert_snapshot!(problem, @r"
        error: --with calico=9.9.9: there is no such version
         |
         = hint: known: 3.28.4
        ");
    }

    #[test]
    fn of_a_long_line_the_part_around_is_shown_at_its_column() {
        let text = format!(
            "a: [{}here{}]\nb\n",
            "é, ".repeat(20_000),
            ", ä".repeat(20_000)
        );
        let start = text.find("here").unwrap_or_default();
        let source = SourceText::new("long.yaml", &text);
        let shown = source.problem(start..start + 4, "unknown").to_string();
        assert!(shown.contains("long.yaml:1:60005\n"), "{shown}");
        assert!(shown.len() < 2_000, "{} bytes are shown", shown.len());
        let mut lines = shown.lines().skip_while(|line| !line.contains("here"));
        let (line, carets) = (
            lines.next().unwrap_or_default(),
            lines.next().unwrap_or_default(),
        );
        let column =
            |text: &str, part| text.split(part).next().map(|before| before.chars().count());
        assert_eq!(column(line, "here"), column(carets, "^^^^"), "{shown}");
    }

    #[test]
    fn a_span_beyond_the_text_is_its_end() {
        let source = SourceText::new("a", "é");
        let place = source.problem(1..99, "x").place;
        assert_eq!(
            place.map(|place| (place.line(), place.column())),
            Some((1, 1))
        );
    }
}
