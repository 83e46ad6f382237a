//! Makes ready what a run needs: an engine, room on the machine, the stack. Asked on a terminal, never assumed elsewhere.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::prepare::{Prepared, Selection};
use super::stack::Progress;
use rehearse_engine::engine;
use rehearse_engine::preflight::{self, Need};
use rehearse_engine::run::interrupt::Interrupt;
use rehearse_engine::stage::{capture, kind};
use rehearse_stack::cache::Cache;
use rehearse_stack::{self as stack, Found, Request, Stack};

/// What there is, and what has to be made first.
#[derive(Debug)]
pub struct Needed<'a> {
    prepared: &'a Prepared,
    request: Request,
    stack: Option<Box<Stack>>,
    has_engine: bool,
    missing: Vec<Piece>,
    creates: Option<String>,
}

/// A stack that is ready.
#[derive(Debug)]
pub struct Ready {
    /// What the run takes.
    pub stack: Box<Stack>,
    /// How long was spent on making what was missing.
    pub making: Duration,
}

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    what: String,
    estimate: Duration,
}

/// What follows from what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Go,
    Ask,
    Refuse,
}

/// Looks what is missing for a run that `creates` a cluster of this name or works with one that is there, and asks whether to make it where nobody has said so and somebody can be asked.
///
/// # Errors
/// What is missing and the command that cures it, where it may not be made.
pub async fn look<'a>(
    prepared: &'a Prepared,
    selection: &Selection,
    setup: bool,
    creates: Option<&str>,
) -> Result<Needed<'a>> {
    let versions = prepared.plan.components.iter();
    let mut request = Request {
        source: prepared.plan.source,
        versions: versions
            .map(|(name, choice)| (name.clone(), choice.version.clone()))
            .collect(),
        local_manifests: selection.manifests.clone(),
        kind: prepared.home.kind(),
        setup,
    };
    let has_engine = engine::version().await?.is_some();
    let mut missing = Vec::new();
    if !has_engine {
        missing.push(Piece {
            what: "a Docker engine that answers".to_owned(),
            estimate: engine::ESTIMATE,
        });
    }
    let mut stack = None;
    match stack::find(&prepared.catalogue, &request).await {
        Ok(Found::Ready(found)) => stack = Some(found),
        Ok(Found::Missing(list)) => missing.extend(list.into_iter().map(|one| Piece {
            what: format!("{} {}", one.component, one.version),
            estimate: one.estimate,
        })),
        // All pieces are there but the engine that should hold the images; that it does not answer is said already.
        Err(error) if !has_engine => {
            tracing::debug!(error = format!("{error:#}"), "no engine to ask");
        }
        Err(error) => return Err(error),
    }
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    match next(missing.is_empty(), setup, terminal) {
        Next::Go => {}
        Next::Ask => {
            if !is_agreed(&missing)? {
                bail!(refusal(&missing, offer(prepared, selection)?));
            }
            request.setup = true;
        }
        Next::Refuse => bail!(refusal(&missing, offer(prepared, selection)?)),
    }
    Ok(Needed {
        prepared,
        request,
        stack,
        has_engine,
        missing,
        creates: creates.map(str::to_owned),
    })
}

impl Needed<'_> {
    /// Makes what is missing, after a look at the machine.
    ///
    /// # Errors
    /// What the machine lacks, each with its cure; what could not be made; that the run was interrupted.
    pub async fn make(self, interrupt: &Interrupt) -> Result<Ready> {
        let started = Instant::now();
        let makes = !self.missing.is_empty();
        let making = async {
            if !self.has_engine {
                writeln!(io::stderr(), "starting a Docker engine")?;
                engine::start(&self.request.kind).await?;
            }
            self.make_room().await?;
            self.preflight().await?;
            match &self.stack {
                Some(stack) if !makes => anyhow::Ok(stack.clone()),
                _ => {
                    let progress = Progress::new();
                    let show = |event| progress.show(&event);
                    let made = stack::build(&self.prepared.catalogue, &self.request, &show).await?;
                    Ok(Box::new(made))
                }
            }
        };
        let stack = tokio::select! {
            stack = making => stack?,
            () = interrupt.token().cancelled() => bail!(
                "{} while what is missing was made (hint: what is complete is kept; the same command goes on from there)",
                interrupt.why().unwrap_or_default()
            ),
        };
        let making = if makes {
            started.elapsed()
        } else {
            Duration::ZERO
        };
        Ok(Ready { stack, making })
    }

    /// What an ended run left behind takes up what this one needs, inotify instances above all: it goes first.
    async fn make_room(&self) -> Result<()> {
        let Some(cluster) = &self.creates else {
            return Ok(());
        };
        let engine = kind::engine()?;
        for swept in kind::sweep(&engine).await? {
            writeln!(
                io::stderr(),
                "removed cluster {}: {}",
                swept.cluster,
                swept.why
            )?;
        }
        kind::refuse_taken(&engine, cluster).await
    }

    async fn preflight(&self) -> Result<()> {
        let plan = &self.prepared.plan;
        let need = Need {
            control_planes: plan.nodes.control_planes,
            workers: plan.nodes.workers,
            kubernetes: plan
                .components
                .get("kubernetes")
                .map(|choice| choice.version.clone()),
            cache: Cache::find()?.stack(),
            builds_stack: !self.missing.is_empty(),
            creates_cluster: self.creates.is_some(),
        };
        let table = preflight::look(&need).await;
        if !table.passes() {
            bail!("failed to find what a cluster needs on this machine; nothing was made\n{table}");
        }
        Ok(())
    }
}

/// Pure.
fn next(is_complete: bool, setup: bool, terminal: bool) -> Next {
    match (is_complete, setup, terminal) {
        (true, _, _) | (false, true, _) => Next::Go,
        (false, false, true) => Next::Ask,
        (false, false, false) => Next::Refuse,
    }
}

fn is_agreed(missing: &[Piece]) -> Result<bool> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{}make it now? [y/N] ", listed(missing))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("failed to read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The command that shows the whole program at once, where the scenario has a capture: the one that fits the plan, else
/// the first.
fn offer(prepared: &Prepared, selection: &Selection) -> Result<Option<String>> {
    let names = capture::names(&prepared.folder)?;
    let fitting = capture::name(&prepared.plan);
    let name = names.iter().find(|name| **name == fitting);
    let scenario = match &selection.scenario {
        Some(folder) => format!(" {}", folder.display()),
        None => String::new(),
    };
    Ok(name
        .or(names.first())
        .map(|name| format!("rehearse run{scenario} --on capture:{name}")))
}

fn refusal(missing: &[Piece], offer: Option<String>) -> String {
    let offer = offer.map_or_else(String::new, |command| {
        format!("\nor, at once and without a cluster, judge what an earlier run saw: {command}")
    });
    format!(
        "{}cure: the same command with --setup makes it first{offer}",
        listed(missing)
    )
}

fn listed(missing: &[Piece]) -> String {
    let width = missing
        .iter()
        .map(|piece| piece.what.chars().count())
        .max()
        .unwrap_or_default();
    let total: Duration = missing.iter().map(|piece| piece.estimate).sum();
    let mut text = format!(
        "missing, {} in all from empty caches on two processors:\n",
        about(total)
    );
    for piece in missing {
        // Writing to a text cannot fail.
        writeln!(text, "  {:width$}  {}", piece.what, about(piece.estimate)).unwrap_or_default();
    }
    text
}

fn about(estimate: Duration) -> String {
    match estimate.as_secs() {
        seconds @ 0..60 => format!("about {seconds} s"),
        seconds => format!("about {} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_unasked() {
        assert_eq!(next(true, false, false), Next::Go);
        assert_eq!(next(false, true, false), Next::Go);
        assert_eq!(next(false, false, true), Next::Ask);
        assert_eq!(next(false, false, false), Next::Refuse);
    }

    #[test]
    fn what_is_missing_is_listed_with_its_cure() {
        let piece = |what: &str, seconds| Piece {
            what: what.to_owned(),
            estimate: Duration::from_secs(seconds),
        };
        let missing = [
            piece("a Docker engine that answers", 60),
            piece("kubernetes 1.34.4", 480),
            piece("pause 3.10.1", 5),
        ];
        let offer = Some("rehearse run --on capture:calico-3.28.4_multus-4.2.1".to_owned());
        insta::assert_snapshot!(refusal(&missing, offer), @r"
        missing, about 10 min in all from empty caches on two processors:
          a Docker engine that answers  about 1 min
          kubernetes 1.34.4             about 8 min
          pause 3.10.1                  about 5 s
        cure: the same command with --setup makes it first
        or, at once and without a cluster, judge what an earlier run saw: rehearse run --on capture:calico-3.28.4_multus-4.2.1
        ");
    }
}
