//! All mutants of one step: each output goes to the makers of its kind.

use super::edit::Original;
use super::site::Site;
use super::surroundings::Surroundings;
use super::{
    Mutant, address, attachment, block, connection, event, file, installation, journal, line, link,
    node, output, pod, readiness, route, tigera,
};
use crate::observation::addresses::Family;
use crate::observation::{addresses, bridge, routes};
use crate::query::{Output, Query};

/// The mutants of the outputs of a step's looks.
pub(super) fn mutants(
    looks: &[(Query, Vec<Original>)],
    surroundings: &Surroundings,
) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (look, (query, outputs)) in looks.iter().enumerate() {
        for (output, original) in outputs.iter().enumerate() {
            let mut site = Site {
                look,
                output,
                original,
                surroundings,
                mutants: Vec::new(),
            };
            output_of(&mut site, query);
            output::output(&mut site, query);
            mutants.append(&mut site.mutants);
        }
    }
    mutants
}

fn output_of(site: &mut Site<'_>, query: &Query) {
    let printed = |command: &[String], words: &[&str]| command == words;
    match query {
        Query::Objects { kind, .. } => match kind.as_str() {
            "Node" => node::nodes(site),
            "Pod" => pod::pods(site, query),
            "Event" => event::events(site),
            "Deployment" | "DaemonSet" => readiness::workloads(site, kind),
            "TigeraStatus" => tigera::statuses(site),
            "Installation" => installation::installations(site),
            "NetworkAttachmentDefinition" => attachment::definitions(site),
            "BlockAffinity" => block::affinities(site),
            _ => {}
        },
        Query::NodeDirectory { path, .. } => file::folder(site, path, query),
        Query::NodeJournal { .. } => journal::journal(site),
        Query::NodeCommand { command } if printed(command, &bridge::COMMAND) => link::links(site),
        Query::NodeCommand { command } | Query::PodCommand { command, .. }
            if printed(command, &addresses::COMMAND) =>
        {
            address::interfaces(site);
        }
        Query::PodCommand { command, .. }
            if Family::BOTH
                .iter()
                .any(|family| printed(command, &routes::command(*family))) =>
        {
            route::table(site);
        }
        Query::NodeCommand { .. } | Query::PodCommand { .. } => {
            line::lines(site, query, ("printed.line", "printed.others"));
        }
        Query::PodLogs { .. } => line::lines(site, query, ("logs.line", "logs.others")),
        Query::Connections { .. } => connection::connections(site),
    }
}

/// An output without the lines that no parser of ours understands: a journal is long, and it is parsed once a mutant.
pub(super) fn trimmed(query: &Query, output: &Output) -> Output {
    let Query::NodeJournal { .. } = query else {
        return output.clone();
    };
    let is_read = |line: &&str| line.contains("CNI network");
    let mut text = String::new();
    for line in output.text.lines().filter(is_read) {
        text.push_str(line);
        text.push('\n');
    }
    Output {
        text: output.text.changed(|_| text),
        ..output.clone()
    }
}
