//! The makers of mutants, one list, and all mutants of a step's outputs.

mod line;
mod output;

use super::{
    addresses, block_affinities, bridge, cni_configuration, cni_results, cni_versions, connections,
    crio_configuration, directory, events, installation, ip_pools, journal, leases,
    network_attachments, network_status, nodes, objects, pods, routes, sandboxes, tigera_status,
    workloads,
};
use crate::mutant::{Maker, Mutant, Original, Site, Surroundings};
use crate::query::{Output, Query};

/// Every maker; an output goes to the first whose own it is.
const MAKERS: [&Maker; 25] = [
    &addresses::mutants::MAKER,
    &block_affinities::mutants::MAKER,
    &bridge::mutants::MAKER,
    &cni_configuration::mutants::MAKER,
    &cni_results::mutants::MAKER,
    &cni_versions::mutants::MAKER,
    &connections::mutants::MAKER,
    &crio_configuration::mutants::MAKER,
    &events::mutants::MAKER,
    &installation::mutants::MAKER,
    &ip_pools::mutants::MAKER,
    &journal::mutants::MAKER,
    &leases::mutants::MAKER,
    &network_attachments::mutants::MAKER,
    &network_status::mutants::MAKER,
    &nodes::mutants::MAKER,
    &objects::mutants::MAKER,
    &pods::mutants::MAKER,
    &routes::mutants::MAKER,
    &sandboxes::mutants::MAKER,
    &tigera_status::mutants::MAKER,
    &workloads::mutants::MAKER,
    // After those of single folders.
    &directory::mutants::MAKER,
    // After those of single commands.
    &line::MAKER,
    &output::MAKER,
];

/// The key of every fact that a mutant can change.
pub fn known_facts() -> impl Iterator<Item = &'static str> {
    MAKERS.iter().flat_map(|maker| maker.facts.iter().copied())
}

/// What was made of the outputs of a step's looks.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) mutants: Vec<Mutant>,
    /// The queries whose outputs are JSON that no maker knows.
    pub(crate) without_maker: Vec<Query>,
}

/// The mutants of the outputs of a step's looks.
pub(crate) fn mutants(looks: &[(Query, Vec<Original>)], surroundings: &Surroundings) -> Made {
    let mut made = Made::default();
    for (look, (query, outputs)) in looks.iter().enumerate() {
        let mut is_known = true;
        for (output, original) in outputs.iter().enumerate() {
            let mut site = Site {
                look,
                output,
                original,
                surroundings,
                mutants: Vec::new(),
            };
            is_known &= MAKERS.iter().any(|maker| (maker.make)(&mut site, query));
            output::output(&mut site, query);
            made.mutants.append(&mut site.mutants);
        }
        if !is_known {
            made.without_maker.push(query.clone());
        }
    }
    made
}

/// An output without the lines that no parser of ours understands: a journal is long, and it is parsed once a mutant.
pub(crate) fn trimmed(query: &Query, output: &Output) -> Output {
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
