//! One shell in a container that stays open: a program in it costs milliseconds, where one that the engine starts costs a
//! quarter of a second.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// An open shell; dropping it ends it.
pub(crate) struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What ends the output of each script; no output of CRI-O's has it.
const MARK: &str = "the-script-has-ended";

impl Shell {
    /// Opens one in a container.
    pub(crate) fn open(container: &str) -> Result<Self> {
        let mut child = Command::new("docker")
            .args(["exec", "--interactive", container, "sh"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to start docker exec")?;
        let input = child.stdin.take().context("the shell has no input")?;
        let output = child.stdout.take().context("the shell has no output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Runs a script; its exit status, and its output with its errors.
    pub(crate) fn run(&mut self, script: &str) -> Result<(i32, String)> {
        let request = format!("( {script}\n) < /dev/null 2>&1\nprintf '\\n{MARK} %d\\n' $?\n");
        self.input.write_all(request.as_bytes())?;
        self.input.flush()?;
        let mut output = String::new();
        loop {
            let mut line = Vec::new();
            if self.output.read_until(b'\n', &mut line)? == 0 {
                bail!("the shell in the container ended: {output}");
            }
            let line = String::from_utf8_lossy(&line);
            if let Some(status) = line.strip_prefix(MARK) {
                let output = output.strip_suffix('\n').unwrap_or(&output).to_owned();
                return Ok((status.trim().parse()?, output));
            }
            output.push_str(&line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // It ends with its input; that it is gone already is as good.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
