//! The command line as it is typed, and which subcommand does it.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use rehearse_engine::home::Home;
use rehearse_engine::repository;

use crate::{commands, output};

/// What every invocation ends with.
const EXIT_CODES: &str = "\
Exit codes:
  0  every step passed
  1  a check failed
  2  the scenario or the usage is wrong
  3  it could not be found out: something is missing, the machine or the cluster gave up
  130, 143  a signal ended a command that was not a run; a run writes its record and exits with 3";

/// Replays a cluster-networking document on a kind cluster with CRI-O nodes, and checks what it says.
#[derive(Debug, Parser)]
#[command(name = "rehearse", version, max_term_width = 110, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do; what most people want is shown where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What is shown where no subcommand is typed.
const FIRST_STEPS: &str = "\
rehearse replays a cluster-networking document on a kind cluster with CRI-O nodes, and checks what it says.

  rehearse run --on capture   a first look: judges what an earlier real run saw, and starts nothing
  rehearse doctor             whether this machine can do a real run, and what to do where it cannot
  rehearse run --setup        the real thing: builds what is missing, then replays on a cluster of its own

`rehearse --help` lists every command, `rehearse COMMAND --help` what it takes.
";

impl Cli {
    /// Does what was typed.
    ///
    /// # Errors
    /// What the subcommand could not do.
    pub async fn execute(self) -> anyhow::Result<ExitCode> {
        let Some(command) = self.command else {
            output::print(&output::text(FIRST_STEPS))?;
            return Ok(ExitCode::SUCCESS);
        };
        command.execute().await
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replays a scenario on a cluster of its own and leaves a record.
    Run(commands::run::Arguments),
    /// Shows what a run would do: versions with their reasons, steps, acts and checks.
    Plan(commands::plan::Arguments),
    /// Checks a scenario's files; all problems are shown at once.
    Check(commands::check::Arguments),
    /// Tells whether this machine can run a scenario, and what to do where it cannot.
    Doctor(commands::doctor::Arguments),
    /// Makes of a run a small file that `run --on capture` plays.
    Capture(commands::capture::Arguments),
    /// Judges what a run saw with the scenario as it is now, and shows what differs.
    Recheck(commands::recheck::Arguments),
    /// Renders the record of a run again.
    Report(commands::report::Arguments),
    /// Shows that every check can fail: by changed facts of a capture, or by faults planted on a cluster.
    Faults(commands::faults::Arguments),
    /// Compares two records: which facts changed, on which step, and which component did it.
    Compare(commands::compare::Arguments),
    /// Puts the document itself under test
    Document(commands::document::Arguments),
    /// Builds, lists and prunes what a cluster is made of
    Stack(commands::stack::Arguments),
    /// Creates, lists and removes clusters
    Cluster(commands::cluster::Arguments),
    /// Merges the records of a matrix into one result with one page, step × cell.
    Merge(commands::merge::Arguments),
    /// Finds the first version of a component with a change, from records, captures or runs.
    Bisect(commands::bisect::Arguments),
    /// Prints the JSON Schema of scenario files.
    Schema(commands::schema::Arguments),
    /// Prints a shell's completions.
    Completions(commands::completions::Arguments),
}

impl Command {
    async fn execute(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Run(arguments) => commands::run::execute(arguments).await,
            Self::Plan(arguments) => commands::plan::execute(&arguments),
            Self::Check(arguments) => commands::check::execute(&arguments),
            Self::Doctor(arguments) => commands::doctor::execute(&arguments).await,
            Self::Capture(arguments) => commands::capture::execute(&arguments),
            Self::Recheck(arguments) => commands::recheck::execute(&arguments),
            Self::Report(arguments) => commands::report::execute(&arguments),
            Self::Faults(arguments) => commands::faults::execute(arguments).await,
            Self::Compare(arguments) => commands::compare::execute(&arguments),
            Self::Cluster(arguments) => commands::cluster::execute(arguments).await,
            Self::Schema(arguments) => commands::schema::execute(&arguments),
            Self::Merge(arguments) => commands::merge::execute(&arguments),
            Self::Bisect(arguments) => Box::pin(commands::bisect::execute(arguments)).await,
            Self::Document(arguments) => commands::document::execute(&arguments),
            Self::Completions(arguments) => {
                commands::completions::execute(&arguments, Cli::command())
            }
            Self::Stack(arguments) => {
                let home = Home::find()?;
                let catalogue = repository::catalogue(&home)?;
                commands::stack::execute(&arguments, &catalogue, &home.kind()).await
            }
        }
    }
}
