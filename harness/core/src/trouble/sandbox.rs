//! Sandboxes that cannot be made, by the kubelet's events.

use std::collections::BTreeMap;

use super::situation::Situation;
use super::{Ending, Level, Trouble};
use crate::observation::events::Event;
use crate::observation::pods::Pod;

/// How often the same failure is seen before it counts. While Multus or Calico restarts, one or two are usual.
const FAILURES: u32 = 3;

/// The pods that are waited for and have no sandbox.
pub(super) fn troubles(situation: &Situation) -> Vec<Trouble> {
    let pods = situation.relevant_pods().filter(|pod| !pod.is_ready());
    pods.filter_map(|pod| of_pod(situation, pod)).collect()
}

/// The kubelet makes one event of equal messages and counts; a message with the sandbox's id in it comes as an event of
/// its own each time.
fn of_pod(situation: &Situation, pod: &Pod) -> Option<Trouble> {
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let mut failures: Vec<&Event> = situation
        .events
        .iter()
        .filter(|event| event.reason == "FailedCreatePodSandBox" && event.is_about(pod))
        .collect();
    failures.sort_by_key(|event| event.last_seen());
    for event in &failures {
        let seen = times.entry(without_ids(&event.message)).or_default();
        *seen = seen.saturating_add(event.times());
    }
    let last = *failures.last()?;
    let again = failures.iter().rev().find(|event| {
        let seen = times.get(&without_ids(&event.message));
        seen.is_some_and(|&seen| seen >= FAILURES)
    });
    let known = situation
        .messages
        .find(&last.message, &situation.components);
    let is_hopeless = match known.map(|known| known.ends) {
        Some(Ending::ByItself) => false,
        // What was seen before all acts were done, a later act may have mended.
        Some(Ending::Never) => {
            let acted = situation.acted;
            acted.is_none_or(|acted| last.last_seen().is_some_and(|seen| seen > acted))
        }
        None => again.is_some() && situation.plugins_are_ready(),
    };
    let told = again.copied().filter(|_| known.is_none()).unwrap_or(last);
    let message = match known {
        Some(known) => format!("{} ({}; {})", told.message, known.because, known.reference),
        None => told.message.clone(),
    };
    Some(Trouble {
        level: Level::Sandbox,
        subject: pod.subject(),
        reason: told.reason.clone(),
        message,
        ended: None,
        is_hopeless,
    })
}

/// A message with each generated id (a run of at least eight hexadecimal digits) replaced, so that two tries are equal.
fn without_ids(message: &str) -> String {
    let mut result = String::new();
    let mut run = String::new();
    for character in message.chars().chain([' ']) {
        if character.is_ascii_hexdigit() {
            run.push(character);
            continue;
        }
        if run.len() >= 8 && run.contains(|digit: char| digit.is_ascii_digit()) {
            result.push_str("ID");
        } else {
            result.push_str(&run);
        }
        run.clear();
        result.push(character);
    }
    result.pop();
    result
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "sandbox k8s_a_5c2d8f7a-e543-4123-aace-c6443199edc2_0(b7e019afe8da7f9e)",
        "sandbox k8s_a_ID-e543-4123-aace-ID_0(ID)"
    )]
    #[case(
        "no network available in the name default-calico",
        "no network available in the name default-calico"
    )]
    #[case("effaced defaced", "effaced defaced")]
    fn ids_are_taken_out(#[case] message: &str, #[case] without: &str) {
        assert_eq!(without_ids(message), without);
    }
}
