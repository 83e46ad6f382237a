//! The only wait of the program: look, and look again when something that the look sees may have changed.
//!
//! It never looks by the clock, with two exceptions: once more at the deadline, so that a lost notice cannot make a true
//! thing false, and shortly after a look that could not be made, as nothing announces that a node answers again. What
//! is true is the caller's business.

use std::pin::pin;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures::stream::FusedStream;
use futures::{FutureExt as _, Stream, StreamExt as _};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::observe::Occurrence;

/// How long a look may take past the deadline of its wait: an exec in a pod that is going away answers late or never.
const LOOK_GRACE: Duration = Duration::from_secs(15);

/// When to look again after a look that could not be made.
const AFTER_UNKNOWN: Duration = Duration::from_millis(500);

/// The first pause before an act that was refused for a reason that passes is tried again; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// What one look showed.
#[derive(Debug)]
pub enum Sight<T> {
    /// What is waited for.
    True(T),
    /// Something else; a later look may show it.
    NotYet(T),
    /// Something that no later look can mend, and why.
    Hopeless(T, String),
    /// Nothing: it could not be found out this time.
    Unknown(anyhow::Error),
}

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It became true.
    True,
    /// It did not until the deadline.
    TimedOut,
    /// It cannot become true any more, for this reason.
    Hopeless(String),
}

/// A wait that has ended.
#[derive(Debug)]
pub struct Waited<T> {
    /// How.
    pub end: End,
    /// What the last look showed, or why it showed nothing.
    pub last: anyhow::Result<T>,
    /// How many looks were made.
    pub looks: u32,
    /// How long it took.
    pub took: Duration,
}

/// Looks until the look is true, hopeless, or the deadline has passed. Nothing is watched where the first look is true.
///
/// # Errors
/// When `changes` fails: without notices the wait would be blind.
pub async fn until<T, C>(
    deadline: Instant,
    changes: impl FnOnce() -> C,
    mut look: impl AsyncFnMut() -> Sight<T>,
) -> anyhow::Result<Waited<T>>
where
    C: Stream<Item = anyhow::Result<Occurrence>>,
{
    let started = Instant::now();
    let mut last = match one_look(deadline, &mut look).await {
        Sight::True(seen) => return Ok(ended(End::True, Ok(seen), 1, started)),
        Sight::Hopeless(seen, why) => return Ok(ended(End::Hopeless(why), Ok(seen), 1, started)),
        Sight::NotYet(seen) => Ok(seen),
        Sight::Unknown(error) => Err(error),
    };
    let mut changes = pin!(changes().fuse());
    let mut looks = 1;
    loop {
        notice(deadline, last.is_err(), &mut changes).await?;
        looks += 1;
        let past_deadline = Instant::now() >= deadline;
        last = match one_look(deadline, &mut look).await {
            Sight::True(seen) => return Ok(ended(End::True, Ok(seen), looks, started)),
            Sight::Hopeless(seen, why) => {
                return Ok(ended(End::Hopeless(why), Ok(seen), looks, started));
            }
            Sight::NotYet(seen) => Ok(seen),
            Sight::Unknown(error) => Err(error),
        };
        if past_deadline {
            return Ok(ended(End::TimedOut, last, looks, started));
        }
    }
}

/// Looks at each change until the window is over, and once more then; ends at the first look that is not true.
///
/// The result's [`End::True`] means that every look was true, [`End::TimedOut`] that one was not, with what it showed.
///
/// # Errors
/// When `changes` fails, or a look could not be made.
pub async fn hold<T>(
    window: Duration,
    changes: impl Stream<Item = anyhow::Result<Occurrence>>,
    mut look: impl AsyncFnMut() -> Sight<T>,
) -> anyhow::Result<Waited<T>> {
    let started = Instant::now();
    let end = started + window;
    let mut changes = pin!(changes.fuse());
    let mut looks = 0;
    loop {
        let over = Instant::now() >= end;
        looks += 1;
        match one_look(end, &mut look).await {
            Sight::True(seen) if over => return Ok(ended(End::True, Ok(seen), looks, started)),
            Sight::True(_) => {}
            Sight::NotYet(seen) => return Ok(ended(End::TimedOut, Ok(seen), looks, started)),
            Sight::Hopeless(seen, why) => {
                return Ok(ended(End::Hopeless(why), Ok(seen), looks, started));
            }
            Sight::Unknown(error) => return Err(error),
        }
        notice(end, false, &mut changes).await?;
    }
}

/// Waits for the next change, at most until the deadline; one notice stands for all changes that are there by now.
async fn notice(
    deadline: Instant,
    unknown: bool,
    changes: &mut (impl FusedStream<Item = anyhow::Result<Occurrence>> + Unpin),
) -> anyhow::Result<()> {
    tokio::select! {
        change = changes.next() => match change {
            Some(change) => { change.context("failed to watch for changes")?; }
            None => sleep_until(deadline).await,
        },
        () = sleep_until(deadline) => {}
        () = sleep(AFTER_UNKNOWN), if unknown => {}
    }
    while let Some(Some(change)) = changes.next().now_or_never() {
        change.context("failed to watch for changes")?;
    }
    Ok(())
}

/// Gives a future until the deadline.
///
/// # Errors
/// The future's own, or that `what` took too long.
pub async fn within<T>(
    deadline: Instant,
    what: &str,
    future: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let started = Instant::now();
    match timeout_at(deadline, future).await {
        Ok(result) => result,
        Err(_elapsed) => Err(anyhow!(
            "failed to {what} within {:.1} s (hint: the step's `deadline` covers its acts and waits together)",
            started.elapsed().as_secs_f64()
        )),
    }
}

/// Tries again what the server refuses for a reason that passes by itself, such as a kind that was made a moment ago;
/// the pauses grow. No watch can tell when a server's discovery has caught up.
///
/// # Errors
/// The last attempt's, when it does not pass by itself or the deadline has come.
pub async fn again<T>(
    deadline: Instant,
    passes: impl Fn(&anyhow::Error) -> bool,
    mut retried: impl FnMut(&anyhow::Error),
    mut attempt: impl AsyncFnMut() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut pause = FIRST_PAUSE;
    loop {
        match attempt().await {
            Err(error) if passes(&error) && Instant::now() + pause < deadline => {
                retried(&error);
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            result => return result,
        }
    }
}

async fn one_look<T>(deadline: Instant, look: &mut impl AsyncFnMut() -> Sight<T>) -> Sight<T> {
    let limit = deadline.max(Instant::now()) + LOOK_GRACE;
    match timeout_at(limit, look()).await {
        Ok(look) => look,
        Err(_elapsed) => Sight::Unknown(anyhow!(
            "failed to look: no answer {} s after the deadline",
            LOOK_GRACE.as_secs()
        )),
    }
}

fn ended<T>(end: End, last: anyhow::Result<T>, looks: u32, started: Instant) -> Waited<T> {
    Waited {
        end,
        last,
        looks,
        took: started.elapsed(),
    }
}

#[cfg(test)]
mod tests;
