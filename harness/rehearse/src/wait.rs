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

use crate::observe::Change;

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
    C: Stream<Item = anyhow::Result<Change>>,
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
    changes: impl Stream<Item = anyhow::Result<Change>>,
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
    changes: &mut (impl FusedStream<Item = anyhow::Result<Change>> + Unpin),
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
mod tests {
    use std::cell::Cell;

    use futures::stream;

    use super::*;

    fn notices(count: usize) -> impl Stream<Item = anyhow::Result<Change>> {
        stream::iter((0..count).map(|_| {
            Ok(Change {
                about: "test".to_owned(),
            })
        }))
        .then(|notice| async {
            tokio::task::yield_now().await;
            notice
        })
        .chain(stream::pending())
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_true_at_once_needs_no_change() -> anyhow::Result<()> {
        let waited = until(soon(), stream::pending, async || Sight::True(7)).await?;
        assert_eq!(waited.end, End::True);
        assert_eq!(waited.looks, 1);
        assert_eq!(waited.last?, 7);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_again_at_each_change_and_not_in_between() -> anyhow::Result<()> {
        let count = Cell::new(0);
        let waited = until(
            soon(),
            || notices(3),
            async || {
                count.set(count.get() + 1);
                if count.get() == 3 {
                    Sight::True(())
                } else {
                    Sight::NotYet(())
                }
            },
        )
        .await?;
        assert_eq!(waited.end, End::True);
        assert_eq!(waited.looks, 3);
        assert!(waited.took < Duration::from_secs(1));
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_notice_does_not_make_a_true_thing_false() -> anyhow::Result<()> {
        let started = Instant::now();
        let waited = until(soon(), stream::pending, async || {
            if started.elapsed() < Duration::from_secs(30) {
                Sight::NotYet(())
            } else {
                Sight::True(())
            }
        })
        .await?;
        assert_eq!(waited.end, End::True);
        assert_eq!(waited.looks, 2);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_out_keeps_what_was_last_seen() -> anyhow::Result<()> {
        let waited = until(
            soon(),
            || notices(1),
            async || Sight::NotYet("two of three"),
        )
        .await?;
        assert_eq!(waited.end, End::TimedOut);
        assert_eq!(waited.last?, "two of three");
        assert_eq!(waited.took, Duration::from_mins(1));
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_hopeless_look_ends_the_wait_at_once() -> anyhow::Result<()> {
        let waited = until(
            soon(),
            || notices(5),
            async || Sight::Hopeless((), "ErrImagePull".to_owned()),
        )
        .await?;
        assert_eq!(waited.end, End::Hopeless("ErrImagePull".to_owned()));
        assert_eq!(waited.looks, 1);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_could_not_be_made_is_made_again() -> anyhow::Result<()> {
        let count = Cell::new(0);
        let waited = until(soon(), stream::pending, async || {
            count.set(count.get() + 1);
            if count.get() < 3 {
                Sight::Unknown(anyhow!("connection refused"))
            } else {
                Sight::True(())
            }
        })
        .await?;
        assert_eq!(waited.end, End::True);
        assert_eq!(waited.took, AFTER_UNKNOWN * 2);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_never_answers_is_an_error_and_not_a_hang() -> anyhow::Result<()> {
        let waited: Waited<()> = until(soon(), stream::pending, async || {
            futures::future::pending().await
        })
        .await?;
        assert_eq!(waited.end, End::TimedOut);
        assert!(waited.last.is_err());
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_watch_fails_the_wait() {
        let changes = stream::iter([Err(anyhow!("410 Gone"))]);
        let result = until(soon(), || changes, async || Sight::NotYet(())).await;
        assert!(result.is_err_and(|error| format!("{error:#}").contains("410 Gone")));
    }

    #[tokio::test(start_paused = true)]
    async fn what_holds_is_looked_at_until_the_window_is_over() -> anyhow::Result<()> {
        let held = hold(
            Duration::from_secs(10),
            notices(2),
            async || Sight::True(()),
        )
        .await?;
        assert_eq!(held.end, End::True);
        assert_eq!(held.took, Duration::from_secs(10));
        assert_eq!(held.looks, 4);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn what_breaks_in_the_window_does_not_hold() -> anyhow::Result<()> {
        let count = Cell::new(0);
        let held = hold(Duration::from_secs(10), notices(2), async || {
            count.set(count.get() + 1);
            if count.get() < 2 {
                Sight::True(1)
            } else {
                Sight::NotYet(0)
            }
        })
        .await?;
        assert_eq!(held.end, End::TimedOut);
        assert_eq!(held.last?, 0);
        assert!(held.took < Duration::from_secs(10));
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_passes_is_tried_again_and_counted() -> anyhow::Result<()> {
        let count = Cell::new(0);
        let mut retries = Vec::new();
        let value = again(
            soon(),
            |error| error.to_string().contains("no matches"),
            |error| retries.push(error.to_string()),
            async || {
                count.set(count.get() + 1);
                if count.get() < 3 {
                    Err(anyhow!("no matches for kind"))
                } else {
                    Ok(5)
                }
            },
        )
        .await?;
        assert_eq!(value, 5);
        assert_eq!(retries.len(), 2);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn another_refusal_is_final() {
        let result: anyhow::Result<()> =
            again(soon(), |_| false, |_| (), async || Err(anyhow!("denied"))).await;
        assert!(result.is_err());
    }
}
