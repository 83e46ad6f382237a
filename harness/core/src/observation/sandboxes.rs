//! The sandboxes that the runtime has on each node, those that it is taking down among them: a lease goes while its
//! sandbox does.

pub(super) mod mutants;

use std::collections::{BTreeMap, BTreeSet};

use super::{Inability, Observations, Odd, text};
use crate::query::{Output, Query};

/// The program that prints their ids, one a line.
pub const COMMAND: [&str; 4] = ["crictl", "pods", "--quiet", "--no-trunc"];

/// The query for them.
pub fn query() -> Query {
    Query::NodeCommand {
        command: COMMAND.map(str::to_owned).to_vec(),
    }
}

/// The ids of each node's sandboxes, or why they are not known; nothing where nobody asked.
pub fn read(observations: &Observations) -> BTreeMap<String, Result<BTreeSet<String>, Inability>> {
    let outputs = observations.by_node(&query()).unwrap_or_default();
    let outputs = outputs.into_iter();
    outputs
        .map(|(node, output)| (node.to_owned(), ids(output)))
        .collect()
}

fn ids(output: &Output) -> Result<BTreeSet<String>, Inability> {
    let lines = text("sandboxes", output)?.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(|id| {
            if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Ok(id.to_owned());
            }
            let odd = Odd::new("it is no id of a sandbox", id);
            let subject = output.subject.to_string();
            Err(Inability::unparsable("sandboxes", subject, odd.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Subject;

    fn read_one(status: i64, text: &str) -> Option<Result<BTreeSet<String>, Inability>> {
        let mut observations = Observations::default();
        let node = Subject::Node("quay-1".to_owned());
        let output = Output::fetched(node, status, text, "no runtime");
        observations.insert(query(), vec![output]);
        read(&observations).remove("quay-1")
    }

    #[test]
    fn each_line_is_an_id() -> anyhow::Result<()> {
        let id = "0f".repeat(32);
        let ids = read_one(0, &format!("{id}\n\n")).transpose()?;
        assert_eq!(ids, Some([id].into()));
        assert_eq!(read_one(0, "").transpose()?, Some(BTreeSet::new()));
        assert!(read(&Observations::default()).is_empty());
        Ok(())
    }

    #[test]
    fn what_is_no_id_and_a_program_that_failed_are_told() {
        for (status, text, why) in [
            (0, "POD ID   CREATED", "no id of a sandbox: POD ID CREATED"),
            (0, "0f0f0f0f0f0f0", "no id of a sandbox"),
            (127, "", "status 127, no runtime"),
        ] {
            let ids = read_one(status, text);
            let error = ids.and_then(Result::err).map(|error| error.to_string());
            assert!(error.is_some_and(|error| error.contains(why)), "{text}");
        }
    }
}
