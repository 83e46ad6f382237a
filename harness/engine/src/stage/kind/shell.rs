//! Shells on nodes that stay open, so that a program on a node costs milliseconds.
//!
//! Each program that the engine starts in a container costs it some processes of its own: a quarter of a second was
//! measured on a busy machine of two cores, against three milliseconds in a shell that is there already. A shell is used
//! by one at a time; who finds none idle opens another.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::errors::Error as EngineError;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures::{Stream, StreamExt as _};
use jiff::Timestamp;
use rehearse_core::redaction::RawText;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::node::Node;
use crate::stage::StageError;

/// Makes the marks of one process differ.
static MARKS: AtomicU64 = AtomicU64::new(0);

/// How a program on a node ended.
#[derive(Default, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status; 127 where it could not be started.
    pub status: i64,
    /// Its standard output.
    pub(crate) stdout: Vec<u8>,
    /// Its standard error.
    pub(crate) stderr: Vec<u8>,
}

impl Ended {
    /// The standard output as text.
    pub fn output(&self) -> RawText {
        self.stdout.as_slice().into()
    }

    /// The standard error as text.
    pub fn error(&self) -> RawText {
        self.stderr.as_slice().into()
    }
}

/// What was printed may hold secrets.
impl std::fmt::Debug for Ended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Ended")
            .field("status", &self.status)
            .field("output", &self.output())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}

/// The idle shells by node.
#[derive(Default)]
pub(crate) struct Shells {
    idle: Mutex<BTreeMap<String, Vec<Shell>>>,
}

/// One open shell.
struct Shell {
    input: Pin<Box<dyn AsyncWrite + Send>>,
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, EngineError>> + Send>>,
    /// What ends the two outputs of each program; it occurs nowhere else.
    mark: String,
}

impl Shells {
    /// Runs a program on a node to its end, whatever that is. Without input its standard input is empty.
    pub(crate) async fn run(
        &self,
        engine: &Docker,
        node: &Node,
        command: &[&str],
        input: Option<&[u8]>,
    ) -> Result<Ended, StageError> {
        let idle = self.idle().get_mut(&node.name).and_then(Vec::pop);
        let mut shell = match idle {
            Some(shell) => shell,
            None => Shell::open(engine, node).await?,
        };
        // A shell whose program was not awaited to its end is not used again: it is dropped. Where one is gone, so are
        // the node's other ones, as after the node's restart.
        let ended = shell.run(node, command, input).await;
        let mut idle = self.idle();
        if ended.is_err() {
            idle.remove(&node.name);
        }
        let ended = ended?;
        idle.entry(node.name.clone()).or_default().push(shell);
        Ok(ended)
    }

    /// Closes all idle shells.
    pub(crate) fn close(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Shell>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shell {
    async fn open(engine: &Docker, node: &Node) -> Result<Self, StageError> {
        let failed = |error| StageError::node(&node.name, "open a shell", error);
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(vec!["sh"]),
            ..CreateExecOptions::default()
        };
        let exec = engine
            .create_exec(&node.container, options)
            .await
            .map_err(failed)?;
        let started = engine
            .start_exec(&exec.id, None::<StartExecOptions>)
            .await
            .map_err(failed)?;
        let StartExecResults::Attached { output, input } = started else {
            return Err(StageError::Node {
                node: node.name.clone(),
                operation: "open a shell".to_owned(),
                reason: "the engine did not attach to it".to_owned(),
            });
        };
        let number = MARKS.fetch_add(1, Ordering::Relaxed);
        let mark = format!(
            "rehearse-{:x}-{:x}-{number:x}",
            std::process::id(),
            Timestamp::now().as_nanosecond()
        );
        Ok(Self {
            input,
            output,
            mark,
        })
    }

    async fn run(
        &mut self,
        node: &Node,
        command: &[&str],
        input: Option<&[u8]>,
    ) -> Result<Ended, StageError> {
        let operation = || format!("run `{}`", shown(command));
        let failed = |error| StageError::node(&node.name, operation(), error);
        let request = request(command, input, &self.mark);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let (to_shell, from_shell, mark) = (&mut self.input, &mut self.output, &self.mark);
        let write = async {
            to_shell.write_all(request.as_bytes()).await?;
            to_shell.flush().await?;
            Ok::<(), EngineError>(())
        };
        let read = async {
            while let Some(piece) = from_shell.next().await {
                match piece? {
                    LogOutput::StdErr { message } => stderr.extend_from_slice(&message),
                    LogOutput::StdOut { message } | LogOutput::Console { message } => {
                        stdout.extend_from_slice(&message);
                    }
                    LogOutput::StdIn { .. } => {}
                }
                if let (Some((stdout, status)), Some((stderr, _))) =
                    (before_mark(&stdout, mark), before_mark(&stderr, mark))
                {
                    return Ok(Some(Ended {
                        status,
                        stdout: stdout.to_vec(),
                        stderr: stderr.to_vec(),
                    }));
                }
            }
            Ok(None)
        };
        let ((), ended) = tokio::try_join!(write, read).map_err(failed)?;
        ended.ok_or_else(|| StageError::Node {
            node: node.name.clone(),
            operation: operation(),
            reason: format!(
                "its shell ended: {}",
                RawText::from(stderr).redacted().trim()
            ),
        })
    }
}

/// A program as shell text that ends both of its outputs with the mark, standard output's with its status too. `exec`
/// lets no builtin of the shell stand in for a program.
fn request(command: &[&str], input: Option<&[u8]>, mark: &str) -> String {
    let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    let program = format!("(exec {})", words.join(" "));
    let whole = match input {
        Some(input) => format!("printf {} | {program}", quoted(&escaped(input))),
        None => format!("{program} </dev/null"),
    };
    format!("{whole}\nprintf '\\n{mark} %d\\n' $?\nprintf '\\n{mark} 0\\n' >&2\n")
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Any bytes as a format of `printf`.
fn escaped(bytes: &[u8]) -> String {
    let piece = |&byte: &u8| {
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            char::from(byte).to_string()
        } else {
            format!("\\{byte:03o}")
        }
    };
    bytes.iter().map(piece).collect()
}

/// What an output holds before its closing mark, and the number after it; none where the mark has not come yet.
fn before_mark<'a>(output: &'a [u8], mark: &str) -> Option<(&'a [u8], i64)> {
    let rest = output.strip_suffix(b"\n")?;
    let start = rest.iter().rposition(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&rest[start + 1..]).ok()?;
    let number = line.strip_prefix(mark)?.strip_prefix(' ')?;
    Some((&output[..start], number.parse().ok()?))
}

/// A command as an error shows it: a script is cut to its first line.
pub(crate) fn shown(command: &[&str]) -> String {
    let line = command.join(" ");
    match line.trim_start().split_once('\n') {
        Some((first, _)) => format!("{first} ..."),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use anyhow::{Context as _, Result};
    use rstest::rstest;

    use super::{Ended, before_mark, request};

    /// Gives the request to a real shell.
    fn performed(command: &[&str], input: Option<&[u8]>) -> Result<Ended> {
        let mut shell = Command::new("sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = shell.stdin.take().context("no input")?;
        stdin.write_all(request(command, input, "mark-7").as_bytes())?;
        drop(stdin);
        let output = shell.wait_with_output()?;
        let (stdout, status) = before_mark(&output.stdout, "mark-7").context("no mark")?;
        let (stderr, _) = before_mark(&output.stderr, "mark-7").context("no mark")?;
        Ok(Ended {
            status,
            stdout: stdout.to_vec(),
            stderr: stderr.to_vec(),
        })
    }

    #[rstest]
    #[case::words_are_passed_as_they_are(&["printf", "%s|", "a b", "it's", "$HOME", "x\ny"], b"a b|it's|$HOME|x\ny|")]
    #[case::no_newline_is_added(&["printf", "a"], b"a")]
    #[case::no_newline_is_taken(&["printf", "a\n\n"], b"a\n\n")]
    #[case::nothing_is_nothing(&["true"], b"")]
    #[case::bytes_stay_bytes(&["printf", r"\000\377\n"], b"\x00\xff\n")]
    #[case::standard_input_is_empty(&["cat"], b"")]
    fn a_program_gives_its_output(#[case] command: &[&str], #[case] stdout: &[u8]) -> Result<()> {
        let ended = performed(command, None)?;
        assert_eq!((ended.status, ended.stdout.as_slice()), (0, stdout));
        Ok(())
    }

    #[test]
    fn a_status_and_standard_error_are_kept_apart() -> Result<()> {
        let ended = performed(&["sh", "-c", "echo out; echo err >&2; exit 7"], None)?;
        assert_eq!(
            (
                ended.status,
                ended.stdout.as_slice(),
                ended.stderr.as_slice()
            ),
            (7, b"out\n".as_slice(), b"err\n".as_slice())
        );
        Ok(())
    }

    #[test]
    fn a_program_that_is_not_there_has_status_127() -> Result<()> {
        assert_eq!(performed(&["nonesuch"], None)?.status, 127);
        Ok(())
    }

    #[test]
    fn the_shells_own_exit_is_no_program() -> Result<()> {
        assert_eq!(performed(&["exit", "0"], None)?.status, 127);
        Ok(())
    }

    #[test]
    fn input_of_any_bytes_arrives() -> Result<()> {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(performed(&["cat"], Some(&all))?.stdout, all);
        assert_eq!(performed(&["cat"], Some(b"100%\n"))?.stdout, b"100%\n");
        Ok(())
    }

    #[test]
    fn an_output_without_its_mark_has_not_ended() {
        assert_eq!(before_mark(b"out\nmark-7 0", "mark-7"), None);
        assert_eq!(before_mark(b"out\n", "mark-7"), None);
        assert_eq!(
            before_mark(b"\nmark-7 0\n", "mark-7"),
            Some((b"".as_slice(), 0))
        );
    }
}
