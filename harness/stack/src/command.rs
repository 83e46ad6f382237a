//! The only child processes of the program: each runs in a process group of its own, which is killed with it.
//!
//! There is deliberately no shell, no input, no inherited output and no timeout here: arguments are passed as they are, output is
//! captured (and put into a log when the program has ended, as secrets are known in a whole text only), and a deadline is the
//! caller's `tokio::time::timeout`.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rehearse_core::redaction::RawText;
use tokio::fs::OpenOptions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

/// How many of the last lines of a failed program's output its error carries.
const TAIL_LINES: usize = 12;

/// What a finished program left.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// All of its standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// The standard output as text; bytes that are not UTF-8 are replaced.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The standard error as text; bytes that are not UTF-8 are replaced.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// A program to be run, with its arguments and surroundings.
#[derive(Debug, Clone)]
pub struct Command {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    directory: Option<PathBuf>,
    log: Option<PathBuf>,
}

impl Command {
    /// A program by its path or by its name on `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            directory: None,
            log: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    /// Sets one environment variable; the rest of the environment is this program's own.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The folder to run in.
    #[must_use]
    pub fn current_dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// A file to which both output streams are appended when the program has ended, without their secrets.
    #[must_use]
    pub fn log(mut self, path: impl AsRef<Path>) -> Self {
        self.log = Some(path.as_ref().to_owned());
        self
    }

    /// Runs the program to its end, which must be a success.
    ///
    /// # Errors
    /// If it can't be started, or ends with anything but success: the error carries the last lines of what it said.
    pub async fn run(&self) -> Result<Output> {
        let output = self.output().await?;
        if output.status.success() {
            return Ok(output);
        }
        let mut message = format!("failed to run `{self}`: {}", output.status);
        let said = if output.stderr.trim_ascii().is_empty() {
            output.stdout
        } else {
            output.stderr
        };
        let said = RawText::from(said).redacted();
        let lines: Vec<&str> = said.lines().collect();
        for line in &lines[lines.len().saturating_sub(TAIL_LINES)..] {
            write!(message, "\n    {line}")?;
        }
        if let Some(log) = &self.log {
            write!(message, "\n(hint: all it said is in {})", log.display())?;
        }
        // What it was given may hold a secret too, such as an address with a password.
        bail!("{}", RawText::from(message).redacted())
    }

    /// Runs the program to its end, whatever that is.
    ///
    /// # Errors
    /// If it can't be started, or its streams or its log can't be read and written.
    pub async fn output(&self) -> Result<Output> {
        let mut command = tokio::process::Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let mut child = command
            .spawn()
            .with_context(|| format!("failed to start `{self}`"))?;
        let mut group = Group(child.id());
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let ended = async { child.wait().await.map_err(anyhow::Error::from) };
        let (status, stdout, stderr) = tokio::try_join!(ended, captured(stdout), captured(stderr))
            .with_context(|| format!("failed to follow `{self}`"))?;
        group.0 = None;
        for stream in [&stdout, &stderr] {
            self.log_said(stream).await?;
        }
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }

    async fn log_said(&self, stream: &[u8]) -> Result<()> {
        let Some(path) = self.log.as_ref().filter(|_| !stream.is_empty()) else {
            return Ok(());
        };
        let append = async {
            // What is logged may hold what a cluster said.
            let mut options = OpenOptions::new();
            let options = options.create(true).append(true).mode(0o600);
            let mut file = options.open(path).await?;
            file.write_all(RawText::from(stream).redacted().as_bytes())
                .await?;
            file.flush().await
        };
        let appended = append.await;
        appended.with_context(|| format!("failed to write the log {}", path.display()))
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.program.to_string_lossy())?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(formatter, " {}", argument.to_string_lossy()))
    }
}

/// The process group of a program that has not ended: killed when its future is dropped, as `kill_on_drop` reaches
/// only the program itself and not what it has started.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let Some(leader) = self.0.and_then(|id| i32::try_from(id).ok()) else {
            return;
        };
        if let Err(error) = killpg(Pid::from_raw(leader), Signal::SIGKILL) {
            tracing::debug!(leader, %error, "process group not killed");
        }
    }
}

async fn captured(stream: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut all).await?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::Result;

    use super::Command;

    #[tokio::test]
    async fn variables_output_and_log_are_passed_on() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("log");
        let output = Command::new("sh")
            .args(["-c", "echo text; echo $NAME >&2"])
            .env("NAME", "value")
            .log(&log)
            .run()
            .await?;
        assert_eq!(
            (output.stdout().as_str(), output.stderr().as_str()),
            ("text\n", "value\n")
        );
        let logged = std::fs::read_to_string(log)?;
        assert!(
            logged.contains("text") && logged.contains("value"),
            "{logged}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_failure_carries_the_last_lines() {
        let failure = Command::new("sh")
            .args(["-c", "seq 100 >&2; exit 3"])
            .run()
            .await;
        let message = failure
            .err()
            .map(|error| format!("{error:#}"))
            .unwrap_or_default();
        assert!(
            message.contains("exit status: 3")
                && message.ends_with("    100")
                && !message.contains(" 88\n"),
            "{message}"
        );
    }

    #[tokio::test]
    async fn neither_log_nor_error_tells_a_secret() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("log");
        let script = "echo GET https://somebody:pa55word-of-mine@proxy.example/x >&2; exit 1";
        let failed = Command::new("sh").args(["-c", script]).log(&log);
        let told = failed.run().await.err();
        let told = told.map(|error| format!("{error:#}")).unwrap_or_default();
        let logged = std::fs::read_to_string(&log)?;
        for text in [&told, &logged] {
            assert!(
                text.contains("proxy.example/x") && !text.contains("pa55word-of-mine"),
                "{text}"
            );
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_dropped_program_takes_its_children_along() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (started, late) = (folder.path().join("started"), folder.path().join("late"));
        let script = format!(
            "(sleep 1; touch {}) & touch {}; wait",
            late.display(),
            started.display()
        );
        let dropped = tokio::time::timeout(
            Duration::from_millis(500),
            Command::new("sh").args(["-c", &script]).run(),
        )
        .await;
        assert!(dropped.is_err() && started.exists());
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert!(!late.exists(), "the child of the dropped program went on");
        Ok(())
    }
}
