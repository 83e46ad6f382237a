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
    /// Nothing that counts: it could not be found out this time, as this tells.
    Unknown(T),
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
    /// What the last look showed; none where it never came to an end.
    pub last: Option<T>,
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
    let mut unknown = match settled(one_look(deadline, &mut look).await, 1, started) {
        Ok(waited) => return Ok(waited),
        Err((_, unknown)) => unknown,
    };
    let mut changes = pin!(changes().fuse());
    let mut looks = 1;
    loop {
        notice(deadline, unknown, &mut changes).await?;
        looks += 1;
        let past_deadline = Instant::now() >= deadline;
        let last;
        (last, unknown) = match settled(one_look(deadline, &mut look).await, looks, started) {
            Ok(waited) => return Ok(waited),
            Err(open) => open,
        };
        if past_deadline {
            return Ok(ended(End::TimedOut, last, looks, started));
        }
    }
}

/// The wait that a look ends, or what it showed and whether that could not be found out.
fn settled<T>(
    sight: Option<Sight<T>>,
    looks: u32,
    started: Instant,
) -> Result<Waited<T>, (Option<T>, bool)> {
    match sight {
        Some(Sight::True(seen)) => Ok(ended(End::True, Some(seen), looks, started)),
        Some(Sight::Hopeless(seen, why)) => {
            Ok(ended(End::Hopeless(why), Some(seen), looks, started))
        }
        Some(Sight::NotYet(seen)) => Err((Some(seen), false)),
        Some(Sight::Unknown(seen)) => Err((Some(seen), true)),
        None => Err((None, true)),
    }
}

/// Looks at each change until the window is over, and once more then; ends at the first look that is not true.
///
/// The result's [`End::True`] means that every look was true, [`End::TimedOut`] that one was not, or could not be made, with
/// what it showed.
///
/// # Errors
/// When `changes` fails.
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
        match settled(one_look(end, &mut look).await, looks, started) {
            Ok(waited) if waited.end == End::True && !over => {}
            Ok(waited) => return Ok(waited),
            Err((last, _)) => return Ok(ended(End::TimedOut, last, looks, started)),
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

/// None where the look never came to an end.
async fn one_look<T>(
    deadline: Instant,
    look: &mut impl AsyncFnMut() -> Sight<T>,
) -> Option<Sight<T>> {
    let limit = deadline.max(Instant::now()) + LOOK_GRACE;
    timeout_at(limit, look()).await.ok()
}

fn ended<T>(end: End, last: Option<T>, looks: u32, started: Instant) -> Waited<T> {
    Waited {
        end,
        last,
        looks,
        took: started.elapsed(),
    }
}

#[cfg(test)]
mod tests;
