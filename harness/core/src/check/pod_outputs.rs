//! The pods of a selector with what commands in them print: the queries of a rule and its way through the pods at once, so
//! that an empty set and a pod that was not looked at are failures in every rule.

use super::Evaluation;
use super::evaluation::pods_subject;
use crate::observation::addresses::{Family, Interface};
use crate::observation::pods::{self, Pod};
use crate::observation::{Inability, Observations, addresses, routes};
use crate::query::{Output, Query};

/// Which pods, and which commands in them.
pub(super) struct PodOutputs<'a, const N: usize> {
    namespace: &'a str,
    selector: &'a str,
    commands: [Query; N],
    /// What the commands show, for a pod that has no output.
    what: &'static str,
}

/// The pods that are not being deleted; that there is none is noted as a failure.
pub(super) fn pods(
    namespace: &str,
    selector: &str,
    observations: &Observations,
    evaluation: &mut Evaluation,
) -> Result<Vec<Pod>, Inability> {
    let pods = pods::read(observations, namespace, selector)?;
    if pods.is_empty() {
        evaluation.fail(
            pods_subject(selector),
            "at least one",
            "none",
            format!(
                "no pod in namespace {namespace} has these labels, and an empty set proves nothing"
            ),
        );
    }
    Ok(pods)
}

/// The addresses in each pod.
pub(super) fn with_addresses<'a>(namespace: &'a str, selector: &'a str) -> PodOutputs<'a, 1> {
    PodOutputs {
        namespace,
        selector,
        commands: [command(namespace, selector, &addresses::COMMAND)],
        what: "the addresses in the pod",
    }
}

/// The routes of a family and the addresses in each pod.
pub(super) fn with_routes<'a>(
    namespace: &'a str,
    selector: &'a str,
    family: Family,
) -> PodOutputs<'a, 2> {
    PodOutputs {
        namespace,
        selector,
        commands: [
            command(namespace, selector, &routes::command(family)),
            command(namespace, selector, &addresses::COMMAND),
        ],
        what: "the routes and addresses in the pod",
    }
}

fn command(namespace: &str, selector: &str, words: &[&str]) -> Query {
    Query::PodCommand {
        namespace: namespace.to_owned(),
        selector: selector.to_owned(),
        command: words.iter().map(|&word| word.to_owned()).collect(),
    }
}

/// The interfaces of a pod by its output of [`addresses::COMMAND`]; what cannot be read or understood is noted as a failure
/// of that pod.
pub(super) fn interfaces(
    evaluation: &mut Evaluation,
    pod: &Pod,
    output: &Output,
) -> Option<Vec<Interface>> {
    let read = printed(evaluation, pod, "addresses", addresses::read(output))?;
    Some(evaluation.understood(&pod.subject(), "addresses", read))
}

/// What was read of a program's output in a pod; what cannot be read is noted as a failure of that pod, with the image whose
/// program it is.
pub(super) fn printed<T>(
    evaluation: &mut Evaluation,
    pod: &Pod,
    what: &str,
    read: Result<T, Inability>,
) -> Option<T> {
    let subject = match pod.spec.containers.first() {
        Some(container) => format!("{}, image {}", pod.subject(), container.image),
        None => pod.subject(),
    };
    evaluation.readable(subject, what, read)
}

impl<const N: usize> PodOutputs<'_, N> {
    /// The queries for the pods and for each command in them.
    pub(super) fn queries(&self) -> Vec<Query> {
        let pods = pods::query(self.namespace, self.selector);
        [pods].into_iter().chain(self.commands.clone()).collect()
    }

    /// The pods that are not being deleted. That there is none, and each one without an output, is noted as a failure.
    pub(super) fn read<'o>(
        &self,
        observations: &'o Observations,
        evaluation: &mut Evaluation,
    ) -> Result<Selected<'o, N>, Inability> {
        let pods = pods(self.namespace, self.selector, observations, evaluation)?;
        let mut by_pod = Vec::new();
        for query in &self.commands {
            by_pod.push(observations.by_pod(query)?);
        }
        let mut of_pods = Vec::new();
        for pod in pods {
            let name = pod.full_name();
            let outputs = by_pod.iter().map(|outputs| outputs.get(&name).copied());
            // The arity of the array is that of the commands, so only a missing output makes it nothing.
            let outputs: Option<Vec<&Output>> = outputs.collect();
            let outputs = outputs.and_then(|outputs| <[&Output; N]>::try_from(outputs).ok());
            if outputs.is_none() {
                evaluation.fail(
                    pod.subject(),
                    self.what,
                    "no output",
                    "the pod came or went while it was looked at",
                );
            }
            of_pods.push((pod, outputs));
        }
        Ok(Selected(of_pods))
    }
}

/// The selected pods, each with one output a command, where it has them all.
pub(super) struct Selected<'o, const N: usize>(Vec<(Pod, Option<[&'o Output; N]>)>);

impl<'o, const N: usize> Selected<'o, N> {
    /// Every pod, also one without an output.
    pub(super) fn pods(&self) -> impl Iterator<Item = &Pod> {
        self.0.iter().map(|(pod, _)| pod)
    }

    /// The pods that have an output of each command, with these in the commands' order.
    pub(super) fn with_outputs(&self) -> impl Iterator<Item = (&Pod, [&'o Output; N])> {
        let pods = self.0.iter();
        pods.filter_map(|(pod, outputs)| Some((pod, (*outputs)?)))
    }
}
