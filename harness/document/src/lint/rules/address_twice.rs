//! Two pods have two addresses.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::lint::context::Context;
use crate::lint::facts::addresses;
use crate::lint::{Draft, Rule};

pub(super) const RULE: Rule = Rule {
    code: "address-twice",
    about: "Two pods are printed with one address",
    check,
};

fn check(context: &Context<'_>) -> Vec<Draft> {
    let mut known: BTreeMap<Ipv4Addr, (String, usize)> = BTreeMap::new();
    let mut drafts = Vec::new();
    for output in &context.outputs {
        for (span, line) in context.lines(&output.piece.content) {
            let trimmed = line.trim_start();
            let own = ["inet ", "IP:", "podIP", "cni.projectcalico.org/podIP:"]
                .iter()
                .any(|start| trimmed.starts_with(start));
            let pod = output.pod.clone().or_else(|| listed_pod(trimmed));
            let (Some(pod), true) = (pod, own || listed_pod(trimmed).is_some()) else {
                continue;
            };
            let Some((at, address, _)) = addresses(line)
                .into_iter()
                .find(|(_, address, _)| !address.is_loopback())
            else {
                continue;
            };
            let line_number = context.document.line_at(span.start);
            match known.get(&address) {
                Some((other, before)) if *other != pod => drafts.push(Draft::warning(
                    span.start + at.start..span.start + at.end,
                    format!("{address} is the address of `{other}` at line {before} and of `{pod}` here: host-local gives the next address to the next pod, so the outputs are of different runs"),
                    "print both outputs of one run",
                )),
                Some(_) => {}
                None => {
                    known.insert(address, (pod, line_number));
                }
            }
        }
    }
    drafts
}

/// The pod of a line of `kubectl get pods -o wide`.
fn listed_pod(line: &str) -> Option<String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let (ready, _) = words.get(1)?.split_once('/')?;
    (words.get(2) == Some(&"Running") && ready.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| words[0].to_owned())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::RULE;
    use crate::lint::tests::found;

    #[test]
    fn one_address_of_two_pods() {
        let address = |pod: &str, last: u32| {
            format!(
                "```console\nme@node:~$ kubectl exec {pod} -- ip a\n    inet 192.0.2.{last}/32 scope global eth0\n```\n\n"
            )
        };
        assert_snapshot!(found(&RULE, &(address("web-1", 7) + &address("web-2", 7))), @"8:10 warning address-twice: 192.0.2.7 is the address of `web-1` at line 3 and of `web-2` here: host-local gives the next address to the next pod, so the outputs are of different runs (hint: print both outputs of one run)");
        assert_eq!(
            found(
                &RULE,
                &(address("web-1", 7) + &address("web-2", 8) + &address("web-2", 8))
            ),
            ""
        );
    }
}
