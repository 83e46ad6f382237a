//! Makes ready what a run needs: an engine, room on the machine, the stack. Whether it may is for the caller to say.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rehearse_stack::cache::Cache;
use rehearse_stack::{self as stack, Found, Request, Stack};

use crate::engine;
use crate::event::{Event, Listener};
use crate::interrupt::Interrupt;
use crate::preflight::{self, Need};
use crate::prepare::Prepared;
use crate::stage::kind;

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
pub struct Piece {
    /// What it is.
    pub what: String,
    /// About how long it takes to make, on two processors from empty caches.
    pub estimate: Duration,
}

/// Looks what is missing for a run that `creates` a cluster of this name or works with one that is there, and asks whether
/// it may be made.
///
/// # Errors
/// The answer, where what is missing may not be made.
pub async fn look<'a>(
    prepared: &'a Prepared,
    creates: Option<&str>,
    agree: &dyn Fn(&Prepared, &[Piece]) -> Result<()>,
) -> Result<Needed<'a>> {
    let mut request = request(prepared);
    let Parts {
        stack,
        has_engine,
        mut missing,
    } = parts(prepared, &request).await?;
    if !has_engine {
        let engine = Piece {
            what: "a Docker engine that answers".to_owned(),
            estimate: engine::ESTIMATE,
        };
        missing.insert(0, engine);
    }
    if !missing.is_empty() {
        agree(prepared, &missing)?;
        request.setup = true;
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

/// What of a run's engine and stack is there.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The stack, where all of it is there.
    stack: Option<Box<Stack>>,
    /// Whether an engine answers.
    has_engine: bool,
    /// The pieces of the stack that are not there.
    pub(crate) missing: Vec<Piece>,
}

/// Looks what is there. It makes nothing.
///
/// # Errors
/// As [`stack::find`], where an engine answers.
pub(crate) async fn parts(prepared: &Prepared, request: &Request) -> Result<Parts> {
    let has_engine = engine::version().await?.is_some();
    let mut parts = Parts {
        stack: None,
        has_engine,
        missing: Vec::new(),
    };
    match stack::find(&prepared.repository.catalogue, request).await {
        Ok(Found::Ready(found)) => parts.stack = Some(found),
        Ok(Found::Missing(list)) => parts.missing.extend(list.into_iter().map(|one| Piece {
            what: format!("{} {}", one.component, one.version),
            estimate: one.estimate,
        })),
        // All pieces are there but the engine that should hold the images; that it does not answer is said elsewhere.
        Err(error) if !has_engine => {
            tracing::debug!(error = format!("{error:#}"), "no engine to ask");
        }
        Err(error) => return Err(error),
    }
    Ok(parts)
}

/// The stack of a plan, of which nothing may be made that is not there.
pub(crate) fn request(prepared: &Prepared) -> Request {
    let versions = prepared.plan.components.iter();
    Request {
        source: prepared.plan.source,
        versions: versions
            .map(|(name, choice)| (name.clone(), choice.version.clone()))
            .collect(),
        local_manifests: prepared.selection.manifests.clone(),
        kind: prepared.repository.home.kind(),
        setup: false,
    }
}

impl Needed<'_> {
    /// Makes what is missing, after a look at the machine.
    ///
    /// # Errors
    /// What the machine lacks, each with its cure; what could not be made; that the run was interrupted.
    pub async fn make(self, interrupt: &Interrupt, tell: Listener<'_>) -> Result<Ready> {
        let started = Instant::now();
        let makes = !self.missing.is_empty();
        let making = async {
            if !self.has_engine {
                tell(Event::Preparing {
                    what: "starting a Docker engine".to_owned(),
                });
                engine::start(&self.request.kind).await?;
            }
            self.make_room(tell).await?;
            self.preflight().await?;
            match &self.stack {
                Some(stack) if !makes => anyhow::Ok(stack.clone()),
                _ => {
                    let show = |event| tell(Event::Building(event));
                    let made =
                        stack::build(&self.prepared.repository.catalogue, &self.request, &show)
                            .await?;
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
    async fn make_room(&self, tell: Listener<'_>) -> Result<()> {
        let Some(cluster) = &self.creates else {
            return Ok(());
        };
        let engine = kind::engine()?;
        for swept in kind::sweep(&engine).await? {
            tell(Event::Preparing {
                what: format!("removed cluster {}: {}", swept.cluster, swept.why),
            });
        }
        kind::refuse_taken(&engine, cluster).await
    }

    async fn preflight(&self) -> Result<()> {
        let need = Need {
            builds_stack: !self.missing.is_empty(),
            creates_cluster: self.creates.is_some(),
            ..Need::of(&self.prepared.plan, Cache::find()?.stack())
        };
        let table = preflight::look(&need).await;
        if !table.passes() {
            bail!("failed to find what a cluster needs on this machine; nothing was made\n{table}");
        }
        Ok(())
    }
}
