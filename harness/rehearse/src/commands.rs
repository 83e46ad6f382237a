//! The subcommands, one a file. Each reads its arguments, calls what does the work, and says how it ended.

use std::process::ExitCode;

use crate::cli::Command;
use rehearse_engine::home::Home;
use rehearse_engine::prepare;

pub mod bisect;
pub mod capture;
pub mod check;
pub mod cluster;
pub mod compare;
pub mod completions;
pub mod document;
pub mod faults;
pub mod merge;
pub mod plan;
pub mod recheck;
pub mod report;
pub mod run;
pub mod schema;
pub mod stack;

/// Does what was typed.
///
/// # Errors
/// What the subcommand could not do.
pub async fn execute(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(arguments) => run::execute(arguments).await,
        Command::Plan(arguments) => plan::execute(&arguments),
        Command::Check(arguments) => check::execute(&arguments),
        Command::Capture(arguments) => capture::execute(&arguments),
        Command::Recheck(arguments) => recheck::execute(&arguments),
        Command::Report(arguments) => report::execute(&arguments),
        Command::Faults(arguments) => faults::execute(arguments).await,
        Command::Compare(arguments) => compare::execute(&arguments),
        Command::Cluster(arguments) => cluster::execute(arguments).await,
        Command::Schema(arguments) => schema::execute(&arguments),
        Command::Merge(arguments) => merge::execute(&arguments),
        Command::Bisect(arguments) => Box::pin(bisect::execute(arguments)).await,
        Command::Document(arguments) => document::execute(&arguments),
        Command::Completions(arguments) => completions::execute(&arguments),
        Command::Stack(arguments) => {
            let home = Home::find()?;
            let catalogue = prepare::catalogue(&home)?;
            stack::execute(&arguments, &catalogue, &home.kind()).await
        }
    }
}
