//! With a paused clock: what a wait does at which moment.

use std::cell::Cell;

use futures::stream;

use super::*;

fn notices(count: usize) -> impl Stream<Item = anyhow::Result<Occurrence>> {
    stream::iter((0..count).map(|_| {
        Ok(Occurrence {
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
    assert_eq!(waited.last, Some(7));
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
    assert_eq!(waited.last, Some("two of three"));
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
            Sight::Unknown(())
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
    assert_eq!(waited.last, None);
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
    assert_eq!(held.last, Some(0));
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

#[tokio::test(start_paused = true)]
async fn what_could_not_be_found_out_does_not_hold_and_is_told() -> anyhow::Result<()> {
    let held = hold(Duration::from_secs(10), notices(2), async || {
        Sight::Unknown("no answer")
    })
    .await?;
    assert_eq!(held.end, End::TimedOut);
    assert_eq!(held.last, Some("no answer"));
    Ok(())
}
